"""A reply as a turn of the history: what is asked with it, and what has to be sent back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from conformance import catalogue
from conformance.bench import Bench
from conformance.catalogue import Catalogue
from conformance.contract import Capabilities, Message, Reply, Request
from conformance.examination import Examination
from conformance.provider import resolve
from conformance.reference import AnthropicMessages, OpenAIChat, OpenAIResponses
from conformance.suites.history import holds_all
from conformance.verdict import Result, Verdict

KNOWN = catalogue.load()


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with Bench() as made:
        yield made


def verdicts(adapter: type[Any], bench: Bench, id: str) -> dict[str, Verdict]:
    only = Catalogue([KNOWN.requirements[id].model_copy(update={"after": []})], [])
    only.cases = [c.model_copy(update={"after": []}) for c in KNOWN.of(id)]
    examination = Examination(resolve([f"{__name__}:{adapter.__name__}"], {})[0], bench, only)
    return {exam.case.case: examination.verdict(exam) for exam in examination.exams}


# --- what has to be held -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("actual", "wanted"),
    [
        (7, 7),
        ({"a": 1, "b": 2}, {"a": 1}),
        ([1, 2, 3], [1, 3]),
        ([{"a": 1}, {"a": 2, "b": 3}], [{"a": 2}]),
        ({"a": {"b": [1], "c": 2}}, {"a": {"b": [1]}}),
        ([], []),
    ],
)
def test_what_stands_beside_it_is_no_matter(actual: Any, wanted: Any) -> None:
    assert holds_all(actual, wanted)


@pytest.mark.parametrize(
    ("actual", "wanted"),
    [
        (7, "7"),
        (None, {"a": 1}),
        ({"a": 2}, {"a": 1}),
        ({}, {"a": 1}),
        ([3, 1], [1, 3]),
        ([1], [1, 1]),
        ("text", ["text"]),
        ([{"a": 1}, {"b": 2}], [{"a": 1, "b": 2}]),
    ],
)
def test_what_is_changed_or_elsewhere_is_not_held(actual: Any, wanted: Any) -> None:
    assert not holds_all(actual, wanted)


# --- adapters ----------------------------------------------------------------------------------


class Stores(OpenAIResponses):
    """Tells the server which of its answers it goes on from, and sends only what came since."""

    def thought_of(self, items: list[dict[str, Any]]) -> dict[str, Any] | None:
        return None

    def reply(self, data: Any) -> Reply:
        return self.stored(super().reply(data))

    def summed_up(self, told: Any, answer: dict[str, Any] | None) -> Reply:
        return self.stored(super().summed_up(told, answer))

    def stored(self, reply: Reply) -> Reply:
        return Reply(**{**vars(reply), "opaque": {"stored": reply.id}})

    def payload(self, request: Request, *, stream: bool) -> dict[str, Any]:
        turns = [i for i, m in enumerate(request.messages) if m.opaque]
        body = super().payload(request, stream=stream)
        if turns:
            since = request.messages[turns[-1] + 1 :]
            body["input"] = [item for message in since for item in self.items(message)]
            body["previous_response_id"] = request.messages[turns[-1]].opaque["stored"]
        return body


def test_the_id_of_a_stored_answer_is_as_good_as_its_items(bench: Bench) -> None:
    found = verdicts(Stores, bench, "RSN-012")
    assert {name: v.headline for name, v in found.items() if v.result is not Result.PASS} == {}
    assert len(found) == 4


class Undeclared(AnthropicMessages):
    """An adapter from before there was anything opaque."""

    capabilities = Capabilities(streaming=True, tools=True)


def test_who_does_not_declare_it_is_not_asked(bench: Bench) -> None:
    found = verdicts(Undeclared, bench, "RSN-011")
    assert {v.result for v in found.values()} == {Result.UNSUPPORTED}
    assert {v.reason for v in found.values()} == {"it declares opaque=False"}


class FailsAtFirst(AnthropicMessages):
    """Takes a good answer for none."""

    def reply(self, data: Any) -> Reply:
        raise self.malformed("nothing")


def test_where_there_is_no_reply_nothing_goes_on(bench: Bench) -> None:
    verdict = verdicts(FailsAtFirst, bench, "RSN-011")["thought-and-call"]
    assert verdict.headline == "the conversation does not go on"
    assert "nothing" in verdict.violations[0].got


class Watches(AnthropicMessages):
    """Notes what it is asked."""

    asked: list[Request] = []  # noqa: RUF012 - of all cases

    def messages(self, messages: Sequence[Message]) -> list[dict[str, Any]]:
        self.asked.append(Request(messages))
        return super().messages(messages)


def test_the_turn_is_the_reply_and_each_call_has_its_result(bench: Bench) -> None:
    Watches.asked.clear()
    verdicts(Watches, bench, "RSN-011")
    turns = [request.messages for request in Watches.asked if any(m.opaque for m in request.messages)]
    question, turn, *results = next(t for t in turns if len(t) == 4)
    assert question.content == "Weather in Paris?"
    assert (turn.role, turn.content, len(turn.tool_calls)) == ("assistant", "Looking that up.", 2)
    assert [(m.role, m.tool_call_id, m.content) for m in results] == [
        ("tool", "call_paris", "14 degrees"),
        ("tool", "call_rome", "14 degrees"),
    ]


def test_what_the_host_keeps_is_left_as_it_was() -> None:
    """A turn that is to be continued loses its last white space on the wire alone."""
    kept = [{"type": "redacted_thinking", "data": "x"}, {"type": "text", "text": "The Nile, "}]
    turn = Message("assistant", "The Nile, ", opaque={"anthropic-messages": kept})
    sent = AnthropicMessages(api_key="").payload(Request([Message("user", "Go on."), turn]), stream=False)
    assert sent["messages"][1]["content"][-1]["text"] == "The Nile,"
    assert kept[-1]["text"] == "The Nile, "


def test_calls_that_came_without_ids_are_known_by_those_of_the_host() -> None:
    made = OpenAIResponses(api_key="")
    item = {"type": "function_call", "name": "get_weather", "arguments": "{}"}
    reply = made.reply({"status": "completed", "output": [{"type": "reasoning", "id": "rs_1", "summary": []}, item]})
    turn = Message("assistant", reply.text, reply.tool_calls, opaque=reply.opaque)
    assert [i.get("call_id") for i in made.items(turn)] == [None, reply.tool_calls[0].id]


def test_details_are_put_together_by_index() -> None:
    made, details = OpenAIChat(api_key=""), list[dict[str, Any]]()
    for piece in (
        {"type": "reasoning.text", "text": "One, ", "index": 0},
        {"type": "reasoning.text", "text": "two.", "index": 0, "signature": None},
        {"type": "reasoning.text", "index": 0, "signature": "S"},
        {"type": "reasoning.encrypted", "data": "a"},
        {"type": "reasoning.encrypted", "data": "b"},
    ):
        made.detail_piece(details, piece)
    assert details == [
        {"type": "reasoning.text", "text": "One, two.", "index": 0, "signature": "S"},
        {"type": "reasoning.encrypted", "data": "a"},
        {"type": "reasoning.encrypted", "data": "b"},
    ]

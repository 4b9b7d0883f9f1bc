"""How the adapters of the Python hosts are recognised, called and read; and the reference adapters of each."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from conformance import catalogue, drivers
from conformance.ask import Ask
from conformance.contract import ToolCall, Usage
from conformance.drivers import Call
from conformance.drivers.council_errors import classified
from conformance.drivers.council_tools import tool_calls
from conformance.provider import resolve
from conformance.reference import CouncilOpenAI, LaiosOpenAI, OpenAIChat
from conformance.verdict import Result
from tests.hosts import laios_stand_in
from tests.hosts.judging import results, verdicts

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(("spec", "host"), [("LaiosOpenAI", "laios"), ("CouncilOpenAI", "llm-council")])
def test_the_reference_adapter_of_the_host_passes(spec: str, host: str) -> None:
    assert resolve([f"conformance.reference:{spec}"], {})[0].driver.host == host
    judged = verdicts(f"conformance.reference:{spec}")
    assert results(judged) == {Result.PASS, Result.UNSUPPORTED}
    met = {id for id, _, v in judged if v.result is Result.PASS}
    total = len(catalogue.load().told_in("openai-chat").requirements)
    documented = (ROOT / "docs/hosts.md").read_text("utf-8")
    assert f"| `conformance.reference:{spec}` | {len(met)} of {total} |" in documented


@pytest.mark.parametrize(
    ("target", "host"), [(OpenAIChat, "native"), (LaiosOpenAI, "laios"), (CouncilOpenAI, "llm-council")]
)
@pytest.mark.parametrize("instance", [False, True])
def test_one_host_only_recognises_it(target: Any, host: str, instance: bool) -> None:
    shown = target(api_key="") if instance else target
    assert [h for h in drivers.names() if drivers.load(h).recognise(shown)] == [host]


def call(host: str, adapter: Any, deadline: float = 5.0, **ask: Any) -> Any:
    return drivers.load(host).call(Call(lambda: adapter, Ask(**ask), deadline))


class Client:
    """A LAIOS client that tells what it was called with."""

    seen: Any = None

    def generate(self, messages: Any, **more: Any) -> Any:
        with pytest.raises(RuntimeError):
            asyncio.get_running_loop()
        self.seen = ([(m.role, m.content) for m in messages], more)
        return SimpleNamespace(content="Hi", model="m", usage={"prompt_tokens": 2, "total_tokens": 3})

    def generate_with_system(self, system_prompt: str, user_message: str, **more: Any) -> Any:
        self.seen = (system_prompt, user_message, more)
        return SimpleNamespace(content="Hi", model="m")

    def generate_stream(self, messages: Any, **more: Any) -> Any:
        yield from ["The ", "Nile"]


def test_laios_is_called_plainly_and_only_with_what_is_asked() -> None:
    client = Client()
    outcome = call("laios", client, temperature=0.0)
    assert client.seen == ([("user", "Name three rivers.")], {"temperature": 0.0})
    assert (outcome.reply.text, outcome.reply.finish_reason) == ("Hi", "unknown")
    assert outcome.reply.usage == Usage(2, None, 3)


def test_laios_has_a_method_of_its_own_for_a_system_prompt() -> None:
    client = Client()
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}]
    call("laios", client, messages=messages, max_tokens=5)
    assert client.seen == ("Be brief.", "Hi", {"max_tokens": 5})


def test_a_laios_stream_is_its_texts() -> None:
    outcome = call("laios", Client(), op="stream")
    assert [e.text for e in outcome.events] == ["The ", "Nile"]
    assert outcome.reply.text == "The Nile"


def test_a_laios_client_that_hangs_is_given_up() -> None:
    class Hangs(Client):
        def generate(self, messages: Any, **more: Any) -> Any:
            time.sleep(0.5)

    outcome = call("laios", Hangs(), deadline=0.05)
    assert outcome.error.type == "hung"


def test_the_stream_that_laios_gives_everybody_is_none() -> None:
    class Plain(laios_stand_in.LLMClient):
        generate = generate_with_system = None  # type: ignore[assignment]

    host = drivers.load("laios")
    assert host.capabilities(Client) == {"streaming": True, "close": False}
    laios_stand_in.LLMClient.__module__, before = "laios.llm.client", laios_stand_in.LLMClient.__module__
    try:
        assert host.capabilities(Plain) == {"streaming": False, "close": False}
    finally:
        laios_stand_in.LLMClient.__module__ = before


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Error code: 429 - insufficient_quota", "billing"),
        ("429 Too Many Requests", "rate_limit"),
        ("401 Unauthorized", "auth"),
        ("The model `x` does not exist", "model_unavailable"),
        ("connection timed out", "timeout"),
        ("Connection refused", "network"),
        ("503 Service Unavailable", "network"),
        ("empty_response: no text, 401", "empty_response"),
        ("400 Bad Request", "unknown"),
        ("", "unknown"),
    ],
)
def test_the_council_reads_words(text: str, kind: str) -> None:
    assert classified(text) == kind


def test_the_pieces_of_a_councils_tool_calls_are_put_together() -> None:
    pieces = [
        [{"index": 0, "id": "a", "function": {"name": "f", "arguments": '{"x"'}}],
        None,
        [{"index": 1, "id": "b", "function": {"name": "g", "arguments": {"y": 2}}}],
        [{"index": 0, "function": {"arguments": ": 1}"}}, {"index": 2, "function": {"arguments": "[1"}}],
    ]
    assert tool_calls(pieces) == (ToolCall("a", "f", {"x": 1}), ToolCall("b", "g", {"y": 2}), ToolCall("", "", "[1"))  # type: ignore[arg-type]


def test_the_council_is_asked_for_its_health_too() -> None:
    class Adapter:
        async def doctor(self) -> Any:
            return SimpleNamespace(ok=False, message="no key")

    assert call("llm-council", Adapter(), op="health").health.detail == "no key"


def test_the_council_takes_one_response_in_place_of_a_stream() -> None:
    class Adapter:
        async def generate(self, request: Any) -> Any:
            assert request.stream
            return SimpleNamespace(text="Nile", finish_reason="stop")

    outcome = call("llm-council", Adapter(), op="stream")
    assert [e.text for e in outcome.events] == ["Nile"]
    assert (outcome.reply.text, outcome.reply.finish_reason) == ("Nile", "stop")


@pytest.mark.parametrize("host", ["laios", "llm-council"])
def test_a_reply_of_another_shape_is_nonsense(host: str) -> None:
    class Sync:
        def generate(self, messages: Any) -> Any:
            return "Nile"

    class Async:
        async def generate(self, request: Any) -> Any:
            return "Nile"

    outcome = call(host, Sync() if host == "laios" else Async())
    assert outcome.reply is None
    assert "'Nile'" in outcome.nonsense

"""The clauses, both ways: evidence that is right gives nothing, evidence that is wrong is named."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from conformance import dialects
from conformance.case import Case
from conformance.contract import Health, Image, JSONSchema, Message, Reply, Request, Text, ToolCall, Usage
from conformance.drivers.failures import failure
from conformance.suites import CLAUSES, judge
from conformance.suites.evidence import Evidence
from conformance.suites.requests import plain
from conformance.then import Then
from conformance.trace import Exchange, Failure, Outcome, StreamEvent, Trace
from conformance.verdict import Violation

KEY = "sk-canaryXYZ"
BODY: dict[str, Any] = {"model": "kit-model", "messages": [{"role": "user", "content": "Name three rivers."}]}
HEADERS = [("authorization", f"Bearer {KEY}"), ("content-type", "application/json")]

# --- evidence ----------------------------------------------------------------------------------


def request(
    body: Any = BODY, path: str = "/v1/chat/completions", operation: str | None = "chat", **more: Any
) -> Exchange:
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    facts: dict[str, Any] = {"method": "POST", "query": "", "headers": [*HEADERS], "connection": 1, "at": 1.0} | more
    return Exchange(path=path, body=sent, operation=operation, ended="complete", **facts)


def models_request() -> Exchange:
    return request(b"", "/v1/models", "models", method="GET")


def error(kind: str | None = "server", **more: Any) -> Failure:
    return Failure(type="acme.ProviderError", text="acme: 500: out", typed=kind is not None, kind=kind, **more)


ELSEWHERE = [("host", "there:1"), ("x-leak", f"key={KEY}!")]
HUNG = Failure(type="hung", text="no result within 3 seconds: the call was given up", typed=False)


def events(*kinds: str) -> list[StreamEvent]:
    """`done`, `reasoning: x`, or a text."""
    found = []
    for i, said in enumerate(kinds):
        kind, colon, text = said.partition(": ")
        found.append(
            StreamEvent(said if said in ("done", "other") else kind if colon else "text", text or said, float(i))
        )
    return found


def judged(
    then: dict[str, Any],
    outcome: Outcome | None = None,
    exchanges: list[Exchange] | None = None,
    case: dict[str, Any] | None = None,
    **trace: Any,
) -> tuple[list[Violation], int]:
    made = Case.model_validate({"case": "made", "proves": "REQ-001", "then": then, **(case or {})})
    sent = [request()] if exchanges is None else exchanges
    seen = Trace(outcome or Outcome(reply=Reply("Hi", "stop")), exchanges=sent, **trace)
    return judge(made, Evidence(seen, made, dialects.load("openai-chat"), mount="/v1", added="", key=KEY))


def passes(then: dict[str, Any], *args: Any, **more: Any) -> None:
    violations, checks = judged(then, *args, **more)
    assert violations == []
    assert checks > 0


def fails(then: dict[str, Any], headline: str, expected: str, got: str, *args: Any, **more: Any) -> None:
    violations, checks = judged(then, *args, **more)
    assert [(v.headline, v.expected, v.got) for v in violations] == [(headline, expected, got)]
    assert checks > 0


def headlines(then: dict[str, Any], *args: Any, **more: Any) -> list[str]:
    return [v.headline for v in judged(then, *args, **more)[0]]


def with_header(name: str, value: str) -> Exchange:
    return request(headers=[*HEADERS, (name, value)])


def asking(**ask: Any) -> dict[str, Any]:
    return {"ask": ask}


STREAM = {"ask": {"op": "stream"}}

# --- reply -------------------------------------------------------------------------------------


WHOLE = Reply(
    text="Hi",
    finish_reason="stop",
    tool_calls=[ToolCall("call_1", "now", {"zone": "CET"})],
    refusal="No.",
    reasoning="Hm.",
    usage=Usage(1, 2, 3),
    model="m-2",
    id="gen-1",
)


@pytest.mark.parametrize(
    ("wanted", "changed", "headline", "expected", "got"),
    [
        ({"text": "Hi"}, {"text": "Hi "}, "the reply's text is wrong", "text='Hi'", "text='Hi '"),
        ({"text": ""}, {"text": "x"}, "the reply's text is wrong", "text=''", "text='x'"),
        (
            {"finish_reason": ["stop", "unknown"]},
            {"finish_reason": "length"},
            "the finish reason is wrong",
            "finish_reason='stop' or 'unknown'",
            "finish_reason='length'",
        ),
        (
            {"tool_calls": [{"id": "call_1", "name": "now", "arguments": {"zone": "CET"}}]},
            {"tool_calls": [ToolCall("call_1", "now", {})]},
            "the tool calls are not those of the wire: the list is wrong",
            "tool_calls=[now({'zone': 'CET'}) id='call_1']",
            "tool_calls=[now({}) id='call_1']",
        ),
        ({"refusal": "No."}, {"refusal": None}, "the refusal is wrong", "refusal='No.'", "refusal=None"),
        ({"reasoning": "Hm."}, {"reasoning": ""}, "the reasoning is wrong", "reasoning='Hm.'", "reasoning=''"),
        (
            {"usage": {"input_tokens": 1, "output_tokens": 2, "total_tokens": 3}},
            {"usage": None},
            "the token usage is wrong",
            "usage={'input_tokens': 1, 'output_tokens': 2, 'total_tokens': 3}",
            "usage=None",
        ),
        ({"model": "m-2"}, {"model": "m"}, "the model's name is wrong", "model='m-2'", "model='m'"),
        ({"id": "gen-1"}, {"id": None}, "the reply's id is wrong", "id='gen-1'", "id=None"),
    ],
)
def test_reply(wanted: dict[str, Any], changed: dict[str, Any], headline: str, expected: str, got: str) -> None:
    reply = replace(WHOLE, text="") if wanted.get("text") == "" else WHOLE
    passes({"reply": wanted}, Outcome(reply=reply))
    fails({"reply": wanted}, headline, expected, got, Outcome(reply=replace(WHOLE, **changed)))


@pytest.mark.parametrize(
    ("wanted", "changed"),
    [
        ({"text": ""}, {"text": None}),
        ({"tool_calls": []}, {"tool_calls": None}),
        ({"tool_calls": []}, {"tool_calls": ()}),
        ({"tool_calls": [{"name": "now"}]}, {"tool_calls": (ToolCall("any", "now"),)}),
        ({"usage": None}, {"usage": None}),
        ({"usage": None}, {"usage": Usage()}),
        ({"usage": {"input_tokens": None, "total_tokens": 3}}, {"usage": Usage(None, 2, 3)}),
        ({"refusal": None}, {"refusal": ""}),
    ],
)
def test_spellings_of_nothing(wanted: dict[str, Any], changed: dict[str, Any]) -> None:
    passes({"reply": wanted}, Outcome(reply=replace(WHOLE, **changed)))


@pytest.mark.parametrize(
    ("wanted", "changed"),
    [
        ({"tool_calls": []}, {"tool_calls": [ToolCall("a", "now")]}),
        ({"tool_calls": [{"name": "now"}]}, {"tool_calls": []}),
        ({"tool_calls": [{"name": "now"}]}, {"tool_calls": [ToolCall("", "now")]}),
        ({"tool_calls": [{"name": "now"}]}, {"tool_calls": [{"name": "now"}]}),
        ({"tool_calls": [{"name": "now"}]}, {"tool_calls": 7}),
        ({"tool_calls": [{"name": "a"}, {"name": "b"}]}, {"tool_calls": [ToolCall("1", "b"), ToolCall("2", "a")]}),
        ({"usage": None}, {"usage": Usage(0, 0, 0)}),
        ({"usage": {"input_tokens": 1}}, {"usage": {"input_tokens": 1}}),
        ({"finish_reason": ["unknown"]}, {"finish_reason": None}),
    ],
)
def test_what_is_not_the_same(wanted: dict[str, Any], changed: dict[str, Any]) -> None:
    assert len(headlines({"reply": wanted}, Outcome(reply=replace(WHOLE, **changed)))) == 1


def test_no_reply() -> None:
    want = {"reply": {"text": "Hi"}}
    fails(want, "there is no reply", "a reply with text='Hi'", "nothing", Outcome())
    fails(want, "there is no reply", "a reply with text='Hi'", "a dict", Outcome(nonsense="a dict"))
    got = "ProviderError('acme: 500: out') kind=server status=500"
    fails(
        want, "a good answer was turned into an error", "a reply with text='Hi'", got, Outcome(error=error(status=500))
    )
    assert headlines(want, Outcome(reply=WHOLE, error=error())) == ["a good answer was turned into an error"]


def test_an_empty_wish_still_wants_a_reply() -> None:
    passes({"reply": {}})
    assert headlines({"reply": {}}, Outcome()) == ["there is no reply"]


# --- the other results -------------------------------------------------------------------------

EMBED = {"ask": {"op": "embed"}}
LIST = {"ask": {"op": "list_models"}}
HEALTH = {"ask": {"op": "health"}}
EMBEDDED = [request({"model": "m", "input": ["one", "two"]}, "/v1/embeddings", "embeddings")]


def test_vectors() -> None:
    want = {"vectors": [[0.5, -0.25]]}
    passes(want, Outcome(vectors=[[0.50001, -0.25]]), EMBEDDED, EMBED)
    expected = "vectors [[0.5, -0.25]]"
    fails(
        want,
        "the embeddings are wrong",
        expected,
        "vectors [[-0.25, 0.5]]",
        Outcome(vectors=[[-0.25, 0.5]]),
        EMBEDDED,
        EMBED,
    )
    fails(want, "there is no reply", expected, "nothing", Outcome(), EMBEDDED, EMBED)
    assert headlines({"vectors": []}, Outcome(vectors=[[1.0]]), EMBEDDED, EMBED) == ["the embeddings are wrong"]


def test_models() -> None:
    passes({"models": ["a", "b"]}, Outcome(models=["a", "b"]), [models_request()], LIST)
    told = ("the model list is wrong", "models ['a', 'b']", "models ['b', 'a']")
    fails({"models": ["a", "b"]}, *told, Outcome(models=["b", "a"]), [models_request()], LIST)
    passes({"models": []}, Outcome(models=[]), [models_request()], LIST)
    assert headlines({"models": []}, Outcome(models=["a"]), [models_request()], LIST) == ["the model list is wrong"]
    assert headlines({"models": []}, Outcome(), [models_request()], LIST) == ["the model list is wrong"]


def test_healthy() -> None:
    for ok in (True, False):
        passes({"healthy": ok}, Outcome(health=Health(ok)), [models_request()], HEALTH)
        got = f"health ok={not ok} 'x'"
        told = ("the health check is wrong", f"ok={ok}", got)
        fails({"healthy": ok}, *told, Outcome(health=Health(not ok, "x")), [models_request()], HEALTH)
        assert headlines({"healthy": ok}, Outcome(), [models_request()], HEALTH) == ["the health check is wrong"]


# --- error -------------------------------------------------------------------------------------

WANT_ERROR = {"error": {"kind": ["server", "network"]}}
KINDS = "an error of kind server or network"


@pytest.mark.parametrize("kind", ["server", "network"])
def test_every_listed_kind_is_right(kind: str) -> None:
    passes(WANT_ERROR, Outcome(error=error(kind)))


def test_error() -> None:
    got = "ProviderError('acme: 500: out') kind=auth"
    fails(WANT_ERROR, "the error is of kind auth, not server or network", KINDS, got, Outcome(error=error("auth")))
    reply = "reply text='Hi' finish_reason='stop', no error"
    fails(WANT_ERROR, "a failure was returned as an answer", KINDS, reply)
    fails(WANT_ERROR, "a broken stream was returned as an answer", KINDS, reply, case=STREAM)
    ended = "a stream that ended without a final event, text 'The'"
    told = ("a broken stream ended without an error", KINDS, ended)
    fails(WANT_ERROR, *told, Outcome(events=events("The")), case=STREAM)
    fails(WANT_ERROR, "the call hung", KINDS, HUNG.text, Outcome(error=HUNG))


def test_an_error_that_is_not_the_hosts() -> None:
    try:
        [].pop()
    except IndexError as exc:
        escaped = failure(exc)
    (violation,) = judged(WANT_ERROR, Outcome(error=escaped))[0]
    assert violation.headline == "IndexError escaped in place of a provider error"
    assert violation.got.startswith("IndexError('pop from empty list') (at test_suites.py:")


def test_an_error_after_the_final_event() -> None:
    outcome = Outcome(events=events("The", "done"), reply=WHOLE, error=error())
    told = "after text 'The', ProviderError('acme: 500: out') kind=server"
    fails(
        WANT_ERROR,
        "a final event came, and the error after it",
        f"{KINDS}, and no final event",
        told,
        outcome,
        case=STREAM,
    )


@pytest.mark.parametrize(
    ("wish", "right", "wrong", "told"),
    [
        ({"status": 429}, {"status": 429}, {}, ("the error does not carry the status", "status=429", "status=None")),
        ({"code": "x"}, {"code": "x"}, {"code": "y"}, ("the error does not carry the code", "code='x'", "code='y'")),
        (
            {"retry_after": 7},
            {"retry_after": 6.95},
            {"retry_after": 70.0},
            ("the wait that the provider asked for is wrong", "retry_after=7", "retry_after=70.0"),
        ),
        (
            {"retry_after": 0},
            {"retry_after": 0},
            {},
            ("the wait that the provider asked for is lost", "retry_after=0", "retry_after=None"),
        ),
        (
            {"retry_after": None},
            {},
            {"retry_after": 60.0},
            ("a wait was made up", "retry_after=None", "retry_after=60"),
        ),
        ({"cause": True}, {"chained": True}, {}, ("the error hides its cause", "an exception with a __cause__", "…")),
        ({"says": ["out"]}, {}, {"text": "x"}, ("the provider's own message is lost", "a text with 'out'", "…")),
        (
            {"at_most": 20},
            {},
            {"text": "x" * 21},
            ("a whole page became the error's text", "at most 20 characters", f"21 characters, beginning {'x' * 21!r}"),
        ),
        (
            {"provider": True},
            {"provider": "acme"},
            {"provider": "other"},
            ("the error does not name its provider", "provider='acme'", "provider='other'"),
        ),
    ],
)
def test_what_an_error_carries(
    wish: dict[str, Any], right: dict[str, Any], wrong: dict[str, Any], told: tuple[str, str, str]
) -> None:
    want = {"error": {"kind": ["server"], **wish}}
    passes(want, Outcome(error=error(**right), provider="acme"))
    ((violation,), _) = judged(want, Outcome(error=replace(error(), **wrong), provider="acme"))
    assert (violation.headline, violation.expected) == told[:2]
    assert told[2] in ("…", violation.got)


def test_what_is_not_asked_of_an_error() -> None:
    passes({"error": {"kind": ["server"]}}, Outcome(error=error(status=1, code="x", retry_after=9.0)))
    passes({"error": {"kind": ["server"], "retry_after": None}}, Outcome(error=error(retry_after=0)))


# --- stream ------------------------------------------------------------------------------------


def test_delivered() -> None:
    want = {"stream": {"delivered": "The Nile"}}
    passes(want, Outcome(events=events("The", "reasoning: Hm.", " Nile", "done")), case=STREAM)
    told = ("the text delivered is not the text sent", "deltas 'The Nile'", "deltas 'TheThe Nile'")
    fails(want, *told, Outcome(events=events("The", "The Nile")), case=STREAM)
    got = "deltas 'The', then after text 'The', ProviderError('acme: 500: out') kind=server"
    fails(want, *told[:2], got, Outcome(events=events("The"), error=error()), case=STREAM)
    passes({"stream": {"delivered": ""}}, Outcome(), case=STREAM)
    assert headlines({"stream": {"delivered": ""}}, Outcome(events=events("x")), case=STREAM) == [told[0]]


def test_prefix_of() -> None:
    want = {"stream": {"prefix_of": "The Nile"}}
    for said in (("The",), (), ("The", " Nile")):
        passes(want, Outcome(events=events(*said)), case=STREAM)
    told = ("text was invented or repeated", "a beginning of 'The Nile'", "deltas 'TheThe'")
    fails(want, *told, Outcome(events=events("The", "The")), case=STREAM)


def test_one_end() -> None:
    want = {"stream": {"one_end": True}}
    passes(want, Outcome(events=events("The", "done")), case=STREAM)
    passes(want, Outcome(events=events("done")), case=STREAM)
    expected = "exactly one, the last"
    for said, headline in (
        (("The",), "no final event"),
        ((), "no final event"),
        (("done", "done"), "more than one final event"),
        (("done", "The"), "something after the final event"),
    ):
        kinds = [e.kind for e in events(*said)]
        fails(want, headline, expected, f"events {kinds}", Outcome(events=events(*said)), case=STREAM)
    late = Outcome(events=events("done"), error=error())
    assert headlines(want, late, case=STREAM) == ["an error after the final event"]


def test_incremental() -> None:
    want = {"stream": {"incremental": True}}
    passes(want, Outcome(), [request(), replace_exchange(held_at=1.0, released_at=1.1)], STREAM)
    headline = "the stream is buffered: nothing was delivered until all had come"
    expected = "the first text while the server holds the rest back"
    fails(
        want,
        headline,
        expected,
        "no event until the server went on by itself",
        Outcome(),
        [replace_exchange(held_at=1.0)],
        STREAM,
    )
    fails(want, headline, expected, "the server never came to hold anything back", Outcome(), [request()], STREAM)


def test_hangs_up() -> None:
    want = {"hangs_up_within": 1.0}
    passes(want, Outcome(left_at=5.0), [replace_exchange(closed_at=5.5)], STREAM)
    headline = "an abandoned stream goes on upstream: the connection stays open"
    expected = "closed within 1 s after the host left"
    got = "the server was still sending (stall)"
    for late in (replace_exchange(ended="stall"), replace_exchange(ended="stall", closed_at=6.5)):
        fails(want, headline, expected, got, Outcome(left_at=5.0), [late], STREAM)
    told = ("the stream could not be left", "aclose() that ends it", "nothing")
    fails(want, *told, Outcome(), [replace_exchange(closed_at=5.5)], STREAM)


CANCELLED = {"ask": {"cancel": "waiting"}}


def test_what_a_cancelled_call_leaves_open() -> None:
    want = {"hangs_up_within": 1.0}
    left = Outcome(left_at=5.0)
    passes(want, left, [replace_exchange(closed_at=5.5), replace_exchange(at=6.0)], CANCELLED)  # the next call is whole
    headline = "a cancelled call goes on upstream: the connection stays open"
    fails(
        want,
        headline,
        "closed within 1 s after the host left",
        "the server was still sending (complete)",
        left,
        [replace_exchange(), replace_exchange(at=6.0)],
        CANCELLED,
    )
    early = ("the call ended before it was cancelled", "a call that waits for its answer", "nothing")
    fails(want, *early, Outcome(), [replace_exchange()], CANCELLED)


def test_cancelled_within() -> None:
    want, expected = {"cancelled_within": 1.0}, "CancelledError within 1 s"

    def ended(how: str, at: float | None) -> Outcome:
        return Outcome(left_at=5.0, cancelled=how, ended_at=at)

    passes(want, ended("cancelled", 5.2), case=CANCELLED)
    swallowed = ("the cancellation was swallowed", expected, "ValueError: gone")
    fails(want, *swallowed, ended("ValueError: gone", 5.2), case=CANCELLED)
    goes_on = "a cancelled call goes on"
    fails(want, goes_on, expected, "after 1.3 s", ended("cancelled", 6.3), case=CANCELLED)
    fails(want, goes_on, expected, "not ended after 1.5 s", ended("not ended after 1.5 s", None), case=CANCELLED)
    early = ("the call ended before it was cancelled", "a call that waits for its answer", "nothing")
    fails(want, *early, Outcome(), case=CANCELLED)


def replace_exchange(**facts: Any) -> Exchange:
    return replace(request(), **facts)


def test_the_reasoning_delivered() -> None:
    want = {"stream": {"reasoned": "Hm. So."}}
    passes(want, Outcome(events=events("reasoning: Hm. ", "The", "reasoning: So.", "done")), case=STREAM)
    told = (
        "the reasoning delivered is not the reasoning sent",
        "reasoning deltas 'Hm. So.'",
        "reasoning deltas 'Hm. '",
    )
    fails(want, *told, Outcome(events=events("reasoning: Hm. ", "So.", "done")), case=STREAM)


# --- sent --------------------------------------------------------------------------------------


def test_number_of_requests() -> None:
    passes({"sent": {"requests": 2}}, exchanges=[request(), request()])
    assert headlines({"sent": {"requests": 1}}, exchanges=[request(), request()]) == [
        "2 requests were sent where one call was made"
    ]
    assert headlines({"sent": {"requests": 2}}) == ["1 requests were sent"]
    passes({"sent": {"requests": 1}}, exchanges=[models_request(), request()])  # what was asked on the way
    passes({"sent": {"at_least": 1}})
    assert headlines({"sent": {"at_least": 2}}) == ["1 requests were sent"]
    passes({"sent": {"requests": 0}, "error": {"kind": ["auth"]}}, Outcome(error=error("auth")), [])
    assert headlines({"sent": {"requests": 0}}) == ["1 requests were sent"]


def test_legal() -> None:
    passes({"sent": {"legal": True}})
    told = (
        "the real API would reject this request",
        "a legal openai-chat request",
        "$: 'messages' is a required property",
    )
    fails({"sent": {"legal": True}}, *told, None, [request({"model": "m"})])
    fails({"sent": {"legal": True}}, *told, None, [request(), request({"model": "m"})])  # the second as well
    routes = "POST /v1/chat/completions, POST /v1/embeddings, GET /v1/models, GET /v1/models/{model}"
    astray = request(path="/v1/v1/chat/completions", operation=None)
    fails({"sent": {"legal": True}}, "there is no such route", routes, "POST /v1/v1/chat/completions", None, [astray])


def test_known() -> None:
    passes({"sent": {"known": True}}, exchanges=[request({**BODY, "top_k": 1})])
    told = ("fields that the API does not have are on the wire", "fields of the dialect only", "tenant, host")
    fails({"sent": {"known": True}}, *told, None, [request({**BODY, "tenant": 1, "host": 2})])


def test_only() -> None:
    want = {"sent": {"only": ["model", "messages", "stream"]}}
    passes(want, exchanges=[request({**BODY, "n": None})])
    told = ("parameters are set that nobody asked for", "only model, messages, stream", "n=1")
    fails(want, *told, None, [request({**BODY, "n": 1})])


@pytest.mark.parametrize("wish", [{"known": True}, {"only": ["model"]}])
def test_fields_of_what_is_no_object(wish: dict[str, Any]) -> None:
    told = ("the request cannot be read", "a JSON object", "b'model=m'")
    fails({"sent": wish}, *told, None, [request(b"model=m")])


def test_without_and_holds() -> None:
    asked = [request({**BODY, "tools": [], "stream_options": {"include_usage": False}})]
    passes({"sent": {"without": ["tools"], "holds": {"model": "kit-model"}}})
    assert headlines({"sent": {"without": ["tools"]}}, exchanges=asked) == ["tools is sent although there is none"]
    wanted = {"stream_options": {"include_usage": True}}
    assert headlines({"sent": {"holds": wanted}}, exchanges=asked) == ["stream_options is not sent"]
    assert headlines({"sent": {"holds": wanted}}) == ["stream_options is not sent"]


def test_never() -> None:
    passes({"sent": {"never": ["embeddings"]}})
    assert headlines({"sent": {"never": ["chat"]}}) == ["a request of chat is made, which is paid for"]


@pytest.mark.parametrize("given", [2.0, True, "2"])
def test_exact_numbers(given: Any) -> None:
    def wanted(exact: bool, number: Any) -> dict[str, Any]:
        return {"reply": {"tool_calls": [{"name": "now", "arguments": {"n": [number]}, "exact": exact}]}}

    got = Outcome(reply=replace(WHOLE, tool_calls=[ToolCall("call_1", "now", {"n": [given]})]))
    passes(wanted(True, given), got)
    if given != "2":
        passes(wanted(False, int(given)), got)
    assert headlines(wanted(True, int(given)), got) == ["the tool calls are not those of the wire: the list is wrong"]


def test_path() -> None:
    want = {"sent": {"path": "{base}/chat/completions"}}
    passes(want)
    passes(want, None, [request(path="/gw/v1/chat/completions")], {"adapter": {"base": "/gw{mount}/"}})
    told = ("the URL is joined wrongly", "POST /v1/chat/completions", "POST /v1//chat/completions")
    fails(want, *told, None, [request(path="/v1//chat/completions", operation=None)])


def test_stream_flag() -> None:
    passes({"sent": {"stream": False}})
    passes({"sent": {"stream": True}}, exchanges=[request({**BODY, "stream": True})], case=STREAM)
    fails({"sent": {"stream": True}}, "the stream flag is wrong", "stream=True", "stream=False", case=STREAM)
    streamed = [request({**BODY, "stream": True})]
    fails({"sent": {"stream": False}}, "the stream flag is wrong", "stream=False", "stream=True", None, streamed)
    fails({"sent": {"stream": False}}, "the stream flag is wrong", "stream=False", "unreadable", None, [request(b"{")])


def test_headers() -> None:
    want = {"sent": {"header": {"Authorization": "Bearer {key}"}}}
    passes(want)
    headline, expected = "the header Authorization is wrong", "Authorization: Bearer <the key>"
    for value in (f"Bearer  {KEY}", f"bearer {KEY}", KEY, f"Bearer {KEY}x"):
        got = f"Authorization: {value}".replace(KEY, "<the key>")
        fails(want, headline, expected, got, None, [request(headers=[("authorization", value)])])
    fails(want, headline, expected, "no Authorization", None, [request(headers=[])])
    twice = with_header("authorization", f"Bearer {KEY}")
    got = f"{expected}; {expected}"
    fails(want, "the header Authorization is sent 2 times", expected, got, None, [twice])


def test_no_header() -> None:
    passes({"sent": {"no_header": ["x-api-key"]}})
    told = ("the header x-api-key is sent", "no x-api-key", "x-api-key: <the key>")
    fails({"sent": {"no_header": ["x-api-key"]}}, *told, None, [with_header("x-api-key", KEY)])


ASKED: dict[str, Any] = {
    "messages": [{"role": "user", "content": "Hi"}],
    "model": "other",
    "temperature": 0,
    "top_p": 0.5,
    "max_tokens": 17,
    "seed": 0,
    "stop": ["a"],
    "tools": [{"name": "now", "description": "The time"}],
    "tool_choice": "now",
}
SENT: dict[str, Any] = {
    **ASKED,
    "tools": [{"type": "function", "function": {"name": "now", "description": "The time"}}],
    "tool_choice": {"type": "function", "function": {"name": "now"}},
}


@pytest.mark.parametrize("name", ASKED)
def test_same(name: str) -> None:
    want, case = {"sent": {"same": [name]}}, asking(**ASKED)
    passes(want, None, [request(SENT)], case)
    lost = {**SENT, name: None if name not in ("messages", "tools") else []}
    assert headlines(want, None, [request(lost)], case) == [f"{name} is not sent"]
    other: dict[str, Any] = {
        "messages": [{"role": "user", "content": "Hi "}],
        "model": "kit-model",
        "tools": [{"type": "function", "function": {"name": "now"}}],
        "tool_choice": "auto",
        "stop": ["a", "b"],
    }
    changed = {**SENT, name: other.get(name, 1)}
    assert headlines(want, None, [request(changed)], case) == [f"{name} is not sent as asked"]


def test_same_model_of_the_adapter() -> None:
    passes({"sent": {"same": ["model"]}})
    told = ("model is not sent as asked", "model=kit-model", "model=gpt-4o")
    fails({"sent": {"same": ["model"]}}, *told, None, [request({**BODY, "model": "gpt-4o"})])


def test_same_texts() -> None:
    want = {"sent": {"same": ["texts"]}}
    passes(want, None, EMBEDDED, EMBED)
    told = ("texts is not sent as asked", "texts=['one', 'two']", "texts=['two', 'one']")
    backwards = request({"model": "m", "input": ["two", "one"]}, "/v1/embeddings", "embeddings")
    fails(want, *told, None, [backwards], EMBED)


def test_absent() -> None:
    names = ["temperature", "top_p", "seed", "max_tokens", "stop", "tools", "tool_choice"]
    passes({"sent": {"absent": names}})
    passes({"sent": {"absent": names}}, exchanges=[request({**BODY, **dict.fromkeys(names), "stop": []})])
    assert headlines({"sent": {"absent": names}}, exchanges=[request({**SENT, "temperature": 0})]) == [
        f"{name} is sent although nobody asked for it" for name in names
    ]


def test_what_cannot_be_read() -> None:
    told = ("the request cannot be read", "a request of the dialect", "POST /v1/chat/completions")
    fails({"sent": {"same": ["model"]}}, *told, None, [request(b"{")])
    fails({"sent": {"absent": ["seed"]}}, *told, None, [request({"messages": [{}]})])


@pytest.mark.parametrize("said", ["", "(no output)"])
def test_an_empty_result_is_sent(said: str) -> None:
    result = {"role": "tool", "tool_call_id": "call_1", "content": said}
    sent = request({**BODY, "messages": [*BODY["messages"], result]})
    passes({"sent": {"nothing_said": "call_1"}}, exchanges=[sent])


@pytest.mark.parametrize(
    "last",
    [
        {"role": "user", "content": "x"},
        {"role": "tool", "tool_call_id": "call_2", "content": ""},
        *({"role": "tool", "tool_call_id": "call_1", "content": word} for word in ("None", "null", '""')),
    ],
)
def test_an_empty_result_is_not_sent(last: dict[str, str]) -> None:
    sent = request({**BODY, "messages": [*BODY["messages"], last]})
    want = {"sent": {"nothing_said": "call_1"}}
    assert headlines(want, exchanges=[sent]) == ["the last message is wrong"]
    assert headlines(want, exchanges=[request({**BODY, "messages": []})]) == ["the last message is wrong"]


def test_nothing_required_may_be_said() -> None:
    told = {"type": "function", "function": {"name": "a", "parameters": {"type": "object", "required": []}}}
    asked = asking(tools=[{"name": "a", "parameters": {"type": "object"}}])
    passes({"sent": {"same": ["tools"]}}, exchanges=[request({**BODY, "tools": [told]})], case=asked)


def test_tools_have_no_order() -> None:
    """Who sorts them keeps a prompt cache warm."""
    tools = [{"type": "function", "function": {"name": n, "parameters": {"type": "object"}}} for n in "ab"]
    asked = asking(tools=[{"name": n, "parameters": {"type": "object"}} for n in "ba"])
    want = {"sent": {"same": ["tools"]}}
    passes(want, exchanges=[request({**BODY, "tools": tools})], case=asked)
    fewer = [request({**BODY, "tools": tools[:1]})]
    assert headlines(want, exchanges=fewer, case=asked) == ["tools is not sent as asked"]


def test_several_wishes_are_all_looked_at() -> None:
    wrong = request({**BODY, "seed": 1, "tenant": 1, "stream": True, "max_tokens": 0}, "/chat/completions", headers=[])
    want = {
        "requests": 2,
        "path": "{base}/chat/completions",
        "legal": True,
        "known": True,
        "stream": False,
        "absent": ["seed"],
        "header": {"authorization": ".*"},
    }
    assert len(headlines({"sent": want}, exchanges=[wrong])) == 7


def test_what_means_the_same_is_written_the_same() -> None:
    assert plain([Message("user", [Text("Hi")])]) == plain((Message("user", "Hi"),))
    assert plain(Message("user", [Text("a"), Text("b")])) != plain(Message("user", "ab"))
    assert plain(Request([]).stop) == plain([])
    inline = Message("user", [Image(data="AA==", media_type="image/gif")])
    assert plain(inline) == plain(Message("user", [Image(url="data:image/gif;base64,AA==")]))
    assert plain(JSONSchema("x", {})) != plain(JSONSchema("x", {}, strict=False))


def test_one_field_of_several() -> None:
    want = {"sent": {"any_of": ["think", "thinking"]}}
    passes(want, exchanges=[request({**BODY, "think": False})])
    told = ("none of several fields is sent", "one of think, thinking", "model, messages, think")
    fails(want, *told, exchanges=[request({**BODY, "think": None})])


# --- refused and taken -------------------------------------------------------------------------

REFUSAL = Outcome(error=error("unsupported"))


def test_what_is_not_declared_is_refused_before_anything_is_sent() -> None:
    want, expected = {"refused": "tools"}, "an error of kind unsupported, before anything is sent"
    passes(want, REFUSAL, [])
    passes(want, Outcome(error=error("invalid_request")), [])
    fails(
        want,
        "tools: asked for, not declared, and not refused",
        expected,
        "reply text='Hi' finish_reason='stop', no error",
    )
    assert headlines(want, Outcome(), []) == ["tools: asked for, not declared, and not refused"]
    assert headlines(want, REFUSAL) == ["tools: refused after a request, which is paid for"]
    assert headlines(want, Outcome(error=error(None)), []) == ["ProviderError escaped in place of a provider error"]
    assert headlines(want, Outcome(error=error("network")), []) == [
        "the error is of kind network, not unsupported or invalid_request"
    ]
    assert headlines(want, Outcome(error=HUNG), []) == ["the call hung"]
    passes({"either": [want, {"vectors": [[0.5]]}]}, Outcome(vectors=[[0.5]]), [])


def test_what_is_declared_is_not_refused() -> None:
    want = {"taken": "tools"}
    passes(want)
    passes(want, Outcome(error=error("server")))
    assert headlines(want, REFUSAL, []) == ["tools: declared, and refused"]


# --- the rest ----------------------------------------------------------------------------------


def test_unchanged() -> None:
    passes({"unchanged": True})
    told = ("the host's request was changed", "the same request after the call", "a became b")
    fails({"unchanged": True}, *told, Outcome(mutated="a became b"))


def test_waits_at_most() -> None:
    passes({"waits_at_most": 0.05}, sleeps=[0.02, 0.02])
    headline = "the adapter slept, where waiting is the host's business"
    fails({"waits_at_most": 0.05}, headline, "at most 0.05 s", "5.04 s in 2 sleeps", sleeps=[5.0, 0.04])
    assert headlines({"waits_at_most": 0.0}, sleeps=[0.02]) == [headline]
    fails(
        {"waits_at_most": 0.05}, "the call hung", "an answer or an error", f"hung({HUNG.text!r})", Outcome(error=HUNG)
    )


@pytest.mark.parametrize(
    ("place", "headline", "outcome", "trace"),
    [
        ("error", "the API key is in the exception", Outcome(error=error(everything=f"a\nkey={KEY}!")), {}),
        ("logs", "the API key is in the log", None, {"logs": f"a\nkey={KEY}!"}),
        ("repr", "the API key is in the adapter's repr", Outcome(repr=f"a\nkey={KEY}!"), {}),
        ("url", "the API key is in the URL", None, {"exchanges": [replace_exchange(query=f"key={KEY}!")]}),
        ("body", "the API key is in the request's body", None, {"exchanges": [request(f"a\nkey={KEY}!".encode())]}),
        ("health", "the API key is in what the health check tells", Outcome(error=error(everything=f"key={KEY}!")), {}),
        ("error_itself", "the API key is in the exception", Outcome(error=error(itself=f"a\nkey={KEY}!")), {}),
        ("output", "the API key is in what was printed or warned of", None, {"output": f"a\nkey={KEY}!"}),
        ("files", "the API key is in a file", None, {"files": [("a.log", b"a"), ("b.log", f"key={KEY}!".encode())]}),
        ("environment", "the API key is in the environment", None, {"environment": {"A": "", "key": f"{KEY}!"}}),
        (
            "elsewhere",
            "the API key is in a request to another origin",
            None,
            {"exchanges": [replace_exchange(), replace_exchange(headers=ELSEWHERE)], "base_url": "http://HERE:1/v1"},
        ),
    ],
)
def test_secrets(place: str, headline: str, outcome: Outcome | None, trace: dict[str, Any]) -> None:
    here = [replace_exchange(headers=[*HEADERS, ("host", "here:1")])]
    harmless = Outcome(error=error(everything="ProviderError()"), repr="Acme()")
    passes({"secret_not_in": [place]}, harmless, here, logs="x", base_url="http://u:p@HERE:1/v1")
    ((violation,), _) = judged({"secret_not_in": [place]}, outcome, **trace)
    assert (violation.headline, violation.expected) == (headline, "no key there")
    assert violation.got.endswith("key=<the key>!")


def test_a_key_in_what_the_health_check_tells() -> None:
    told = Outcome(health=Health(ok=False, detail=f"no such key: {KEY}"))
    assert headlines({"secret_not_in": ["health"]}, told) == ["the API key is in what the health check tells"]


def test_a_password_of_the_base_url_is_called_so() -> None:
    case = {"adapter": {"url": "http://kit:{key}@127.0.0.1:{port}{path}"}}
    outcome = Outcome(repr=f"Acme({KEY})")
    assert headlines({"secret_not_in": ["repr"]}, outcome, case=case) == ["the password is in the adapter's repr"]


def test_a_prompt_that_leaks() -> None:
    passes({"prompt_not_in": ["output", "url", "files"]}, output="Name two rivers.")
    told = ("the prompt is in what was printed or warned of", "no prompt there", "asked: Name three rivers. <the key>")
    fails({"prompt_not_in": ["output"]}, *told, output=f"asked: Name three rivers. {KEY}")


@pytest.mark.parametrize(
    ("built", "failure"),
    [
        (True, error("auth")),
        (False, error("auth")),
        (False, Failure(type="ValueError", text="no scheme", typed=False)),
        (False, Failure(type="acme.ConfigError", text="no key", typed=False)),
    ],
)
def test_a_refusal_is_of_a_kind_or_comes_from_the_constructor(built: bool, failure: Failure) -> None:
    passes({"rejected": True}, Outcome(error=failure), [], built=built)


@pytest.mark.parametrize(
    ("headline", "outcome", "exchanges", "built"),
    [
        ("it was neither used nor refused", Outcome(reply=WHOLE), [], True),
        ("it was neither used nor refused", Outcome(error=HUNG), [], True),
        ("it was neither used nor refused", Outcome(error=error("not_found")), None, True),
        ("KeyError escaped", Outcome(error=Failure(type="KeyError", text="'KEY'", typed=False)), [], False),
        ("ValueError escaped", Outcome(error=Failure(type="ValueError", text="no", typed=False)), [], True),
    ],
)
def test_what_is_no_refusal(headline: str, outcome: Outcome, exchanges: list[Exchange] | None, built: bool) -> None:
    (said,) = headlines({"rejected": True}, outcome, exchanges, built=built)
    assert said.startswith(headline)


@pytest.mark.parametrize(
    ("place", "headline", "trace"),
    [
        ("network_at_build", "building it already reaches for the network", {"reached_at_build": ["a", "a"]}),
        ("environment", "environment variables were changed", {"environment": {"a": "1"}}),
        ("processes", "a process was started", {"processes": ["a"]}),
    ],
)
def test_what_is_touched(place: str, headline: str, trace: dict[str, Any]) -> None:
    passes({"untouched": [place]})
    fails({"untouched": [place]}, headline, "none", "a", **trace)


def test_requests_without_end() -> None:
    passes({"sent": {"at_most": 2}}, None, [request(), request()])
    assert headlines({"sent": {"at_most": 1}}, None, [request(), request()]) == ["requests were sent without end"]


def test_the_query_of_the_base_url() -> None:
    passes({"sent": {"query": "v=1"}}, None, [request(query="v=1")])
    fails({"sent": {"query": "v=1"}}, "the base URL's query is not kept", "?v=1", "?", None, [request()])


@pytest.mark.parametrize("outcome", [Outcome(reply=WHOLE), Outcome(error=HUNG)], ids=["none", "hung"])
def test_a_key_is_not_looked_for_in_an_error_that_is_none(outcome: Outcome) -> None:
    assert headlines({"secret_not_in": ["error"]}, outcome) == ["there is no error to look into"]


# --- either ------------------------------------------------------------------------------------

EITHER = {"either": [{"reply": {"text": "Hi"}}, {"error": {"kind": ["content_filter"]}}]}


def test_one_of_the_legal_ways_is_enough() -> None:
    passes(EITHER, Outcome(reply=Reply("Hi")))
    passes(EITHER, Outcome(error=error("content_filter")))
    assert judged(EITHER, Outcome(reply=Reply("Hi")))[1] == 1


def test_none_of_the_legal_ways() -> None:
    expected = "text='Hi'\nor an error of kind content_filter"
    fails(EITHER, "the reply's text is wrong", expected, "text='Ho'", Outcome(reply=Reply("Ho")))


def test_what_stands_beside_either_must_hold_too() -> None:
    want = {**EITHER, "unchanged": True}
    assert judged(want, Outcome(reply=Reply("Hi")))[1] == 2
    assert headlines(want, Outcome(reply=Reply("Hi"), mutated="x")) == ["the host's request was changed"]


# --- nothing looked at -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "then",
    [
        {},
        {"either": []},
        {"either": [{}]},
        {"either": [{}, {"reply": {"text": "Hi"}}]},
        {"sent": {}},
        {"sent": {"legal": False, "same": [], "header": {}}},
        {"stream": {}},
        {"stream": {"one_end": False, "incremental": False}},
        {"secret_not_in": []},
        {"reply": None, "error": None, "vectors": None, "healthy": None},
    ],
    ids=str,
)
def test_a_case_that_looks_at_nothing_counts_nothing(then: dict[str, Any]) -> None:
    assert judged(then) == ([], 0)


def test_every_field_of_then_has_its_clause() -> None:
    assert set(CLAUSES) | {"either"} == set(Then.model_fields)


# --- before any clause -------------------------------------------------------------------------


def test_a_breach_of_the_guard_comes_first() -> None:
    told = (
        "the adapter tried to reach api.openai.com:443",
        "requests to the given base URL only",
        "api.openai.com:443",
    )
    fails({"reply": {"text": "other"}}, *told, breaches=["api.openai.com:443"])
    fails({}, *told, None, [], breaches=["api.openai.com:443"])


ANY_THEN: list[dict[str, Any]] = [
    {"reply": {"text": "Hi"}},
    {"sent": {"legal": True}},
    {"sent": {"header": {"authorization": ".*"}}},
    {"unchanged": True},
    {"secret_not_in": ["logs", "url", "body", "repr"]},
    {"waits_at_most": 1},
    {"error": {"kind": ["server"]}},
    {"stream": {"prefix_of": "Hi"}},
    {},
]


@pytest.mark.parametrize("then", ANY_THEN, ids=str)
@pytest.mark.parametrize("on_the_way", [[], [models_request()]], ids=["nothing", "only the models"])
@pytest.mark.parametrize("outcome", [Outcome(reply=Reply("Hi")), Outcome(error=error())], ids=["answer", "error"])
def test_an_answer_without_a_request_is_none(
    then: dict[str, Any], on_the_way: list[Exchange], outcome: Outcome
) -> None:
    assert headlines(then, outcome, on_the_way) == ["no request reached the server"]


def test_a_request_elsewhere_on_the_server() -> None:
    told = ("the request went past the base URL", "a request below it", "POST /chat/completions")
    fails({"reply": {}}, *told, None, [], strays=["POST /chat/completions"])


def test_a_refusal_before_any_request_where_the_case_allows_it() -> None:
    refusal = {"error": {"kind": ["auth"]}, "sent": {"requests": 0}}
    answer = {"sent": {"no_header": ["authorization"]}, "reply": {"text": "Hi"}}
    want = {"either": [answer, refusal]}
    passes(want, Outcome(error=error("auth")), [])
    passes(want, Outcome(reply=Reply("Hi")), [request(headers=[])])
    # But an invented answer is not the other way.
    assert headlines(want, Outcome(reply=Reply("Hi")), []) == ["no request reached the server"]
    passes(refusal, Outcome(error=error("auth")), [])


@pytest.mark.parametrize("fault", ["refuse", "connect_timeout", "bad_tls"])
def test_no_request_comes_through_a_closed_door(fault: str) -> None:
    wire = {"wire": {"fault": fault}}
    passes({"error": {"kind": ["network"]}}, Outcome(error=error("network")), [], wire)
    assert headlines({"error": {"kind": ["network"]}}, None, [], wire) == ["a failure was returned as an answer"]


@pytest.mark.parametrize("fault", ["fin", "reset", "silence"])
def test_a_request_comes_before_the_other_faults(fault: str) -> None:
    want = {"error": {"kind": ["network"]}}
    assert headlines(want, Outcome(error=error("network")), [], {"wire": {"fault": fault}}) == [
        "no request reached the server"
    ]

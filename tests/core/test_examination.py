"""The whole way of a case, with small adapters of every kind: verdicts, and nothing of an adapter that escapes."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import random
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from conformance import catalogue, examiner
from conformance.bench import Bench
from conformance.canary import CANARY
from conformance.case import Case
from conformance.catalogue import Catalogue
from conformance.config import ProviderConfig
from conformance.contract import Capabilities
from conformance.examination import Examination
from conformance.provider import resolve
from conformance.reference import OpenAIChat
from conformance.requirement import Requirement
from conformance.verdict import Result, Verdict

RIVERS = "The Nile, the Amazon and the Yangtze."

# --- adapters: they import nothing of the kit --------------------------------------------------


class SmallError(Exception):
    def __init__(self, text: str, kind: str) -> None:
        super().__init__(text)
        self.kind = kind


class Small:
    """As little as the contract wants."""

    name = "small"
    capabilities = SimpleNamespace(streaming=True, tools=False, images=False, embeddings=True, model_listing=True)

    def __init__(self, api_key: str | None = None, base_url: str = "", model: str = "m", timeout: float = 60.0) -> None:
        self.api_key, self.base_url, self.model, self.timeout = api_key, base_url, model, timeout

    async def generate(self, request: Any) -> Any:
        message = (await self.ask(request))["choices"][0]["message"]
        return SimpleNamespace(text=message["content"], finish_reason="stop")

    async def stream(self, request: Any) -> AsyncIterator[Any]:
        reply = await self.generate(request)
        yield SimpleNamespace(text=reply.text)
        yield SimpleNamespace(reply=reply)

    async def embed(self, texts: list[str]) -> Any:
        return SimpleNamespace(vectors=[[0.0] for _ in texts])

    async def list_models(self) -> Any:
        return [row["id"] for row in (await self.send("GET", "/models"))["data"]]

    async def ask(self, request: Any) -> Any:
        messages = [{"role": m.role, "content": m.content} for m in request.messages]
        return await self.send("POST", "/chat/completions", {"model": self.model, "messages": messages})

    async def send(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {self.api_key}"}
        async with httpx.AsyncClient(timeout=self.timeout) as client:
            answer = await client.request(method, self.base_url.rstrip("/") + path, json=body, headers=headers)
        if answer.status_code != 200:
            raise SmallError(
                f"{answer.status_code}", {401: "auth", 429: "rate_limit"}.get(answer.status_code, "server")
            )
        return answer.json()


class Shouts(Small):
    async def generate(self, request: Any) -> Any:
        reply = await super().generate(request)
        return SimpleNamespace(text=reply.text.upper())


class SendsAPrompt(Small):
    """Everything it sends is illegal, so nothing else can be judged."""

    async def ask(self, request: Any) -> Any:
        await self.send("POST", "/chat/completions", {"model": self.model, "prompt": request.messages[-1].content})
        raise SmallError("no", "malformed")


class RaisesItsClientsErrors(Small):
    async def send(self, method: str, path: str, body: Any = None) -> Any:
        try:
            return await super().send(method, path, body)
        except SmallError as exc:
            raise RuntimeError(str(exc)) from None


class TakesNoTimeout(Small):
    def __init__(self, api_key: str, base_url: str) -> None:
        super().__init__(api_key, base_url)


class GoesHome(Small):
    async def generate(self, request: Any) -> Any:
        try:
            async with httpx.AsyncClient() as client:
                await client.post("https://api.openai.com/v1/chat/completions", json={})
        except httpx.HTTPError:
            pass  # and says nothing about it
        return await super().generate(request)


class KnowsOneAddress(Small):
    address = ""

    async def send(self, method: str, path: str, body: Any = None) -> Any:
        self.base_url = self.address
        return await super().send(method, path, body)


class Hangs(Small):
    async def generate(self, request: Any) -> Any:
        reply = await super().generate(request)
        if request.messages[-1].content == "hang":
            await asyncio.Event().wait()
        return reply


class Talks(Small):
    """Gives what `result` is, after it asked."""

    result: Any = None

    async def generate(self, request: Any) -> Any:
        await self.ask(request)
        return type(self).result

    async def embed(self, texts: list[str]) -> Any:
        await self.send("POST", "/embeddings", {"model": self.model, "input": texts})
        return type(self).result

    async def list_models(self) -> Any:
        await super().list_models()
        return type(self).result

    async def health(self) -> Any:
        await super().list_models()
        return type(self).result

    def stream(self, request: Any) -> Any:
        return self.items(request) if isinstance(type(self).result, list) else type(self).result

    async def items(self, request: Any) -> AsyncIterator[Any]:
        await self.ask(request)
        for item in type(self).result:
            yield item


class Picky(Small):
    error: BaseException = ValueError("no key")

    def __init__(self, api_key: str | None = None, base_url: str = "", model: str = "m", timeout: float = 60.0) -> None:
        super().__init__(api_key, base_url, model, timeout)
        if not api_key:
            raise type(self).error


class Raises(Small):
    error: BaseException = ValueError("x")

    async def generate(self, request: Any) -> Any:
        await self.ask(request)
        raise type(self).error


class UsesAnyKeyThereIs(Small):
    async def ask(self, request: Any) -> Any:
        self.api_key = os.environ.get("OPENAI_API_KEY", "none")
        return await super().ask(request)


class TellsEverybody(Small):
    """Says its key wherever there is room."""

    async def ask(self, request: Any) -> Any:
        logging.getLogger("small").warning("asking with %s", self.api_key)
        await self.send("POST", f"/chat/completions?key={self.api_key}", {"key": self.api_key, "model": self.model})
        raise SmallError(f"it did not work with {self.api_key}", "server")

    def __repr__(self) -> str:
        return f"TellsEverybody({self.api_key})"

    async def stream(self, request: Any) -> AsyncIterator[Any]:
        await self.send("POST", f"/{self.api_key}")
        yield SimpleNamespace(text=f"{self.api_key}")

    async def embed(self, texts: list[str]) -> Any:
        texts.append(str(self.api_key))
        raise type(f"E{self.api_key}", (Exception,), {})(self.api_key)

    async def list_models(self) -> Any:
        return {self.api_key: 1, 2: 3}


class Retries(Small):
    async def send(self, method: str, path: str, body: Any = None) -> Any:
        for pause in (1, 2, 4):
            try:
                return await super().send(method, path, body)
            except SmallError:
                await asyncio.sleep(pause)
        return await super().send(method, path, body)


class Logs(Small):
    async def ask(self, request: Any) -> Any:
        logging.getLogger("small").debug("key %s", self.api_key)
        return await super().ask(request)


# --- a catalogue as small ----------------------------------------------------------------------


def rule(id: str, *after: str, needs: tuple[str, ...] = ()) -> Requirement:
    return Requirement(id=id, level="MUST", text="t", why="w", sources=["s"], after=list(after), needs=list(needs))


RULES = [
    rule("REQ-001"),
    rule("RSP-001", "REQ-001"),
    rule("RSP-002", "RSP-001"),
    rule("ERR-001", "REQ-001"),
    rule("ERR-002", "ERR-001"),
    rule("STR-001", "REQ-001", needs=("streaming",)),
    rule("REQ-010", "REQ-001", needs=("tools",)),
    rule("ERR-025", "ERR-001", needs=("timeout",)),
    rule("MAL-001", "ERR-002", "RSP-001"),
    rule("AUT-001"),
]
GOOD = {"cassette": "replies/three-rivers"}
QUESTION: dict[str, Any] = {"case": "question", "proves": "REQ-001", "wire": GOOD, "then": {"sent": {"legal": True}}}
ANSWER: dict[str, Any] = {"case": "answer", "proves": "RSP-001", "wire": GOOD, "then": {"reply": {"text": RIVERS}}}
CASES: list[dict[str, Any]] = [
    QUESTION,
    ANSWER,
    {"case": "again", "proves": "RSP-002", "wire": GOOD, "then": {"reply": {"text": RIVERS}}},
    {"case": "server", "proves": "ERR-001", "wire": {"error": "server"}, "then": {"error": {"kind": ["server"]}}},
    {"case": "key", "proves": "ERR-002", "wire": {"error": "auth"}, "then": {"error": {"kind": ["auth"]}}},
    {
        "case": "stream",
        "proves": "STR-001",
        "ask": {"op": "stream"},
        "wire": GOOD,
        "then": {"stream": {"delivered": RIVERS, "one_end": True}},
    },
    {"case": "tools", "proves": "REQ-010", "ask": {"tools": [{"name": "now"}]}, "then": {"sent": {"same": ["tools"]}}},
    {
        "case": "limit",
        "proves": "MAL-001",
        "wire": {"error": "rate_limit"},
        "then": {"error": {"kind": ["rate_limit"]}},
    },
]


def examined(adapter: type | str, bench: Bench, *cases: dict[str, Any], **config: Any) -> Examination:
    """The examination of an adapter by some cases, or by all of them."""
    spec = adapter if isinstance(adapter, str) else f"{__name__}:{adapter.__name__}"
    subject = resolve([spec], {spec: ProviderConfig(provider=spec, **config)} if config else {})[0]
    made = [Case.model_validate(c) for c in cases or CASES]
    return Examination(subject, bench, Catalogue(RULES, made))


def verdicts(examination: Examination) -> dict[str, Verdict]:
    return {f"{e.requirement.id}/{e.case.case}": examination.verdict(e) for e in examination.exams}


def one(adapter: type, bench: Bench, case: dict[str, Any], **config: Any) -> Verdict:
    (verdict,) = verdicts(examined(adapter, bench, case, **config)).values()
    return verdict


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with Bench() as made:
        yield made


# --- verdicts ----------------------------------------------------------------------------------


def test_pass(bench: Bench) -> None:
    verdict = one(Small, bench, ANSWER)
    assert verdict.result is Result.PASS
    assert verdict.checks == 1
    assert verdict.headline == ""
    assert not verdict.violations


def test_fail(bench: Bench) -> None:
    verdict = one(Shouts, bench, ANSWER)
    assert verdict.result is Result.FAIL
    assert verdict.headline == "the reply's text is wrong"
    assert verdict.violations[0].expected == f"text={RIVERS!r}"
    assert verdict.violations[0].got == f"text={RIVERS.upper()!r}"
    assert verdict.asked == 'generate: "Name three rivers."'
    assert any(line.startswith("> POST ") for line in verdict.wire)
    assert any("200" in line for line in verdict.wire)
    assert json.loads(json.dumps(verdict.as_data()))["result"] == "fail"


def test_unsupported(bench: Bench) -> None:
    tools = next(c for c in CASES if c["case"] == "tools")
    verdict = one(Small, bench, tools)
    assert (verdict.result, verdict.reason) == (Result.UNSUPPORTED, "it declares tools=False")
    verdict = one(Small, bench, next(c for c in CASES if c["case"] == "stream"), unsupported={"streaming": "not here"})
    assert (verdict.result, verdict.reason) == (Result.UNSUPPORTED, "configured as unsupported: not here")
    timeout = {**QUESTION, "proves": "ERR-025"}
    assert one(TakesNoTimeout, bench, timeout).reason == "its constructor takes no timeout"
    assert one(Small, bench, timeout).result is Result.PASS


def test_a_need_of_the_case_alone(bench: Bench) -> None:
    assert one(Small, bench, {**QUESTION, "needs": ["images"]}).result is Result.UNSUPPORTED


def test_vacuous(bench: Bench) -> None:
    verdict = one(Small, bench, {**QUESTION, "then": {}})
    assert (verdict.result, verdict.headline) == (Result.VACUOUS, "nothing was looked at")


@pytest.mark.parametrize(
    ("wire", "says"),
    [
        ({"cassette": "replies/none"}, "there is no cassette openai-chat/replies/none.yaml"),
        ({**GOOD, "transform": "brotli"}, "there is no transform 'brotli'"),
        ({"error": "network"}, "KeyError: 'network'"),
    ],
)
def test_what_is_missing_in_the_kit_is_not_the_adapters_fault(bench: Bench, wire: dict[str, Any], says: str) -> None:
    verdict = one(Shouts, bench, {**ANSWER, "wire": wire})
    assert verdict.result is Result.KIT_ERROR
    assert says in verdict.reason
    assert verdict.violations == ()


def test_a_kit_error_in_a_prerequisite_neither_blocks_nor_escapes(bench: Bench) -> None:
    found = verdicts(examined(Shouts, bench, {**QUESTION, "wire": {"cassette": "replies/none"}}, ANSWER))
    assert [v.result for v in found.values()] == [Result.KIT_ERROR, Result.FAIL]


# --- blocking ----------------------------------------------------------------------------------


def test_one_root_cause_and_the_rest_blocked(bench: Bench) -> None:
    found = verdicts(examined(SendsAPrompt, bench))
    assert found["REQ-001/question"].result is Result.FAIL
    assert found["REQ-010/tools"].result is Result.UNSUPPORTED
    blocked = {name for name, verdict in found.items() if verdict.result is Result.BLOCKED}
    assert blocked == set(found) - {"REQ-001/question", "REQ-010/tools"} - passed(found)
    assert found["RSP-001/answer"].reason == "blocked by REQ-001: a good answer was turned into an error"
    assert not found["RSP-001/answer"].violations


def test_what_still_passes_is_not_blocked(bench: Bench) -> None:
    found = verdicts(examined(RaisesItsClientsErrors, bench))
    assert {"RSP-001/answer", "RSP-002/again"} <= passed(found)
    assert found["ERR-001/server"].result is Result.FAIL
    assert found["ERR-001/server"].headline == "RuntimeError escaped in place of a provider error"
    for later in ("ERR-002/key", "MAL-001/limit"):  # the second by way of the first
        assert found[later].result is Result.BLOCKED
        assert found[later].reason.startswith("blocked by ERR-001: RuntimeError escaped")


def passed(found: dict[str, Verdict]) -> set[str]:
    return {name for name, verdict in found.items() if verdict.result is Result.PASS}


@pytest.mark.parametrize("adapter", [SendsAPrompt, RaisesItsClientsErrors, Shouts, Small])
def test_the_order_of_execution_changes_nothing(bench: Bench, adapter: type) -> None:
    expected = [told(v) for v in verdicts(examined(adapter, bench)).values()]
    for seed in range(3):
        examination = examined(adapter, bench)
        order = list(range(len(examination.exams)))
        random.Random(seed).shuffle(order)
        found = {i: told(examination.verdict(examination.exams[i])) for i in order}
        assert [found[i] for i in sorted(found)] == expected


def test_a_case_alone_has_the_same_verdict(bench: Bench) -> None:
    whole = verdicts(examined(RaisesItsClientsErrors, bench))
    for i in range(len(CASES)):
        examination = examined(RaisesItsClientsErrors, bench)
        verdict = examination.verdict(examination.exams[i])
        assert told(verdict) == told(list(whole.values())[i])


def told(verdict: Verdict) -> tuple[Any, ...]:
    """A verdict without what differs from run to run."""
    return verdict.result, verdict.headline, [vars(v) for v in verdict.violations], verdict.asked, verdict.checks


# --- other hosts -------------------------------------------------------------------------------


def test_an_adapter_that_calls_home_as_well(bench: Bench) -> None:
    verdict = one(GoesHome, bench, ANSWER)
    assert verdict.result is Result.FAIL
    assert verdict.headline == "the adapter tried to reach api.openai.com:443"


def test_an_adapter_that_never_comes_to_us(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(KnowsOneAddress, "address", "https://api.openai.com/v1")
    verdict = one(KnowsOneAddress, bench, QUESTION)
    assert verdict.headline == "the adapter tried to reach api.openai.com:443"
    assert list(verdict.wire) == ["[no request reached the server]"]


def test_no_packet_leaves(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as elsewhere:
        elsewhere.settimeout(0.2)
        port = elsewhere.getsockname()[1]
        monkeypatch.setattr(KnowsOneAddress, "address", f"http://127.0.0.1:{port}/v1")
        assert one(KnowsOneAddress, bench, QUESTION).headline == f"the adapter tried to reach 127.0.0.1:{port}"
        with pytest.raises(TimeoutError):
            elsewhere.accept()


# --- adapters that do not come back, or come back wrong ----------------------------------------


def test_a_hanging_call_is_given_up_and_the_next_is_unharmed(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examiner, "GRACE", 0.2)
    hang = {"messages": [{"role": "user", "content": "hang"}]}
    cases = [ANSWER | {"ask": hang, "adapter": {"timeout": 0.3}, "case": "hangs"}, ANSWER]
    examination = examined(Hangs, bench, *cases)
    first, second = examination.exams
    started = time.monotonic()
    verdict = examination.verdict(first)
    assert time.monotonic() - started < 5
    assert verdict.result is Result.FAIL
    assert "the call was given up" in verdict.violations[0].got
    assert examination.verdict(second).result is Result.PASS


REPLY = SimpleNamespace(text="x")


@pytest.mark.parametrize(
    ("op", "result", "got"),
    [
        ("generate", {"text": "x"}, "a reply must have a text, got {'text': 'x'}"),
        ("generate", "x", "a reply must have a text, got 'x'"),
        ("generate", None, "a reply must have a text, got None"),
        ("generate", SimpleNamespace(text=b"x"), "a reply must have a text, got namespace(text=b'x')"),
        ("stream", ["x", None, 7], "a stream that ended without a final event, text ''"),
        ("stream", [SimpleNamespace(reply=None)], "a reply must have a text, got None"),
        ("stream", [SimpleNamespace(text=7)], "a stream that ended without a final event, text ''"),
        ("stream", [], "nothing"),
        ("embed", [[0.0]], "embeddings must have vectors of numbers, got [[0.0]]"),
        ("embed", SimpleNamespace(vectors=[["x"]]), "embeddings must have vectors of numbers, got namespace("),
        ("embed", None, "embeddings must have vectors of numbers, got None"),
        ("list_models", None, "models must be a list of ids, got None"),
        ("list_models", "m", "models must be a list of ids, got 'm'"),
        ("list_models", [1], "models must be a list of ids, got [1]"),
        ("list_models", 7, "models must be a list of ids, got 7"),
        ("health", True, "health ok=None ''"),
    ],
)
def test_nonsense(bench: Bench, monkeypatch: pytest.MonkeyPatch, op: str, result: Any, got: str) -> None:
    monkeypatch.setattr(Talks, "result", result)
    models = {"cassette": "replies/models"}
    wire = {"embed": {"cassette": "replies/embeddings"}, "list_models": models, "health": models}.get(op, GOOD)
    then = {"embed": {"vectors": [[0.5]]}, "list_models": {"models": ["m"]}, "health": {"healthy": True}}
    verdict = one(Talks, bench, {**ANSWER, "ask": {"op": op}, "wire": wire, "then": then.get(op, {"reply": {}})})
    assert verdict.result is Result.FAIL
    assert verdict.violations[0].got.startswith(got)


@pytest.mark.parametrize("result", [None, 7, REPLY])
def test_a_stream_that_is_none(bench: Bench, monkeypatch: pytest.MonkeyPatch, result: Any) -> None:
    monkeypatch.setattr(Talks, "result", result)
    verdict = one(Talks, bench, {**ANSWER, "ask": {"op": "stream"}})
    assert verdict.result is Result.FAIL
    assert verdict.headline == "no request reached the server"
    assert "async for" in verdict.violations[0].got


EMPTY_KEY: dict[str, Any] = {
    "case": "empty",
    "proves": "AUT-001",
    "adapter": {"api_key": ""},
    "wire": GOOD,
    "then": {"either": [{"reply": {"text": RIVERS}}, {"error": {"kind": ["auth"]}, "sent": {"requests": 0}}]},
}


def test_a_constructor_that_refuses_one_case(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    found = verdicts(examined(Picky, bench, EMPTY_KEY, ANSWER))
    assert found["RSP-001/answer"].result is Result.PASS
    refused = found["AUT-001/empty"]
    assert refused.result is Result.FAIL
    assert "ValueError('no key')" in refused.violations[0].got
    monkeypatch.setattr(Picky, "error", SmallError("no key", "auth"))
    assert one(Picky, bench, EMPTY_KEY).result is Result.PASS


@pytest.mark.parametrize("error", [SystemExit(3), asyncio.CancelledError()], ids=repr)
def test_what_is_no_exception_does_not_end_the_run(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    monkeypatch.setattr(Raises, "error", error)
    examination = examined(Raises, bench, {**ANSWER, "then": {"error": {"kind": ["server"]}}}, QUESTION)
    verdict = examination.verdict(examination.exams[0])
    assert verdict.result is Result.FAIL
    assert verdict.headline == f"{type(error).__name__} escaped in place of a provider error"
    assert examination.verdict(examination.exams[1]).result is Result.PASS


def test_pauses_are_counted_and_nobody_waits(bench: Bench) -> None:
    started = time.monotonic()
    verdict = one(Retries, bench, {**QUESTION, "wire": {"error": "server"}, "then": {"waits_at_most": 0.05}})
    assert time.monotonic() - started < 5
    assert verdict.violations[0].got == "7 s in 3 sleeps"


def test_logs_are_watched_at_a_closed_door_too(bench: Bench) -> None:
    case = {**QUESTION, "wire": {"fault": "refuse"}, "then": {"secret_not_in": ["logs"]}}
    assert one(Logs, bench, case).headline == "the API key is in the log"
    assert one(Small, bench, case).result is Result.PASS


def test_a_request_astray_is_told_every_time(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(KnowsOneAddress, "address", f"http://127.0.0.1:{bench.server.port}/v1")
    examination = examined(KnowsOneAddress, bench, QUESTION)
    for _ in range(120):  # the server remembers a hundred
        assert examination.verdict(examination.exams[0]).headline == "the request went past the base URL"


# --- the user's environment --------------------------------------------------------------------


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"])
def test_proxies_are_ignored(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv(variable, "http://127.0.0.1:9")
    with Bench() as bench:
        assert variable not in os.environ
        assert one(Small, bench, ANSWER).result is Result.PASS
    assert os.environ[variable] == "http://127.0.0.1:9"


def test_the_users_keys_are_not_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    before = {"OPENAI_API_KEY": "sk-users-own", "OPENAI_BASE_URL": "http://x", "ACME_API_TOKEN": "t"}
    for name, value in before.items():
        monkeypatch.setenv(name, value)
    case = {**QUESTION, "then": {"sent": {"header": {"authorization": "Bearer none"}}}}
    given = {**case, "adapter": {"env": {"OPENAI_API_KEY": "sk-of-the-case"}}}
    with Bench() as bench:
        assert not before.keys() & os.environ.keys()
        assert one(UsesAnyKeyThereIs, bench, case).result is Result.PASS
        sent = one(UsesAnyKeyThereIs, bench, given).violations[0].got
        assert sent == "authorization: Bearer sk-of-the-case"
        assert one(UsesAnyKeyThereIs, bench, case).result is Result.PASS  # it is gone again
    assert {name: os.environ[name] for name in before} == before


def test_the_environment_of_the_configuration(bench: Bench) -> None:
    case = {**QUESTION, "then": {"sent": {"header": {"authorization": "Bearer {key}"}}}}
    assert one(UsesAnyKeyThereIs, bench, case, env={"OPENAI_API_KEY": "{key}"}).result is Result.PASS
    assert "OPENAI_API_KEY" not in os.environ


# --- the key -----------------------------------------------------------------------------------

LEAKS: list[dict[str, Any]] = [
    {"wire": {"error": "auth"}, "then": {"error": {"kind": ["server"]}}},
    {"then": {"reply": {"text": "x"}}},
    {"then": {"sent": {"legal": True, "known": True, "only": ["model"], "same": ["messages"]}}},
    {"then": {"sent": {"header": {"authorization": "x"}, "no_header": ["authorization"], "path": "/x"}}},
    {"then": {"secret_not_in": ["error", "logs", "repr", "url", "body"]}},
    {"ask": {"op": "stream"}, "then": {"stream": {"delivered": "x"}, "sent": {"legal": True}}},
    {"ask": {"op": "embed"}, "then": {"vectors": [[1.0]], "unchanged": True}},
    {"ask": {"op": "list_models"}, "then": {"models": ["x"]}},
    {"adapter": {"api_key": None}, "then": {"sent": {"header": {"authorization": "Bearer {key}"}}}},
    {"wire": {"body": "{key} {key}", "status": 401}, "then": {"reply": {"text": "x"}}},
    {"wire": {"fault": "refuse"}, "then": {"error": {"kind": ["network"], "says": ["x"]}}},
]


def test_the_key_is_in_no_verdict(bench: Bench) -> None:
    cases = [{**QUESTION, "wire": GOOD, **leak, "case": f"leak-{i}"} for i, leak in enumerate(LEAKS)]
    found = verdicts(examined(TellsEverybody, bench, *cases))
    assert {v.result for v in found.values()} == {Result.FAIL}
    for name, verdict in found.items():
        assert CANARY not in json.dumps(verdict.as_data()), name
        assert CANARY not in str(verdict), name


def test_the_key_is_in_no_kit_error(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError(f"broken by {CANARY}")

    monkeypatch.setattr("conformance.examination.judge", broken)
    verdict = one(Small, bench, ANSWER)
    assert verdict.result is Result.KIT_ERROR
    assert "broken by <the key>" in verdict.reason
    assert CANARY not in json.dumps(verdict.as_data())


# --- several at once ---------------------------------------------------------------------------


def test_examinations_in_threads_do_not_mix(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of these would be blamed for the others' sleeps, logs, hosts and variables."""
    monkeypatch.setattr(KnowsOneAddress, "address", "https://api.openai.com/v1")
    cases = [
        ANSWER,
        {**QUESTION, "case": "sleeps", "wire": {"error": "server"}, "then": {"waits_at_most": 0.05}},
        {**QUESTION, "case": "logs", "then": {"secret_not_in": ["logs"]}},
        {
            **QUESTION,
            "case": "variables",
            "adapter": {"env": {"OPENAI_API_KEY": "{key}"}},
            "then": {"sent": {"header": {"authorization": "Bearer {key}"}}},
        },
        {**QUESTION, "case": "door", "wire": {"fault": "refuse"}, "then": {"secret_not_in": ["logs"]}},
        {**QUESTION, "case": "no-variables", "then": {"sent": {"header": {"authorization": "Bearer {key}"}}}},
    ]
    adapters = [Small, Retries, Logs, UsesAnyKeyThereIs, GoesHome, KnowsOneAddress, Shouts, Small]

    def run(adapter: type) -> list[tuple[Any, ...]]:
        return [told(v) for v in verdicts(examined(adapter, bench, *cases)).values()]

    alone = [run(adapter) for adapter in adapters]
    start = threading.Barrier(len(adapters))

    def together(adapter: type) -> list[tuple[Any, ...]]:
        start.wait(10)
        return run(adapter)

    sleep = asyncio.sleep
    with ThreadPoolExecutor(len(adapters)) as pool:
        assert list(pool.map(together, adapters)) == alone
    assert asyncio.sleep is sleep
    assert {result for result, *_ in alone[0]} == {Result.PASS}
    assert all(Result.FAIL in {result for result, *_ in found} for found in alone[1:-1])


# --- the reference -----------------------------------------------------------------------------


class DeclaresLittle(OpenAIChat):
    """The reference, as it is where nothing but plain questions is declared."""

    capabilities = Capabilities(streaming=False, tools=False)


# For adapters that retry themselves, use an SDK, or can be asked in two ways.
OTHERS = {*(f"RAT-0{n}" for n in range(14, 19)), "LIF-009", "LIF-010", "LAW-009"}


def test_the_reference_passes_the_first_case_of_every_requirement(bench: Bench) -> None:
    """With everything declared, or with nothing, where a requirement is about what is not."""
    specs = ["conformance.reference:OpenAIChat", f"{__name__}:DeclaresLittle"]
    able, plain = (Examination(subject, bench, catalogue.load()) for subject in resolve(specs, {}))
    for examination, lacking in ((able, False), (plain, True)):
        first = {e.requirement.id: e for e in reversed(examination.exams) if bool(e.lacks) is lacking}
        found = {id: examination.verdict(exam) for id, exam in first.items()}
        assert {id: v.headline for id, v in found.items() if v.result is not Result.PASS and id not in OTHERS} == {}


def test_what_is_not_declared_is_not_judged_where_it_is(bench: Bench) -> None:
    asked = {"case": "tools", "proves": "REQ-001", "ask": {"tools": [{"name": "now"}]}, "lacks": ["tools"]}
    case = {**asked, "then": {"refused": "tools"}}
    found = one(Small, bench, case)
    assert (found.result, found.headline) == (Result.FAIL, "tools: asked for, not declared, and not refused")
    (able,) = verdicts(examined("conformance.reference:OpenAIChat", bench, case)).values()
    assert (able.result, able.reason) == (Result.UNSUPPORTED, "it declares tools=True")
    told = one(Small, bench, case, unsupported={"tools": "not here"})
    assert (told.result, told.reason) == (Result.UNSUPPORTED, "configured as unsupported: not here")


class HasNoModels(Small):
    list_models: Any = None


class LeavesModelsToOthers(Small):
    async def list_models(self) -> Any:
        raise NotImplementedError


@pytest.mark.parametrize("adapter", [HasNoModels, LeavesModelsToOthers])
def test_a_method_that_is_not_there_refuses(adapter: type, bench: Bench) -> None:
    case = {"case": "models", "proves": "REQ-001", "ask": {"op": "list_models"}, "then": {"refused": "model_listing"}}
    assert one(adapter, bench, case).result is Result.PASS
    assert one(Small, bench, case).headline == "model_listing: asked for, not declared, and not refused"


def test_ids_are_unique(bench: Bench) -> None:
    subject = resolve(["conformance.reference:OpenAIChat"], {})[0]
    ids = [e.id for e in Examination(subject, bench, catalogue.load()).exams]
    assert len(ids) == len(set(ids))

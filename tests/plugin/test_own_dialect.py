"""A wire protocol that exists nowhere else, described in the project that speaks it."""

from __future__ import annotations

import json

import pytest

from tests.plugin.runs import counts, run

FACTS = """
name: parrot
sources: [the parrot's own manual]
mount: /api
routes: {chat: [POST /talk]}
key: [{header: x-parrot-key}]
framing: ndjson
complete: ['"last": true']
good: {chat: plain}
errors: {auth: no-key, rate_limit: too-many}
required: {max_tokens: the parrot wants it}
untold:
  ask: {seed: the parrot has none, top_p: the parrot has none, reasoning_effort: the parrot does not reason}
  reply: {usage: a parrot does not count, model: it does not say, id: it does not say}
unsupported:
  REQ-009: the parrot cannot be stopped
  REQ-003/text-parts: the parrot hears texts only
"""

SCHEMA = {
    "type": "object",
    "required": ["engine", "lines"],
    "properties": {
        "engine": {"type": "string", "minLength": 1},
        "lines": {"type": "array", "minItems": 1, "items": {"type": "object"}},
        "drip": {"type": "boolean"},
        "heat": {"type": "number"},
        "most": {"type": "integer"},
    },
}

CASSETTE = """
provenance: {{origin: authored, source: the parrot's own manual, date: 2026-11-21}}
interactions:
- request: {{method: POST, uri: http://parrot.example/api/talk, body: "{{}}"}}
  response:
    status: {{code: {status}, message: X}}
    headers: {{Content-Type: [{kind}]}}
    body: {{string: {body}}}
"""

DIALECT = '''
    """What the parrot's schema cannot say."""

    from conformance.contract import Message, Request
    from conformance.dialects import Dialect, Read


    class Parrot(Dialect):
        reads = True

        def rules(self, exchange, body):
            if any(not line.get("text") for line in body["lines"]):
                yield "$.lines: the parrot takes no empty line"

        def read(self, exchange):
            body = exchange.json()
            messages = [Message(line["by"], line["text"]) for line in body["lines"]]
            request = Request(messages, model=body["engine"], temperature=body.get("heat"), max_tokens=body.get("most"))
            return Read(request, stream=bool(body.get("drip")))
'''

ADAPTER = '''
    """An adapter for the parrot, on httpx."""

    import json
    from email.utils import parsedate_to_datetime
    from time import time

    import httpx

    from conformance.contract import Capabilities, Done, ProviderError, Reply, TextDelta

    KINDS = {401: "auth", 402: "billing", 403: "permission", 404: "not_found", 408: "timeout", 429: "rate_limit"}


    class Parrot:
        name = "parrot"
        capabilities = Capabilities(tools=False)

        def __init__(self, api_key, base_url, model, timeout):
            self._key, self._url, self._model, self._timeout = api_key.strip(), base_url.rstrip("/"), model, timeout

        def error(self, text, kind, **more):
            return ProviderError(text.replace(self._key, "***"), kind=kind, provider=self.name, **more)

        def refused(self, response, text):
            status = response.status_code
            other = "malformed" if status < 300 else "invalid_request"
            kind = KINDS.get(status, "server" if status >= 500 else other)
            return self.error(text[:200], kind, status=status, retry_after=self.wait(response.headers))

        def wait(self, headers):
            told = headers.get("retry-after", "")
            try:
                return float(told) if 0 <= float(told) < float("inf") else None
            except ValueError:
                pass
            try:
                return max(0.0, parsedate_to_datetime(told).timestamp() - time())
            except ValueError:
                return None

        def asked(self, request, drip):
            texts = all(isinstance(m.content, str) for m in request.messages)
            if request.tools or request.response_schema or not texts:
                raise self.error("a parrot only talks", "unsupported")
            body = {
                "engine": request.model or self._model,
                "lines": [{"by": m.role, "text": m.content} for m in request.messages],
                "drip": drip,
                "most": 1000 if request.max_tokens is None else request.max_tokens,
            }
            return body if request.temperature is None else {**body, "heat": request.temperature}

        async def lines(self, response):
            rest = b""
            async for chunk in response.aiter_bytes():
                *whole, rest = (rest + chunk).split(b"\\n")
                for line in whole:
                    yield line
            if rest:
                yield rest

        async def stream(self, request, drip=True):
            said = ""
            body = json.dumps(self.asked(request, drip)).encode()
            try:
                async with (
                    httpx.AsyncClient(timeout=self._timeout) as client,
                    client.stream(
                        "POST",
                        f"{self._url}/talk",
                        content=body,
                        headers={"x-parrot-key": self._key, "content-type": "application/json"},
                    ) as response,
                ):
                    if response.status_code != 200:
                        raise self.refused(response, (await response.aread()).decode("utf-8", "replace"))
                    async for line in self.lines(response):
                        try:
                            data = json.loads(line)
                            text, last = data["says"] + "", bool(data.get("last"))
                        except (ValueError, KeyError, TypeError):
                            raise self.error("no parrot", "malformed") from None
                        said += text
                        yield TextDelta(text)
                        if last:
                            yield Done(Reply(said, "stop"))
                            return
            except httpx.TimeoutException as exc:
                raise self.error("late", "timeout") from exc
            except (httpx.TransportError, httpx.DecodingError) as exc:
                raise self.error(str(exc), "network") from exc
            raise self.error("cut", "malformed")

        async def generate(self, request):
            async for event in self.stream(request, drip=False):
                if isinstance(event, Done):
                    return event.reply
'''

PROJECT = """
[tool.conformance.dialects.parrot]
folder = "parrot"
dialect = "parrot_dialect:Parrot"

[tool.conformance.providers.polly]
provider = "polly:Parrot"
"""

RIVERS = ("The Nile, ", "the Amaz", "on and the Yangtze.")


def lines(*texts: str) -> str:
    return "".join(json.dumps({"says": t, "last": t is texts[-1]}) + "\n" for t in texts)


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    def cassette(name: str, body: str, kind: str = "application/json", status: int = 200) -> None:
        path = pytester.path / "parrot" / "cassettes" / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(CASSETTE.format(status=status, kind=kind, body=json.dumps(body)))

    cassette("plain", lines("Hello."))
    cassette("no-key", '{"squawk": "who are you?"}', status=401)
    cassette("too-many", '{"squawk": "slowly"}', status=429)
    cassette("replies/three-rivers", lines("".join(RIVERS)))
    cassette("streams/three-rivers", lines(*RIVERS), kind="application/x-ndjson")
    (pytester.path / "parrot" / "dialect.yaml").write_text(FACTS)
    (pytester.path / "parrot" / "schemas").mkdir()
    (pytester.path / "parrot" / "schemas" / "chat.json").write_text(json.dumps(SCHEMA))
    pytester.makepyprojecttoml(PROJECT)
    pytester.makepyfile(parrot_dialect=DIALECT, polly=ADAPTER)
    return pytester


def test_an_adapter_of_a_dialect_of_ones_own_is_judged(project: pytest.Pytester) -> None:
    result = run(project, "--provider=polly")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["*dialect      parrot (sent POST /talk; base URL ends with '/api')*"])
    result.stdout.fnmatch_lines(["polly: conformant: *"])
    assert counts(result)["passed"] > 100


def test_what_it_cannot_tell_is_not_judged(project: pytest.Pytester) -> None:
    run(project, "--provider=polly", "-k", "REQ-007", "--conformance-report=report.json")
    told = json.loads((project.path / "report.json").read_text("utf-8"))["providers"][0]["requirements"]
    cases = [case for rule in told if rule["id"] == "REQ-007" for case in rule["cases"]]
    assert {case["verdict"] for case in cases} == {"unsupported"}
    assert {case["reason"] for case in cases} == {"nothing that it looks at can be told in this dialect"}


BROKEN = """
    from conformance.contract import Done, Reply
    from polly import Parrot

    class Mute(Parrot):
        def asked(self, request, drip):
            return {**super().asked(request, drip), "lines": [{"by": "user", "text": ""}]}

    class Hasty(Parrot):
        async def stream(self, request, drip=True):
            said = ""
            try:
                async for event in super().stream(request, drip):
                    said += getattr(event, "text", "")
                    yield event
            except Exception:
                yield Done(Reply(said, "stop"))
"""


@pytest.mark.parametrize(
    ("adapter", "area", "line"),
    [
        ("Mute", "requests", "FAIL * REQ-001 the real API would reject this request*"),
        ("Hasty", "streaming", "FAIL * STR-007 a broken stream was returned as an answer*"),
    ],
)
def test_a_broken_one_is_found_out(project: pytest.Pytester, adapter: str, area: str, line: str) -> None:
    project.makepyfile(broken=BROKEN)
    result = run(project, f"--provider=broken:{adapter}", f"conformance/{area}")
    assert result.ret == 1
    result.stdout.fnmatch_lines([line])


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("pyproject.toml", 'folder = "parrot"', 'folder = "nest"'), "there is no nest/dialect.yaml"),
        (("pyproject.toml", "dialects.parrot", "dialects.crow"), "parrot/dialect.yaml is of the dialect 'parrot'"),
        (("pyproject.toml", "parrot_dialect:Parrot", "parrot_dialect:Crow"), "has no attribute 'Crow'"),
        (("parrot/dialect.yaml", "mount:", "mounted:"), "dialect.yaml is broken: mounted: Extra inputs"),
        (("parrot/dialect.yaml", "chat: plain", "chat: nothing"), "there is no cassette cassettes/nothing.yaml"),
    ],
)
def test_what_is_broken_is_said_in_one_sentence(
    project: pytest.Pytester, change: tuple[str, str, str], sentence: str
) -> None:
    name, old, new = change
    path = project.path / name
    path.write_text(path.read_text().replace(old, new))
    result = run(project, "--provider=polly")
    assert result.ret == 4
    assert "Traceback" not in result.stderr.str()
    result.stderr.fnmatch_lines([f"ERROR: pyproject.toml: tool.conformance.dialects.*: *{sentence}*"])

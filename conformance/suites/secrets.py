"""AUT and SEC: the key goes into its header and nowhere else, the prompt into the body and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from conformance.suites.evidence import Evidence
from conformance.then import Place, Then
from conformance.verdict import Violation

_PLACE: dict[Place, str] = {
    "error": "in the exception",
    "error_itself": "in the exception",
    "logs": "in the log",
    "repr": "in the adapter's repr",
    "url": "in the URL",
    "body": "in the request's body",
    "health": "in what the health check tells",
    "elsewhere": "in a request to another origin",
    "files": "in a file",
    "output": "in what was printed or warned of",
    "environment": "in the environment",
    "locals": "in the locals of a traceback",
    "pickle": "in the exception's pickle",
}


def secret(then: Then, evidence: Evidence) -> Iterator[Violation]:
    what = "password" if "{key}" in evidence.case.adapter.url else "API key"
    yield from _leaks(what, evidence.key, then.secret_not_in, evidence)


def prompt(then: Then, evidence: Evidence) -> Iterator[Violation]:
    said = evidence.case.ask.messages[-1].content
    assert isinstance(said, str)
    yield from _leaks("prompt", said, then.prompt_not_in, evidence)


def _leaks(what: str, text: str, places: Iterable[Place], evidence: Evidence) -> Iterator[Violation]:
    for place in places:
        if place in ("error", "error_itself", "locals", "pickle") and (evidence.error is None or evidence.hung):
            yield Violation("there is no error to look into", "an error", evidence.result())
            continue
        lines = (line for part in _texts(place, evidence) for line in part.splitlines())
        if line := next((line for line in lines if text in line), None):
            expected = f"no {what.removeprefix('API ')} there"
            yield Violation(f"the {what} is {_PLACE[place]}", expected, _around(line, text, evidence.key))


def _around(line: str, text: str, key: str) -> str:
    """The place where it stands, whatever the length of the line."""
    masked, sought = line.replace(key, "<the key>"), text.replace(key, "<the key>")
    return masked[max(0, masked.index(sought) - 200) :][:300]


def _texts(place: Place, evidence: Evidence) -> Iterator[str]:
    trace, error = evidence.trace, evidence.error
    if place in ("error", "health"):
        yield error.everything if error else ""
    if place == "error_itself":
        yield error.itself if error else ""
    elif place == "locals":
        yield error.locals if error else ""
    elif place == "pickle":
        yield error.pickled if error else ""
    elif place == "health":
        yield f"{trace.outcome.health!r}\n{trace.outcome.health_shown}"
    elif place == "logs":
        yield trace.logs
    elif place == "repr":
        yield trace.outcome.repr
    elif place == "output":
        yield trace.output
    elif place == "url":
        yield from (f"{e.path}?{e.query}" for e in trace.exchanges)
    elif place == "body":
        yield from (_text(e.body) for e in trace.exchanges)
    elif place == "environment":
        yield from (f"{name}={value}" for name, value in trace.environment.items())
    elif place == "files":
        yield from (f"{name}: {line}" for name, content in trace.files for line in _text(content).splitlines())
    elif place == "elsewhere":
        for exchange in evidence.elsewhere:
            yield f"{exchange.method} {exchange.path}?{exchange.query}"
            yield from (f"{name}: {value}" for name, value in exchange.headers)
            yield _text(exchange.body)


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace")

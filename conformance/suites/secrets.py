"""AUT: the key goes into its header and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.catalogue import Then
from conformance.suites.evidence import Evidence
from conformance.verdict import Violation

_PLACE = {
    "error": "in the exception",
    "logs": "in the log",
    "repr": "in the adapter's repr",
    "url": "in the URL",
    "body": "in the request's body",
    "health": "in what the health check tells",
}


def secret(then: Then, evidence: Evidence) -> Iterator[Violation]:
    trace = evidence.trace
    texts = {
        "error": evidence.error.everything if evidence.error else "",
        "logs": trace.logs,
        "repr": trace.outcome.repr,
        "url": "\n".join(f"{e.path}?{e.query}" for e in trace.exchanges),
        "health": f"{trace.outcome.health!r}\n{evidence.error.everything if evidence.error else ''}",
        "body": "\n".join(e.body.decode("utf-8", "replace") for e in trace.exchanges),
    }
    for place in then.secret_not_in:
        if place == "error" and (evidence.error is None or evidence.hung):
            yield Violation("there is no error to look into", "an error", evidence.result())
        elif evidence.key in texts[place]:
            line = next(t for t in texts[place].splitlines() if evidence.key in t)
            yield Violation(
                f"the API key is {_PLACE[place]}", "no key there", line.replace(evidence.key, "<the key>")[:300]
            )

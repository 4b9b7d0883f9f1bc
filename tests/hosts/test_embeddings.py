"""An `Embeddings` of LangChain alone is recognised by shape, and judged by what it is asked."""

from __future__ import annotations

from conformance.provider import resolve
from conformance.verdict import Result
from tests.hosts.embeddings import AsTheyCome, Embeddings
from tests.hosts.judging import failed, verdicts

SPEC = "tests.hosts.embeddings"


def test_it_is_recognised_and_has_nothing_else() -> None:
    (subject,) = resolve([f"{SPEC}:{Embeddings.__name__}"], {})
    assert subject.driver.host == "langchain"
    assert subject.host_why == "has aembed_documents, aembed_query, embed_documents, embed_query"
    assert [name for name, can in subject.capabilities.items() if can] == ["embeddings", "both_ways"]
    assert not subject.answers


def test_what_it_is_asked_is_judged_and_nothing_else() -> None:
    judged = verdicts(f"{SPEC}:{Embeddings.__name__}")
    met = {id for id, _, verdict in judged if verdict.result is Result.PASS}
    assert failed(judged, "MUST") == set()
    assert {"EMB-001", "EMB-002", "EMB-007", "RSP-020", "REQ-002", "ERR-029", "AUT-002", "MAL-011"} <= met
    asked = [verdict.reason for id, _, verdict in judged if id in ("REQ-001", "STR-001", "ERR-001")]
    assert set(asked) == {"it has embeddings, and answers nothing"}


def test_a_fault_is_found() -> None:
    judged = verdicts(f"{SPEC}:{AsTheyCome.__name__}")
    assert failed(judged, "MUST") == {"RSP-020", "MAL-011"}

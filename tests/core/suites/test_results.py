"""Embeddings, model lists and health."""

from __future__ import annotations

from conformance.contract import Health
from conformance.trace import Outcome
from tests.core.suites.evidence import EMBED, EMBEDDED, fails, headlines, models_request, passes

LIST = {"ask": {"op": "list_models"}}
HEALTH = {"ask": {"op": "health"}}


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

"""What a stream delivers, how it ends, and what is left open by who leaves it."""

from __future__ import annotations

from conformance.trace import Outcome
from tests.core.suites.evidence import STREAM, error, events, fails, headlines, passes, replace_exchange, request


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


def test_the_reasoning_delivered() -> None:
    want = {"stream": {"reasoned": "Hm. So."}}
    passes(want, Outcome(events=events("reasoning: Hm. ", "The", "reasoning: So.", "done")), case=STREAM)
    told = (
        "the reasoning delivered is not the reasoning sent",
        "reasoning deltas 'Hm. So.'",
        "reasoning deltas 'Hm. '",
    )
    fails(want, *told, Outcome(events=events("reasoning: Hm. ", "So.", "done")), case=STREAM)

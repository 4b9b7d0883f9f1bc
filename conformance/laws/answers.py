"""Laws of one answer: told in other frames, in other JSON, in a stream or whole, or cut."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from conformance.case import Case, Wire
from conformance.laws import Example, Scenes, Stage, words
from conformance.replay.framing import Framing
from conformance.replay.rewriting import NAMES, VALUES
from conformance.scene import script
from conformance.then import Call as CalledThen
from conformance.then import ErrorThen, ReplyThen, StreamThen, Then

# What every reader of the dialect has to take; the rest is advice.
FRAMES = ("crlf", "no-space", "comments", "fields", "foreign-events", "padding", "gzip")
READS = ("bytewise", "at-once", "by-event")
REWRITTEN = (
    *("reordered-keys", "empty-deltas", "null-deltas", "finish-twice"),
    *("usage-early", "usage-late", "usage-twice", "usage-null"),
)


# --- the same events in other frames ---------------------------------------------------------------


def framings(stage: Stage, _: Case) -> st.SearchStrategy[Example]:
    frames = [f for f in FRAMES if f != "gzip" and not stage.dialect.facts.why_unchanged(f)]
    splits = st.one_of(
        st.integers(2, 400).map("split@every:{}".format),
        st.lists(st.integers(1, 3000), min_size=1, max_size=12).map(lambda at: f"split@at:{','.join(map(str, at))}"),
        st.sampled_from(READS),
    )
    return st.fixed_dictionaries(
        {
            "of": st.sampled_from(stage.bases("stream")),
            "frames": st.lists(st.sampled_from(frames), max_size=3, unique=True),
            "packed": st.booleans(),
            "reads": splits,
        }
    )


def framed(stage: Stage, _: Case, example: Example) -> Scenes:
    packed = ["gzip"] if example["packed"] else []
    yield from _changed(stage, example["of"], [*sorted(example["frames"], key=FRAMES.index), *packed, example["reads"]])


def _changed(stage: Stage, name: str, transform: list[str]) -> Scenes:
    """The case, its answer told in another way: all that it expects still holds."""
    if base := stage.base(name):
        yield [with_wire(base, transform=transform)]


# --- the same answer in other JSON -----------------------------------------------------------------


def jsons(stage: Stage, case: Case) -> st.SearchStrategy[Example]:
    added = st.tuples(st.integers(0, 60), st.sampled_from(NAMES) | words.text(), st.sampled_from(VALUES) | words.text())
    told = REWRITTEN if case.ask.op == "stream" else REWRITTEN[:1]
    rewritten = [name for name in told if not stage.dialect.facts.why_unchanged(name)]
    return st.fixed_dictionaries(
        {
            "of": st.sampled_from(stage.bases(case.ask.op)),
            "added": st.lists(added.map(list), max_size=8),
            "also": st.lists(st.sampled_from(rewritten), max_size=2, unique=True),
        }
    )


def rewritten(stage: Stage, _: Case, example: Example) -> Scenes:
    added = [f"unknown-fields@{json.dumps(example['added'])}"] if example["added"] else []
    yield from _changed(stage, example["of"], [*added, *example["also"]])


# --- cut ---------------------------------------------------------------------------------------------


def cuts(stage: Stage, case: Case) -> st.SearchStrategy[Example]:
    return st.fixed_dictionaries(
        {
            "pieces": words.pieces(),
            "events": st.integers(0, 12),
            "thousandths": st.just(0) | st.integers(1, 999),
            "close": st.sampled_from(("clean", "fin", "reset")),
        }
    )


def cut(stage: Stage, case: Case, example: Example) -> Scenes:
    """Whatever is there of an answer that is not complete: an error, after all the text that came whole."""
    pieces, close = example["pieces"], example["close"]
    wire = case.answers[0]
    told = f"text@{json.dumps(pieces)}"
    facts = stage.dialect.facts
    framing = Framing(facts.framing, tuple(mark.encode() for mark in facts.complete))
    events = script(wire.model_copy(update={"transform": [told]}), stage.dialect).chunks
    whole = min(example["events"], framing.complete_from(events) - 1)
    first = _first_piece(events, wire, stage)
    before = "".join(pieces[: max(0, whole - first)])
    stream = StreamThen().model_copy(update={"prefix_of": "".join(pieces)})
    if close != "reset":  # what was on its way may be lost
        stream = stream.model_copy(update={"at_least": before})
    then = Then(error=ErrorThen(kind=["network", "malformed"]), stream=stream)
    yield [with_wire(case, then=then, transform=[told, f"cut@event:{whole}:{example['thousandths']}"], close=close)]


def _first_piece(events: Any, wire: Wire, stage: Stage) -> int:
    """The event with the first piece: where two retellings begin to differ."""
    other = script(wire.model_copy(update={"transform": ['text@["\ue000"]']}), stage.dialect).chunks
    return next((i for i, event in enumerate(other) if "\ue000".encode() in event), len(events))


# --- whole, or in a stream ---------------------------------------------------------------------------


def retellings(_: Stage, case: Case) -> st.SearchStrategy[Example]:
    if case.ask.tools:
        every = st.integers(1, 20)
        return st.fixed_dictionaries({"arguments": words.arguments(), "ascii": st.booleans(), "every": every})
    return st.fixed_dictionaries({"pieces": words.pieces()})


def both_ways(_: Stage, case: Case, example: Example) -> Scenes:
    """What a whole answer gave is what its stream has to give."""
    whole, streamed = case.answers
    told, wanted = _told(example)
    first = with_wire(case, whole, transform=[told], then=Then(reply=wanted))
    (trace,) = yield [asking(first, op="generate")]
    reply = trace.outcome.reply
    same: dict[str, Any] = {"finish_reason": [reply.finish_reason]}
    if not case.ask.tools:
        same["usage"] = {n: getattr(reply.usage, n, None) for n in ("input_tokens", "output_tokens", "total_tokens")}
    then = Then(reply=wanted.model_copy(update=same))
    yield [asking(with_wire(case, streamed, transform=[told], then=then), op="stream")]


def _told(example: Example) -> tuple[str, ReplyThen]:
    if "pieces" in example:
        pieces = example["pieces"]
        return f"text@{json.dumps(pieces)}", ReplyThen().model_copy(update={"text": "".join(pieces)})
    said = json.dumps(example["arguments"], ensure_ascii=example["ascii"])
    call = CalledThen(name="get_weather", arguments=example["arguments"])
    return f"arguments@{json.dumps(words.cut(said, example['every']))}", ReplyThen(tool_calls=[call], text="")


# --- making cases --------------------------------------------------------------------------------------


def with_wire(case: Case, wire: Wire | None = None, *, then: Then | None = None, **changes: Any) -> Case:
    """The case with another answer, and no law. Not validated: what was drawn has no longhand to be written out."""
    answer = (wire or case.answers[0]).model_copy(update=changes)
    return case.model_copy(update={"law": None, "wire": answer, "then": then or case.then})


def asking(case: Case, **changes: Any) -> Case:
    return case.model_copy(update={"ask": case.ask.model_copy(update=changes)})

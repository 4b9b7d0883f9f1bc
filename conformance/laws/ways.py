"""The law of both ways: asked plainly an adapter answers as it does where it is awaited."""

from __future__ import annotations

import json

from hypothesis import strategies as st

from conformance.case import Case
from conformance.laws import Example, Scenes, Stage, words
from conformance.laws.answers import asking, with_wire
from conformance.suites.ways import ended
from conformance.then import Then

# After a reset it is luck what has come.
CUTS = st.tuples(st.integers(0, 12), st.integers(0, 999), st.sampled_from(("clean", "fin"))).map(list)


def questions(_: Stage, case: Case) -> st.SearchStrategy[Example]:
    """One of the answers of the case; what is a cassette is retold, and a stream may be cut."""
    drawn: dict[str, st.SearchStrategy[object]] = {"answer": st.integers(0, len(case.answers) - 1)}
    if case.answers[0].cassette:
        drawn["said"] = words.arguments().map(lambda a: [json.dumps(a)]) if case.ask.tools else words.pieces()
        if case.ask.op == "stream":
            drawn["cut"] = st.none() | CUTS
    return st.fixed_dictionaries(drawn)


def either_way(_: Stage, case: Case, example: Example) -> Scenes:
    """However the call ended, the same question that is asked in the other way ends so."""
    wire = case.answers[example["answer"]]
    if "said" in example:
        told = f"{'arguments' if case.ask.tools else 'text'}@{json.dumps(example['said'])}"
        whole, part, close = example.get("cut") or (None, 0, "complete")
        cut = [] if whole is None else [f"cut@event:{whole}:{part}"]
        wire = wire.model_copy(update={"transform": [told, *cut], "close": close})
    (trace,) = yield [with_wire(case, wire, then=Then())]
    then = Then(ends_as=ended(trace.outcome))
    yield [asking(with_wire(case, wire, then=then), way="other")]

"""The data: requirements, cases and cassettes belong together, and what is broken is named in one sentence."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from conformance import cassettes, catalogue, dialects
from conformance.case import Case
from conformance.catalogue import BrokenCatalogue, Catalogue
from conformance.contract import ERROR_KINDS, Image
from conformance.dialects import Dialect
from conformance.laws import answers
from conformance.paths import FIXTURES
from conformance.replay import transforms
from conformance.requirement import Requirement
from conformance.scene import script
from conformance.suites import CLAUSES, _looks

ALL = catalogue.load()
DIALECT = dialects.load("openai-chat")
GEMINI = dialects.load("gemini")
RULES = list(ALL.requirements.values())

# Requirements that every good stream is asked for, with a wire that changes nothing, or cuts.
FOR_EACH_STREAM = ("STR-004", "STR-005", "STR-006", "STR-007", "STR-008")

# Transforms that only `conformance derive` shows, each with its reason.
ONLY_SHOWN = {
    "mixed": "a stream of two line ends is read by the same rules as of one, which STR-029 only advises for CR",
}

# Cassettes that no case plays, each with its reason.
SPARE = {"recorded/embeddings-base64": "its vectors are too long to be written into a case"}


def name(case: Case) -> str:
    return f"{case.proves}/{case.case}"


# --- requirements ------------------------------------------------------------------------------


def test_each_requirement_has_a_case_or_is_for_files() -> None:
    assert [r.id for r in RULES if bool(ALL.of(r.id)) == bool(r.lint or r.box)] == []
    assert [r.id for r in RULES if bool(r.lint) != (r.area == "manifests")] == []
    assert [r.id for r in RULES if bool(r.box) != (r.area == "packaging")] == []


def test_each_requirement_lies_in_the_file_of_its_area() -> None:
    for area in {r.area for r in RULES}:
        text = (FIXTURES / "requirements" / f"{area}.yaml").read_text("utf-8")
        assert [r.id for r in RULES if r.area == area and f"- id: {r.id}\n" not in text] == []


def test_each_requirement_is_told_in_whole_sentences() -> None:
    assert [r.id for r in RULES for t in (r.text, r.why) if not t.endswith(".") or "\n" in t] == []
    assert [r.id for r in RULES if not all(r.sources)] == []


def test_what_comes_before_exists_and_is_no_circle() -> None:
    for rule in RULES:
        assert set(rule.after) <= set(ALL.requirements)
        assert rule.id not in before(rule.id)


def before(id: str) -> set[str]:
    found: set[str] = set()
    todo = [*ALL.requirements[id].after]
    while todo:
        found.add(following := todo.pop())
        todo += set(ALL.requirements[following].after) - found
    return found


def test_a_prerequisite_can_be_judged_wherever_the_requirement_can() -> None:
    """Else an adapter without the capability would be blocked by what it was never asked."""
    for rule in RULES:
        for earlier in rule.after:
            assert set(ALL.requirements[earlier].needs) <= set(rule.needs), f"{rule.id} after {earlier}"


# --- cases -------------------------------------------------------------------------------------


def test_names_are_unique_within_a_requirement() -> None:
    for dialect in dialects.names():
        names = [name(c) for c in ALL.cases if c.dialect in (None, dialect)]
        assert sorted(names) == sorted(set(names))


def test_what_the_wire_answers_can_be_played() -> None:
    for case in ALL.cases:
        for wire in (w for part in case.parts for w in part.answers):
            told = dialects.load(case.dialect) if case.dialect else DIALECT
            played = script(wire, told)  # raises where there is no such cassette or transform
            assert (played.fault is None) == (wire.fault is None), name(case)


def test_each_case_looks_at_something() -> None:
    """A law makes what it looks at."""
    cases = [c for c in ALL.cases if not c.law]
    looks = [name(c) for c in cases if any(map(looked_at, (c, *c.parts)))]
    assert looks == [name(c) for c in cases]
    assert [name(c) for c in cases if not all(map(looked_at, c.parts))] == []
    empty = [name(c) for c in ALL.cases for then in c.then.either if not any(_looks(then, k) for k in CLAUSES)]
    assert empty == []


def looked_at(case: Case) -> bool:
    return any(_looks(then, clause) for then in (case.then, *case.then.either) for clause in CLAUSES)


def test_capabilities_that_a_case_uses_are_those_that_it_needs() -> None:
    """Or wants undeclared."""
    assert {name(c): missing for c in ALL.cases if (missing := set().union(*map(uses, c.parts)) - named(c))} == {}


def named(case: Case) -> set[str]:
    rule = ALL.requirements[case.proves]
    return {*rule.needs, *case.needs, *rule.lacks, *case.lacks}


def uses(case: Case) -> set[str]:
    used = {{"stream": "streaming", "embed": "embeddings", "list_models": "model_listing"}.get(case.ask.op, "")}
    replies = [then.reply for then in (case.then, *case.then.either) if then.reply]
    if case.ask.tools or any(m.tool_calls for m in case.ask.messages) or any(reply.tool_calls for reply in replies):
        used.add("tools")
    if any(isinstance(part, Image) for m in case.ask.messages for part in m.content):
        used.add("images")
    if case.ask.response_schema:
        used.add("structured_output")
    if case.ask.cancel:
        used.add("cancellation")
    elif case.waits or any(wire.fault == "connect_timeout" for wire in case.answers):
        used.add("timeout")
    return used - {""}


def test_every_plain_stream_has_its_twins() -> None:
    plain = [c for c in ALL.cases if c.plain_stream and ALL.requirements[c.proves].level == "MUST"]
    assert len(plain) > 30
    for id in FOR_EACH_STREAM:
        twins = [(t.ask, t.answers[0].cassette) for t in ALL.of(id)]
        wanted = [c for c in plain if c.then.reply or id != "STR-007"]
        assert [name(c) for c in wanted if (c.ask, c.answers[0].cassette) not in twins] == []


def test_a_twin_expects_the_same_of_another_wire() -> None:
    expected = [(c.answers[0].cassette, c.then.reply, c.then.error) for c in ALL.cases if c.plain_stream]
    for id in FOR_EACH_STREAM:
        for twin in (c for c in ALL.of(id) if not c.alone):
            assert twin.answers[0].transform
            told = (twin.answers[0].cassette, twin.then.reply, twin.then.error)
            assert id == "STR-007" or told in expected, name(twin)
            assert id != "STR-007" or twin.then.error is not None


def test_a_twin_needs_what_its_original_needs() -> None:
    """An adapter without tools is not asked to read a stream of tool calls."""
    for twin in ALL.of("STR-004"):
        if twin.then.reply and twin.then.reply.tool_calls:
            assert "tools" in twin.needs


def test_a_stream_that_is_left_or_proves_something_else_has_none() -> None:
    names = {c.case for c in ALL.of("STR-005")}
    assert "three-rivers" in names
    assert not names & {"left", "done-without-finish", "pings", "nothing"}


@pytest.mark.parametrize("dialect", [DIALECT, GEMINI], ids=lambda d: d.name)
def test_every_cassette_is_used(dialect: Dialect) -> None:
    used = (
        {w.cassette for c in ALL.cases for w in c.answers if c.dialect in (None, dialect.name)}
        | set(dialect.facts.good.values())
        | set(dialect.facts.errors.values())
    )
    used |= {dialect.facts.same_as.get(name or "") for name in used}
    spare = set(SPARE) if dialect is DIALECT else set()
    assert set(cassettes.names(dialect.name)) - used == spare


@pytest.mark.parametrize("dialect", [DIALECT, GEMINI], ids=lambda d: d.name)
def test_every_cassette_of_the_dialect_exists(dialect: Dialect) -> None:
    facts = dialect.facts
    assert {*facts.good.values(), *facts.errors.values()} <= set(cassettes.names(dialect.name))
    assert set(facts.errors) <= set(ERROR_KINDS)
    assert set(facts.good) == set(facts.routes)


def test_what_a_dialect_lacks_is_asked_for_by_a_case() -> None:
    cases = {c.proves for c in ALL.cases} | {name(c) for c in ALL.cases}
    asked = {n for c in ALL.cases for w in c.answers for n in (w.cassette, f"error:{w.error}") if n}
    assert set(GEMINI.facts.unsupported) <= cases
    assert [p for p in GEMINI.facts.absent if not any(fnmatchcase(n, p) for n in asked)] == []
    assert set(GEMINI.facts.same_as) <= asked


def test_every_transform_is_used() -> None:
    asked = [w.transform for c in ALL.cases for w in c.answers]
    named = {re.split("[@:]", t)[0] for names in asked for t in ([names] if isinstance(names, str) else names)}
    drawn = {*answers.FRAMES, *answers.READS, *answers.REWRITTEN, "split", "unknown-fields", "cut"}
    drawn |= {"spoil", "corrupt", "html", "error"}
    retold = {"text", "arguments"}
    assert named | drawn | retold | set(ONLY_SHOWN) == set(transforms.TRANSFORMS)
    assert not named & set(ONLY_SHOWN)


# --- broken data -------------------------------------------------------------------------------

REQUIREMENT = "- {id: STR-001, level: MUST, text: t, why: w, sources: [s]}\n"
CASE = "- {case: one, proves: STR-001, wire: {cassette: streams/unicode}, then: {stream: {one_end: true}}}\n"


def after(earlier: str, id: str = "STR-001") -> str:
    return REQUIREMENT.replace("STR-001", id).replace("}", f", after: [{earlier}]}}")


def load(folder: Path, requirements: str = REQUIREMENT, cases: str = CASE) -> Catalogue:
    for kind, text in (("requirements", requirements), ("cases", cases)):
        (folder / kind).mkdir()
        (folder / kind / "streaming.yaml").write_text(text, "utf-8")
    return catalogue.load(folder)


def test_loading(tmp_path: Path) -> None:
    loaded = load(tmp_path)
    assert list(loaded.requirements) == ["STR-001"]
    assert [c.case for c in loaded.of("STR-001")] == ["one"]
    assert loaded.of("STR-002") == []


def test_empty_files(tmp_path: Path) -> None:
    assert load(tmp_path, "", "# nothing yet\n").cases == []


@pytest.mark.parametrize(
    ("requirements", "complaint"),
    [
        (REQUIREMENT.replace("why", "because"), "STR-001: why: Field required"),
        (REQUIREMENT.replace("}", ", extra: 1}"), "STR-001: extra: there is no such key"),
        (REQUIREMENT.replace("STR-001", "STR-1"), "STR-1: id: String should match pattern"),
        (REQUIREMENT.replace("MUST", "WILL"), "STR-001: level: Input should be 'MUST', 'SHOULD' or 'MAY'"),
        (REQUIREMENT.replace("[s]", "[]"), "STR-001: sources: List should have at least 1 item"),
        (REQUIREMENT.replace("id: STR-001, ", ""), "entry 1: id: Field required"),
        ("- just a text\n", "entry 1: Input should be a valid dictionary"),
        ("id: STR-001\n", "it must be a list, not a dict"),
        ("- {id: STR-001\n- x", "line "),
        ("- a\n\tb: c\n", "line 2: "),
    ],
)
def test_broken_requirements(tmp_path: Path, requirements: str, complaint: str) -> None:
    assert broken(tmp_path, requirements=requirements).startswith(f"requirements/streaming.yaml is broken: {complaint}")


@pytest.mark.parametrize(
    ("cases", "complaint"),
    [
        (CASE.replace("wire:", "wires:"), "one: wires: there is no such key"),
        (CASE.replace("cassette:", "casette:"), "one: wire."),
        (CASE.replace("one_end:", "one_ending:"), "one: then.stream.one_ending: there is no such key"),
        (
            CASE.replace("{one_end: true}", "{one_end: maybe}"),
            "one: then.stream.one_end: Input should be a valid boolean",
        ),
        (CASE.replace("case: one", "case: One Case"), "One Case: case: String should match pattern"),
        (CASE.replace("wire: {cassette: streams/unicode}", "wire: []"), "one: wire."),
        (CASE.replace("wire:", "ask: {op: chat}, wire:"), "one: ask.op: Input should be 'generate', 'stream'"),
        (
            CASE.replace("wire:", "ask: {messages: [{role: user, text: x}]}, wire:"),
            "one: ask.messages.0.text: there is no",
        ),
        (CASE.replace("wire:", "ask: {messages: [{role: model}]}, wire:"), "one: ask.messages.0.role: Input should be"),
        (CASE.replace("wire:", "ask: {tools: [{name: x, schema: {}}]}, wire:"), "one: ask.tools.0.schema: there is no"),
        (CASE.replace("{stream:", "{sent: {same: [tempreature]}, stream:"), "one: then.sent.same.0: Input should be"),
        (CASE.replace("{stream:", "{error: {kind: []}, stream:"), "one: then.error.kind: List should have at least 1"),
        (CASE.replace("{stream:", "{error: {kind: [oops]}, stream:"), "one: then.error.kind.0: Input should be 'auth'"),
        (CASE.replace("{stream:", "{unchanged: false, stream:"), "one: then.unchanged: Input should be True"),
        ("- {case: 1", "line "),
    ],
)
def test_broken_cases(tmp_path: Path, cases: str, complaint: str) -> None:
    assert broken(tmp_path, cases=cases).startswith(f"cases/streaming.yaml is broken: {complaint}")


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    load(tmp_path)
    (tmp_path / "cases" / "streaming.yaml").write_bytes(b"- \xff\xfe\n")
    catalogue.load.cache_clear()
    with pytest.raises(BrokenCatalogue, match=r"^cases/streaming\.yaml is broken: .*utf-8"):
        catalogue.load(tmp_path)


@pytest.mark.parametrize(
    ("requirements", "cases", "complaint"),
    [
        (REQUIREMENT, CASE.replace("STR-001", "STR-009"), "case one proves STR-009, which is no requirement"),
        (REQUIREMENT, CASE * 2, "there are two cases STR-001/one"),
        (REQUIREMENT * 2, CASE, "there are two requirements STR-001"),
        (after("STR-002"), CASE, "STR-001 comes after STR-002, which is no requirement"),
        (after("STR-001"), CASE, "STR-001 comes after STR-001: a circle"),
        (
            after("STR-002") + after("STR-003", "STR-002") + after("STR-001", "STR-003"),
            CASE,
            "STR-001 comes after STR-002 comes after STR-003 comes after STR-001: a circle",
        ),
    ],
)
def test_what_does_not_fit_together(tmp_path: Path, requirements: str, cases: str, complaint: str) -> None:
    assert broken(tmp_path, requirements, cases) == complaint


def broken(folder: Path, requirements: str = REQUIREMENT, cases: str = CASE) -> str:
    with pytest.raises(BrokenCatalogue) as caught:
        load(folder, requirements, cases)
    text = str(caught.value)
    assert "\n" not in text
    assert len(text) < 400
    assert "pydantic" not in text
    return text


def test_what_is_only_advised_blocks_nothing() -> None:
    """An adapter that does without it would else be called broken."""
    for case in ALL.cases:
        levels = {ALL.requirements[id].level for id in case.after}
        assert levels <= {"MUST"}, name(case)
    rules = {"text": "t", "why": "w", "sources": ["s"]}
    advised = Requirement(id="RSP-001", level="SHOULD", **rules)
    demanded = Requirement(id="RSP-002", level="MUST", after=["RSP-001"], **rules)
    with pytest.raises(BrokenCatalogue, match="RSP-002 is demanded and comes after RSP-001, which is only advised"):
        Catalogue([advised, demanded], [])

"""`conformance known-failures update`: writes the file from a run, and leaves as it is what a person wrote in it.

Each entry is a block of lines, with the comments right above it. A block is changed by tomlkit, or goes as a whole.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from conformance import config
from conformance.commands import add_providers, named
from conformance.examination import Exam
from conformance.hushed import hushed
from conformance.known_failures import HEAD, TO_DO, BadKnownFailures, Entry, KnownFailures, fingerprint, read
from conformance.run import Run, Unusable, known_file, shown
from conformance.verdict import Result

USAGE = 4
HEADING = """\
# Failures that are known: they do not fail the run while they stay as they are. Each needs a reason and a link.
"""
States = dict[str, dict[str, dict[str, str]]]  # of each provider and requirement: how each case fails, "" if it passes


def add_to(commands: Any) -> None:
    known = commands.add_parser("known-failures", help="writes the file of failures that are known")
    actions = known.add_subparsers(dest="action", metavar="ACTION", required=True)
    update = actions.add_parser(
        "update",
        help="from a run",
        description="Judges the adapter and writes what fails into the file: new entries, whose reason and link are "
        "to be filled in; without what passes now. Comments and order stay.",
        epilog="example: conformance known-failures update --provider=acme --link https://github.com/acme/acme/issues/7",
    )
    update.add_argument("ids", nargs="*", metavar="ID", help="only of these requirements, such as STR-007")
    add_providers(update)
    update.add_argument("--file", type=Path, metavar="PATH", help="by default that of the project in this folder")
    update.add_argument("--reason", default=TO_DO, help="of new entries")
    update.add_argument("--link", default=TO_DO, help="of new entries")
    update.add_argument("--strict", action="store_true", help="new entries of what is only advised, too")
    update.add_argument("--set", metavar="NAME", help="the requirement set")
    update.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    folder, here = Path.cwd(), str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        path = known_file(given.file, folder, config.load(folder).known_failures)
        name = shown(path, folder)
        entries = read(path, name) if path.is_file() else []
        ids = [id.upper() for id in given.ids]
        with hushed() as say, closing(Run(named(given), folder, known=KnownFailures(), chosen=given.set)) as made:
            _refuse_unknown(ids, made)
            states, demanded = _judged(made, ids, say, strict=given.strict)
            rules = {id for e in made.examinations for id in e.catalogue.requirements}
        before = path.read_text("utf-8") if path.is_file() else ""
        file = _File(before, entries)
        told = [*file.mend(states, rules, whole=not ids), *file.add(states, demanded, given.reason, given.link)]
        if file.text != before:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(file.text, encoding="utf-8")
    except (Unusable, BadKnownFailures, config.BadConfig, OSError) as exc:
        print(f"conformance: {exc}", file=sys.stderr)
        return USAGE
    print("\n".join([*told, f"{name}: {'nothing to change' if file.text == before else 'written'}"]))
    return 0


def _refuse_unknown(ids: Sequence[str], made: Run) -> None:
    there = {e.requirement.id for e in made.exams}
    if unknown := [id for id in ids if id not in there]:
        raise Unusable(f"there is no requirement {unknown[0]} for it; `conformance list` shows all")


def _judged(
    made: Run, ids: Sequence[str], say: Callable[[str], None], *, strict: bool
) -> tuple[States, set[tuple[str, str]]]:
    """How each case fails; and the provider and id of what may become an entry."""
    states: States = {}
    demanded = set()
    for examination in made.examinations:
        exams = [e for e in examination.exams if not ids or e.requirement.id in ids]
        examination.expect(exams)
        of = states.setdefault(examination.subject.label, {})
        for n, exam in enumerate(exams, 1):
            verdict = examination.verdict(exam)
            if verdict.result is Result.KIT_ERROR:
                raise Unusable(f"{exam.id}: the kit failed, not the adapter: run pytest to see how")
            cases = of.setdefault(exam.requirement.id, {})
            if verdict.result in (Result.PASS, Result.FAIL):
                cases[exam.case.case] = fingerprint(verdict.headline) if verdict.result is Result.FAIL else ""
            if _counts(exam, strict=strict):
                demanded.add((exam.label, exam.requirement.id))
            say(f"{exam.label}: {n} of {len(exams)} cases")
    return states, demanded


def _counts(exam: Exam, *, strict: bool) -> bool:
    return not exam.finding and (strict or exam.requirement.level == "MUST")


class _File:
    """The text: what stands before the first entry, and a block for each."""

    def __init__(self, text: str, entries: Sequence[Entry]) -> None:
        self._entries = list(entries)
        starts = [_with_comments(text, m.start()) for m in HEAD.finditer(text)]
        ends = [*starts[1:], len(text)][: len(starts)]
        self._before = text[: starts[0]] if starts else text or HEADING
        self._blocks: list[str | None] = [text[a:b] for a, b in zip(starts, ends, strict=True)]

    @property
    def text(self) -> str:
        blocks = "".join(filter(None, self._blocks))
        return self._before + blocks if blocks or self._before != HEADING else ""

    def mend(self, states: States, rules: set[str], *, whole: bool) -> Iterator[str]:
        """Takes out what passes, and brings what fails up to date. Says so, a line each."""
        for n, entry in enumerate(self._entries):
            of = [states[label] for label in states if entry.is_of(label)]
            judged = [s[entry.requirement] for s in of if entry.requirement in s]
            if not of or not (judged or whole):
                continue
            covered = [c for s in judged for c in s if entry.covers(c)]
            failing = {c: said for s in judged for c, said in s.items() if said and entry.covers(c)}
            if not failing:
                self._blocks[n] = _left_of(self._blocks[n] or "")
                why = (
                    "fails no more"
                    if covered
                    else "is not judged"
                    if entry.requirement in rules
                    else "is no requirement"
                )
                yield f"removed: {entry.requirement} {why}"
                continue
            alike = {c: said for s in judged for c, said in s.items() if said in entry.fingerprint}
            cases = None if entry.cases is None else [c for c in entry.cases if c in failing]
            if cases is not None:
                taken = {c for e in self._entries if e.requirement == entry.requirement for c in e.cases or ()}
                cases += [c for c in alike if c not in taken]
            seen = list(dict.fromkeys({**failing, **(alike if cases else {})}.values()))
            changed = {*seen} - {*entry.fingerprint}
            self._entries[n] = entry.model_copy(update={"cases": cases and tuple(cases), "fingerprint": tuple(seen)})
            if self._entries[n] != entry:
                self._blocks[n] = _edited(self._blocks[n] or "", cases, seen, entry)
                yield f"{'changed' if changed else 'updated'}: {entry.requirement}" + (
                    ": see whether its reason still holds" if changed else ""
                )

    def add(self, states: States, demanded: set[tuple[str, str]], reason: str, link: str) -> Iterator[str]:
        """A new entry for each requirement that fails, where no other covers it."""
        for label, rules in states.items():
            mine = [e for e in self._entries if e.is_of(label)]
            for id, cases in rules.items():
                known = [e for e in mine if e.requirement == id]
                new = {c: said for c, said in cases.items() if said and not any(e.covers(c) for e in known)}
                if new and (label, id) in demanded:
                    row: dict[str, Any] = {"provider": label, "requirement": id}
                    if len(new) < len(cases):
                        row["cases"] = _list(list(new))
                    row |= {"reason": reason, "link": link, "fingerprint": _list(list(dict.fromkeys(new.values())))}
                    self._append(row)
                    yield f"added: {id}: {next(iter(new.values()))}"

    def _append(self, row: dict[str, Any]) -> None:
        import tomlkit  # noqa: PLC0415 - only here and below

        table = tomlkit.table()
        table.update(row)
        entries = tomlkit.aot()
        entries.append(table)
        document = tomlkit.document()
        document["failure"] = entries
        gap = "" if self.text.endswith("\n\n") else "\n" if self.text.endswith("\n") else "\n\n"
        self._blocks.append(gap + tomlkit.dumps(document))


def _with_comments(text: str, start: int) -> int:
    """Where the block of the table at `start` begins: with the comments right above it."""
    while (above := re.search(r"^[ \t]*#[^\n]*\n\Z", text[:start], re.MULTILINE)) is not None:
        start = above.start()
    return start


def _left_of(block: str) -> str:
    """What a block that goes leaves behind: comments that stand apart after it."""
    found = re.search(r"\n[ \t]*\n((?:[ \t]*(?:#[^\n]*)?\n)*)\Z", block)
    return found[1] if found and "#" in found[1] else ""


def _edited(block: str, cases: list[str] | None, seen: list[str], entry: Entry) -> str:
    import tomlkit  # noqa: PLC0415

    document = tomlkit.parse(block)
    table: Any = document["failure"][0]
    if cases is not None and tuple(cases) != entry.cases:
        table["cases"] = _list(cases)
    if tuple(seen) != entry.fingerprint:
        table["fingerprint"] = _list(seen)
    return tomlkit.dumps(document)


def _list(texts: Sequence[str]) -> Any:
    """On one line where it is short."""
    import tomlkit  # noqa: PLC0415

    made = tomlkit.array()
    made.extend(texts)
    return made.multiline(sum(map(len, texts)) > 90 and len(texts) > 1)

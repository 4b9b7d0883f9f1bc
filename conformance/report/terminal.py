"""What the terminal shows beyond pytest's own: the header, one story per requirement, the table by area."""

from __future__ import annotations

import platform
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any, cast

import pytest

from conformance import __version__
from conformance.examination import Examination
from conformance.known_failures import Judged, problems
from conformance.report import github, origin
from conformance.report.footer import footer
from conformance.report.level import finding, sentence
from conformance.report.model import COLUMNS, KnownFailuresRow, ProviderRow, Report, is_wrong, provider_row
from conformance.report.outputs import Outputs
from conformance.report.story import Story
from conformance.requirement import AREAS
from conformance.run import Run

WIDTH = max(map(len, AREAS.values())) + 1
COLOUR = {
    "fail": "red",
    "kit error": "red",
    "vacuous": "red",
    "blocked": "yellow",
    "advice": "yellow",
    "known failure": "yellow",
}
NAMED = 4  # of what one failure blocks
FEW = 3  # cases of which advice is told in full without being asked for
BAD = 1
KIT_ERROR = 3


class Terminal:
    """Gathers the verdicts from the reports, from this process or from workers."""

    def __init__(self, config: pytest.Config, run: Run) -> None:
        self.config = config
        self.run = run
        self.told: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)  # provider -> "STR-007/case" -> verdict
        self.first: dict[tuple[str, ...], str] = {}  # the first failure of each requirement, in a manifest of each file
        self.advice: dict[str, dict[str, str]] = defaultdict(dict)  # provider -> requirement -> its first story
        self.rows: list[ProviderRow] = []
        self.problems: list[str] = []  # with the known-failures file
        self.written: list[str] = []

    def pytest_report_header(self) -> list[str]:
        return [line for e in self.run.examinations for line in _header(e, self.run)]

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        told: dict[str, Any] | None = getattr(report, "conformance", None)
        if told is None:
            return
        self.told[told["provider"]][f"{told['requirement']}/{told['case']}"] = told
        if report.failed and told["result"] == "fail":
            self._told_once(report, told)
        if told["result"] == "fail" and told["advice"] and isinstance(report.longrepr, tuple):
            story = str(report.longrepr[2]).removeprefix("Skipped: ")
            self.advice[told["provider"]].setdefault(told["requirement"], story)
        if isinstance(report.longrepr, str):
            report.longrepr = cast("Any", Story(report.longrepr))

    def _told_once(self, report: pytest.TestReport, told: dict[str, Any]) -> None:
        """Ten cases of one requirement fail for one reason: the story is told by the first."""
        key = (told["provider"], told["requirement"], told["manifest"])
        if key in self.first:
            told["again"] = True
            report.longrepr = f"{str(report.longrepr).partition(chr(10))[0]}\n  told by {self.first[key]}"
        self.first.setdefault(key, report.nodeid)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Blocked is not conformant, whatever else was selected, unless what blocks it is known; a fault of the kit is
        never the adapter's."""
        every = [told for cases in self.told.values() for told in cases.values()]
        if not self.config.option.collectonly:
            self.problems = self._problems()
        if any(told["result"] == "kit error" for told in every):
            session.exitstatus = KIT_ERROR
        elif exitstatus == 0 and (self.problems or any(map(is_wrong, every))):
            session.exitstatus = BAD
        if not self.config.option.collectonly:
            self.rows = [provider_row(e, self.told[e.subject.label]) for e in self.run.examinations]
            self._write(int(session.exitstatus))

    def _problems(self) -> list[str]:
        judged = {}
        for examination in self.run.examinations:
            cases: dict[str, list[str]] = defaultdict(list)
            for exam in examination.exams:
                cases[exam.requirement.id].append(exam.case.case)
            judged[examination.subject.label] = Judged(cases, self.told[examination.subject.label])
        ids = [id for e in self.run.examinations for id in e.catalogue.requirements]
        return problems(self.run.known, judged, ids)

    def _write(self, exit_code: int) -> None:
        outputs = Outputs(*(self.config.getoption(f"--conformance-{name}") for name in ("report", "html", "badge")))
        if outputs or github.in_actions():
            subjects = [e.subject for e in self.run.examinations]
            self.rows = [
                row.model_copy(update=origin.of(subject, self.config.rootpath))
                for row, subject in zip(self.rows, subjects, strict=True)
            ]
            known = self.run.known
            told = KnownFailuresRow(file=known.name, entries=len(known.entries), problems=self.problems)
            report = Report(
                python=platform.python_version(),
                exit_code=exit_code,
                set=self.run.set.set,
                strict=bool(self.config.getoption("--conformance-strict")),
                known_failures=told if known.name else None,
                providers=self.rows,
                footer=footer(self.rows),
            )
            self.written = outputs.write(report, self.config.invocation_params.dir)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        for row in self.rows:
            if any(r.cases for r in row.requirements):
                self._advise(terminalreporter, row)
                self._table(terminalreporter, row)
        for line in self.problems:
            terminalreporter.write_line(line, red=True, bold=True)
        for line in (*self.written, *github.commands(self.rows)):
            terminalreporter.write_line(line)

    def _advise(self, out: pytest.TerminalReporter, row: ProviderRow) -> None:
        """In full where that is asked for, as pytest does with what is skipped, or where there is little else."""
        if self.advice[row.label] and self._tells_all(out, row):
            out.section(f"advice for {row.label}", sep="=")
            for story in self.advice[row.label].values():
                out.write_line(f"{story}\n")

    def _tells_all(self, out: pytest.TerminalReporter, row: ProviderRow) -> bool:
        return out.hasopt("s") or len(self.told[row.label]) <= FEW

    def _table(self, out: pytest.TerminalReporter, row: ProviderRow) -> None:
        out.section(f"conformance of {row.label}", sep="=")
        for line, colour in _findings(row):
            out.write_line(line, **{colour: True})
        if self.advice[row.label] and not self._tells_all(out, row):
            out.write_line(f"{'':<12}advice in full, with what was sent and what came: pytest -rs")
        shown = [c for c in COLUMNS if row.counts.get(c)]
        out.write_line(f"{'area':<{WIDTH}}" + "".join(f"{c.removesuffix(' failure'):>13}" for c in shown))
        mine = {r.area for r in row.requirements}
        for area in (a for a in self.run.areas if a in mine):
            counts: Counter[str] = Counter(r.verdict for r in row.requirements if r.area == area)
            out.write_line(f"{area:<{WIDTH}}" + "".join(f"{counts[c] or '·':>13}" for c in shown))
        out.write_line(f"{'requirements':<{WIDTH}}" + "".join(f"{row.counts[c]:>13}" for c in shown))
        colour = "green" if row.conformant else "yellow" if row.but_for else "red"
        out.write_line(sentence(row), **{colour: True, "bold": True})


def _header(examination: Examination, run: Run) -> Iterator[str]:
    subject, spoken = examination.subject, examination.examiner.spoken
    able = [n for n, can in subject.capabilities.items() if can and not subject.cannot(n)]
    unable = [n for n in subject.capabilities if n not in able]
    yield f"conformance {__version__}: {subject.label} ({subject.spec})"
    yield f"  host         {subject.driver.host} ({subject.host_why})"
    address = "address fixed" if spoken.fixed else f"base URL ends with {spoken.mount or 'nothing'!r}"
    yield f"  dialect      {spoken.dialect.name} ({spoken.why}; {address})"
    yield f"  capabilities {', '.join(able) or 'none'}" + (f"; not {', '.join(unable)}" if unable else "")
    if subject.vendors is not None:
        yield f"  vendors      {', '.join(subject.vendors) or 'none'}: demanded, and no other vendor's forms"
    way = f", where what it sends to {spoken.address} is brought" if spoken.fixed else ""
    n, cases = len(examination.requirements), len(examination.exams)
    yield f"  judged by    {n} requirements in {cases} cases, over loopback{way}"
    yield f"  set          {run.set.set}"
    if mine := [e for e in run.known.entries if e.is_of(subject.label)]:
        yield f"  known        {len(mine)} failures, says {run.known.name}"


def _findings(row: ProviderRow) -> Iterator[tuple[str, str]]:
    """One line for each requirement that was not met, the first case's words; what one failure blocks is one line."""
    blocked: dict[str, list[str]] = defaultdict(list)
    for rule in row.requirements:
        if rule.verdict == "blocked":
            why = next((c.reason for c in rule.cases if c.verdict == "blocked"), "").strip().split("\n")[-1]
            blocked[why].append(rule.id)
            continue
        bad = [c for c in rule.cases if c.verdict == rule.verdict]
        if rule.verdict in COLOUR and bad:
            many = f" ({len(bad)} of {len(rule.cases)} cases)" if len(rule.cases) > 1 else ""
            why = f": {bad[0].known}" if rule.verdict == "known failure" else ""
            word = rule.verdict.upper().removesuffix(" FAILURE")
            yield f"{word:<12}{rule.id} {finding(rule)}{many}{why}", COLOUR[rule.verdict]
    for why, ids in blocked.items():
        named = ", ".join(ids[:NAMED]) + (f" and {len(ids) - NAMED} more" if len(ids) > NAMED else "")
        yield f"{'BLOCKED':<12}{named} {why}", COLOUR["blocked"]

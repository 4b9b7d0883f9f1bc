"""What the terminal shows beyond pytest's own: the header, one story per requirement, the table by area."""

from __future__ import annotations

import platform
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

import pytest

from conformance import __version__
from conformance.catalogue import AREAS
from conformance.examination import Examination
from conformance.report import github, origin
from conformance.report.footer import footer
from conformance.report.level import finding, sentence
from conformance.report.model import COLUMNS, ProviderRow, Report, provider_row
from conformance.report.outputs import Outputs
from conformance.run import Run

WIDTH = max(map(len, AREAS.values())) + 1
COLOUR = {"fail": "red", "kit error": "red", "vacuous": "red", "blocked": "yellow", "advice": "yellow"}
NAMED = 4  # of what one failure blocks
BAD = 1
KIT_ERROR = 3


class Terminal:
    """Gathers the verdicts from the reports, from this process or from workers."""

    def __init__(self, config: pytest.Config, run: Run) -> None:
        self.config = config
        self.run = run
        self.told: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)  # provider -> "STR-007/case" -> verdict
        self.first: dict[tuple[str, str], str] = {}  # the first failure of each requirement
        self.rows: list[ProviderRow] = []
        self.written: list[str] = []

    def pytest_report_header(self) -> list[str]:
        return [line for e in self.run.examinations for line in _header(e)]

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        told: dict[str, Any] | None = getattr(report, "conformance", None)
        if told is None:
            return
        self.told[told["provider"]][f"{told['requirement']}/{told['case']}"] = told
        if report.failed and told["result"] == "fail":
            self._told_once(report, told)

    def _told_once(self, report: pytest.TestReport, told: dict[str, Any]) -> None:
        """Ten cases of one requirement fail for one reason: the story is told by the first."""
        key = (told["provider"], told["requirement"])
        if key in self.first:
            told["again"] = True
            report.longrepr = f"{str(report.longrepr).partition(chr(10))[0]}\n  told by {self.first[key]}"
        self.first.setdefault(key, report.nodeid)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Blocked is not conformant, whatever else was selected; a fault of the kit is never the adapter's."""
        results = {told["result"] for cases in self.told.values() for told in cases.values()}
        if "kit error" in results:
            session.exitstatus = KIT_ERROR
        elif "blocked" in results and exitstatus == 0:
            session.exitstatus = BAD
        if not self.config.option.collectonly:
            self.rows = [provider_row(e, self.told[e.subject.label]) for e in self.run.examinations]
            self._write(int(session.exitstatus))

    def _write(self, exit_code: int) -> None:
        outputs = Outputs(*(self.config.getoption(f"--conformance-{name}") for name in ("report", "html", "badge")))
        if outputs or github.in_actions():
            subjects = [e.subject for e in self.run.examinations]
            self.rows = [
                row.model_copy(update=origin.of(subject, self.config.rootpath))
                for row, subject in zip(self.rows, subjects, strict=True)
            ]
            python = platform.python_version()
            report = Report(python=python, exit_code=exit_code, providers=self.rows, footer=footer(self.rows))
            self.written = outputs.write(report, self.config.invocation_params.dir)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        for row in self.rows:
            if any(r.cases for r in row.requirements):
                self._table(terminalreporter, row)
        for line in (*self.written, *github.commands(self.rows)):
            terminalreporter.write_line(line)

    def _table(self, out: pytest.TerminalReporter, row: ProviderRow) -> None:
        out.section(f"conformance of {row.label}", sep="=")
        for line, colour in _findings(row):
            out.write_line(line, **{colour: True})
        shown = [c for c in COLUMNS if row.counts.get(c)]
        out.write_line(f"{'area':<{WIDTH}}" + "".join(f"{c:>13}" for c in shown))
        mine = {r.area for r in row.requirements}
        for area in (a for a in self.run.areas if a in mine):
            counts: Counter[str] = Counter(r.verdict for r in row.requirements if r.area == area)
            out.write_line(f"{area:<{WIDTH}}" + "".join(f"{counts[c] or '·':>13}" for c in shown))
        out.write_line(f"{'requirements':<{WIDTH}}" + "".join(f"{row.counts[c]:>13}" for c in shown))
        colour = "green" if row.conformant else "red"
        out.write_line(sentence(row), **{colour: True, "bold": True})


def _header(examination: Examination) -> Iterator[str]:
    subject, spoken = examination.subject, examination.examiner.spoken
    able = [n for n, can in subject.capabilities.items() if can and not subject.cannot(n)]
    unable = [n for n in subject.capabilities if n not in able]
    yield f"conformance {__version__}: {subject.label} ({subject.spec})"
    yield f"  host         {subject.driver.host} ({subject.host_why})"
    address = "address fixed" if spoken.fixed else f"base URL ends with {spoken.mount or 'nothing'!r}"
    yield f"  dialect      {spoken.dialect.name} ({spoken.why}; {address})"
    yield f"  capabilities {', '.join(able)}" + (f"; not {', '.join(unable)}" if unable else "")
    if subject.vendors is not None:
        yield f"  vendors      {', '.join(subject.vendors) or 'none'}: demanded, and no other vendor's forms"
    way = f", where what it sends to {spoken.address} is brought" if spoken.fixed else ""
    n, cases = len(examination.requirements), len(examination.exams)
    yield f"  judged by    {n} requirements in {cases} cases, over loopback{way}"


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
            yield f"{rule.verdict.upper():<12}{rule.id} {finding(rule)}{many}", COLOUR[rule.verdict]
    for why, ids in blocked.items():
        named = ", ".join(ids[:NAMED]) + (f" and {len(ids) - NAMED} more" if len(ids) > NAMED else "")
        yield f"{'BLOCKED':<12}{named} {why}", COLOUR["blocked"]

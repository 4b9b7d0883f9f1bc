"""The pytest plugin: a thin face of the examination. Without `--provider` it does nothing.

Items are no Python functions: settings and fixtures of the project around them do not reach them,
and their ids (`conformance/streaming::STR-007[MyProvider/three-rivers]`) are those of the catalogue.
Everything heavier than pytest is imported only when there is a provider.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Generator, Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conformance.examination import Exam, Examination
    from conformance.run import Run
    from conformance.verdict import Verdict

ANCHOR = Path(__file__).parent / "suites" / "ANCHOR"
RUN: pytest.StashKey[Run] = pytest.StashKey()
VERDICTS = ("unsupported", "blocked", "advice")  # shown under their own names


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("conformance", "conformance of LLM provider adapters")
    group.addoption(
        "--provider",
        action="append",
        metavar="SPEC",
        help="judge this adapter: module:attribute (a class, a factory or an instance), an entry point of the group "
        "conformance.providers, or a name of [tool.conformance.providers]; may be given more than once",
    )
    group.addoption(
        "--conformance-report", metavar="PATH", help="write the verdicts as JSON to this file (schema: report.json)"
    )
    group.addoption(
        "--conformance-strict", action="store_true", help="a SHOULD that is not met fails the run, as a MUST does"
    )


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config, args: list[str]) -> None:
    """Only the suites run, unless paths are given."""
    known = early_config.known_args_namespace
    if known.provider and not known.file_or_dir:
        args.append(str(ANCHOR))


def pytest_configure(config: pytest.Config) -> None:
    specs = config.getoption("--provider", None)
    if not specs:
        return
    here = str(config.invocation_params.dir)
    if here not in sys.path:
        sys.path.insert(0, here)  # the `pytest` command, unlike `python -m pytest`, leaves it out
    config.args[:] = [_from_id(a, config) for a in config.args]

    from conformance.run import Run, Unusable  # noqa: PLC0415 - see above

    try:
        run = Run(specs, config.rootpath)
    except Unusable as exc:
        raise pytest.UsageError(str(exc)) from None
    config.stash[RUN] = run
    config.add_cleanup(run.close)
    config.addinivalue_line("markers", "conformance(requirement, level, provider): a case of the conformance kit")
    if not hasattr(config, "workerinput"):
        from conformance.report.terminal import Terminal  # noqa: PLC0415

        config.pluginmanager.register(Terminal(config, run), "conformance-terminal")


def _from_id(arg: str, config: pytest.Config) -> str:
    """Our ids are no paths: `conformance/streaming::STR-007` is a place under the anchor."""
    found = re.match(r"(?:\.\./)*conformance(?:/([a-z-]+))?(?:::(.*))?$", arg, re.S)
    if not found or (config.invocation_params.dir / arg.partition("::")[0]).exists():
        return arg
    return "::".join([str(ANCHOR), *(part for part in found.groups() if part)])


# --- collection --------------------------------------------------------------------------------


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    if file_path == ANCHOR and RUN in parent.config.stash:
        return Suites.from_parent(parent, path=file_path, nodeid="conformance")
    return None


class Suites(pytest.File):
    """All areas."""

    def collect(self) -> Iterator[pytest.Collector]:
        from conformance.catalogue import AREAS  # noqa: PLC0415

        for area in AREAS.values():
            yield Area.from_parent(self, name=area, nodeid=f"conformance/{area}")


class Area(pytest.Collector):
    """One area: the cases of its requirements, for every provider."""

    def collect(self) -> Iterator[pytest.Item]:
        for examination in self.config.stash[RUN].examinations:
            for exam in examination.exams:
                if exam.requirement.area == self.name:
                    # Given as a text, pytest takes the id apart as it does with one from its cache.
                    nodeid = f"{self.nodeid}::{exam.id}"
                    yield Case.from_parent(self, name=exam.id, nodeid=nodeid, exam=exam, examination=examination)


class Case(pytest.Item):
    """One case: passes, or raises what pytest shows."""

    def __init__(self, *, exam: Exam, examination: Examination, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.exam = exam
        self.examination = examination
        rule = exam.requirement
        mark = pytest.mark.conformance(requirement=rule.id, level=rule.level, provider=exam.label)
        self.add_marker(mark)
        self.extra_keyword_matches.update((rule.id, rule.level, rule.area))

    @cached_property
    def verdict(self) -> Verdict:
        return self.examination.verdict(self.exam)

    def runtest(self) -> None:
        from conformance.report.failure import told  # noqa: PLC0415
        from conformance.verdict import Result  # noqa: PLC0415

        verdict, rule = self.verdict, self.exam.requirement
        if verdict.result in (Result.UNSUPPORTED, Result.BLOCKED):
            raise pytest.skip.Exception(f"{rule.id}: {verdict.reason}", _use_item_location=True)
        if verdict.result is not Result.PASS:
            text = told(self.exam, verdict, self.nodeid, self.examination.subject.spec)
            if verdict.result is Result.FAIL and self.is_advice:
                raise pytest.skip.Exception(text, _use_item_location=True)
            raise Nonconforming(text)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The story as it is; a bare text also keeps pytest from writing the exception's name before it."""
        if isinstance(excinfo.value, Nonconforming):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    @property
    def is_advice(self) -> bool:
        return self.exam.requirement.level != "MUST" and not self.config.getoption("--conformance-strict")

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.config.rootpath / "conformance" / self.exam.requirement.area, 0, self.name


class Nonconforming(Exception):
    """The adapter is not right. Its text is all that is shown: a traceback through the kit helps nobody."""


# --- reporting ---------------------------------------------------------------------------------


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    """Puts the verdict on the report, as plain data: it may have to travel from a worker process."""
    if isinstance(item, Case) and call.when == "call":
        rule = item.exam.requirement
        item.user_properties += [("requirement", rule.id), ("level", rule.level), ("verdict", str(item.verdict.result))]
    report = yield
    if isinstance(item, Case) and call.when == "call":
        report.conformance = {
            "provider": item.exam.label,
            "requirement": item.exam.requirement.id,
            "case": item.exam.case.case,
            "advice": item.is_advice,
            **item.verdict.as_data(),
        }
    return report


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str] | None:
    told: dict[str, Any] | None = getattr(report, "conformance", None)
    if told is None or report.when != "call":
        return None
    word = "advice" if told["result"] == "fail" and told["advice"] else told["result"]
    if told.get("again"):
        return "failed alike", "F", "FAILED"  # the story was told by the first case of this requirement
    return (word, word[0], word.upper()) if word in VERDICTS else None

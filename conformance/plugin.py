"""The pytest plugin: a thin face of the examination. Without `--provider` it does nothing.

Items are no Python functions: settings and fixtures of the project around them do not reach them,
and their ids (`conformance/streaming::STR-007[MyProvider/three-rivers]`) are those of the catalogue.
Everything heavier than pytest is imported only when there is a provider.
"""

from __future__ import annotations

import gc
import os
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
    from conformance.shard import Shard
    from conformance.verdict import Verdict

ANCHOR = Path(__file__).parent / "suites" / "ANCHOR"
# As printed, from wherever pytest was started: `conformance`, `conformance/streaming::STR-007`, `../conformance/…`.
ID = re.compile(r"(?:.*/)?conformance(?:/([a-z-]+)(?:::(.*))?)?$", re.DOTALL)
RUN: pytest.StashKey[Run] = pytest.StashKey()
SHARD: pytest.StashKey[Shard | None] = pytest.StashKey()
STATUS: pytest.StashKey[int] = pytest.StashKey()
VERDICTS = ("unsupported", "blocked", "advice", "known")  # shown under their own names


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
        "--provider-command",
        action="append",
        metavar="COMMAND",
        help="judge the adapter in the process that this command line starts, in any language: it speaks in JSON "
        "lines on stdin and stdout (docs/process-protocol.md)",
    )
    group.addoption(
        "--conformance-report", metavar="PATH", help="write the verdicts as JSON to this file (schema: report.json)"
    )
    group.addoption("--conformance-html", metavar="PATH", help="write them as one HTML page that can be searched")
    group.addoption("--conformance-badge", metavar="PATH", help="write a badge as SVG, for each provider one")
    group.addoption(
        "--conformance-examples",
        type=int,
        metavar="N",
        help="try each law with so many examples; fewer by default, and the same ones in every run",
    )
    group.addoption(
        "--conformance-example", metavar="JSON", help="try laws with this example only, which a failure has shown"
    )
    group.addoption(
        "--conformance-known-failures",
        metavar="PATH",
        help="failures that are known and do not fail the run; by default conformance-known-failures.toml, where it is",
    )
    group.addoption(
        "--conformance-set",
        metavar="NAME",
        help="the requirements that count, such as 2026.1, or next for all that there is; by default the newest set",
    )
    group.addoption(
        "--conformance-shard",
        metavar="N/OF",
        help="run a part of what is selected, such as 1/3: the parts together are the whole, and "
        "`conformance merge` makes one report of theirs",
    )
    group.addoption(
        "--conformance-strict", action="store_true", help="a SHOULD that is not met fails the run, as a MUST does"
    )
    group.addoption(
        "--conformance-isolate",
        action="store_true",
        help="call the adapter in a process of its own: what crashes, never returns to Python or takes all memory "
        "then costs one case, not the run",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config, args: list[str]) -> None:
    """Only the suites run, unless paths are given."""
    known = early_config.known_args_namespace
    if (known.provider or known.provider_command) and not _gives_paths(early_config):
        args.insert(0, str(ANCHOR))  # first: an option at the end may take a value, and `--debug` would write to it


def _gives_paths(config: pytest.Config) -> bool:
    """What is no path may be the value of an option that a conftest file has yet to define."""
    known = config.known_args_namespace
    return any(known.pyargs or ID.match(a) or _exists(a, config) for a in known.file_or_dir)


def pytest_configure(config: pytest.Config) -> None:
    given, commands = config.getoption("--provider", None) or [], config.getoption("--provider-command", None) or []
    if not given and not commands:
        return
    # The `pytest` command, unlike `python -m pytest`, leaves the current folder out; and that may be below the root.
    here, root = str(config.invocation_params.dir), str(config.rootpath)
    if here not in sys.path:
        sys.path.insert(0, here)
    if root not in sys.path:
        sys.path.append(root)
    _refuse_folder(config)

    from conformance.run import Run, Unusable  # noqa: PLC0415
    from conformance.shard import BadShard, read  # noqa: PLC0415
    from conformance.subject import Command  # noqa: PLC0415 - see above

    try:
        part = config.getoption("--conformance-shard")
        config.stash[SHARD] = read(part) if part else None
        examples, example = (config.getoption(f"--conformance-{name}") for name in ("examples", "example"))
        isolated = config.getoption("--conformance-isolate")
        file, chosen = (config.getoption(f"--conformance-{name}") for name in ("known-failures", "set"))
        known = config.invocation_params.dir / file if file else None
        providers = [*given, *map(Command, commands)]
        run = Run(
            providers,
            config.rootpath,
            isolated=isolated,
            examples=examples,
            example=example,
            known=known,
            chosen=chosen,
        )
    except (Unusable, BadShard) as exc:
        raise pytest.UsageError(str(exc)) from None
    config.stash[RUN] = run
    config.add_cleanup(run.close)
    config.args[:] = [_from_id(a, config, run) for a in config.args]
    config.addinivalue_line("markers", "conformance(requirement, level, provider): a case of the conformance kit")
    if not hasattr(config, "workerinput"):
        from conformance.report.terminal import Terminal  # noqa: PLC0415

        config.pluginmanager.register(Terminal(config, run), "conformance-terminal")


def _refuse_folder(config: pytest.Config) -> None:
    """Better now than after the run."""
    for option in ("report", "html", "badge"):
        path = config.getoption(f"--conformance-{option}")
        if path and (config.invocation_params.dir / path).is_dir():
            raise pytest.UsageError(f"--conformance-{option}={path} is a folder; name a file in it")


def _from_id(arg: str, config: pytest.Config, run: Run) -> str:
    """Our ids are no paths: `conformance/streaming::STR-007` is a place under the anchor."""
    found = ID.match(arg)
    if not found or _exists(arg, config):
        return arg
    area, name = found.groups()
    if area and area not in run.areas:
        raise pytest.UsageError(f"there is no area {area!r} ({arg}); there are {', '.join(run.areas)}")
    if name and not any(e.requirement.area == area and name in (e.id, e.requirement.id) for e in run.exams):
        raise pytest.UsageError(f"no case is called {arg}; `pytest --provider=… --collect-only -q` shows all")
    return "::".join([str(ANCHOR), *(part for part in (area, name) if part)])


def _exists(arg: str, config: pytest.Config) -> bool:
    return (config.invocation_params.dir / arg.partition("::")[0]).exists()


# --- collection --------------------------------------------------------------------------------


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Generator[None, Any, Any]:
    """What a conftest file does to the project's items, such as reading `item.function`, is not meant for ours."""
    config, name = session.config, "pytest_collection_modifyitems"
    if RUN not in config.stash or not all(a.startswith(str(ANCHOR)) for a in config.args):
        return (yield)
    everybody = getattr(config.hook, name)
    setattr(config.hook, name, config.pluginmanager.subset_hook_caller(name, _conftests(config)))
    try:
        return (yield)
    finally:
        setattr(config.hook, name, everybody)


def _conftests(config: pytest.Config) -> list[object]:
    return [p for p in config.pluginmanager.get_plugins() if Path(getattr(p, "__file__", "") or "").stem == "conftest"]


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    if file_path == ANCHOR and RUN in parent.config.stash:
        return Suites.from_parent(parent, path=file_path, nodeid="conformance")
    return None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """After `-k` and `-m`: what they select is divided."""
    shard = config.stash.get(SHARD, None)
    if shard is None:
        return
    mine = shard.takes(item.exam.requirement.id for item in items if isinstance(item, Case))
    left = [item for item in items if isinstance(item, Case) and item.exam.requirement.id not in mine]
    items[:] = [item for item in items if not isinstance(item, Case) or item.exam.requirement.id in mine]
    config.hook.pytest_deselected(items=left)


class Suites(pytest.File):
    """All areas."""

    def collect(self) -> Iterator[pytest.Collector]:
        for area in self.config.stash[RUN].areas:
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
        self.add_marker(pytest.mark.filterwarnings("default"))  # a project that makes them errors is judged alike
        self.extra_keyword_matches.update((rule.id, rule.level, rule.area))

    @cached_property
    def ihook(self) -> Any:
        """Without the hooks of the project's conftest files, even where the kit is installed in a folder below them."""
        return self.session.gethookproxy(Path(ANCHOR.anchor))

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
            text = told(self.exam, verdict, self.nodeid, self.examination.subject.option)
            if verdict.result is Result.KNOWN or (verdict.result is Result.FAIL and self.is_advice):
                raise pytest.skip.Exception(text, _use_item_location=True)
            raise Nonconforming(text)

    def told(self) -> dict[str, Any]:
        """The verdict as plain data, for reports."""
        from conformance.report.failure import again  # noqa: PLC0415

        verdict, bad = self.verdict, bool(self.verdict.violations)
        return {
            "provider": self.exam.label,
            "requirement": self.exam.requirement.id,
            "case": self.exam.case.case,
            "manifest": self.exam.manifest,
            "advice": self.is_advice,
            "finding": self.exam.finding,
            "rerun": again(self.exam, verdict, self.nodeid, self.examination.subject.option) if bad else "",
            **verdict.as_data(),
        }

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The story as it is; a bare text also keeps pytest from writing the exception's name before it."""
        if isinstance(excinfo.value, Nonconforming):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    @property
    def is_advice(self) -> bool:
        strict = self.config.getoption("--conformance-strict")
        return self.exam.finding or (self.exam.requirement.level != "MUST" and not strict)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.config.rootpath / "conformance" / self.exam.requirement.area, 0, self.name


class Nonconforming(Exception):
    """The adapter is not right. Its text is all that is shown: a traceback through the kit helps nobody."""


def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """What the adapter left lying about is swept up by the last case, which has no ears for warnings."""
    if isinstance(item, Case) and nextitem is None:
        gc.collect()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Says what will be asked for; not where somebody debugs, who wants one thing at a time."""
    config = session.config
    if RUN in config.stash:
        gc.freeze()  # the catalogue and the items stay: no collection of garbage need look at them
    if RUN in config.stash and not (config.option.usepdb or config.option.trace or config.option.collectonly):
        for examination in config.stash[RUN].examinations:
            items = (i for i in session.items if isinstance(i, Case) and i.examination is examination)
            examination.expect([item.exam for item in items])


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if RUN in session.config.stash:
        session.config.stash[STATUS] = int(session.exitstatus)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """An adapter's thread that waits for ever would have Python wait for it at the end."""
    if RUN in config.stash:
        gc.unfreeze()
    if STATUS not in config.stash:
        return
    from conformance import deadline  # noqa: PLC0415

    if deadline.stuck():
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(config.stash[STATUS])


# --- reporting ---------------------------------------------------------------------------------


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    """Puts the verdict on the report, as plain data: it may have to travel from a worker process."""
    if isinstance(item, Case) and call.when == "call":
        rule, advice = item.exam.requirement, item.is_advice and item.verdict.result == "fail"
        word = "advice" if advice else str(item.verdict.result)
        item.user_properties += [("requirement", rule.id), ("level", rule.level), ("verdict", word)]
    report = yield
    if isinstance(item, Case):
        from conformance.report.clean import clean, printable  # noqa: PLC0415

        if call.when == "call":
            report.conformance = clean(item.told())
        report.sections = [(name, printable(text)) for name, text in report.sections]
        if isinstance(report.longrepr, tuple):  # of what was skipped: file, line, reason
            report.longrepr = (*report.longrepr[:2], printable(report.longrepr[2]))
    return report


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str] | None:
    told: dict[str, Any] | None = getattr(report, "conformance", None)
    if told is None or report.when != "call":
        return None
    word = "advice" if told["result"] == "fail" and told["advice"] else told["result"].removesuffix(" failure")
    if told.get("again"):
        return "failed alike", "F", "FAILED"  # the story was told by the first case of this requirement
    return (word, word[0], word.upper()) if word in VERDICTS else None

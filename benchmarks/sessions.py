"""Whole pytest sessions, each in a process of its own, in a folder without any settings."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.figures import Cost
from conformance import catalogue
from conformance.case import Case
from conformance.examination import Exam

PLUGIN = ("-p", "conformance.plugin")
JUDGE = (*PLUGIN, "--provider=conformance.reference:OpenAIChat")
COLLECT = "--collect-only"
OK, NO_TESTS = 0, 5


@contextmanager
def folder(files: dict[str, str]) -> Iterator[Path]:
    """A temporary folder with these files in it."""
    with tempfile.TemporaryDirectory() as path:
        for name, text in files.items():
            Path(path, name).write_text(text, encoding="utf-8")
        yield Path(path)


def pytest_session(where: Path, *args: str) -> Cost:
    """One quiet session. Third-party plugins are off: their weight is not ours, and differs from machine to machine."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "PYTHON"))}
    env["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *args]
    with tempfile.TemporaryFile() as output:
        started = time.perf_counter()
        process = subprocess.Popen(command, cwd=where, env=env, stdout=output, stderr=subprocess.STDOUT)
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in (OK, NO_TESTS):
            output.seek(0)
            sys.exit(f"a session that should pass ended with {process.returncode}:\n{output.read().decode()[-3000:]}")
    return Cost(wall, used.ru_utime + used.ru_stime)


def exams() -> list[Exam]:
    """Every case of the kit, as the sessions judge it."""
    known = catalogue.load().told_in("openai-chat")
    return [Exam(known.requirements[case.proves], case, "OpenAIChat") for case in known.cases]


def node_id(exam: Exam) -> str:
    return f"conformance/{exam.requirement.area}::{exam.id}"


def waits(case: Case) -> bool:
    """Whether the case lasts until the adapter's timeout: for silence, or for a connection."""
    return case.waits or any(wire.fault == "connect_timeout" for wire in case.answers)


def one_call(case: Case) -> bool:
    """Whether it is one call that waits for nothing: laws and series are many, and an import is a process."""
    return not (waits(case) or case.law or case.several or case.then.imports)

"""Its own tests: there, run, passed, and about what they have to be about. They run in a process of their own, without
keys and without a network."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from tempfile import TemporaryDirectory

from conformance.packaging.answers import Judgement, ask, nothing, ok, wrong
from conformance.packaging.project import Project
from conformance.watching import CODE, FILE

PATIENCE = 900.0  # seconds for all of them
KEYS = re.compile(r"(KEY|TOKEN|SECRET)S?$", re.I)
IS_TEST = re.compile(r"(^|/)(test_[^/]*|[^/]*_test)\.py$")

# What a test's name says that it is about; and the kit's own areas that are.
ABOUT = {
    "requests": re.compile(r"request|payload|body|build|sends|sent|outgoing|serialis|serializ|to_wire"),
    "replies": re.compile(r"repl(y|ies)|response|pars|answer|result|completion|is_read|from_wire"),
    "auth": re.compile(r"auth(?!or)|401|403|credential|invalid_key|bad_key|wrong_key|permission"),
    "rate-limits": re.compile(r"rate_?limit|429|throttl|quota|retry_?after|too_many"),
    "malformed": re.compile(
        r"malformed|not_json|invalid_json|bad_json|garbage|html|broken|truncated|unparse|bad_(response|body)"
    ),
    "streaming": re.compile(r"stream|sse|delta|chunk"),
}
PLAIN = ("requests", "replies")  # a test of how these fail, or stream, is not of these
OTHERS = re.compile("|".join([*(rule.pattern for about, rule in ABOUT.items() if about not in PLAIN), "error|fail"]))
ALSO = {"rate-limits": ("rate-limits", "errors"), "auth": ("auth", "errors")}
SUGGESTED = {
    "requests": "test_request_has_the_question",
    "replies": "test_response_is_read",
    "auth": "test_error_of_auth",
    "rate-limits": "test_error_of_rate_limit",
    "malformed": "test_error_of_malformed_response",
    "streaming": "test_stream_tells_the_answer_in_pieces",
}
IN_WORDS = {
    "requests": "how requests are built",
    "replies": "how responses are read",
    "auth": "an auth failure",
    "rate-limits": "a rate limit",
    "malformed": "a malformed response",
    "streaming": "streaming",
}


@dataclass
class Test:
    test: str
    passed: bool
    skipped: bool
    ran: bool  # code of the adapter's
    reached: list[str]  # hosts that it tried to
    area: str = ""  # of a case of the kit
    provider: str = ""

    @property
    def name(self) -> str:
        """The file's and its own, without what it is parametrised with."""
        file, _, rest = self.test.partition("::")
        return f"{Path(file).stem}::{rest}".lower()


@dataclass
class Ran:
    tests: list[Test] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    problem: str = ""


def requests(project: Project) -> Judgement:
    return _are_there(project, "requests")


def responses(project: Project) -> Judgement:
    return _are_there(project, "replies")


def errors(project: Project) -> Judgement:
    return _are_there(project, "auth", "rate-limits", "malformed")


def streams(project: Project) -> Judgement:
    subject = project.examination.subject
    if not subject.capabilities.get("streaming", True) or "streaming" in subject.unsupported:
        return nothing("it declares that it does not stream")
    return _are_there(project, "streaming")


def alone(project: Project) -> Judgement:
    ran = _ran(project)
    if not ran.files or ran.problem:
        return _none(project, ran)
    for test in ran.tests:
        if test.reached:
            said = f"{test.test} tries to reach {test.reached[0]}"
            return wrong(said, "answers that are played; what asks the real API is skipped where there is no key")
    return ok(f"{_many(len([t for t in ran.tests if not t.area]), 'test')}, and none of them tried")


def _are_there(project: Project, *wanted: str) -> Judgement:
    ran = _ran(project)
    if not ran.files or ran.problem:
        return _none(project, ran)
    evidence = []
    for about in wanted:
        found = [t for t in ran.tests if _is_about(project, t, about)]
        if passed := [t for t in found if t.passed]:
            evidence.append(_shown(passed))
            continue
        if found:
            how = "is skipped" if found[0].skipped else "fails"
            return wrong(f"{found[0].test}, which is about {IN_WORDS[about]}, {how}", "one that runs and passes")
        write = f"a test such as {SUGGESTED[about]}, or one that runs `pytest {project.option}`"
        said = f"no test that runs code of {project.module.partition('.')[0]} says that it is about {IN_WORDS[about]}"
        return wrong(said, f"{write}; of another name: [tool.conformance.checklist.tests] {about}")
    return ok(", ".join(dict.fromkeys(evidence)))


def _is_about(project: Project, test: Test, about: str) -> bool:
    if test.area:
        return test.area in ALSO.get(about, (about,))
    if not test.ran:
        return False
    if told := project.settings.tests.get(about):
        return test.test == told or test.test.startswith(f"{told}::") or fnmatch(test.test, told)
    name = test.name.partition("[")[0]
    if not ABOUT[about].search(name):
        return False
    return about not in PLAIN or not OTHERS.search(name.partition("::")[2])


def _shown(passed: list[Test]) -> str:
    kit = [t for t in passed if t.area]
    own = [t.test.rpartition("::")[2] for t in passed if not t.area]
    return own[0] if own else f"the kit's {kit[0].area}"


def _none(project: Project, ran: Ran) -> Judgement:
    if ran.problem:
        return wrong(f"its tests cannot be run: {ran.problem}", "tests that pytest runs here")
    if project.foreign or not project.data:
        return ask("are there tests of it, that run without a key? it is not tested by pytest")
    names = " or ".join(project.names[:2])
    return wrong(f"no test file names {names}", f"tests/test_{re.sub(r'[^a-z0-9]+', '_', project.id.lower())}.py")


def _ran(project: Project) -> Ran:
    """Of one run, for all boxes."""
    if "tests" not in project.notes:
        project.notes["tests"] = _run(project, list(_files(project)))
    found: Ran = project.notes["tests"]
    return found


def _files(project: Project) -> Iterator[str]:
    """The files that name it; or those that were chosen."""
    if project.chosen_tests:
        yield from project.chosen_tests
        return
    for path in project.paths:
        if IS_TEST.search(path):
            text = project.text(path)
            if any(re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w-])", text) for name in project.names):
                yield path


def _run(project: Project, files: list[str]) -> Ran:
    if not files:
        return Ran()
    top = project.module.partition(".")[0]
    package = next((p for p in (project.file.parents if project.file else ()) if p.name == top), project.file)
    with TemporaryDirectory() as folder:
        notes = Path(folder) / "tests.jsonl"
        notes.touch()
        kept = {name: value for name, value in os.environ.items() if not KEYS.search(name)}
        plugins = [name for name in kept.get("PYTEST_PLUGINS", "").split(",") if name]
        env = {
            **kept,
            "PYTEST_PLUGINS": ",".join([*plugins, "conformance.watching"]),  # for runs in runs, too
            "PYTHONPATH": os.pathsep.join([str(project.root / "src"), str(project.root), kept.get("PYTHONPATH", "")]),
            "PYTHONDONTWRITEBYTECODE": "1",
            FILE: str(notes),
            CODE: str(package or "\0"),
        }
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *files]
        try:
            run = subprocess.run(
                command, cwd=project.root, env=env, capture_output=True, text=True, timeout=PATIENCE, check=False
            )
        except subprocess.TimeoutExpired:
            return Ran(files=files, problem=f"they take more than {PATIENCE:g} seconds")
        tests = [Test(**json.loads(line)) for line in notes.read_text("utf-8").splitlines()]
    if run.returncode not in (0, 1):
        lines = [line for line in (run.stdout + run.stderr).splitlines() if line.strip()]
        said = next((line for line in lines if line.startswith(("E ", "ERROR"))), lines[-1] if lines else "")
        return Ran(tests, files, " ".join(said.split()) or f"pytest ended with {run.returncode}")
    return Ran(_of_it(project, tests), files)


def _of_it(project: Project, tests: list[Test]) -> list[Test]:
    """A test that runs the kit runs the adapter; cases of other providers say nothing."""
    label = project.examination.subject.label
    return [t for t in tests if not t.area or t.provider == label]


def _many(n: int, word: str) -> str:
    return f"{n} {word}{'' if n == 1 else 's'}"

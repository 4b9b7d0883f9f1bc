"""Wherever and however pytest is started: the same ids, counts and exit codes."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

import conformance
from conformance import catalogue
from conformance.paths import CASSETTES, FIXTURES
from conformance.plugin import ANCHOR
from tests.plugin.runs import PLAIN, REFERENCE, counts, judge, run, selected, words

TOLD = catalogue.load().told_in("openai-chat")
CASES = len(TOLD.cases)
PYTEST = str(Path(sys.executable).with_name("pytest"))

OWN = "def test_own():\n    pass\n"

# Fails REQ-006 in every case, passes the rest of the area.
BROKEN = """
    from conformance.reference import OpenAIChat

    class Broken(OpenAIChat):
        def options(self, request):
            return {**super().options(request), "temperature": 1}
"""
TEMPERATURE = [f"REQ-006[Broken/{c.case}]" for c in catalogue.load().told_in("openai-chat").of("REQ-006")]
FIRST, *OTHERS = [f"conformance/requests::{name}" for name in TEMPERATURE]
BROKEN_PLAIN = PLAIN.replace("OpenAIChat", "Broken")

PROJECT = {
    "names": "python_files = check_*.py\npython_functions = check_*\npython_classes = Check*",
    "any file": "python_files = *\naddopts = --doctest-modules --doctest-glob=*",
    "folders": "testpaths = own\nnorecursedirs = conformance suites\npythonpath = src",
    "strict": "filterwarnings = error\nusefixtures = there_is_none\naddopts = -ra --showlocals --strict-markers",
    "imports": "addopts = --import-mode=importlib",
}

OPTIONS = [
    "",
    "-n 2",
    "--rootdir=below",
    "-c /dev/null -p no:cacheprovider",  # the cache of pytest 8 would be in /dev
    "--import-mode=importlib",
    "--lf",
]
MORE_OPTIONS = [
    "-n 2 --dist=loadfile",
    "-c /dev/null -p no:cacheprovider -n 2",
    "--noconftest",
    "-W error --strict-markers --strict-config",
    "-o norecursedirs=conformance",
    "--ignore=conformance",
    "--doctest-modules",
    "--pyargs",
    "--ff",
    "--sw",
    "-m conformance",
    "-x",
]

HERE_AND_IN_WORKERS = pytest.mark.parametrize(
    "options", [pytest.param("", id="here"), pytest.param("-n 2", id="workers", marks=pytest.mark.proof)]
)


def run_plain(pytester: pytest.Pytester, *args: str) -> None:
    result = judge(pytester, "-k", "REQ-001", *args)
    assert words(result) == {PLAIN: "PASSED"}
    assert counts(result)["passed"] == 1
    assert result.ret == 0


# --- where -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    [*OPTIONS, *(pytest.param(options, marks=pytest.mark.proof) for options in MORE_OPTIONS)],
    ids=lambda o: o or "nothing",
)
def test_an_empty_folder(pytester: pytest.Pytester, options: str) -> None:
    pytester.mkdir("below")
    result = judge(pytester, "-k", "REQ-001", *options.split())
    (id,) = words(result)
    assert id.endswith(PLAIN)
    assert "site-packages" not in id
    assert counts(result)["passed"] == 1
    assert result.ret == 0


@pytest.mark.parametrize("setting", PROJECT)
def test_a_project_with_settings(pytester: pytest.Pytester, setting: str) -> None:
    pytester.makeini(f"[pytest]\n{PROJECT[setting]}")
    pytester.makepyfile(**{"own/test_own": "def test_own():\n    assert False, 'not asked for'"})
    run_plain(pytester)


def test_all_that_would_run(pytester: pytest.Pytester) -> None:
    result = run(pytester, f"--provider={REFERENCE}", "--collect-only", "-q")
    ids = selected(result)
    assert PLAIN in ids
    assert len(ids) == len(set(ids)) == CASES
    assert all(i.startswith("conformance/") for i in ids)
    areas = {rule.area for rule in TOLD.requirements.values()}
    assert {i.partition("::")[0].removeprefix("conformance/") for i in ids} == areas
    assert result.ret == 0


@pytest.fixture
def inner(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A virtual environment inside the project that holds the kit, as its wheel lays it out."""
    pytester.makeini("[pytest]\n")
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    site = pytester.mkdir(".venv") / "lib" / version / "site-packages"
    (pytester.path / ".venv" / "pyvenv.cfg").write_text("version = 3\n")
    package = site / "conformance"
    shutil.copytree(Path(conformance.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(FIXTURES, package / "_data" / "fixtures")
    shutil.copytree(CASSETTES, package / "_data" / "cassettes")
    monkeypatch.setenv("PYTHONPATH", str(site))
    return package


@pytest.mark.parametrize(
    "options",
    ["", "-n 2", "-o norecursedirs=.venv", "--ignore=.venv", "--lf", "--junitxml=junit.xml"],
    ids=lambda o: o or "nothing",
)
def test_an_environment_inside_the_project(pytester: pytest.Pytester, inner: Path, options: str) -> None:
    pytester.makeconftest(HOSTILE)
    where = "import conformance.plugin as p; print(p.__file__)"
    assert pytester.run(sys.executable, "-c", where).outlines == [str(inner / "plugin.py")]
    run_plain(pytester, *options.split())
    if "junit" in options:
        assert ".venv" not in Path("junit.xml").read_text("utf-8")


def test_a_folder_below_the_root(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    pytester.makeini("[pytest]\n")
    pytester.makepyfile(acme=BROKEN)
    monkeypatch.chdir(pytester.mkdir("below"))
    result = judge(pytester, "-k", "REQ-001", provider="acme:Broken")
    assert words(result) == {f"../{BROKEN_PLAIN}": "PASSED"}
    again = judge(pytester, f"../{BROKEN_PLAIN}", f"../{FIRST}", provider="acme:Broken")
    assert words(again) == {f"../{BROKEN_PLAIN}": "PASSED", f"../{FIRST}": "FAILED"}
    plain = judge(pytester, BROKEN_PLAIN, provider="acme:Broken")
    assert words(plain) == {f"../{BROKEN_PLAIN}": "PASSED"}


# --- how it is started -------------------------------------------------------------------------


@pytest.mark.parametrize("command", [[PYTEST], [sys.executable, "-m", "pytest"]], ids=["pytest", "python -m pytest"])
def test_both_commands_find_a_provider_of_the_folder(pytester: pytest.Pytester, command: list[str]) -> None:
    pytester.makepyfile(acme=BROKEN)
    result = pytester.run("env", "-u", "PYTHONPATH", *command, "-v", "--provider=acme:Broken", "-k", "REQ-001")
    assert words(result) == {BROKEN_PLAIN: "PASSED"}
    assert result.ret == 0


def test_without_autoload_it_is_named(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    run_plain(pytester, "-p", "conformance.plugin")


def test_without_a_provider_it_does_nothing(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import sys

        def test_own():
            assert "conformance.plugin" in sys.modules
            assert "conformance.run" not in sys.modules
        """
    )
    result = run(pytester, "-v", "--strict-markers")
    assert words(result) == {"test_without_a_provider_it_does_nothing.py::test_own": "PASSED"}
    assert "conformance of" not in result.stdout.str()
    assert result.ret == 0


def test_a_provider_in_addopts(pytester: pytest.Pytester) -> None:
    pytester.makeini(f"[pytest]\naddopts = --provider={REFERENCE}")
    pytester.makepyfile(test_own=OWN)
    result = run(pytester, "-v", "-k", "REQ-001")
    assert words(result) == {PLAIN: "PASSED"}
    own = run(pytester, "-v", "test_own.py")
    assert words(own) == {"test_own.py::test_own": "PASSED"}


# --- what is selected --------------------------------------------------------------------------


def test_paths_that_are_given_win(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_own=OWN)
    result = judge(pytester, "test_own.py")
    assert words(result) == {"test_own.py::test_own": "PASSED"}
    assert "conformance of" not in result.stdout.str()
    assert result.ret == 0


@HERE_AND_IN_WORKERS
def test_paths_and_ids_together(pytester: pytest.Pytester, options: str) -> None:
    pytester.makepyfile(test_own=OWN)
    result = judge(pytester, "test_own.py", "conformance/requests::REQ-001", *options.split())
    assert words(result) == {"test_own.py::test_own": "PASSED", PLAIN: "PASSED"}
    assert result.ret == 0


def test_a_package_that_is_given_wins(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(**{"own/__init__": "", "own/test_own": OWN})
    result = judge(pytester, "--pyargs", "own")
    assert words(result) == {"own/test_own.py::test_own": "PASSED"}


def test_a_folder_of_the_project_is_not_taken_for_ours(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(**{"conformance/test_own": OWN})
    result = judge(pytester, "conformance")
    assert words(result) == {"conformance/test_own.py::test_own": "PASSED"}


def test_the_value_of_an_option_of_a_conftest_file_is_no_path(pytester: pytest.Pytester) -> None:
    pytester.makeconftest("def pytest_addoption(parser):\n    parser.addoption('--stage')")
    run_plain(pytester, "--stage", "staging")


def test_a_path_that_does_not_exist(pytester: pytest.Pytester) -> None:
    result = judge(pytester, "test_nowhere.py")
    assert result.ret == 4
    assert [line for line in result.errlines if line.startswith("ERROR")] == [
        "ERROR: file or directory not found: test_nowhere.py"
    ]


@pytest.mark.parametrize(
    ("selection", "ids"),
    [
        (["conformance/requests::REQ-001"], [BROKEN_PLAIN]),
        ([BROKEN_PLAIN], [BROKEN_PLAIN]),
        ([FIRST, BROKEN_PLAIN], [FIRST, BROKEN_PLAIN]),
        (["-k", "REQ-001 or temperature-zero"], [BROKEN_PLAIN, *OTHERS]),
        (["-k", "REQ-006", "-m", "conformance"], [FIRST, *OTHERS]),
        (["-m", "not conformance"], []),
        (["-m", "conformance(requirement='REQ-001')"], [BROKEN_PLAIN]),
        (["conformance/requests::REQ-006", f"--deselect={FIRST}"], OTHERS),
        (["-k", "REQ-001 or REQ-006", "--deselect=conformance/requests::REQ-006"], [BROKEN_PLAIN]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_a_selection(pytester: pytest.Pytester, selection: list[str], ids: list[str]) -> None:
    if "requirement=" in " ".join(selection) and pytest.version_tuple < (8, 3):
        pytest.skip("-m with arguments came with pytest 8.3")
    pytester.makepyfile(acme=BROKEN)
    result = run(pytester, "--provider=acme:Broken", "--collect-only", "-q", *selection)
    assert selected(result) == ids
    assert result.ret == (0 if ids else 5)


def test_a_whole_area(pytester: pytest.Pytester) -> None:
    result = run(pytester, f"--provider={REFERENCE}", "--collect-only", "-q", "conformance/errors")
    assert len(selected(result)) == sum(
        c.proves.startswith("ERR-") for c in catalogue.load().told_in("openai-chat").cases
    )


@pytest.mark.parametrize(
    ("id", "says"),
    [
        ("conformance/requests::REQ-999", "no case is called conformance/requests::REQ-999; "),
        ("conformance/errors::REQ-001", "no case is called conformance/errors::REQ-001; "),
        ("conformance/reqests", "there is no area 'reqests' (conformance/reqests); there are requests, "),
    ],
)
def test_an_id_that_does_not_exist(pytester: pytest.Pytester, id: str, says: str) -> None:
    result = judge(pytester, id)
    (error,) = [line for line in result.errlines if line]
    assert error.startswith(f"ERROR: {says}")
    assert result.ret == 4


def test_the_last_failures_again(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(acme=BROKEN)
    chosen = ["-k", "REQ-001 or REQ-006"]
    first = judge(pytester, *chosen, provider="acme:Broken")
    assert words(first) == {BROKEN_PLAIN: "PASSED", FIRST: "FAILED", **dict.fromkeys(OTHERS, "FAILED")}
    last = judge(pytester, "--lf", *chosen, provider="acme:Broken")
    assert words(last) == dict.fromkeys([FIRST, *OTHERS], "FAILED")
    order = judge(pytester, "--ff", *chosen, provider="acme:Broken")
    assert list(words(order)) == [FIRST, *OTHERS, BROKEN_PLAIN]
    assert {first.ret, last.ret, order.ret} == {1}


def test_stepwise_and_the_first_failure(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(acme=BROKEN)
    chosen = ["-k", "REQ-001 or REQ-006"]
    stopped = judge(pytester, "-x", *chosen, provider="acme:Broken")
    assert words(stopped) == {BROKEN_PLAIN: "PASSED", FIRST: "FAILED"}
    step = judge(pytester, "--sw", *chosen, provider="acme:Broken")
    assert words(step) == {BROKEN_PLAIN: "PASSED", FIRST: "FAILED"}
    next_step = judge(pytester, "--sw", "--sw-skip", *chosen, provider="acme:Broken")
    assert words(next_step) == dict.fromkeys([FIRST, OTHERS[0]], "FAILED")
    two = judge(pytester, "--maxfail=2", *chosen, provider="acme:Broken")
    assert words(two) == {BROKEN_PLAIN: "PASSED", FIRST: "FAILED", OTHERS[0]: "FAILED"}


# --- what else goes on in the project ----------------------------------------------------------

HOSTILE = """
    import pytest

    @pytest.fixture(autouse=True)
    def everywhere():
        raise RuntimeError("an autouse fixture")

    def pytest_collection_modifyitems(items):
        for item in items:
            item.function
        items.clear()

    def pytest_runtest_setup(item):
        raise RuntimeError("setup")

    def pytest_runtest_call(item):
        raise RuntimeError("call")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(item, call):
        item.funcargs
        return (yield)
"""


@HERE_AND_IN_WORKERS
def test_fixtures_and_hooks_of_a_conftest_file_do_not_reach_the_cases(pytester: pytest.Pytester, options: str) -> None:
    pytester.makeconftest(HOSTILE)
    run_plain(pytester, *options.split())


def test_hooks_of_a_conftest_file_reach_the_tests_of_the_project(pytester: pytest.Pytester) -> None:
    pytester.makeconftest("def pytest_collection_modifyitems(items):\n    items.reverse()")
    pytester.makepyfile(test_own="def test_a(): pass\ndef test_b(): pass")
    result = judge(pytester, "test_own.py")
    assert list(words(result)) == ["test_own.py::test_b", "test_own.py::test_a"]


@pytest.mark.parametrize("options", ["", "-W error", "-n 2 -W error"], ids=lambda o: o or "nothing")
def test_a_warning_of_the_adapter_stays_one(pytester: pytest.Pytester, options: str) -> None:
    pytester.makepyfile(
        acme="""
        import socket, warnings
        from conformance.reference import OpenAIChat

        class Untidy(OpenAIChat):
            async def generate(self, request):
                warnings.warn("old", DeprecationWarning)
                socket.socket()
                return await super().generate(request)

            async def close(self):
                pass
        """
    )
    result = judge(pytester, "conformance/requests::REQ-006", *options.split(), provider="acme:Untidy")
    assert set(words(result).values()) == {"PASSED"}
    assert counts(result)["warnings"] > 0
    assert result.ret == 0


@pytest.mark.parametrize("options", ["--debug", "--cache-show"])
def test_an_option_at_the_end_does_not_take_the_suites_for_its_value(pytester: pytest.Pytester, options: str) -> None:
    before = ANCHOR.read_bytes()
    result = judge(pytester, "-k", "REQ-001", options)
    assert ANCHOR.read_bytes() == before
    assert result.ret == 0


def test_without_a_terminal(pytester: pytest.Pytester) -> None:
    said = [f"--provider={REFERENCE}", "-k", "REQ-001", "--conformance-report=report.json"]
    result = run(pytester, "-p", "no:terminal", *said)
    assert result.outlines == []
    assert Path("report.json").is_file()
    assert result.ret == 0


@HERE_AND_IN_WORKERS
def test_junit(pytester: pytest.Pytester, options: str) -> None:
    pytester.makepyfile(acme=BROKEN)
    result = judge(
        pytester, "-k", "REQ-001 or REQ-006", "--junitxml=junit.xml", *options.split(), provider="acme:Broken"
    )
    assert result.ret == 1
    found = {case.get("name"): case for case in ElementTree.parse("junit.xml").iter("testcase")}
    assert set(found) == {"REQ-001[Broken/plain-question]", *TEMPERATURE}
    assert {case.get("classname") for case in found.values()} == {"conformance.requests"}
    assert {name for name, case in found.items() if case.find("failure") is not None} == set(TEMPERATURE)
    properties = {p.get("name"): p.get("value") for p in found[TEMPERATURE[0]].iter("property")}
    assert properties == {"requirement": "REQ-006", "level": "MUST", "verdict": "fail"}

"""From a bare machine to the first verdict on one's own adapter: one command, no test code, under a minute.

pytest -m proof tests/test_first_minutes.py -s      prints the seconds
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from benchmarks.first_minutes import AIM, bare, install, judge, wheel
from tests.docs.pages import tutorial

pytestmark = pytest.mark.proof


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, float]:
    """The programs of a bare environment in which it was installed, and the seconds that this took."""
    folder = tmp_path_factory.mktemp("bare")
    return install(wheel(folder), folder / "venv")


def test_the_first_verdict_comes_within_a_minute(
    installed: tuple[Path, float], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The adapter of the tutorial, in a folder that holds nothing else."""
    programs, installing = installed
    (tmp_path / "acme.py").write_text(tutorial())
    told = judge(programs, tmp_path)
    with capsys.disabled():
        print(f"\ninstalled in {installing:.1f} s, first verdict after {told.first:.1f} s more", end=", ")
        print(f"all after {told.whole:.1f} s")
    assert told.code == 1
    assert told.first > 0
    assert installing + told.first < AIM


ERRORS = {
    "no such module": ("pytest --provider=acne:Acme", "acne"),
    "no such class": ("pytest --provider=acme:Acne", "Acne"),
    "no colon": ("pytest --provider=acme", "module:attribute"),
    "a class that is no adapter": ("pytest --provider=acme:Reply", "is no adapter that the kit knows"),
    "an SDK that is missing": ("pytest --provider=needy:Acme", "acme_sdk"),
    "a module that does not parse": ("pytest --provider=broken:Acme", "broken.py"),
    "no such option": ("conformance run acme:Acme --strikt", "unrecognized arguments: --strikt"),
    "no such requirement": ("conformance explain STR-7", "`conformance list` shows all"),
    "no command": ("conformance", "COMMAND"),
}


@pytest.mark.parametrize("name", ERRORS)
def test_what_goes_wrong_on_the_way_is_told(name: str, installed: tuple[Path, float], tmp_path: Path) -> None:
    """As a new user would meet it: in a sentence, without a traceback, and with exit code 4."""
    command, says = ERRORS[name]
    (tmp_path / "acme.py").write_text(tutorial())
    (tmp_path / "needy.py").write_text("import acme_sdk\n")
    (tmp_path / "broken.py").write_text("class Acme(:\n")
    program, *rest = command.split()
    made = [str(installed[0] / program), *rest]
    done = subprocess.run(made, cwd=tmp_path, env=bare(), capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    assert (done.returncode, says in said, "Traceback" in said) == (4, True, False), said


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("conformance explain STR-007", "broken by"),
        ("conformance completion bash", "complete -F"),
        ("conformance run acme:Acme --only REQ-006", "FAIL        REQ-006"),
    ],
)
def test_commands_need_nothing_but_the_wheel(
    command: str, says: str, installed: tuple[Path, float], tmp_path: Path
) -> None:
    (tmp_path / "acme.py").write_text(tutorial())
    program, *rest = command.split()
    made = [str(installed[0] / program), *rest]
    assert says in subprocess.run(made, cwd=tmp_path, env=bare(), capture_output=True, text=True, check=False).stdout

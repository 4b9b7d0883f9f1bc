"""What shells complete, by the shells themselves: zsh and fish where they are installed."""

from __future__ import annotations

import os
import pty
import re
import select
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from conformance import cli

CLEAR = "\x15"  # the key that takes back the whole line

LINES = {
    "": ["checklist", "completion", "explain", "known-failures", "run"],
    "expl": ["explain"],
    "explain STR-00": ["STR-001", "STR-007"],
    "known-failures ": ["update"],
    "known-failures update --": ["--provider", "--reason"],
    "list tool": ["tools"],
    "derive streams/three-rivers crlf --dialect ollama-": ["ollama-generate"],
    "completion ": ["bash", "fish", "zsh"],
    "lint here-": ["here-it-is.json"],
}


def script(shell: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert cli.main(["completion", shell]) == 0
    return capsys.readouterr().out


@contextmanager
def bash(folder: Path, made: str) -> Iterator[Callable[[str], list[str]]]:
    def ask(line: str) -> list[str]:
        words = ["conformance", *line.split(" ")]
        asked = " ".join(f"'{word}'" for word in words)
        told = f"COMP_WORDS=({asked}); COMP_CWORD={len(words) - 1}; _conformance; printf '%s\\n' \"${{COMPREPLY[@]}}\""
        return output(["bash", "-c", made + told], folder)

    yield ask


@contextmanager
def fish(folder: Path, made: str) -> Iterator[Callable[[str], list[str]]]:
    (folder / "made.fish").write_text(made, "utf-8")
    asked = "source made.fish; complete -C 'conformance {}'"
    yield lambda line: [
        row.partition("\t")[0] for row in output(["fish", "--no-config", "-c", asked.format(line)], folder)
    ]


def output(command: list[str], folder: Path) -> list[str]:
    home = {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "XDG_DATA_HOME": str(folder)}
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=folder, env={**os.environ, **home})
    assert done.stderr == ""
    return done.stdout.split("\n")


@contextmanager
def zsh(folder: Path, made: str) -> Iterator[Callable[[str], list[str]]]:
    """In a terminal, with its key. The script is found where `completion` says that it belongs."""
    (folder / "_conformance").write_text(made, "utf-8")
    terminal, its = pty.openpty()
    home = {"HOME": str(folder), "ZDOTDIR": str(folder), "TERM": "dumb", "COLUMNS": "200", "LINES": "200"}
    with subprocess.Popen(
        ["zsh", "-fi"],
        stdin=its,
        stdout=its,
        stderr=its,
        cwd=folder,
        env={**os.environ, **home},
        start_new_session=True,
    ) as shell:
        os.close(its)
        try:
            typed(terminal, "PS1='re''ady> '; fpath=($PWD $fpath); autoload -Uz compinit; compinit -u -D\n")
            until(terminal, "ready> ")
            yield lambda line: completed(terminal, line)
        finally:
            shell.kill()
            os.close(terminal)


def completed(terminal: int, line: str) -> list[str]:
    typed(terminal, f"conformance {line}\t")
    shown = until(terminal, None)
    typed(terminal, f"{CLEAR}\n")
    until(terminal, "ready> ")
    return shown.split()


def typed(terminal: int, text: str) -> None:
    os.write(terminal, text.encode())


def until(terminal: int, pattern: str | None, quiet: float = 0.3) -> str:
    """What is shown until that; or until nothing more comes."""
    shown, end = "", time.monotonic() + 10
    while time.monotonic() < end:
        ready, _, _ = select.select([terminal], [], [], 10 if pattern or not shown else quiet)
        if not ready:
            break
        shown += os.read(terminal, 65536).decode(errors="replace").replace("\r", "")
        if pattern and re.search(pattern, shown):
            break
    return shown


SHELLS: dict[str, Callable[[Path, str], AbstractContextManager[Callable[[str], list[str]]]]]
SHELLS = {"bash": bash, "fish": fish, "zsh": zsh}


@pytest.mark.parametrize("shell", SHELLS)
def test_it_completes(shell: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not installed")
    (tmp_path / "here-it-is.json").touch()
    with SHELLS[shell](tmp_path, script(shell, capsys)) as completes:
        found = {line: completes(line) for line in LINES}
    assert {line: told for line, told in found.items() if not {*LINES[line]} <= {*told}} == {}


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_every_shell_knows_every_command(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    made = script(shell, capsys)
    paths = re.findall(r'^        "([^"]+)"\)', script("bash", capsys), re.M)
    assert len(paths) > 15
    assert [path for path in paths if f'"{path}")' not in made and f"-a {path.split()[-1]}" not in made] == []

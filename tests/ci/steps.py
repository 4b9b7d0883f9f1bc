"""The steps of an action, of a workflow's job or of a GitLab job, run as their runner would: in bash, with its files
and variables. Steps that use another action are not run, and what pip would install is noted.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")
BASH = ("bash", "--noprofile", "--norc", "-eo", "pipefail")
PYTHON = """#!/bin/bash
if [ "$1 $2" = "-m pip" ]; then printf '%s\\n' "${@:3}" >> "$PIP_LOG"; else exec PYTHON "$@"; fi
"""
CONFORMANCE = """#!/bin/bash
exec PYTHON -m conformance.cli "$@"
"""


@dataclass
class Done:
    code: int = 0
    said: str = ""
    outputs: dict[str, str] = field(default_factory=dict)


def load(name: str) -> Any:
    """`on` is a truth value in YAML 1.1, and stays one here."""
    return yaml.safe_load((ROOT / name).read_text("utf-8"))


class Sandbox:
    """A runner's folders and files, below `folder`; `project` is the one of the user."""

    def __init__(self, folder: Path) -> None:
        self.project, self.temp, tools = (folder / name for name in ("project", "temp", "tools"))
        for made in (self.project, self.temp, tools):
            made.mkdir()
        for name, script in (("python", PYTHON), ("python3", PYTHON), ("conformance", CONFORMANCE)):
            (tools / name).write_text(script.replace("PYTHON", sys.executable))
            (tools / name).chmod(0o755)
        self.summary, self.output, self.pip = (folder / name for name in ("summary.md", "output", "pip"))
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("GITHUB_", "CI_", "PYTEST_"))}
        self.environment = kept | {
            "PATH": f"{tools}{os.pathsep}{kept['PATH']}",
            "PIP_LOG": str(self.pip),
            "PYTHONPATH": str(ROOT),
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",  # which costs more here than what is judged
            "PYTEST_PLUGINS": "conformance.plugin",
        }

    @property
    def installed(self) -> list[str]:
        return self.pip.read_text("utf-8").split("\n")[:-1] if self.pip.exists() else []

    def github(self, steps: Sequence[Mapping[str, Any]], contexts: Mapping[str, str]) -> Done:
        """Those that run something, in turn: after one that fails only what is always done."""
        told = Done()
        known = dict(contexts)
        self.environment |= {
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_OUTPUT": str(self.output),
            "GITHUB_STEP_SUMMARY": str(self.summary),
            "RUNNER_TEMP": str(self.temp),
        }
        for step in steps:
            if "run" not in step or (told.code and "always()" not in step.get("if", "")):
                continue
            self.output.write_text("")
            env = {name: filled(str(value), known) for name, value in step.get("env", {}).items()}
            assert "${{" not in step["run"], "an expression in a script is an injection"
            where = filled(step.get("working-directory", "."), known)
            done = self.bash(step["run"], env, where)
            told.said += done.stdout + done.stderr
            told.code = told.code or done.returncode
            outputs = dict(line.split("=", 1) for line in self.output.read_text("utf-8").splitlines())
            told.outputs |= outputs
            known |= {f"steps.{step.get('id')}.outputs.{name}": value for name, value in outputs.items()}
        return told

    def bash(self, script: str, env: Mapping[str, str], where: str = ".") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*BASH, "-c", script],
            cwd=self.project / where,
            env=self.environment | dict(env),
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )


def filled(text: str, known: Mapping[str, str]) -> str:
    """With the value of each expression, which is to be a name that is known."""
    return EXPRESSION.sub(lambda m: known[m[1]], text)

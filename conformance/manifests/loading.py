"""Runs in a process of its own: loads what entry points name, and says what it is. What it imports may do anything."""

from __future__ import annotations

import inspect
import json
import sys
from contextlib import redirect_stderr, redirect_stdout
from importlib import import_module
from importlib.metadata import entry_points
from io import StringIO
from typing import Any


def main(told: dict[str, Any]) -> dict[str, Any]:
    sys.path[:0] = told["path"]
    return {
        "entries": [_loaded(entry["reference"], entry["hosts"]) for entry in told["entries"]],
        "others": {group: _others(group, told["own"]) for group in told["groups"]},
    }


def _loaded(reference: str, hosts: list[str]) -> dict[str, Any]:
    module, _, attribute = reference.partition(":")
    try:
        target: Any = import_module(module)
        for name in filter(None, attribute.split(".")):
            target = getattr(target, name)
    except BaseException as exc:  # whatever a module does at import
        return {"error": f"{type(exc).__name__}: {' '.join(str(exc).split())}"}
    said: dict[str, Any] = {"kind": "class" if inspect.isclass(target) else type(target).__name__}
    if hosts:
        from conformance import drivers  # noqa: PLC0415 - what is loaded first is the user's own

        recognised = [host for host in hosts if drivers.load(host).recognise(target)]
        said |= {"host": next(iter(recognised), None), "name": getattr(target, "name", None)}
        said["name"] = said["name"] if isinstance(said["name"], str) else None
    if inspect.isclass(target):
        said["abstract"] = sorted(getattr(target, "__abstractmethods__", ()))
        said["wanted"] = _wanted(target)
    return said


def _wanted(target: type[Any]) -> list[str]:
    """What its constructor cannot do without."""
    try:
        parameters = inspect.signature(target).parameters.values()
    except (ValueError, TypeError):
        return []
    variable = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return [p.name for p in parameters if p.default is p.empty and p.kind not in variable]


def _others(group: str, own: str) -> dict[str, str]:
    """What other installed packages are called in this group, and by whom."""
    told = ((e.name, e.dist.name if e.dist else "?") for e in entry_points(group=group))
    return {name: by for name, by in told if by.lower().replace("_", "-") != own}


if __name__ == "__main__":
    given = json.load(sys.stdin)
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
        made = main(given)
    sys.stdout.write("\n" + json.dumps(made) + "\n")

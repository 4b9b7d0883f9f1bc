"""Runs in a process of its own: what importing an adapter's module loads, and what comes of a package not there.

Imports nothing of ours before it has to: what is loaded here is what is counted.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.abc import MetaPathFinder
from typing import Any

NOWHERE = "http://127.0.0.1:9/v1"  # nobody listens there


class Watcher(MetaPathFinder):
    """Notes which of some packages are imported by modules of one package, and not by each other."""

    def __init__(self, watched: Sequence[str], root: str) -> None:
        self.watched, self.root = watched, root
        self.found: list[str] = []

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        if name in self.watched and self._importer().split(".")[0] == self.root:
            self.found.append(name)

    def _importer(self) -> str:
        frame = sys._getframe(2)
        while frame.f_back and str(frame.f_globals.get("__name__")).startswith(("importlib", "_frozen_importlib")):
            frame = frame.f_back
        return str(frame.f_globals.get("__name__"))


class Without(MetaPathFinder):
    """A package that is not installed; or that is, and cannot be loaded for the reason given."""

    def __init__(self, package: str, reason: str) -> None:
        self.package, self.reason = package, reason

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        if name == self.package or name.startswith(f"{self.package}."):
            if self.reason:
                raise ImportError(self.reason, name=name)
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def main(told: dict[str, Any]) -> None:
    """Says on the last line, as JSON, which packages the module itself imports, or how the adapter fails."""
    if told["package"] is None:
        watcher = Watcher(told["watched"], told["module"].split(".")[0])
        sys.meta_path.insert(0, watcher)
        import_module(told["module"])
        said: dict[str, Any] = {"found": watcher.found}
    else:
        sys.meta_path.insert(0, Without(told["package"], told["reason"]))
        said = _failing(told)
    sys.stdout.write("\n" + json.dumps(said) + "\n")


def _failing(told: dict[str, Any]) -> dict[str, Any]:
    from conformance import drivers  # noqa: PLC0415 - only now: it must not count
    from conformance.ask import Ask  # noqa: PLC0415
    from conformance.drivers.failures import failure  # noqa: PLC0415

    try:
        target: Any = import_module(told["module"])
        for name in told["name"].split("."):
            target = getattr(target, name)
    except (Exception, SystemExit) as exc:
        seen = failure(exc)
    else:
        call = drivers.Call(lambda: target(**told["arguments"]), Ask(), 5.0)
        error = drivers.load(told["host"]).call(call).error
        if error is None:
            return {}
        seen = error
    return {"type": seen.type, "text": seen.text, "everything": seen.everything}

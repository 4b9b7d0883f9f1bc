"""Where an adapter comes from: the distribution that holds it, its version, and its place in the project."""

from __future__ import annotations

import inspect
import sys
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from conformance.provider import Subject


def of(subject: Subject, root: Path) -> dict[str, str]:
    """`package`, `version` and `source` of a report, "" for what nobody knows. Never raises."""
    try:
        target = subject.recipe.target
        found = target if inspect.isclass(target) or inspect.isroutine(target) else type(target)
        package, version = _distribution(found.__module__.partition(".")[0])
        return {"package": package, "version": version, "source": _source(found, root)}
    except Exception:
        return {"package": "", "version": "", "source": ""}


def _distribution(module: str) -> tuple[str, str]:
    """Its distribution; that of a package which is not installed may tell a version all the same."""
    names = _distributions().get(module, [])
    if names:
        return names[0], metadata.version(names[0])
    told = getattr(sys.modules.get(module), "__version__", "")
    return module, told if isinstance(told, str) else ""


@cache
def _distributions() -> dict[str, list[str]]:
    return {name: sorted(set(found)) for name, found in metadata.packages_distributions().items()}


def _source(found: Any, root: Path) -> str:
    """Nothing of what is installed elsewhere: a report names no place of the machine it was made on."""
    file = Path(inspect.getsourcefile(found) or "")
    if not file.is_relative_to(root) or "site-packages" in file.parts:
        return ""
    return f"{file.relative_to(root).as_posix()}:{inspect.getsourcelines(found)[1] or 1}"

"""Where an adapter comes from: the distribution that holds it, its version, and its place in the project."""

from __future__ import annotations

import inspect
import json
import sys
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from conformance.subject import Subject


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
    if names := _distributions().get(module):
        return names[0], metadata.version(names[0])
    loaded = sys.modules.get(module)
    if found := _editable(Path(getattr(loaded, "__file__", None) or "/")):
        return found
    told = getattr(loaded, "__version__", "")
    return module, told if isinstance(told, str) else ""


@cache
def _distributions() -> dict[str, list[str]]:
    return {name: sorted(set(found)) for name, found in metadata.packages_distributions().items()}


def _editable(file: Path) -> tuple[str, str] | None:
    """The distribution that was installed from the folder that holds this file, with `pip install -e`."""
    for found in metadata.distributions():
        url = json.loads(found.read_text("direct_url.json") or "{}").get("url", "")
        if url.startswith("file://") and file.is_relative_to(Path(url2pathname(urlsplit(url).path))):
            return found.name, found.version
    return None


def _source(found: Any, root: Path) -> str:
    """Nothing of what is installed elsewhere: a report names no place of the machine it was made on."""
    file = Path(inspect.getsourcefile(found) or "")
    if not file.is_relative_to(root) or "site-packages" in file.parts:
        return ""
    return f"{file.relative_to(root).as_posix()}:{inspect.getsourcelines(found)[1] or 1}"

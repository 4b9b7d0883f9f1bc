"""What is added to files that a project has already: nothing that stands there is lost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from conformance.scaffold.choices import CannotBegin, Choices

if TYPE_CHECKING:
    from conformance.scaffold.texts import Told

ENTRY_POINTS = "conformance.providers"
NEEDED = "httpx>=0.27"
FOR_TESTS = ("provider-conformance", "pytest>=8.2")
OWNERS = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")


def source(root: Path, choices: Choices) -> str:
    """Where packages lie: "src/", or "" for the project's folder."""
    top = choices.module.partition(".")[0]
    return "src/" if (root / "src").is_dir() and not (root / top).is_dir() else ""


def parents(choices: Choices) -> list[str]:
    """The `__init__.py` of the packages around it."""
    parts = choices.module.split(".")
    return ["/".join([*parts[:i], "__init__.py"]) for i in range(1, len(parts))]


def kind(root: Path) -> str:
    """What its pyproject.toml is: "standard", "poetry", or "other", where what is installed is told elsewhere."""
    data = _read(root)
    if "project" in data or not (root / "pyproject.toml").exists():
        return "standard"
    tool = data.get("tool", {})
    return "poetry" if isinstance(tool, dict) and "poetry" in tool else "other"


def elsewhere(root: Path, choices: Choices) -> Iterator[str]:
    """What cannot be added, for the project tells it in another place."""
    wanted = {
        "entry-points": f"the entry point {ENTRY_POINTS}: {choices.id} = {choices.target}",
        "dependencies": NEEDED,
        "optional-dependencies": f"an extra `test` with {' and '.join(FOR_TESTS)}",
    }
    told = {"standard": _dynamic(root), "poetry": [*wanted][1:], "other": [*wanted]}[kind(root)]
    yield from (f"add {wanted[what]} where the project tells it" for what in wanted if what in told)


def _dynamic(root: Path) -> list[str]:
    project = _read(root).get("project", {})
    return list(map(str, project.get("dynamic", []))) if isinstance(project, dict) else []


def pyproject(root: Path, choices: Choices, source: str) -> tuple[str, bytes]:
    """With the adapter in it; a new one where there is none."""
    data, dynamic = _read(root), _dynamic(root)
    if not (root / "pyproject.toml").exists():
        data.update(_begun(choices))
    if kind(root) == "poetry":
        _register(_table(data, "tool", "poetry", "plugins"), choices)
    elif kind(root) == "standard":
        project = _table(data, "project")
        if "entry-points" not in dynamic:
            _register(_table(project, "entry-points"), choices)
        _need(project, choices, dynamic)
    configured = _table(data, "tool", "conformance", "providers", choices.id)
    if configured.get("provider", choices.target) != choices.target:
        where = f"[tool.conformance.providers.{choices.id}]"
        raise CannotBegin(f"pyproject.toml has {where} for {configured['provider']}: take another --name")
    configured["provider"] = choices.target
    configured["dialect"] = choices.dialect
    variables = tomlkit.inline_table()
    variables.update(dict.fromkeys(choices.key_variables, "{key}"))
    configured["env"] = variables
    if source and not _other_settings(root, data):
        options = _table(data, "tool", "pytest", "ini_options")
        paths = options.setdefault("pythonpath", [])
        if isinstance(paths, list) and "src" not in paths:
            paths.append("src")
    return "pyproject.toml", tomlkit.dumps(data).encode()


def _register(places: Any, choices: Choices) -> None:
    registered = _table(places, ENTRY_POINTS)
    if registered.get(choices.id, choices.target) != choices.target:
        raise CannotBegin(f"pyproject.toml registers {choices.id!r} as {registered[choices.id]}: take another --name")
    registered[choices.id] = choices.target


def _other_settings(root: Path, data: Any) -> bool:
    """Whether pytest is configured in a file that it would not read any more."""
    here = "ini_options" in _table(data, "tool").get("pytest", {})
    return not here and any((root / name).is_file() for name in ("pytest.ini", ".pytest.ini", "tox.ini", "setup.cfg"))


def _read(root: Path) -> Any:
    path = root / "pyproject.toml"
    try:
        return tomlkit.parse(path.read_text("utf-8")) if path.exists() else tomlkit.document()
    except (TOMLKitError, UnicodeDecodeError, OSError) as exc:
        raise CannotBegin(f"pyproject.toml cannot be read, and nothing was written: {exc}") from None


def _begun(choices: Choices) -> dict[str, Any]:
    top = choices.module.partition(".")[0]
    return {
        "build-system": {"requires": ["hatchling>=1.27"], "build-backend": "hatchling.build"},
        "project": {
            "name": choices.id,
            "version": "0.1.0",
            "description": f"{choices.name} as an LLM provider.",
            "requires-python": ">=3.11",
            "dependencies": [NEEDED],
            "optional-dependencies": {"test": list(FOR_TESTS)},
        },
        "tool": {"hatch": {"build": {"targets": {"wheel": {"packages": [top]}}}}},
    }


def _need(project: Any, choices: Choices, dynamic: list[str]) -> None:
    """What the adapter and its tests cannot do without, where it is not there."""
    if "dependencies" not in dynamic:
        _require(project.setdefault("dependencies", []), NEEDED)
    if "optional-dependencies" in dynamic:
        return
    extras = _table(project, "optional-dependencies")
    tests = extras.setdefault("test", [])
    for name in FOR_TESTS:
        _require(tests, name)
    if choices.sdk:
        _require(extras.setdefault(choices.id, []), choices.sdk)


def _require(there: Any, wanted: str) -> None:
    if not isinstance(there, list):
        raise CannotBegin("pyproject.toml has dependencies that are no list: mend it, and run this again")
    if _distribution(wanted) not in map(_distribution, map(str, there)):
        there.append(wanted)


def _distribution(requirement: str) -> str:
    found = re.match(r"\s*([A-Za-z0-9._-]+)", requirement)
    return re.sub(r"[-_.]+", "-", found[1]).lower() if found else ""


def _table(data: Any, *steps: str) -> Any:
    for step in steps:
        if step not in data:
            data[step] = tomlkit.table(is_super_table=step != steps[-1] or None)
        data = data[step]
        if not isinstance(data, dict):
            raise CannotBegin(f"pyproject.toml has a {step!r} that is no table: mend it, and run this again")
    return data


def codeowners(root: Path, choices: Choices, told: Told) -> tuple[str, bytes]:
    """An entry for the adapter's folder, at the end: the last one that fits is the one that counts."""
    path = next((p for p in OWNERS if (root / p).is_file()), OWNERS[0])
    text = (root / path).read_text("utf-8") if (root / path).is_file() else ""
    place = f"/{told.source}{choices.folder}/"
    if not choices.owner or re.search(rf"^{re.escape(place)}\s+.*{re.escape(choices.owner)}(\s|$)", text, re.M):
        return "", b""
    if text and not text.endswith("\n"):
        text += "\n"
    return path, f"{text}{place} {choices.owner}\n".encode()

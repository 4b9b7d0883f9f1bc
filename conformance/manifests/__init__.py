"""Manifests that tell a host of a provider: found, read, and judged by the requirements of the area MAN.

for one in lint([Path("openclaw.plugin.json")]):
    print(one.path, one.kind, [f.said for f in one.findings])
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from conformance.manifests import (
    detection_order,
    entry_points,
    json5,
    openclaw_config,
    openclaw_instance,
    openclaw_plugin,
)
from conformance.manifests.finding import Finding, Found, Linted, Manifest, Place, table
from conformance.requirement import ManifestKind

JUDGES: Mapping[ManifestKind, Callable[[Manifest], Iterator[Finding]]] = {
    "openclaw-plugin": openclaw_plugin.judge,
    "openclaw-config": openclaw_config.judge,
    "openclaw-instance": openclaw_instance.judge,
    "entry-points": entry_points.judge,
    "detection-order": detection_order.judge,
}
NAMED: Mapping[str, ManifestKind] = {
    "openclaw.plugin.json": "openclaw-plugin",
    "openclaw.json": "openclaw-config",
    "pyproject.toml": "entry-points",
    **dict.fromkeys((f"provider-defaults.{end}" for end in ("ts", "mts", "js", "mjs")), "detection-order"),
}
ENDINGS = {".json": "JSON", ".json5": "JSON", ".yaml": "YAML", ".yml": "YAML", ".toml": "TOML"}
KINDS = "openclaw.plugin.json, openclaw.json, OpenClawInstance (YAML), pyproject.toml, provider-defaults.ts"
SKIPPED = {"node_modules", "__pycache__", "venv", "site-packages"}
INSTANCE = re.compile(r"^kind:\s*[\"']?OpenClawInstance\b", re.MULTILINE)


class NoManifest(Exception):
    """There is nothing to judge; one sentence."""


def lint(paths: Sequence[Path]) -> Iterator[Linted]:
    """All that lies there, in order. Raises `NoManifest` where one of them holds none."""
    return map(judge, find(paths))


def find(paths: Sequence[Path], root: Path = Path()) -> Iterator[Found]:
    """What there is to be judged, below `root`. Raises `NoManifest` where one of them holds none."""
    for name in paths:
        path = root / name
        if not path.exists():
            raise NoManifest(f"there is no {name}")
        found = False
        for file in _files(path):
            for one in _found(file, asked=file == path):
                found = True
                yield one
        if not found:
            raise NoManifest(f"{name} holds no manifest that the kit knows; there are {KINDS}")


def _files(path: Path) -> Iterator[Path]:
    """Named is whatever is given, below a folder what has the name or the ending."""
    if path.is_file():
        yield path
        return
    for file in sorted(path.rglob("*")):
        inside = file.relative_to(path).parts[:-1]
        if any(part in SKIPPED or part.startswith(".") for part in inside):
            continue
        if file.is_file() and (file.name in NAMED or ENDINGS.get(file.suffix) == "YAML"):
            yield file


def _found(file: Path, *, asked: bool) -> Iterator[Found]:
    kind: ManifestKind | None = NAMED.get(file.name)
    try:
        text = file.read_text("utf-8-sig")
    except (UnicodeDecodeError, OSError) as exc:
        if kind or asked:
            yield Found(file, kind or "openclaw-config", _unreadable(f"it cannot be read: {exc}"))
        return
    if kind == "detection-order" and not asked and "AUTO_DETECT_ORDER" not in text:
        return  # others have files of this name too
    try:
        documents = list(_read(text, file, kind))
    except _Unreadable as exc:
        template = "{{" in text and file.suffix in (".yaml", ".yml")
        if kind or asked or (INSTANCE.search(text) and not template):
            guess: ManifestKind = "openclaw-instance" if INSTANCE.search(text) else "openclaw-config"
            yield Found(file, kind or guess, _unreadable(str(exc)))
        return
    for number, data in enumerate(documents, 1):
        if made := _manifest(file, kind, data, number if len(documents) > 1 else None):
            yield Found(file, made.kind, made)
        elif kind and kind != "entry-points":
            yield Found(file, kind, _unreadable(f"it is a {type(data).__name__}, not an object"))


def judge(found: Found) -> Linted:
    """By all rules of its kind; what cannot be read, by that alone."""
    manifest = found.what
    if isinstance(manifest, Finding):
        return Linted(str(found.path), found.kind, [manifest])
    place: Place = ("document", manifest.document) if manifest.document else ()
    findings = [Finding(f.rule, (*place, *f.place), f.said, f.write) for f in JUDGES[manifest.kind](manifest)]
    return Linted(str(manifest.path), manifest.kind, sorted(set(findings), key=lambda f: (f.rule, f.where)))


def _unreadable(said: str) -> Finding:
    return Finding("MAN-001", (), said, "JSON, YAML or TOML, as the file's kind is")


class _Unreadable(ValueError):
    pass


def _read(text: str, file: Path, kind: ManifestKind | None) -> Iterator[Any]:
    form = ENDINGS.get(file.suffix, "YAML")
    try:
        if kind == "detection-order":
            yield detection_order.read(text)
        elif form == "TOML":
            yield tomllib.loads(text)
        elif form == "JSON":
            yield json5.loads(text)
        else:
            yield from (data for data in yaml.safe_load_all(text) if data is not None)
    except yaml.YAMLError as exc:
        mark, problem = getattr(exc, "problem_mark", None), getattr(exc, "problem", None) or "it is no YAML"
        raise _Unreadable(f"line {mark.line + 1}: {problem}" if mark else str(problem)) from None
    except (ValueError, RecursionError) as exc:
        raise _Unreadable(" ".join(str(exc).split())) from None


def _manifest(file: Path, kind: ManifestKind | None, data: Any, number: int | None) -> Manifest | None:
    """What a file is called tells its kind, or what it holds."""
    if not isinstance(data, dict):
        return None
    if kind == "entry-points" or (kind is None and file.suffix == ".toml"):
        return Manifest(file, "entry-points", data) if entry_points.told(data) else None
    kind = kind or _recognised(data)
    if kind is None:
        return None
    return Manifest(file, kind, data, whole=kind != "openclaw-instance" or "kind" in data, document=number)


def _recognised(data: Mapping[str, Any]) -> ManifestKind | None:
    spec = table(data.get("spec"))
    if data.get("kind") == "OpenClawInstance":
        return "openclaw-instance"
    if "kind" in data or "apiVersion" in data:
        return None
    if table(table(spec.get("config")).get("raw")) or table(spec.get("security")).get("networkPolicy"):
        return "openclaw-instance"  # a part of one, as guides show
    if isinstance(data.get("providers"), list) and ("id" in data or "configSchema" in data):
        return "openclaw-plugin"
    if table(table(data.get("models")).get("providers")) or any(
        isinstance(table(data.get("agents")).get(key), dict | list)
        for key in ("list", "default", "defaults", "entries")
    ):
        return "openclaw-config"
    return None

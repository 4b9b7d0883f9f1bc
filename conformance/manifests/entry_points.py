"""Entry points of a `pyproject.toml` that hosts find providers by. What cannot be loaded they skip, without a word."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from conformance import drivers
from conformance.manifests.finding import Finding, Manifest, Place, table

REFERENCE = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*(:[A-Za-z_]\w*(\.[A-Za-z_]\w*)*)?")
PATIENCE = 60  # seconds


def groups() -> dict[str, list[str]]:
    """Known groups, with the hosts whose adapters stand in them; none: what has only to be loaded."""
    known = {"llm_council.providers": ["llm-council"], "conformance.providers": drivers.names()}
    return known | {"conformance.drivers": [], "llm": []}


def told(data: Mapping[str, Any]) -> dict[tuple[str, ...], Mapping[str, Any]]:
    """The tables of known groups, by their places: of the standard, and of Poetry."""
    places = [("project", "entry-points"), ("tool", "poetry", "plugins")]
    found: dict[tuple[str, ...], Mapping[str, Any]] = {}
    for place in places:
        there: Mapping[str, Any] = data
        for step in place:
            there = table(there.get(step))
        found |= {(*place, group): table(there[group]) for group in groups() if group in there}
    return found


def judge(manifest: Manifest) -> Iterator[Finding]:
    sound: list[tuple[Place, str, str, str]] = []
    for place, entries in told(manifest.data).items():
        names: dict[str, str] = {}
        for name, reference in entries.items():
            where, group = (*place, name), place[-1]
            if not _is_reference(reference, group):
                yield Finding("MAN-025", where, f"{reference!r} names nothing", "package.module:Class")
            else:
                sound.append((where, group, name, re.sub(r"\s|\[.*", "", reference)))
            if same := names.get(_folded(name)):
                yield Finding("MAN-029", where, f"it is called like {same!r}", "another name")
            names[_folded(name)] = name
    if sound:
        yield from _judge_loaded(manifest, sound)


def _is_reference(reference: Any, group: str) -> bool:
    """A plugin may be a whole module, a provider not."""
    text = re.sub(r"\s|\[.*", "", reference) if isinstance(reference, str) else ""
    return bool(REFERENCE.fullmatch(text)) and (":" in text or not groups()[group])


def _folded(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _judge_loaded(manifest: Manifest, sound: Sequence[tuple[Place, str, str, str]]) -> Iterator[Finding]:
    answer = _load(manifest, sound)
    for i, (where, group, name, reference) in enumerate(sound):
        if other := answer["others"].get(group, {}).get(name):
            yield Finding(
                "MAN-029", where, f"{name!r} of the installed package {other} is called so too", "another name"
            )
        found = answer["entries"][i]
        if "error" in found:
            said = f"{reference} cannot be loaded: {found['error']}"
            yield Finding("MAN-026", where, said, "what can be imported here; a missing SDK only where it is used")
        elif groups()[group]:
            yield from _judge_class(where, group, name, reference, found)


def _judge_class(where: Place, group: str, name: str, reference: str, found: Mapping[str, Any]) -> Iterator[Finding]:
    hosts = " or ".join(groups()[group])
    factory = group == "conformance.providers" and found["kind"] != "class"  # may be one, or an instance
    if not factory and (found["kind"] != "class" or not found["host"]):
        what = "a class" if found["kind"] == "class" else f"a {found['kind']}"
        yield Finding("MAN-027", where, f"{reference} is {what}, and no adapter of {hosts}", "the adapter's class")
    elif found.get("abstract"):
        missing = ", ".join(found["abstract"])
        yield Finding("MAN-027", where, f"{reference} cannot be built: {missing} are abstract", "a class that has them")
    elif group == "llm_council.providers":
        if found["wanted"]:
            said = f"{reference} cannot be built without {', '.join(found['wanted'])}"
            yield Finding("MAN-028", where, said, "defaults; keys come from the environment")
        if found["name"] and _folded(found["name"]) != _folded(name):
            yield Finding(
                "MAN-030", where, f"the class calls itself {found['name']!r}", f"{found['name']!r}, or the other"
            )


def _load(manifest: Manifest, sound: Sequence[tuple[Place, str, str, str]]) -> dict[str, Any]:
    root = manifest.path.parent.resolve()
    project = table(manifest.data.get("project")) or table(table(manifest.data.get("tool")).get("poetry"))
    question = {
        "path": [str(root / "src"), str(root)],
        "own": str(project.get("name", "")).lower().replace("_", "-"),
        "groups": sorted({group for _, group, _, _ in sound}),
        "entries": [{"reference": reference, "hosts": groups()[group]} for _, group, _, reference in sound],
    }
    command = [sys.executable, "-m", "conformance.manifests.loading"]
    try:
        run = subprocess.run(
            command, input=json.dumps(question), capture_output=True, text=True, timeout=PATIENCE, check=False
        )
        answer: dict[str, Any] = json.loads(run.stdout.strip().splitlines()[-1])
    except subprocess.TimeoutExpired:
        error = f"importing it took more than {PATIENCE} seconds"
    except (ValueError, IndexError):
        error = (run.stderr.strip().splitlines() or [f"the process ended with {run.returncode}"])[-1]
    else:
        return answer
    return {"others": {}, "entries": [{"error": error} for _ in sound]}

"""Where hosts look a provider up, and under which id."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

from conformance.manifests import entry_points, json5
from conformance.packaging.answers import Judgement, ask, ok, wrong
from conformance.packaging.project import Project, read_toml

ID = re.compile(r"[a-z0-9]+([._-][a-z0-9]+)*")


def under_an_id(project: Project) -> Judgement:
    if problem := _broken(project):
        return problem
    ids = list(_ids(project))
    if not ids:
        if project.foreign or project.examination.subject.driver.host != "native":
            host = project.examination.subject.driver.host
            return ask(
                f"is it registered with {host} under a stable id? no entry point and no plugin manifest names it"
            )
        write = f'[project.entry-points."conformance.providers"] {_slug(project)} = "{_reference(project)}"'
        return wrong(f"no entry point, manifest or registry names {_reference(project)}", write)
    for where, id in ids:
        if not ID.fullmatch(id):
            return wrong(
                f"{where} registers it as {id!r}, which is no plain name", f"{_folded(id)}: small letters, digits and -"
            )
    own = project.examination.subject.name
    if own and _folded(own) not in {_folded(id) for _, id in ids}:
        said = f"it calls itself {own!r}, and is registered as {ids[0][1]!r}"
        return wrong(said, f'name = "{ids[0][1]}", or the other: errors and hosts call it so')
    return ok(", ".join(f"{id!r} by {where}" for where, id in ids))


def as_before(project: Project) -> Judgement:
    if project.base is None:
        return ask("was it registered under another id before? there is no git history to compare with")
    text = project.before("pyproject.toml")
    then = dict(_entries(read_toml(text))) if text else {}
    now = dict(_entries(project.data))
    mine = [(key, reference) for key, reference in then.items() if key not in now]
    for (group, name), reference in mine:
        if reference in now.values() or reference.partition(":")[2] == project.cls.__name__:
            write = f'{name} = "{_reference(project)}" beside the new one'
            return wrong(f"it was {name!r} in {group}, and is not any more", write)
    return ok(f"no id is lost since {project.base[:10]}")


def _broken(project: Project) -> Judgement | None:
    if not (registry := project.settings.registry):
        return None
    where = "[tool.conformance.checklist] registry"
    try:
        found = _registry(registry)
    except Exception as exc:
        return wrong(f"{where}: {registry} cannot be read: {exc}", "module:attribute of the mapping that hosts read")
    if not any(_is(project, entry) for entry in found.values()):
        return wrong(f"{registry} does not name it", f"an entry for {_reference(project)}")
    return None


def _registry(registry: str) -> Mapping[str, Any]:
    module, _, attribute = registry.partition(":")
    found = getattr(import_module(module), attribute)
    if not isinstance(found, Mapping):
        raise TypeError(f"it is a {type(found).__name__}, no mapping of ids to adapters")
    return found


def _is(project: Project, entry: Any) -> bool:
    """The adapter, its class, or the text that leads to it."""
    names = (_reference(project), f"{project.module}.{project.cls.__name__}")
    return entry is project.cls or type(entry) is project.cls or entry in names


def _ids(project: Project) -> Iterator[tuple[str, str]]:
    """Where, and under which name."""
    if registry := project.settings.registry:
        yield from ((registry, str(id)) for id, entry in _registry(registry).items() if _is(project, entry))
    for (group, name), reference in _entries(project.data):
        if _leads(project, reference):
            yield f"the entry points {group}", name
    for path in project.paths:
        if path.rpartition("/")[2] == "openclaw.plugin.json":
            try:
                told: Any = json5.loads(project.text(path))
            except ValueError:
                continue
            listed = told.get("providers", []) if isinstance(told, dict) else []
            listed = [p.get("id") if isinstance(p, dict) else p for p in listed] if isinstance(listed, list) else []
            yield from ((path, id) for id in listed if id == project.id)


def _entries(data: dict[str, Any]) -> Iterator[tuple[tuple[str, str], str]]:
    for place, entries in entry_points.told(data).items():
        yield from (((place[-1], name), re.sub(r"\s|\[.*", "", str(value))) for name, value in entries.items())


def _leads(project: Project, reference: str) -> bool:
    module, _, attribute = reference.partition(":")
    if reference == _reference(project):
        return True
    if module.partition(".")[0] != project.module.partition(".")[0]:
        return False
    try:
        found: Any = import_module(module)
        for part in filter(None, attribute.split(".")):
            found = getattr(found, part)
    except Exception:  # `conformance lint` tells why
        return False
    return found is project.target or found is project.cls


def _reference(project: Project) -> str:
    return f"{project.module}:{project.cls.__name__}"


def _slug(project: Project) -> str:
    return _folded(project.examination.subject.name or project.id)


def _folded(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")

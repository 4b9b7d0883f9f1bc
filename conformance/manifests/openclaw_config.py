"""OpenClaw's own configuration, `openclaw.json` or as YAML: models told by hand, and who stands in for whom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from conformance.manifests import models, schema
from conformance.manifests.finding import Finding, Manifest, Place, rows, table, texts


def judge(manifest: Manifest) -> Iterator[Finding]:
    for place, said, wanted in schema.wrong("openclaw-config", manifest.data):
        yield Finding("MAN-002", place, said, wanted)
    yield from settings((), manifest.data)


def settings(place: Place, data: Mapping[str, Any]) -> Iterator[Finding]:
    """Also what an instance in a cluster carries with it."""
    for name, provider in table(table(data.get("models")).get("providers")).items():
        yield from models.judge((*place, "models", "providers", name), table(provider))
    for where, agent in _agents(table(data.get("agents"))):
        yield from _fallbacks((*place, "agents", *where), agent)


def _agents(agents: Mapping[str, Any]) -> Iterator[tuple[Place, Mapping[str, Any]]]:
    for name in ("default", "defaults"):
        yield (name,), table(agents.get(name))
    for i, agent in rows(agents.get("list")):
        yield ("list", i), agent
    for name, agent in table(agents.get("entries")).items():
        yield ("entries", name), table(agent)


def _fallbacks(place: Place, agent: Mapping[str, Any]) -> Iterator[Finding]:
    model = agent.get("model")
    primary = model if isinstance(model, str) else table(model).get("primary")
    chain: list[tuple[Place, Any]] = [
        ((*place, "model", "fallbacks", i), name) for i, name in texts(table(model).get("fallbacks"))
    ]
    if "modelFallbacks" in agent:
        told = list(rows(agent["modelFallbacks"]))
        chain += [((*place, "modelFallbacks", i, "model"), row.get("model")) for i, row in told]
        names = ", ".join(f'"{row.get("model")}"' for _, row in told)
        said = "no release reads this: the host itself tells by the error who is asked next"
        yield Finding(
            "MAN-024", (*place, "modelFallbacks"), said, f'model: {{primary: "{primary}", fallbacks: [{names}]}}'
        )
    seen = {primary}
    for where, name in chain:
        if name in seen:
            yield Finding("MAN-023", where, f"{name} has been asked already", "another model, of another provider best")
        seen.add(name)

"""What is written of a provider's models by hand: in a manifest's catalogue, and in the host's configuration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from conformance.manifests import urls
from conformance.manifests.finding import Finding, Place, rows

LIMITS = ("contextWindow", "contextTokens", "maxTokens", "maxOutputTokens")


def judge(place: Place, provider: Mapping[str, Any]) -> Iterator[Finding]:
    for key in ("baseUrl", "baseURL"):
        if isinstance(url := provider.get(key), str):
            yield from urls.judge((*place, key), url)
    seen: set[str] = set()
    for i, model in rows(provider.get("models")):
        here: Place = (*place, "models", i)
        name = model.get("id")
        if not isinstance(name, str) or not name.strip():
            yield Finding("MAN-016", here, "a model without an id is left out", "its id, as the provider calls it")
        elif name in seen:
            yield Finding("MAN-016", (*here, "id"), f"two models are called {name!r}", "each model once")
        seen.add(str(name))
        yield from _limits(here, model)
        if isinstance(url := model.get("baseUrl"), str):
            yield from urls.judge((*here, "baseUrl"), url)


def _limits(place: Place, model: Mapping[str, Any]) -> Iterator[Finding]:
    told: dict[str, int] = {}
    for key in LIMITS:
        value = model.get(key)
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0 or value % 1:
            yield Finding("MAN-017", (*place, key), f"{value!r} is no number of tokens", "such as 131072")
        else:
            told[key] = int(value)
    window = told.pop("contextWindow", None)
    for key, value in told.items():
        if window is not None and value > window:
            said = f"{value} do not fit into the context window of {window}"
            yield Finding("MAN-017", (*place, key), said, f"at most {window}, or a greater contextWindow")
    windows = [row.get("id") for _, row in rows(model.get("contextWindows"))]
    default = model.get("contextWindowDefault")
    if default is not None and default not in windows:
        wanted = f"one of {', '.join(map(str, windows))}" if windows else "contextWindows"
        yield Finding("MAN-018", (*place, "contextWindowDefault"), f"no window is called {default!r}", wanted)

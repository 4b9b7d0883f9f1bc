"""AgentOS' `provider-defaults`: which model a provider has by default, and in which order variables are looked for.

It is TypeScript, or what was built of it. Only the two literals are read: objects with texts in them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from conformance.manifests.finding import Finding, Manifest, rows, table
from conformance.manifests.json5 import NotJSON5, loads

NAMES = {"PROVIDER_DEFAULTS": "{", "AUTO_DETECT_ORDER": "["}
TASKS = ("text", "image", "embedding")


def read(text: str) -> dict[str, Any]:
    """Both literals, which are JSON5. Raises `NotJSON5`."""
    found: dict[str, Any] = {}
    for name, opening in NAMES.items():
        start = re.search(rf"\b{name}\b[^=]{{0,300}}=\s*(?={re.escape(opening)})", text)
        if start is None:
            raise NotJSON5(f"there is no {name} = {opening}…")
        found[name] = loads(_literal(text[start.end() :], opening))
    return found


def _literal(text: str, opening: str) -> str:
    """To the bracket that closes it, texts and comments passed over."""
    depth = 0
    for token in re.finditer(r"//[^\n]*|/\*.*?\*/|\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|[\[{\]}]", text, re.DOTALL):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(token.group(), 0)
        if depth == 0 and token.group() in "]}":
            return text[: token.end()]
    raise NotJSON5(f"the {opening} is never closed")


def judge(manifest: Manifest) -> Iterator[Finding]:
    defaults, order = table(manifest.data["PROVIDER_DEFAULTS"]), manifest.data["AUTO_DETECT_ORDER"]
    seen: dict[str, str] = {}
    for i, probe in rows(order):
        provider, what = probe.get("provider"), probe.get("envKey") or probe.get("binaryName")
        here = ("AUTO_DETECT_ORDER", i)
        if not any(table(defaults.get(str(provider))).get(task) for task in TASKS):
            yield Finding(
                "MAN-031",
                here,
                f"{provider} is found by {what}, and has no default model",
                f"{provider}: {{ text: '…' }} in PROVIDER_DEFAULTS",
            )
        if what in seen:
            said = f"{what} has found {seen[what]} already: {provider} is never reached by it"
            yield Finding("MAN-032", here, said, "a variable of its own, such as ACME_API_KEY")
        seen.setdefault(str(what), str(provider))
    found = {probe.get("provider") for _, probe in rows(order)}
    for name, models in defaults.items():
        if table(models).get("text") and name not in found:
            write = f"{{ envKey: '{re.sub(r'[^A-Za-z0-9]+', '_', name).upper()}_API_KEY', provider: '{name}' }}"
            yield Finding(
                "MAN-033", ("PROVIDER_DEFAULTS", name), f"{name} is never detected", f"{write} in AUTO_DETECT_ORDER"
            )

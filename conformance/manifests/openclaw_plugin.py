"""`openclaw.plugin.json`, in the form that OpenClaw reads today, and in the older one of tutorials: that tells its
variables in `providerAuthEnvVars`, and has no schema of its configuration."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from conformance.manifests import models, schema, urls
from conformance.manifests.finding import Finding, Manifest, Place, rows, table, texts

OLD = "providerAuthEnvVars"
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
NESTED = re.compile(r"\([^()]*[+*}][^()]*\)[+*{]")  # a repetition that is repeated
OWNERS = {  # variables that SDKs know, and whose they are
    "OPENAI_API_KEY": "openai",
    "ANTHROPIC_API_KEY": "anthropic",
    "GEMINI_API_KEY": "google",
    "GOOGLE_API_KEY": "google",
    "MISTRAL_API_KEY": "mistral",
    "COHERE_API_KEY": "cohere",
    "GROQ_API_KEY": "groq",
    "OPENROUTER_API_KEY": "openrouter",
    "XAI_API_KEY": "xai",
}


def judge(manifest: Manifest) -> Iterator[Finding]:
    data, old = manifest.data, is_old(manifest.data)
    yield from _identity(data, old)
    yield from _ownership(data)
    yield from _choices(data)
    yield from _variables(data)
    yield from _catalogue(data)
    yield from _modules(manifest)


def is_old(data: Mapping[str, Any]) -> bool:
    return OLD in data and "configSchema" not in data and "setup" not in data


def _identity(data: Mapping[str, Any], old: bool) -> Iterator[Finding]:
    if not isinstance(data.get("id"), str) or not data["id"].strip():
        yield Finding("MAN-003", ("id",), "the plugin has no id", '"id": "acme"')
    for place, said, wanted in schema.wrong("openclaw-plugin", data):
        yield Finding("MAN-002", place, said, wanted)
    if "configSchema" in data and isinstance(data["configSchema"], Mapping):
        if why := schema.no_schema(data["configSchema"]):
            yield Finding("MAN-004", ("configSchema",), f"this is no JSON Schema: {why}", 'such as {"type": "object"}')
    elif old:
        yield Finding(
            "MAN-005",
            (OLD,),
            "this is the older form: today's releases read no such field, and refuse a manifest without configSchema",
            f'"setup": {{"providers": [{_setup(data)}]}}, "configSchema": {{"type": "object"}}',
        )
    else:
        said = "configSchema is missing" if "configSchema" not in data else "configSchema is no object"
        yield Finding("MAN-004", ("configSchema",), said, '{"type": "object", "additionalProperties": false}')
    if not old:
        known = {v for _, _, names in _told(data, old=False) for _, v in names}
        for place, provider, names in _told(data, old=True):
            if any(name not in known for _, name in names):
                yield Finding(
                    "MAN-006", place, f"OpenClaw does not look here for the variables of {provider}", "setup.providers"
                )
    documented = schema.fields("openclaw-plugin")
    for name in data:
        if name not in documented and name not in (OLD, "$schema"):
            near = get_close_matches(name, documented, 1)
            yield Finding(
                "MAN-007",
                (name,),
                "no such field is documented: OpenClaw ignores it",
                near[0] if near else "nothing, or what is the plugin's own into configSchema",
            )


def _setup(data: Mapping[str, Any]) -> str:
    names = {provider: [n for _, n in listed] for _, provider, listed in _told(data, old=True)}
    shown = ('{"id": "%s", "envVars": [%s]}' % (p, ", ".join(f'"{n}"' for n in ns)) for p, ns in names.items())  # noqa: UP031
    return ", ".join(shown)


def _ownership(data: Mapping[str, Any]) -> Iterator[Finding]:
    """A provider may be one of text, of a command line, or of what `contracts` lists."""
    mine = {text for key in ("providers", "cliBackends") for _, text in texts(data.get(key))}
    known = mine | {str(row.get("id")) for _, row in rows(table(data.get("setup")).get("providers"))}
    for listed in table(data.get("contracts")).values():
        known |= {text for _, text in texts(listed)}
    catalog, said = table(data.get("modelCatalog")), "no provider of this plugin is called {!r}"
    named: list[tuple[Place, str, set[str]]] = []
    for part in ("providers", "discovery"):
        named += [(("modelCatalog", part, name), name, mine) for name in table(catalog.get(part))]
    named += [((OLD, name), name, mine) for name in table(data.get(OLD))]
    for i, choice in rows(data.get("providerAuthChoices")):
        if isinstance(name := choice.get("provider"), str):
            named.append((("providerAuthChoices", i, "provider"), name, known))
    for place, name, owned in named:
        if name not in owned:
            near = get_close_matches(name, owned, 1) or sorted(owned)[:1]
            yield Finding(
                "MAN-008", place, said.format(name), f'{near[0]!r}, or "{name}" into providers' if near else "it"
            )


def _choices(data: Mapping[str, Any]) -> Iterator[Finding]:
    seen: set[str] = set()
    for i, choice in rows(data.get("providerAuthChoices")):
        here: Place = ("providerAuthChoices", i)
        missing = [k for k in ("provider", "method", "choiceId") if not str(choice.get(k) or "").strip()]
        if missing:
            yield Finding("MAN-009", here, f"a choice without {' and '.join(missing)} is left out", f"its {missing[0]}")
        for name in (choice.get("choiceId"), *(text for _, text in texts(choice.get("deprecatedChoiceIds")))):
            if isinstance(name, str) and name in seen:
                unique = "an id of its own, such as acme-oauth"
                yield Finding("MAN-010", (*here, "choiceId"), f"two choices are called {name!r}", unique)
            seen.add(str(name))
        flag, option = choice.get("cliFlag"), choice.get("cliOption")
        if isinstance(flag, str) and not re.fullmatch(r"--[a-z0-9]+(-[a-z0-9]+)*", flag):
            yield Finding("MAN-011", (*here, "cliFlag"), f"{flag!r} is no flag", "such as --acme-api-key")
        elif isinstance(flag, str) and isinstance(option, str) and option.split(" ")[0] != flag:
            yield Finding("MAN-011", (*here, "cliOption"), f"{option!r} is not of the flag {flag}", f"{flag} <key>")


def _told(data: Mapping[str, Any], *, old: bool) -> Iterator[tuple[Place, str, list[tuple[int, str]]]]:
    """Where a provider's variables stand, and which, in the order in which they are looked for."""
    if old:
        for name, listed in table(data.get(OLD)).items():
            yield (OLD, name), str(name), list(texts(listed))
        return
    for i, row in rows(table(data.get("setup")).get("providers")):
        yield ("setup", "providers", i, "envVars"), str(row.get("id")), list(texts(row.get("envVars")))


def _variables(data: Mapping[str, Any]) -> Iterator[Finding]:
    told = [*_told(data, old=False), *_told(data, old=True)]
    for place, provider, names in told:
        seen: set[str] = set()
        for i, name in names:
            if not VARIABLE.fullmatch(name):
                shown = "a key" if len(name) > 20 else repr(name)
                yield Finding("MAN-012", (*place, i), f"{shown} is not the name of a variable", "such as ACME_API_KEY")
            if name in seen:
                yield Finding("MAN-013", (*place, i), f"{name} is listed before already", "each variable once")
            owner = OWNERS.get(name)
            if owner and owner not in (provider, data.get("id")) and owner not in provider:
                own = re.sub(r"\W+", "_", provider).upper() + "_API_KEY"
                yield Finding("MAN-015", (*place, i), f"{name} is the variable of {owner}, not of {provider}", own)
            seen.add(name)
    able = {provider for _, provider, names in told if names}
    for i, choice in rows(data.get("providerAuthChoices")):
        provider = str(choice.get("provider"))
        if choice.get("method") == "api-key" and provider not in able:
            yield Finding(
                "MAN-014",
                ("providerAuthChoices", i),
                f"{provider} takes a key, and no variable is named that it could be found in",
                f'setup.providers: {{"id": "{provider}", "envVars": ["…_API_KEY"]}}',
            )


def _catalogue(data: Mapping[str, Any]) -> Iterator[Finding]:
    catalog = table(data.get("modelCatalog"))
    providers = table(catalog.get("providers"))
    for name, provider in providers.items():
        yield from models.judge(("modelCatalog", "providers", name), table(provider))
    for name, how in table(catalog.get("discovery")).items():
        if how == "static" and not table(providers.get(name)).get("models"):
            place: Place = ("modelCatalog", "discovery", name)
            yield Finding(
                "MAN-019", place, f"{name} lists no models, and none are looked for", "refreshable or runtime"
            )
    for i, endpoint in rows(data.get("providerEndpoints")):
        for j, url in texts(endpoint.get("baseUrls")):
            yield from urls.judge(("providerEndpoints", i, "baseUrls", j), url)
    for i, pattern in texts(table(data.get("modelSupport")).get("modelPatterns")):
        if why := _unsafe(pattern):
            place = ("modelSupport", "modelPatterns", i)
            yield Finding("MAN-022", place, f"{pattern!r} is skipped: {why}", "a simpler pattern, or modelPrefixes")


def _unsafe(pattern: str) -> str | None:
    if NESTED.search(pattern):
        return "a repetition is repeated"
    try:
        re.compile(re.sub(r"\(\?<(?=[A-Za-z])", "(?P<", pattern))
    except re.error as exc:
        return str(exc)
    return None


def _modules(manifest: Manifest) -> Iterator[Finding]:
    """Only where the whole plugin lies beside it; built ones have another ending than their sources."""
    root = manifest.path.parent
    if not (root / "package.json").is_file():
        return
    for key in ("providerCatalogEntry", "capabilityCatalogEntry"):
        name = manifest.data.get(key)
        if not isinstance(name, str):
            continue
        target = (root / name).resolve()
        if not target.is_relative_to(root.resolve()):
            yield Finding("MAN-021", (key,), f"{name} lies outside of the plugin", "a path inside of it")
        elif not any(p.stem.split(".")[0] == target.stem for p in target.parent.glob(f"{target.stem}.*")):
            yield Finding("MAN-021", (key,), f"there is no {name}", "the path of the module, from the plugin's folder")

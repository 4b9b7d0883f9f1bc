"""OpenClawInstance, the operator's manifest: providers by `llmConfig` or by the environment, their keys, and whether
the pod may reach them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from conformance.manifests import egress, openclaw_config, schema, urls
from conformance.manifests.finding import Finding, Manifest, Place, rows, table
from conformance.manifests.urls import Address

KEYS = {
    "openai": ("OPENAI_API_KEY",),
    "anthropic": ("ANTHROPIC_API_KEY", "ANTHROPIC_OAUTH_TOKEN"),
    "gemini": ("GEMINI_API_KEY", "GOOGLE_API_KEY", "GOOGLE_AI_API_KEY"),
    "google": ("GEMINI_API_KEY", "GOOGLE_API_KEY", "GOOGLE_AI_API_KEY"),
    "openrouter": ("OPENROUTER_API_KEY",),
    "mistral": ("MISTRAL_API_KEY",),
    "groq": ("GROQ_API_KEY",),
    "xai": ("XAI_API_KEY",),
}
ADDRESSES = {
    "OPENAI_BASE_URL": "openai",
    "ANTHROPIC_BASE_URL": "anthropic",
    "OLLAMA_HOST": None,
    "OLLAMA_BASE_URL": None,
}
PLACEHOLDER = re.compile(
    r"(not-?needed|none|dummy|placeholder|changeme|unused|ollama|no-?key|sk-no-key-required|x+)", re.I
)
SECRET = re.compile(r"(sk|gsk|xai|AIza|pk|key|r8|hf|nvapi)[-_]?(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{24,}")
SERVERS = {11434: "Ollama", 8000: "vLLM"}


@dataclass(frozen=True)
class Told:
    """A provider that the manifest names, and its address where it has one of its own."""

    place: Place
    provider: str | None
    url: str | None


def judge(manifest: Manifest) -> Iterator[Finding]:
    if manifest.whole:
        for place, said, wanted in schema.wrong("openclaw-instance", manifest.data):
            yield Finding("MAN-002", place, said, wanted)
    spec = table(manifest.data.get("spec"))
    raw = table(table(spec.get("config")).get("raw"))
    told = [*_by_config(raw), *_by_environment(spec)]
    if "llmConfig" in raw:
        yield Finding(
            "MAN-040",
            ("spec", "config", "raw", "llmConfig"),
            "OpenClaw refuses to start with a key that it does not know, and today's knows no llmConfig",
            "env: OPENAI_BASE_URL and OPENAI_API_KEY",
        )
    yield from openclaw_config.settings(("spec", "config", "raw"), raw)
    for one in told:
        if one.url is not None:
            yield from _reached(one, spec, whole=manifest.whole)
    yield from _keys(spec, told)


def _by_config(raw: Mapping[str, Any]) -> Iterator[Told]:
    for i, entry in rows(raw.get("llmConfig")):
        url = entry.get("baseURL", entry.get("baseUrl"))
        place: Place = ("spec", "config", "raw", "llmConfig", i)
        yield Told((*place, "baseURL") if url else place, _text(entry.get("provider")), _text(url))
    for name, provider in table(table(raw.get("models")).get("providers")).items():
        if url := _text(table(provider).get("baseUrl")):
            yield Told(("spec", "config", "raw", "models", "providers", name, "baseUrl"), None, url)


def _by_environment(spec: Mapping[str, Any]) -> Iterator[Told]:
    for i, entry in rows(spec.get("env")):
        name, value = entry.get("name"), entry.get("value")
        if name in ADDRESSES and isinstance(value, str):
            url = value if "://" in value else f"http://{value}"  # OLLAMA_HOST may be host:port
            yield Told(("spec", "env", i, "value"), ADDRESSES[name], url if name == "OLLAMA_HOST" else value)


def _reached(one: Told, spec: Mapping[str, Any], *, whole: bool) -> Iterator[Finding]:
    yield from (f for f in urls.judge(one.place, str(one.url)) if "models" not in one.place)  # told by its own rule
    address = urls.address(str(one.url))
    if address is None:
        return
    security = table(spec.get("security"))
    policy = table(security.get("networkPolicy"))
    if (whole or "networkPolicy" in security) and policy.get("enabled") is not False:
        yield from _allowed(one, address, policy)
    if address.local and whole and (why := _nobody(address, spec)):
        yield Finding("MAN-036", one.place, why, f"a sidecar with containerPort {address.port}, or spec.ollama")
    if one.provider == "openai" and address.path.strip("/") == "" and address.port in SERVERS:
        said = f"{SERVERS[address.port]} has OpenAI's API below /v1, and the client adds no such path"
        yield Finding("MAN-041", one.place, said, f"{str(one.url).rstrip('/')}/v1")


def _allowed(one: Told, address: Address, policy: Mapping[str, Any]) -> Iterator[Finding]:
    if not egress.reachable(address, policy):
        namespace = address.namespace
        to = f"to: [{{namespaceSelector: {{matchLabels: {{{egress.NAMESPACE}: {namespace}}}}}}}], " if namespace else ""
        yield Finding(
            "MAN-034",
            one.place,
            f"the network policy lets nothing through to port {address.port} of {address.host}",
            f"additionalEgress: [{{{to}ports: [{{protocol: TCP, port: {address.port}}}]}}]",
        )
    elif wrong := egress.astray(address, policy):
        said = f"port {address.port} is open to namespace {wrong}, and {address.host} is in {address.namespace}"
        yield Finding("MAN-035", one.place, said, f"{egress.NAMESPACE}: {address.namespace}")


def _nobody(address: Address, spec: Mapping[str, Any]) -> str | None:
    if table(spec.get("ollama")).get("enabled") and address.port == 11434:
        return None
    sidecars = [sidecar for _, sidecar in rows(spec.get("sidecars"))]
    ports = [[p.get("containerPort") for _, p in rows(s.get("ports"))] for s in sidecars]
    if not sidecars:
        return f"nothing else runs in the pod that could listen at {address.host}:{address.port}"
    if all(ports) and not any(address.port in told for told in ports):
        return f"no sidecar listens at port {address.port}"
    return None


def _keys(spec: Mapping[str, Any], told: list[Told]) -> Iterator[Finding]:
    given = {str(e["name"]): (i, e) for i, e in rows(spec.get("env")) if "name" in e}
    more = bool(spec.get("envFrom"))  # what is in there nobody sees here
    for name, (i, entry) in given.items():
        value = entry.get("value")
        if isinstance(value, str) and SECRET.fullmatch(value.strip()):
            write = f"valueFrom: {{secretKeyRef: {{name: …, key: {name}}}}}"
            yield Finding("MAN-039", ("spec", "env", i, "value"), f"the key of {name} stands in the manifest", write)
    missing: set[str] = set()
    for one in told:
        names = KEYS.get(one.provider or "", ())
        if not names:
            continue
        found = next((name for name in names if name in given and _is_set(given[name][1])), None)
        if found is None and not more and names[0] not in missing:
            missing.add(names[0])
            local = one.url is not None and (address := urls.address(one.url)) is not None and address.port != 443
            value = '"not-needed"' if local else "the key, from a secret"
            yield Finding(
                "MAN-037", one.place, f"{one.provider} has no key, and no placeholder", f"env: {names[0]}: {value}"
            )
        elif found and _is_placeholder(given[found][1]) and not _has_address(one.provider, told, more):
            place = ("spec", "env", given[found][0], "value")
            value = given[found][1].get("value")
            yield Finding(
                "MAN-038", place, f"{value!r} is no key, and {one.provider} has no address of its own", "a secretKeyRef"
            )


def _has_address(provider: str | None, told: list[Told], more: bool) -> bool:
    """Entries of `llmConfig` tell theirs; what stands in the environment holds for all."""
    mine = [one for one in told if one.provider == provider]
    return any(one.url for one in mine) or (more and not any("llmConfig" in one.place for one in mine))


def _is_set(entry: Mapping[str, Any]) -> bool:
    return "valueFrom" in entry or bool(str(entry.get("value") or "").strip())


def _is_placeholder(entry: Mapping[str, Any]) -> bool:
    value = entry.get("value")
    return isinstance(value, str) and bool(PLACEHOLDER.fullmatch(value.strip()))


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None

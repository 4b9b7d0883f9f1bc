"""What Google's servers reject of a generateContent request, and a schema cannot say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

# What is the user's own, and not the API's: its names stay as they are.
_OPAQUE = {"args", "response", "parametersJsonSchema", "responseJsonSchema", "_responseJsonSchema", "labels"}
_NAMED = {"properties", "defs", "$defs"}  # names of the user's, and what they stand for is the API's
_REPEATED = {"contents", "parts", "tools", "functionDeclarations", "safetySettings", "stopSequences"}
FORMS = ("responseSchema", "responseJsonSchema", "_responseJsonSchema")  # of the answer
_VERTEX_ONLY = ("additionalProperties", "ref", "$ref", "defs", "$defs")  # of a schema


def one_spelling(value: Any) -> Any:
    """`max_output_tokens` is read as `maxOutputTokens`, one object as a list of it, and null as nothing said."""
    if isinstance(value, list):
        return [one_spelling(v) for v in value]
    if not isinstance(value, dict):
        return value
    told: dict[str, Any] = {}
    for spelled, inner in value.items():
        name = re.sub(r"(?<=[a-z])_([a-z])", lambda m: m[1].upper(), spelled)
        if inner is None:
            continue
        if name in _NAMED and isinstance(inner, dict):
            told[name] = {own: one_spelling(rule) for own, rule in inner.items()}
        else:
            told[name] = inner if name in _OPAQUE else one_spelling(inner)
        if name in _REPEATED and isinstance(inner, dict):
            told[name] = [told[name]]
    return told


def rules(body: dict[str, Any], *, vertex: bool) -> Iterator[str]:
    yield from _conversation(body["contents"])
    yield from _choice(body)
    for i, tool in enumerate(body.get("tools", ())):
        for j, declared in enumerate(tool.get("functionDeclarations", ())):
            yield from _declaration(declared, f"$.tools[{i}].functionDeclarations[{j}]", vertex=vertex)
    yield from _form(body.get("generationConfig", {}), "$.generationConfig", vertex=vertex)


def _form(options: dict[str, Any], path: str, *, vertex: bool) -> Iterator[str]:
    given = [name for name in FORMS if name in options]
    if given and options.get("responseMimeType") not in ("application/json", "text/x.enum"):
        yield f"{path}.{given[0]}: needs a responseMimeType of application/json"
    if given[1:]:
        yield f"{path}.{given[1]}: is not allowed beside {given[0]}"
    if "responseSchema" in options:
        yield from _schema(options["responseSchema"], f"{path}.responseSchema", vertex=vertex)
    thinking = options.get("thinkingConfig", {})
    if "thinkingBudget" in thinking and "thinkingLevel" in thinking:
        yield f"{path}.thinkingConfig.thinkingLevel: is not allowed beside thinkingBudget"


def _conversation(contents: list[dict[str, Any]]) -> Iterator[str]:
    """The turn after calls answers them all, each by its name, and by its id where the call has one."""
    open_calls: list[dict[str, Any]] = []
    for i, content in enumerate(contents):
        role, parts = content.get("role", "user"), content["parts"]
        calls = [p["functionCall"] for p in parts if "functionCall" in p]
        answers = [p["functionResponse"] for p in parts if "functionResponse" in p]
        if calls and role != "model":
            yield f"$.contents[{i}].role: a function call is the model's"
        if answers and role == "model":
            yield f"$.contents[{i}].role: the answer to a function call is not the model's"
        if calls and (i == 0 or contents[i - 1].get("role") == "model"):
            yield f"$.contents[{i}]: a turn of function calls comes right after one of the user"
        if len(answers) != len(open_calls):
            yield f"$.contents[{i}]: {len(answers)} function responses, where {len(open_calls)} functions were called"
        elif sorted(a["name"] for a in answers) != sorted(c["name"] for c in open_calls):
            yield f"$.contents[{i}]: the function responses have other names than the function calls"
        known = {c["id"] for c in open_calls if "id" in c}
        if known and any("id" in a and a["id"] not in known for a in answers):
            yield f"$.contents[{i}]: a function response has an id that no function call has"
        open_calls = calls
    if open_calls:
        yield "$.contents: the last function calls have no answer"


def _choice(body: dict[str, Any]) -> Iterator[str]:
    names = [f["name"] for tool in body.get("tools", ()) for f in tool.get("functionDeclarations", ())]
    if len(set(names)) < len(names):
        yield "$.tools: two functions have the same name"
    config = body.get("toolConfig", {}).get("functionCallingConfig")
    if not config:
        return
    path = "$.toolConfig.functionCallingConfig"
    if not names:
        yield f"{path}: is set without function declarations"
    allowed = config.get("allowedFunctionNames", [])
    if allowed and str(config.get("mode")).upper() not in ("ANY", "VALIDATED"):
        yield f"{path}.allowedFunctionNames: is only allowed when the mode is ANY or VALIDATED"
    for name in sorted({*allowed} - {*names}):
        yield f"{path}.allowedFunctionNames: there is no function {name!r}"


def _declaration(declared: dict[str, Any], path: str, *, vertex: bool) -> Iterator[str]:
    if "parameters" in declared and "parametersJsonSchema" in declared:
        yield f"{path}.parametersJsonSchema: is not allowed beside parameters"
    if (parameters := declared.get("parameters")) is not None:
        if parameters and str(parameters.get("type")).upper() not in ("OBJECT", "6"):
            yield f"{path}.parameters: must be of type OBJECT"
        yield from _schema(parameters, f"{path}.parameters", vertex=vertex)


def _schema(node: dict[str, Any], path: str, *, vertex: bool) -> Iterator[str]:
    for name in _VERTEX_ONLY if not vertex else ():
        if name in node:
            yield f"{path}.{name}: there is no such field"
    named = node.get("properties", {})
    for name in node.get("required", ()):
        if name not in named:
            yield f"{path}.required: there is no property {name!r}"
    if str(node.get("type")).upper() in ("ARRAY", "5") and "items" not in node:
        yield f"{path}.items: missing field"
    for name, inner in named.items():
        yield from _schema(inner, f"{path}.properties[{name}]", vertex=vertex)
    for name, inner in [
        ("items", node.get("items")),
        *((f"anyOf[{i}]", n) for i, n in enumerate(node.get("anyOf", ()))),
    ]:
        if isinstance(inner, dict):
            yield from _schema(inner, f"{path}.{name}", vertex=vertex)

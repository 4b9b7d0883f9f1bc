"""Google's Gemini API: generateContent, with embeddings and the model list; Vertex AI has the same below a longer path.

Legal requests are described by `fixtures/schemas/gemini/*.json`, written from the API reference; what a schema cannot
say is in `gemini_rules.py`. A request is read with either spelling of its fields, as Google's servers read it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, unquote

from conformance.contract import Image, JSONSchema, Message, Request, Text, Tool, ToolCall
from conformance.dialects import Dialect, Read, one_embedding
from conformance.dialects.gemini_rules import FORMS, one_spelling, rules
from conformance.replay.framing import array, compact, server_sent
from conformance.replay.script import Script
from conformance.trace import Exchange

_ROUTE = re.compile(r"/models/([^/]+):\w+$")
_TYPES = ("STRING", "NUMBER", "INTEGER", "BOOLEAN", "ARRAY", "OBJECT", "NULL")  # by number, from 1
_NO_EQUAL = ("additionalProperties", "$schema", "title", "propertyOrdering")  # only one form of a schema has them
_RESULTS = ("result", "output", "content", "response", "return_value", "text")  # what adapters wrap a text in


class Gemini(Dialect):
    reads = True
    answers = "conformance.dialects.gemini_said"

    def judge(self, exchange: Exchange) -> Sequence[str]:
        return super().judge(_in_one_spelling(exchange))

    def unknown(self, exchange: Exchange) -> Sequence[str]:
        return super().unknown(_in_one_spelling(exchange))

    def rules(self, exchange: Exchange, body: dict[str, Any]) -> Iterator[str]:
        if exchange.operation == "chat":
            yield from rules(body, vertex="/publishers/" in exchange.path)

    def body(self, exchange: Exchange) -> Any:
        return one_spelling(exchange.json())

    def read(self, exchange: Exchange) -> Read:
        body = self.body(exchange)
        route = _ROUTE.search(exchange.path)
        if not isinstance(body, dict) or not route:
            raise ValueError("the body is not a JSON object, or the path has no model")
        model = unquote(route[1])
        try:
            if exchange.operation == "embeddings":
                contents = [r["content"] for r in body["requests"]] if "requests" in body else [body["content"]]
                inputs = tuple("".join(p["text"] for p in c["parts"]) for c in contents)
                return Read(Request([], model=model), inputs=inputs)
            return Read(_request(body, model), stream=self.streams(exchange))
        except (KeyError, TypeError, AttributeError, IndexError) as exc:
            raise ValueError(f"the request cannot be understood: {exc!r}") from None

    def same(self, name: str, value: Any) -> Any:
        """A schema may be in either form and has no name, a model's name may be the resource's. Of an effort it is
        compared whether there is any: a budget of tokens for it is of the adapter's own choosing."""
        if name == "models" and value is not None:
            return [str(id).removeprefix("models/") for id in value]
        if name == "tools":
            return [replace(t, parameters=_schema(t.parameters)) for t in value]
        if name == "response_schema" and isinstance(value, JSONSchema):
            return JSONSchema("", _schema(value.schema), strict=False)
        if name == "reasoning_effort" and value is not None:
            return "none" if value in ("none", "minimal") else "some"  # some models cannot do without
        return _in_order(value) if name == "messages" else value

    # --- answers ---------------------------------------------------------------------------

    def streams(self, exchange: Exchange) -> bool:
        return exchange.path.endswith(":streamGenerateContent")

    def framing(self, exchange: Exchange | None) -> str:
        return "json-array" if exchange is not None and _wants_an_array(exchange) else super().framing(exchange)

    def told(self, exchange: Exchange, made: Script) -> Script:
        """Streams are an array, except where `alt=sse` asks for events. Of embeddings one may be asked for."""
        if exchange.path.endswith(":embedContent"):
            return one_embedding.told(made, exchange.turn)
        if not self.streams(exchange):
            return made
        failed, array_asked = made.status >= 400, _wants_an_array(exchange)
        if failed and not array_asked and made.header("content-type").startswith("application/json"):
            return made.with_headers({"content-type": "text/event-stream"})  # of the error too, as Google has it
        if failed and array_asked and made.body.lstrip().startswith(b"{"):
            return replace(made, chunks=(b"[", *made.chunks, b"]\n"))
        if array_asked and made.streamed:
            data = [d for d in map(_data, server_sent(made.body)) if d]
            told = made.with_headers({"content-type": "application/json; charset=UTF-8"})
            return replace(told, chunks=array(data) or made.chunks)
        if not array_asked and not failed and not made.streamed and made.body.lstrip().startswith(b"["):
            return _as_events(made)  # which was recorded so
        return made


def _in_one_spelling(exchange: Exchange) -> Exchange:
    body = exchange.json() if exchange.body else None
    return replace(exchange, body=json.dumps(one_spelling(body)).encode()) if isinstance(body, dict) else exchange


def _wants_an_array(exchange: Exchange) -> bool:
    asked = exchange.path.endswith(":streamGenerateContent")
    return asked and not any(n.lstrip("$") == "alt" and v.startswith("sse") for n, v in parse_qsl(exchange.query))


def _data(event: bytes) -> str:
    lines = re.split(rb"\r\n|\n|\r", event)
    told = b"\n".join(line[5:].removeprefix(b" ") for line in lines if line.startswith(b"data:"))
    return told.decode(errors="surrogateescape")


def _as_events(made: Script) -> Script:
    """What is no whole array stays as it is."""
    try:
        answers = json.loads(made.body)
    except ValueError:
        return made
    told = made.with_headers({"content-type": "text/event-stream"})
    return replace(told, chunks=tuple(b"data: " + compact(answer) + b"\r\n\r\n" for answer in answers))


# --- what is asked, in the contract's words ----------------------------------------------------


def _request(body: dict[str, Any], model: str) -> Request:
    options = body.get("generationConfig") or {}
    declared = [f for tool in body.get("tools") or () for f in tool.get("functionDeclarations") or ()]
    return Request(
        messages=[*_system(body.get("systemInstruction")), *_turns(body["contents"])],
        model=model,
        temperature=options.get("temperature"),
        top_p=options.get("topP"),
        max_tokens=options.get("maxOutputTokens"),
        seed=options.get("seed"),
        stop=tuple(options.get("stopSequences") or ()),
        tools=[_tool(f) for f in declared],
        tool_choice=_choice((body.get("toolConfig") or {}).get("functionCallingConfig")),
        response_schema=_form(options),
        reasoning_effort=_effort(options.get("thinkingConfig") or {}),
    )


def _form(options: dict[str, Any]) -> JSONSchema | None:
    """Any object, where it is only said that it must be JSON."""
    given = [options[name] for name in FORMS if name in options]
    if not given and options.get("responseMimeType") != "application/json":
        return None
    return JSONSchema("", given[0] if given else {"type": "object"})


def _effort(thinking: dict[str, Any]) -> str | None:
    """A level, by its name; or a budget of tokens."""
    if (budget := thinking.get("thinkingBudget")) is not None:
        return "none" if budget == 0 else f"{budget} tokens"
    level = thinking.get("thinkingLevel")
    return None if level is None else str(level).lower()


def _choice(config: dict[str, Any] | None) -> str | None:
    if not config:
        return None
    mode, names = str(config.get("mode") or "AUTO").upper(), config.get("allowedFunctionNames") or []
    if mode == "ANY" and len(names) == 1:
        return str(names[0])
    return {"ANY": "required", "NONE": "none"}.get(mode, "auto")


def _system(content: dict[str, Any] | None) -> list[Message]:
    return [Message("system", _content([Text(p["text"]) for p in content["parts"]]))] if content else []


def _turns(contents: list[dict[str, Any]]) -> Iterator[Message]:
    """A turn of the user may hold answers to calls and words; the answers are messages of their own."""
    calls: list[ToolCall] = []  # that are not answered yet
    made = 0
    for content in contents:
        said = [_part(p) for p in content["parts"] if not p.get("thought") and ("text" in p or _is_image(p))]
        if content.get("role") == "model":
            called = [p["functionCall"] for p in content["parts"] if "functionCall" in p]
            calls = [
                ToolCall(c.get("id") or f"call {made + i}", c["name"], c.get("args") or {})
                for i, c in enumerate(called)
            ]
            made += len(calls)
            yield Message("assistant", _content(said), tool_calls=list(calls))
            continue
        for answer in [p["functionResponse"] for p in content["parts"] if "functionResponse" in p]:
            call = _answered(calls, answer)
            calls.remove(call)
            yield Message("tool", _result(answer["response"]), tool_call_id=call.id)
        if said:
            yield Message("user", _content(said))


def _in_order(messages: Sequence[Message]) -> list[Message]:
    """Answers in the order of their calls: without ids it is the order that tells which is whose."""
    told: list[Message] = []
    place: dict[str | None, int] = {}
    first = 0  # of the answers that came last
    for message in messages:
        told.append(message)
        if message.role == "tool":
            told[first:] = sorted(told[first:], key=lambda m: place.get(m.tool_call_id, len(place)))
        else:
            place, first = {call.id: i for i, call in enumerate(message.tool_calls)}, len(told)
    return told


def _answered(calls: list[ToolCall], answer: dict[str, Any]) -> ToolCall:
    """By the id, where both have one; by the name, in order, where not."""
    by_id = [c for c in calls if c.id == answer.get("id")]
    return [*by_id, *(c for c in calls if c.name == answer["name"])][0]


def _result(response: dict[str, Any]) -> str:
    """A text has to be in an object here, under a name that everybody chooses."""
    told = {k: v for k, v in response.items() if not (k == "name" and "content" in response)}
    (name, value), *others = told.items() or [("", "")]
    if others or name not in ("", *_RESULTS):
        value = response
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _is_image(part: dict[str, Any]) -> bool:
    return "inlineData" in part or "fileData" in part


def _part(part: dict[str, Any]) -> Text | Image:
    if "text" in part:
        return Text(part["text"])
    if "fileData" in part:
        return Image(url=part["fileData"]["fileUri"])
    data = part["inlineData"]["data"].replace("-", "+").replace("_", "/")  # either alphabet is read
    return Image(data=data, media_type=part["inlineData"]["mimeType"])


def _content(parts: Sequence[Text | Image]) -> str | list[Text | Image]:
    if len(parts) == 1 and isinstance(parts[0], Text):
        return parts[0].text
    return list(parts) or ""


def _tool(declared: dict[str, Any]) -> Tool:
    given = declared.get("parametersJsonSchema") or declared.get("parameters") or {}
    return Tool(declared["name"], declared.get("description") or "", given)


def _schema(node: Any) -> Any:
    """Either form of a schema as one."""
    if not isinstance(node, dict):
        return node
    kept = {k: v for k, v in node.items() if k not in _NO_EQUAL}
    told = kept.get("type", "object" if "properties" in kept or not kept else None)
    if told is not None:
        name = _TYPES[told - 1] if isinstance(told, int) else told
        kept["type"] = name.lower() if isinstance(name, str) else name
    if kept.get("type") == "object":
        kept["properties"] = {name: _schema(rule) for name, rule in (kept.get("properties") or {}).items()}
    if "items" in kept:
        kept["items"] = _schema(kept["items"])
    if "anyOf" in kept:
        kept["anyOf"] = [_schema(one) for one in kept["anyOf"]]
    return kept


DIALECT = Gemini.shipped("gemini")

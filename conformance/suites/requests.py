"""REQ and AUT: what the server saw is what the host asked for, whole and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from conformance.contract import Image, JSONSchema, Message, Text, Tool, ToolCall
from conformance.suites.evidence import Evidence
from conformance.then import SentThen, Then
from conformance.trace import Exchange
from conformance.verdict import Violation


def sent(then: Then, evidence: Evidence) -> Iterator[Violation]:
    assert then.sent is not None
    wanted = then.sent
    yield from _count(wanted, evidence)
    if wanted.requests == 0:
        return
    if not evidence.asked:
        yield Violation("no request reached the server", "one request to the base URL", evidence.result())
        return
    first = evidence.asked[0]
    if wanted.path is not None:
        yield from _path(wanted.path, first, evidence)
    if wanted.query is not None and first.query != wanted.query:
        yield Violation("the base URL's query is not kept", f"?{wanted.query}", f"?{first.query}")
    if wanted.legal:
        yield from _legal(evidence)
    if wanted.key:
        yield from _key(first, evidence)
    if (wanted.known or wanted.only) and not isinstance(first.json(), dict):
        yield Violation("the request cannot be read", "a JSON object", f"{first.body[:80]!r}")
    if wanted.known:
        yield from _known(evidence)
    if wanted.only:
        yield from _only(wanted.only, first)
    if wanted.without or wanted.holds or wanted.any_of:
        yield from _holds(wanted, first)
    if wanted.tells:
        yield from _tells(wanted.tells, first)
    if wanted.never:
        yield from _never(wanted.never, evidence)
    if wanted.stream is not None:
        yield from _stream(wanted.stream, evidence)
    if wanted.same or wanted.absent or wanted.nothing_said:
        yield from _fields(wanted, evidence)
    yield from _headers(wanted, first, evidence)


def unchanged(then: Then, evidence: Evidence) -> Iterator[Violation]:
    if evidence.trace.outcome.mutated:
        yield Violation(
            "the host's request was changed", "the same request after the call", evidence.trace.outcome.mutated
        )


def _count(wanted: SentThen, evidence: Evidence) -> Iterator[Violation]:
    n = len(evidence.asked)
    if wanted.requests is not None and n != wanted.requests:
        told = f"{n} requests were sent where one call was made" if n > 1 else f"{n} requests were sent"
        yield Violation(told, f"{wanted.requests} request(s)", f"{n}: {_lines(evidence.asked)}")
    if wanted.at_least is not None and n < wanted.at_least:
        yield Violation(f"{n} requests were sent", f"at least {wanted.at_least}", f"{n}: {_lines(evidence.asked)}")
    if wanted.at_most is not None and n > wanted.at_most:
        yield Violation("requests were sent without end", f"at most {wanted.at_most}", f"{n}")


def _path(template: str, first: Exchange, evidence: Evidence) -> Iterator[Violation]:
    base = evidence.case.adapter.base.replace("{mount}", evidence.mount).rstrip("/")
    facts = evidence.dialect.facts
    if not re.fullmatch(facts.path_pattern(template, base + evidence.added), first.path):
        expected = facts.path_shown(template, base + evidence.added)
        yield Violation("the URL is joined wrongly", f"{first.method} {expected}", f"{first.method} {first.path}")


def _legal(evidence: Evidence) -> Iterator[Violation]:
    for exchange in evidence.asked:
        if exchange.operation is None:
            below = evidence.mount + evidence.added
            given = [r.split(" ") for told in evidence.dialect.facts.routes.values() for r in told]
            routes = ", ".join(f"{method} {below}{path}" for method, path in given)
            yield Violation("there is no such route", routes, f"{exchange.method} {exchange.path}")
            continue
        if problems := evidence.dialect.judge(exchange):
            yield Violation(
                "the real API would reject this request",
                f"a legal {evidence.dialect.name} request",
                "\n".join(problems),
            )


def _known(evidence: Evidence) -> Iterator[Violation]:
    for exchange in evidence.asked:
        if names := evidence.dialect.unknown(exchange):
            yield Violation(
                "fields that the API does not have are on the wire", "fields of the dialect only", ", ".join(names)
            )


def _only(wanted: Sequence[str], first: Exchange) -> Iterator[Violation]:
    body = first.json()
    told = [n for n, v in body.items() if v not in (None, {})] if isinstance(body, dict) else []
    if more := [n for n in told if n not in wanted]:
        shown = ", ".join(f"{n}={body[n]!r}" for n in more)
        yield Violation("parameters are set that nobody asked for", f"only {', '.join(wanted)}", shown[:300])


def _stream(wanted: bool, evidence: Evidence) -> Iterator[Violation]:
    if evidence.read is None or evidence.read.stream is not wanted:
        got = "unreadable" if evidence.read is None else f"stream={evidence.read.stream}"
        yield Violation("the stream flag is wrong", f"stream={wanted}", got)


def _holds(wanted: SentThen, first: Exchange) -> Iterator[Violation]:
    body = first.json()
    if not isinstance(body, dict):
        yield Violation("the request cannot be read", "a JSON object", f"{first.body[:80]!r}")
        return
    for name in wanted.without:
        if name in body:
            yield Violation(f"{name} is sent although there is none", f"no {name}", f"{name}={body[name]!r}")
    if wanted.any_of and all(body.get(name) is None for name in wanted.any_of):
        yield Violation("none of several fields is sent", f"one of {', '.join(wanted.any_of)}", ", ".join(body))
    for name, value in wanted.holds.items():
        if (actual := at(body, name)) != value:
            yield Violation(f"{name} is not sent", f"{name}={value!r}", f"{name}={actual!r}")


def _tells(wanted: Sequence[str], first: Exchange) -> Iterator[Violation]:
    said = "\n".join(_texts(first.json()))
    if lost := [text for text in wanted if text not in said]:
        shown = ", ".join(map(repr, lost))
        yield Violation(f"{len(lost)} of {len(wanted)} texts are not sent", "all that was asked", f"no {shown}"[:300])


def _texts(value: Any) -> Iterator[str]:
    """All texts of a body, wherever they stand."""
    if isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _texts(part)
    elif isinstance(value, str):
        yield value


def at(value: Any, path: str) -> Any:
    """`messages.0.content` of a body; None where there is no such place."""
    for name in path.split("."):
        if isinstance(value, list) and name.isdigit() and int(name) < len(value):
            value = value[int(name)]
        else:
            value = value.get(name) if isinstance(value, dict) else None
    return value


def _never(routes: Sequence[str], evidence: Evidence) -> Iterator[Violation]:
    for route in routes:
        if asked := [e for e in evidence.asked if e.operation == route]:
            yield Violation(f"a request of {route} is made, which is paid for", "none", _lines(asked))


def _key(first: Exchange, evidence: Evidence) -> Iterator[Violation]:
    """In one of the dialect's places, and in no other header."""
    key, places = evidence.key, evidence.dialect.facts.key
    shown = " or ".join(map(str, places))
    found = [f"{name}: {value}" for name, value in first.headers if key in value]
    found += [f"?{part}" for part in first.query.split("&") if key in part]
    got = _masked("; ".join(found) or f"no {places[0].header or 'key'}", evidence)
    if len(found) > 1:
        yield Violation("the key is sent in more than one place", shown, got)
    elif not any(place.holds(first, key) for place in places):
        yield Violation("the key is not sent as the API takes it", shown, got)


def _headers(wanted: SentThen, first: Exchange, evidence: Evidence) -> Iterator[Violation]:
    for name, pattern in wanted.header.items():
        values = [value for key, value in first.headers if key == name.lower()]
        right = pattern.replace("{host}", re.escape(evidence.origin)).replace("{key}", re.escape(evidence.key))
        shown = f"{name}: " + pattern.replace("{host}", evidence.origin).replace("{key}", "<the key>")
        got = "; ".join(f"{name}: {_masked(value, evidence)}" for value in values) or f"no {name}"
        if len(values) > 1:
            yield Violation(f"the header {name} is sent {len(values)} times", shown, got)
        elif not values or not re.fullmatch(right, values[0]):
            yield Violation(f"the header {name} is wrong", shown, got)
    for text in wanted.nowhere:
        if found := [name for name, value in [*first.headers, ("the query", first.query)] if text in value]:
            yield Violation(f"{text} is sent", f"{text} nowhere", f"in {', '.join(found)}")
    for name in wanted.no_header:
        if (value := first.header(name)) is not None:
            yield Violation(f"the header {name} is sent", f"no {name}", f"{name}: {_masked(value, evidence)}")


def _fields(wanted: SentThen, evidence: Evidence) -> Iterator[Violation]:
    if evidence.read is None:
        yield Violation("the request cannot be read", "a request of the dialect", _lines(evidence.asked))
        return
    ask, got = evidence.case.ask, evidence.read.request
    for name in [n for n in wanted.same if n not in evidence.unasked]:
        expected = evidence.case.adapter.model if name == "model" and ask.model is None else getattr(ask, name)
        actual = evidence.inputs if name == "texts" else getattr(got, name)
        expected, actual = (_comparable(evidence.dialect.same(name, v), evidence) for v in (expected, actual))
        if name == "tools" and expected and actual:  # in no order: who sorts them keeps a prompt cache warm
            expected, actual = (sorted(tools, key=lambda tool: str(tool["name"])) for tools in (expected, actual))
        if expected != actual:
            yield Violation(_lost(name, actual), f"{name}={expected}", f"{name}={actual}")
    for name in [n for n in wanted.absent if n not in evidence.dialect.facts.required]:
        if (actual := getattr(got, name)) not in (None, (), []):
            yield Violation(f"{name} is sent although nobody asked for it", f"no {name}", f"{name}={plain(actual)}")
    if wanted.nothing_said:
        yield from _nothing_said(wanted.nothing_said, got.messages[-1:], evidence)


# What a language makes of nothing where nobody looked.
NO_WORDS = {"None", "null", "undefined", '""'}


def _nothing_said(call: str, last: Sequence[Message], evidence: Evidence) -> Iterator[Violation]:
    """Some APIs refuse an empty text, so an adapter may say in words that there is none."""
    ((expected,), found) = (
        _comparable(m, evidence)
        for m in ([Message("tool", "", tool_call_id=call)], [replace(m, content="") for m in last])
    )
    said = plain(last[0])["content"] if last else ""
    if found != [expected] or not isinstance(said, str) or said in NO_WORDS:
        got = {**found[0], "content": said} if found else "none"
        yield Violation("the last message is wrong", f"{expected}, or words for it", f"{got}")


def _lost(name: str, actual: Any) -> str:
    return f"{name} is not sent" if actual in (None, (), []) else f"{name} is not sent as asked"


def _comparable(value: Any, evidence: Evidence) -> Any:
    """Bare values; where the wire has no ids of calls, these are told by their number."""
    bare = plain(value)
    return numbered(bare) if "call_id" in evidence.untold and isinstance(bare, list) else bare


def numbered(messages: list[Any]) -> list[Any]:
    """The same messages, with the place of each call in the conversation for its id."""
    known: dict[str, str] = {}

    def number(id: str) -> str:
        return known.setdefault(id, f"call {len(known) + 1}")

    return [
        {
            **message,
            **(
                {"tool_calls": [{**c, "id": number(c["id"])} for c in calls]}
                if (calls := message.get("tool_calls"))
                else {}
            ),
            **({"for": number(message["for"])} if "for" in message else {}),
        }
        if isinstance(message, dict) and "role" in message
        else message
        for message in messages
    ]


def plain(value: Any) -> Any:
    """Contract objects as bare values, with what means the same written the same."""
    if isinstance(value, Message):
        calls = [plain(c) for c in value.tool_calls]
        said = {"role": value.role, "content": _content(value.content)}
        return (
            said
            | ({"tool_calls": calls} if calls else {})
            | ({"for": value.tool_call_id} if value.tool_call_id else {})
        )
    if isinstance(value, ToolCall):
        return {"id": value.id, "name": value.name, "arguments": value.arguments}
    if isinstance(value, Tool):
        parameters = {k: v for k, v in value.parameters.items() if (k, v) != ("required", [])}
        return {"name": value.name, "description": value.description, "parameters": parameters}
    if isinstance(value, JSONSchema):
        return {"name": value.name, "schema": value.schema, "strict": value.strict}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    return value


def _content(content: str | Sequence[Text | Image]) -> Any:
    if isinstance(content, str):
        return content
    parts = [p.text if isinstance(p, Text) else {"image": _url(p)} for p in content]
    texts = [p for p in parts if isinstance(p, str)]
    return "\n".join(texts) if len(texts) == len(parts) else parts  # texts alone may be joined by the adapter too


def _url(image: Image) -> str:
    return image.url or f"data:{image.media_type};base64,{image.data}"


def _lines(exchanges: Sequence[Exchange]) -> str:
    return ", ".join(f"{e.method} {e.path}" for e in exchanges) or "none"


def _masked(value: str, evidence: Evidence) -> str:
    return value.replace(evidence.key, "<the key>")

"""RSP and the good half of MAL: what the host got is what the wire said."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from conformance.embedded import vector_of
from conformance.suites.evidence import Evidence
from conformance.then import Call, ReplyThen, Then
from conformance.verdict import Violation


def reply(then: Then, evidence: Evidence) -> Iterator[Violation]:
    """Every field that the case names, compared."""
    assert then.reply is not None
    wanted, got = then.reply, evidence.trace.outcome.reply
    if got is None or evidence.error is not None:
        yield Violation(_no_reply(evidence), f"a reply with {_wanted(wanted)}", evidence.result())
        return
    for name in wanted.model_fields_set - set(evidence.untold):
        expected, actual = getattr(wanted, name), getattr(got, "text" if name == "says" else name, None)
        if name == "tool_calls" and _share_an_id(actual):
            yield Violation("two tool calls have one id", "an id of its own for each call", f"{name}={_show(actual)}")
            continue
        expected = _tellable(name, expected, actual, evidence)
        if not _SAME[name](expected, actual) and not evidence.may_lack(name, actual):
            yield Violation(f"{_TITLE[name]} is wrong", f"{name}={_show(expected)}", f"{name}={_show(actual)}")


def vectors(then: Then, evidence: Evidence) -> Iterator[Violation]:
    got = evidence.trace.outcome.vectors
    if got is None:
        yield Violation(_no_reply(evidence), f"vectors {then.vectors}", evidence.result())
        return
    rounded = [[round(x, 4) for x in vector] for vector in got]
    if rounded != then.vectors:
        yield Violation("the embeddings are wrong", f"vectors {then.vectors}", f"vectors {rounded}")


def vectors_by_text(then: Then, evidence: Evidence) -> Iterator[Violation]:
    got, texts = evidence.trace.outcome.vectors, evidence.case.ask.texts
    if got is None:
        yield Violation(_no_reply(evidence), f"{len(texts)} vectors", evidence.result())
    elif len(got) != len(texts):
        yield Violation("the embeddings are wrong", f"{len(texts)} vectors, one for each text", f"{len(got)}")
    elif wrong := [n for n, text in enumerate(texts) if [round(x, 4) for x in got[n]] != _rounded(text)]:
        n = wrong[0]
        of = next((t for t in texts if _rounded(t) == [round(x, 4) for x in got[n]]), "none of them")
        expected = "the vectors in the order of their texts"
        yield Violation("the embeddings are wrong", expected, f"{len(wrong)} are not: that of {texts[n]} is of {of}")


def _rounded(text: str) -> list[float]:
    return [round(x, 4) for x in vector_of(text)]


def models(then: Then, evidence: Evidence) -> Iterator[Violation]:
    got, same = evidence.trace.outcome.models, evidence.dialect.same
    if same("models", got) != same("models", then.models):
        yield Violation("the model list is wrong", f"models {then.models}", evidence.result())


def healthy(then: Then, evidence: Evidence) -> Iterator[Violation]:
    got = getattr(evidence.trace.outcome.health, "ok", None)
    error = evidence.error
    if error is not None and not evidence.hung and not error.typed:
        name = error.type.rpartition(".")[2]
        yield Violation(f"{name} escaped from the health check", f"ok={then.healthy}", evidence.result())
    elif got is not then.healthy:
        yield Violation("the health check is wrong", f"ok={then.healthy}", evidence.result())


def _no_reply(evidence: Evidence) -> str:
    if evidence.error is None:
        return "there is no reply"
    return "a good answer was turned into an error"


# --- comparing ---------------------------------------------------------------------------------


def _text(expected: str, actual: Any) -> bool:
    return bool((actual or "") == expected)


def _says(expected: list[str], actual: Any) -> bool:
    return all(piece in (actual or "") for piece in expected)


def _one_of(expected: list[str], actual: Any) -> bool:
    return actual in expected


def _calls(expected: list[Call], actual: Any) -> bool:
    try:
        calls = list(actual or ())
        told_apart = len({c.id for c in calls}) == len(calls)
        same = len(calls) == len(expected) and all(_call(e, a) for e, a in zip(expected, calls, strict=True))
        return same and told_apart
    except (TypeError, AttributeError):
        return False


def _share_an_id(calls: Any) -> bool:
    """Then a result could not say which of them it answers."""
    ids = [str(getattr(call, "id", "")) for call in calls] if isinstance(calls, list | tuple) else []
    return len(set(ids)) < len(ids)


def _call(expected: Call, actual: Any) -> bool:
    right_id = bool(actual.id) if expected.id is None else actual.id == expected.id
    same = actual.name == expected.name and actual.arguments == expected.arguments
    return right_id and same and (not expected.exact or _types(actual.arguments) == _types(expected.arguments))


def _types(value: Any) -> Any:
    """The types of what a JSON value is made of: 2 equals 2.0 and True equals 1."""
    if isinstance(value, dict):
        return {k: _types(v) for k, v in value.items()}
    return [_types(v) for v in value] if isinstance(value, list) else type(value)


def _usage(expected: dict[str, int | None] | None, actual: Any) -> bool:
    """Absent means no usage, or one whose every count is None."""
    counts = ("input_tokens", "output_tokens", "total_tokens")
    if expected is None:
        return all(getattr(actual, c, None) is None for c in counts)
    return all(getattr(actual, name, None) == count for name, count in expected.items())


def _tellable(name: str, expected: Any, actual: Any, evidence: Evidence) -> Any:
    """What is expected, without what the wire has no word for."""
    if name == "usage" and expected and "total_tokens" in evidence.untold:
        told = getattr(actual, "total_tokens", None) is not None  # added up, or left out
        return expected if told else expected | {"total_tokens": None}
    if name == "tool_calls" and "call_id" in evidence.untold and evidence.case.dialect is None:
        return [call.model_copy(update={"id": None}) for call in expected]
    if name == "finish_reason":
        words = evidence.dialect.facts.finish
        return [*expected, *(as_right for reason in expected for as_right in words.get(reason, ()))]
    return expected


def _equal(expected: Any, actual: Any) -> bool:
    return bool((actual or None) == (expected or None))


_SAME: dict[str, Callable[[Any, Any], bool]] = {
    "text": _text,
    "says": _says,
    "finish_reason": _one_of,
    "tool_calls": _calls,
    "refusal": _equal,
    "reasoning": _equal,
    "usage": _usage,
    "model": _equal,
    "id": _equal,
}
_TITLE = {
    "text": "the reply's text",
    "says": "the reply's text",
    "finish_reason": "the finish reason",
    "tool_calls": "the tool calls are not those of the wire: the list",
    "refusal": "the refusal",
    "reasoning": "the reasoning",
    "usage": "the token usage",
    "model": "the model's name",
    "id": "the reply's id",
}


def _wanted(wanted: ReplyThen) -> str:
    return " ".join(f"{n}={_show(getattr(wanted, n))}" for n in sorted(wanted.model_fields_set))


def _show(value: Any) -> str:
    if isinstance(value, list) and all(isinstance(v, str) for v in value) and value:
        return " or ".join(map(repr, value))
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_show_call(v) for v in value) + "]"
    return repr(value)


def _show_call(call: Any) -> str:
    return f"{getattr(call, 'name', '?')}({getattr(call, 'arguments', '?')}) id={getattr(call, 'id', '?')!r}"

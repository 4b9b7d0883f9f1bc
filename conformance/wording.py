"""How a verdict says what was asked and what was seen: in one line, without the key."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.canary import hidden
from conformance.case import Case

LONGEST = 2000  # characters of a text that are shown
FEW = 8  # texts to embed that are all shown


def shown(text: str) -> str:
    """Fit to be printed: no key, no lone surrogate, and of what is very long the ends."""
    text = hidden(text).encode("utf-8", "backslashreplace").decode()
    if len(text) <= LONGEST:
        return text
    return f"{text[: LONGEST // 2]} … {text[-LONGEST // 2 :]} ({len(text)} characters)"


def asked_of(case: Case) -> str:
    """What an adapter is asked in it, in one line."""
    if case.several:
        kinds = " and ".join(dict.fromkeys(part.ask.op for part in case.parts)) or "calls"
        return f"{len(case.parts)} times, {case.several.how.replace('_', ' ')}: {kinds}"
    ask = case.ask
    if ask.op in ("list_models", "health"):
        return ask.op
    if ask.op == "embed":
        return f"embed: {_few(ask.texts)}"
    last = ask.messages[-1].content
    text = last if isinstance(last, str) else "text and image parts"
    extras = [
        n
        for n in ("model", "temperature", "top_p", "max_tokens", "seed", "reasoning_effort")
        if getattr(ask, n) is not None
    ]
    tools = [t.name for t in ask.tools]
    told = [f'{ask.op}: "{text}"', *(f"{n}={getattr(ask, n)}" for n in extras)]
    told += [f"{tools=}"] if tools else []
    told += [f"response_schema={ask.response_schema.name}"] if ask.response_schema else []
    told += [f'then, with the reply as history: "{ask.follow_up}"'] if ask.follow_up is not None else []
    told += ["plainly, with no event loop"] if ask.way == "other" else []
    told += [f"the host busy for {ask.pause:g} s after the first text"] if ask.pause else []
    return ", ".join(told)


def _few(texts: Sequence[str]) -> str:
    if len(texts) <= FEW:
        return ", ".join(texts)
    return f"{len(texts)} texts, {', '.join(texts[:2])} … {texts[-1]}"

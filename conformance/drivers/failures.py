"""An exception as data: what a host could see of it, and everything where a secret could leak."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from typing import Any

from conformance.contract import ERROR_KINDS
from conformance.trace import Failure


def failure(exc: BaseException) -> Failure:
    kind = getattr(exc, "kind", "unsupported" if isinstance(exc, NotImplementedError) else None)  # Python's own word
    return Failure(
        type=f"{type(exc).__module__}.{type(exc).__qualname__}".removeprefix("builtins."),
        text=_text(exc),
        typed=kind in ERROR_KINDS,
        kind=kind if isinstance(kind, str) else None,
        status=_of(exc, "status", int),
        code=_of(exc, "code", str),
        retry_after=_of(exc, "retry_after", (int, float)),
        provider=_of(exc, "provider", str),
        deliberate=_deliberate(exc),
        chained=exc.__cause__ is not None or (exc.__context__ is not None and not exc.__suppress_context__),
        itself="\n".join(_said(exc)),
        everything="\n".join(t for e in _chain(exc) for t in _said(e)),
        where=_where(exc),
    )


def hung(deadline: float) -> Failure:
    return Failure(type="hung", text=f"no result within {deadline:g} seconds: the call was given up", typed=False)


def _text(exc: BaseException) -> str:
    try:
        return str(exc)
    except Exception as broken:  # an exception that cannot be printed is a finding, not a crash
        return f"<str() of the exception raised {type(broken).__name__}>"


def _of(exc: BaseException, name: str, kind: type | tuple[type, ...]) -> Any:
    value = getattr(exc, name, None)
    return value if isinstance(value, kind) and not isinstance(value, bool) else None


def _chain(exc: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while exc is not None and id(exc) not in seen:
        seen.add(id(exc))
        yield exc
        exc = exc.__cause__ or exc.__context__


def _said(exc: BaseException) -> Iterator[str]:
    """Text and plain values. Objects that a client attaches (its request) are no text and left alone."""
    yield _text(exc)
    yield repr(exc.args)
    for name, value in vars(exc).items():
        if isinstance(value, str | bytes | int | float | list | dict | tuple):
            yield f"{name}={value!r}"


def _deliberate(exc: BaseException) -> bool:
    frames = traceback.extract_tb(exc.__traceback__)
    thrown = bool(frames) and (frames[-1].line or "").startswith("raise ")
    return thrown and len(_text(exc).split()) > 3


def _where(exc: BaseException) -> str:
    frames = traceback.extract_tb(exc.__traceback__)
    ours = [f for f in frames if "/conformance/drivers/" not in f.filename.replace("\\", "/")]
    if not ours:
        return ""
    name = ours[0].filename.replace("\\", "/").rsplit("/", 1)[-1]
    return f"{name}:{ours[0].lineno} in {ours[0].name}"

"""An exception as data: what a host could see of it, and everything where a secret could leak."""

from __future__ import annotations

import pickle
import traceback
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from conformance.contract import ERROR_KINDS
from conformance.drivers.plain import plain, plain_text, printed, read, shown
from conformance.failover.oracles import Oracle
from conformance.trace import Decision, Failure

LONG = 10_000_000  # characters that are searched for secrets
_oracles: list[Oracle | None] = []  # of the host whose adapter is called: the last
_looked_into: set[str] = set()  # packages of the adapter, while its errors are looked into


@contextmanager
def looking_into(packages: Iterable[str]) -> Iterator[None]:
    """Errors tell of the locals of these packages' frames too, and of their own pickle. For one opener at a time."""
    _looked_into.update(packages)
    try:
        yield
    finally:
        _looked_into.clear()


@contextmanager
def deciding(oracle: Oracle | None) -> Iterator[None]:
    """Errors tell too what the host does about them. For one host at a time."""
    _oracles.append(oracle)
    try:
        yield
    finally:
        _oracles.pop()


def decided(failure: Failure, exc: BaseException | None = None) -> Failure:
    """With the host's decision: for drivers whose adapters run elsewhere, where no exception comes."""
    failure.decided = _decision(failure, exc)
    return failure


def _decision(failure: Failure, exc: BaseException | None) -> Decision | None:
    oracle = _oracles[-1] if _oracles else None
    try:
        return oracle(exc, failure) if oracle else None
    except Exception as broken:  # a package whose inside is another: no fault of the adapter's
        return Decision("", f"{type(broken).__name__}: {broken}", by="an oracle that failed")


def failure(exc: BaseException) -> Failure:
    """Never raises, whatever the exception does when it is asked."""
    return decided(_seen(exc), exc)


def _seen(exc: BaseException) -> Failure:
    name = f"{type(exc).__module__}.{type(exc).__qualname__}".removeprefix("builtins.")
    try:
        return _failure(exc, name)
    except Exception as broken:
        return Failure(
            type=name, text=f"<an exception that raised {type(broken).__name__} when looked at>", typed=False
        )


def _failure(exc: BaseException, name: str) -> Failure:
    kind = plain(read(exc, "kind"))
    if kind is None and isinstance(exc, NotImplementedError):
        kind = "unsupported"  # Python's own word
    return Failure(
        type=name,
        text=_text(exc),
        typed=isinstance(kind, str) and kind in ERROR_KINDS,
        kind=kind if isinstance(kind, str) else None,
        status=_of(exc, "status", int),
        code=_of(exc, "code", str),
        retry_after=_of(exc, "retry_after", (int, float)),
        provider=_of(exc, "provider", str),
        deliberate=_deliberate(exc),
        chained=exc.__cause__ is not None or (exc.__context__ is not None and not exc.__suppress_context__),
        itself="\n".join(_said(exc)),
        everything="\n".join(t for e in _chain(exc) for t in _said(e)),
        unprintable=_unprintable(exc),
        where=_where(exc),
        locals="\n".join(t for e in _chain(exc) for t in _locals(e)) if _looked_into else "",
        pickled=_pickled(exc) if _looked_into else "",
    )


def hung(deadline: float) -> Failure:
    return Failure(type="hung", text=f"no result within {deadline:g} seconds: the call was given up", typed=False)


def _text(exc: BaseException) -> str:
    try:
        return plain_text(str(exc))
    except Exception as broken:  # an exception that cannot be printed is a finding, not a crash
        return f"<str() of the exception raised {type(broken).__name__}>"


def _unprintable(exc: BaseException) -> list[str]:
    unprintable: list[str] = []
    deque(printed(exc, "the exception", unprintable), maxlen=0)
    return unprintable


def _of(exc: BaseException, name: str, kind: type | tuple[type, ...]) -> Any:
    value = plain(read(exc, name))
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
    yield shown(exc.args, LONG)
    for name, value in vars(exc).items():
        if isinstance(value, str | bytes | int | float | list | dict | tuple):
            yield f"{name}={shown(value, LONG)}"


def _deliberate(exc: BaseException) -> bool:
    frames = traceback.extract_tb(exc.__traceback__)
    thrown = bool(frames) and (frames[-1].line or "").startswith("raise ")
    return thrown and len(_text(exc).split()) > 3


def _where(exc: BaseException) -> str:
    """The deepest frame of the package that was called; what that calls itself says less."""
    frames = [frame for frame in traceback.walk_tb(exc.__traceback__) if not _is_ours(frame[0].f_code.co_filename)]
    if not frames:
        return ""
    package = _package(frames[0][0])
    frame, line = next(frame for frame in reversed(frames) if _package(frame[0]) == package)
    name = frame.f_code.co_filename.replace("\\", "/").rsplit("/", 1)[-1]
    return f"{name}:{line} in {frame.f_code.co_name}"


def _is_ours(file: str) -> bool:
    return "/conformance/drivers/" in file.replace("\\", "/")


def _package(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__")).partition(".")[0]


def _locals(exc: BaseException) -> Iterator[str]:
    """As a debugger or an error tracker would print them."""
    for frame, _ in traceback.walk_tb(exc.__traceback__):
        module = str(frame.f_globals.get("__name__"))
        if module.split(".", maxsplit=1)[0] in _looked_into and not module.startswith("conformance.drivers."):
            yield from (f"{frame.f_code.co_name}: {name} = {_repr(value)}" for name, value in frame.f_locals.items())


def _repr(value: object) -> str:
    try:
        return repr(value)
    except Exception as broken:
        return f"<repr() raised {type(broken).__name__}>"


def _pickled(exc: BaseException) -> str:
    """What goes to another process; nothing where it cannot."""
    try:
        return pickle.dumps(exc).decode("latin-1")
    except Exception:
        return ""

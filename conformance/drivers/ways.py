"""A question that a driver writes once, for adapters that can be asked in two ways: awaited, or plainly."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Coroutine, Iterable
from typing import Any


async def given(answer: Any) -> Any:
    """What a method gives, awaited where it wants that."""
    return await answer if inspect.isawaitable(answer) else answer


def each(items: Any, *, plain: bool) -> Any:
    """For `async for`, in either way: an object may be an iterator of both kinds."""
    return _each(items) if plain else items


async def _each(items: Iterable[Any]) -> AsyncIterator[Any]:
    for item in items:
        yield item


def at_once(work: Coroutine[Any, Any, None]) -> None:
    """Runs it to its end, with no event loop: there is nothing that it could wait for."""
    try:
        work.send(None)
    except StopIteration:
        return
    work.close()
    raise RuntimeError("asked plainly, it waits for an event loop")

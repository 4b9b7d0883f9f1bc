"""What is given up ends, and says nothing of it."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from conformance.deadline import Endable, GivenUp, deadline, end


def test_a_thread_that_is_ended_twice_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second time in the middle of what it does about the first."""
    said: list[Any] = []
    monkeypatch.setattr(threading, "excepthook", said.append)
    caught: list[BaseException] = []

    def stubborn() -> None:
        try:
            spin()
        except BaseException as exc:
            caught.append(exc)
            spin()

    thread = Endable(stubborn)
    thread.start()
    end(thread, within=5.0)
    assert not thread.is_alive()
    assert [type(exc) for exc in caught] == [GivenUp]
    assert said == []


def test_a_block_that_spins_is_left() -> None:
    with pytest.raises(GivenUp), deadline(0.05):
        spin()


def spin() -> None:
    until = time.monotonic() + 10.0
    while time.monotonic() < until:
        pass

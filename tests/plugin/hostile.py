"""Adapters that do the worst to the process around them, each once: in the second call of the whole run (the first is
the one that tells the dialect). Copied into a project of its own by `test_hostile`."""

from __future__ import annotations

import asyncio
import builtins
import ctypes
import inspect
import itertools
import json
import os
import re
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import conformance.asked
import conformance.series
import conformance.worker
from conformance.reference import LaiosOpenAI, OpenAIChat

conformance.asked.GRACE = conformance.series.GRACE = -8.0  # of ten seconds: nobody has time to wait for all of these
conformance.worker.MEMORY = 200_000_000
CALLS = Path(__file__).with_name("calls")
REAL_EXIT = os._exit


def turn() -> int:
    """Counted in a file, for a process that ends counts no more."""
    with CALLS.open("ab") as file:
        file.write(b".")
        return file.tell()


def hostile(act: Callable[[Any], Any]) -> type[OpenAIChat]:
    """An adapter that asks, then acts, and returns what the act gives."""

    class Hostile(OpenAIChat):
        async def generate(self, request: Any) -> Any:
            second = turn() == 2
            reply = await super().generate(request)
            done = act(reply) if second else None
            if inspect.isawaitable(done):
                done = await done
            return reply if done is None else done

    Hostile.__name__ = Hostile.__qualname__ = "".join(w.title() for w in act.__name__.split("_"))
    globals()[Hostile.__name__] = Hostile
    return Hostile


# --- does not come back ------------------------------------------------------------------------


@hostile
def hangs(_: Any) -> Any:
    return asyncio.Event().wait()


@hostile
def holds_the_loop(_: Any) -> Any:
    threading.Event().wait()


@hostile
def reads_for_ever(_: Any) -> Any:
    ours, _theirs = socket.socketpair()
    ours.recv(1)


@hostile
def spins(_: Any) -> Any:
    while True:
        pass


@hostile
def spins_and_catches_all(_: Any) -> Any:
    while True:
        try:
            sum(range(10_000))
        except BaseException:
            continue


@hostile
def backtracks(_: Any) -> Any:
    re.match(r"(a+)+$", "a" * 60 + "b")


@hostile
def waits_for_a_thread(_: Any) -> Any:
    return asyncio.to_thread(threading.Event().wait)


@hostile
def recurses(_: Any) -> Any:
    def again() -> Any:
        return again()

    return again()


@hostile
def stops_the_clock(_: Any) -> Any:
    now = time.monotonic()
    time.monotonic = lambda: now
    return asyncio.Event().wait()


# --- ends what is not its own ------------------------------------------------------------------


@hostile
def exits(_: Any) -> Any:
    os._exit(3)


@hostile
def aborts(_: Any) -> Any:
    os.abort()


@hostile
def kills_itself(_: Any) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)


@hostile
def raises_system_exit(_: Any) -> Any:
    sys.exit(0)


@hostile
def raises_keyboard_interrupt(_: Any) -> Any:
    raise KeyboardInterrupt


@hostile
def raises_generator_exit(_: Any) -> Any:
    raise GeneratorExit


@hostile
def skips(_: Any) -> Any:
    import pytest  # noqa: PLC0415

    pytest.skip("not today")


@hostile
def kills_all_threads(_: Any) -> Any:
    for thread in threading.enumerate():
        if thread is not threading.current_thread():
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(SystemExit))


@hostile
def forks(_: Any) -> Any:
    os.fork()


@hostile
def forks_and_spins(_: Any) -> Any:
    if os.fork() == 0:
        while True:
            pass


# --- changes what is not its own ---------------------------------------------------------------


@hostile
def prints_without_end(_: Any) -> Any:
    while True:
        print("x" * 1000)


@hostile
def closes_stdout(_: Any) -> Any:
    for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
        stream.close()


@hostile
def closes_descriptors(_: Any) -> Any:
    for number in (0, 1, 2):
        os.close(number)


@hostile
def changes_the_environment(_: Any) -> Any:
    os.environ.clear()
    os.environ["HTTP_PROXY"] = "http://127.0.0.1:9"
    os.environ = {}  # noqa: B003


@hostile
def changes_the_directory(_: Any) -> Any:
    folder = tempfile.mkdtemp()
    os.chdir(folder)
    shutil.rmtree(folder)


@hostile
def patches_json(_: Any) -> Any:
    def loads(*_: Any, **__: Any) -> Any:
        raise RuntimeError("patched")

    json.loads = json.dumps = json.JSONDecoder.decode = loads


@hostile
def patches_the_clock(_: Any) -> Any:
    time.sleep = time.monotonic = time.time = lambda *_: 0.0


@hostile
def patches_builtins(_: Any) -> Any:
    builtins.print = builtins.open = builtins.len = None


@hostile
def lifts_the_limit(_: Any) -> Any:
    sys.setrecursionlimit(10**6)
    socket.setdefaulttimeout(0.000001)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


# --- returns what is none ----------------------------------------------------------------------


class Liar:
    """Is equal to everything, has everything, and is an instance of whatever is asked for."""

    __class__ = str

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 0

    def __getattr__(self, name: str) -> Any:
        return Liar()

    def __iter__(self) -> Any:
        return itertools.repeat(Liar())

    def __repr__(self) -> str:
        raise RuntimeError("no repr")


class LyingText(str):
    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 0


class Unprintable(Exception):
    @property
    def kind(self) -> Any:
        raise RuntimeError("no kind")

    def __str__(self) -> str:
        raise RuntimeError("no str")

    __repr__ = __str__


class Shy:
    def __getattribute__(self, name: str) -> Any:
        raise RuntimeError(f"no {name}")


@hostile
def gives_nonsense(_: Any) -> Any:
    return 7


@hostile
def gives_a_liar(_: Any) -> Any:
    return Liar()


@hostile
def gives_what_cannot_be_asked(_: Any) -> Any:
    return Shy()


@hostile
def lies_about_its_text(_: Any) -> Any:
    return SimpleNamespace(text=LyingText("nothing of the kind"), finish_reason=LyingText("x"))


@hostile
def raises_what_cannot_be_printed(_: Any) -> Any:
    raise Unprintable


class YieldsForEver(OpenAIChat):
    async def stream(self, request: Any) -> Any:
        if turn() == 1:  # the question that tells the dialect is no stream
            while True:
                yield SimpleNamespace(text="x")
        async for event in super().stream(request):
            yield event


class SpinsWhenBuilt(OpenAIChat):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if turn() == 3:  # shown to be recognised, then asked for its dialect
            while True:
                pass


class HasNoRepr(OpenAIChat):
    def __repr__(self) -> str:
        raise RuntimeError("no repr")


class SpinsSync(LaiosOpenAI):
    def generate(self, *args: Any, **kwargs: Any) -> Any:
        reply = super().generate(*args, **kwargs)
        while turn() == 2:
            while True:
                pass
        return reply


class HangsSync(LaiosOpenAI):
    def generate(self, *args: Any, **kwargs: Any) -> Any:
        reply = super().generate(*args, **kwargs)
        if turn() == 2:
            threading.Event().wait()
        return reply


class InterruptsSync(LaiosOpenAI):
    def generate(self, *args: Any, **kwargs: Any) -> Any:
        reply = super().generate(*args, **kwargs)
        if turn() == 2:
            raise KeyboardInterrupt
        return reply


# --- what only a process of its own survives ---------------------------------------------------


@hostile
def allocates_without_end(_: Any) -> Any:
    held = []
    while True:
        held.append(bytearray(50_000_000))


@hostile
def computes_without_end(_: Any) -> Any:
    sum(itertools.repeat(1))  # never comes back to Python


@hostile
def crashes(_: Any) -> Any:
    ctypes.string_at(0)


@hostile
def exits_unseen(_: Any) -> Any:
    REAL_EXIT(3)


@hostile
def closes_everything(_: Any) -> Any:
    os.closerange(3, 1000)


@hostile
def stops_itself(_: Any) -> Any:
    signal.raise_signal(signal.SIGSTOP)

"""Adapters in a process of their own, in any language: built, asked and closed by JSON lines.

The process tells in its greeting whose interface they have; the host's profile judges them as it judges any other.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from threading import Event as Signal
from threading import Thread
from typing import Any

from pydantic import ValidationError

from conformance.ask import Ask
from conformance.contract import Request
from conformance.drivers import Call, Calls
from conformance.drivers.failures import decided, failure, hung
from conformance.drivers.history import going_on
from conformance.drivers.leaving import ENDING, READING, once_more
from conformance.drivers.process import Lost, Process
from conformance.drivers.protocol import RESULTS, VERSION, Error, Event, FromProcess, Hello, Question
from conformance.trace import Decision, Failure, Outcome, StreamEvent

START = 20.0  # seconds that a process may take to greet
CLOSE = 2.0  # seconds that an adapter may take to close

_ELSEWHERE = "it runs in a process of its own"
UNSEEN = {
    "repr": f"{_ELSEWHERE}, and other languages print objects in other ways",
    "files": f"{_ELSEWHERE}, whose files are not watched",
    "environment": f"{_ELSEWHERE}, whose environment ends with it",
    "process": f"{_ELSEWHERE}, which ends with it",
    "processes": f"{_ELSEWHERE}, whose children are not watched",
    "network_at_build": f"{_ELSEWHERE}, and may reach out at any time",
    "waits_at_most": f"{_ELSEWHERE}, whose sleeps are not seen",
    "again": f"{_ELSEWHERE}, whose sleeps are not seen",
    "locals": f"{_ELSEWHERE}, whose frames are not seen",
    "pickle": f"{_ELSEWHERE}, whose exceptions stay there",
    "imports": f"{_ELSEWHERE}, and what it loads is not seen",
    "several": f"{_ELSEWHERE}, which is asked one thing at a time",
    "names_model": f"{_ELSEWHERE}, and is asked for vectors of its own model",
    "drop": f"{_ELSEWHERE}, where nobody can forget a stream",
}
_NOT_WATCHED = {"unchanged": f"{_ELSEWHERE}, which does not watch its request objects"}
_NOT_TOLD = {"cancel": f"{_ELSEWHERE}, which is not told that a call is cancelled"}
_DOUBLES = {"exact": "its language has one kind of number, the double"}


class Unfit(Exception):
    """The process cannot be talked to; one sentence."""


class Nonsense(Exception):
    """The adapter's result is not of the contract's shape."""


class Raised(Exception):
    """What the adapter raised, as it was told."""

    def __init__(self, error: Error) -> None:
        super().__init__(error.message)
        self.error = error


class Remote:
    """The driver of one command."""

    asynchronous = False

    def __init__(self, command: Sequence[str], folder: Path | None = None) -> None:
        self.process = Process(command, folder)
        self.hello = self._greeted()
        self.host = self.hello.host

    @property
    def unseen(self) -> Mapping[str, str]:
        """What cannot be looked at here, and why."""
        watched = {} if "unchanged" in self.hello.watches else _NOT_WATCHED
        told = {} if self.hello.aborts else _NOT_TOLD
        return {**UNSEEN, **watched, **told, **(_DOUBLES if self.hello.doubles else {})}

    @property
    def only_streams(self) -> bool:
        """Whether its host knows no other call for an answer."""
        return "generate" not in self.hello.asks

    def recognise(self, target: Any) -> str | None:
        return (self.hello.why or "its process says so") if isinstance(target, Maker) else None

    def capabilities(self, target: Any) -> dict[str, bool]:
        flags = ("streaming", "tools", "images", "embeddings", "model_listing", "structured_output", "opaque", "health")
        told = {flag: self.hello.capabilities.get(flag, False) for flag in flags}  # type: ignore[call-overload]
        return told | ({"timeout": True} if self.hello.capabilities.get("timeout") else {})

    def call(self, call: Call) -> Outcome:
        outcome, mark = Outcome(), self.process.mark()
        try:
            if self.process.start():
                self._greet()
                mark = 0
            adapter: Handle = call.build()
            outcome.provider = adapter.name or self.hello.name
            try:
                if call.ask.cancel:
                    self._cancelled(adapter, call, outcome)
                else:
                    self._asked(adapter, call, outcome)
                if call.ask.twice:
                    call.left()  # the server has done what it does after the answer
                    second = Outcome()
                    if call.ask.op == "generate":
                        outcome.events = second.events  # of a host that only streams
                    self._ask(adapter, once_more(call), second)
                    outcome.reply = second.reply
            finally:
                outcome.finished_at = time.monotonic()
                self._close(adapter)
        except Nonsense as exc:
            outcome.nonsense = str(exc)[:300]
        except Raised as exc:
            outcome.error = _failure(exc.error)
        except Lost as exc:
            outcome.error = hung(call.deadline) if exc.how == "hung" else Failure(exc.how, str(exc), typed=False)
        except (Unfit, OSError) as exc:
            outcome.error = Failure("crashed", str(exc), typed=False)
        except Exception as exc:
            outcome.error = failure(exc)
        outcome.said = self.process.said(mark)
        outcome.finished_at = outcome.finished_at or time.monotonic()
        return outcome

    def several(self, calls: Calls) -> list[Outcome]:
        raise NotImplementedError(UNSEEN["several"])

    def build(self, given: Mapping[str, Any], until: float) -> Handle:
        message = {name: value for name, value in given.items() if value not in (None, {})}
        answer = next(self._answers({"build": message}, until))
        if answer.error:
            raise Raised(answer.error)
        if answer.built is None:
            raise Nonsense(f"a build must be answered with `built` or `error`, not {_told(answer)}")
        return Handle(self.process.last, answer.built.name)

    def end(self) -> None:
        self.process.end()

    # --- the conversation ------------------------------------------------------------------

    def _greeted(self) -> Hello:
        try:
            self.process.start()
            return self._greet()
        except OSError as exc:
            raise Unfit(f"it cannot be started: {exc.strerror}: {exc.filename}") from None
        except (Lost, Nonsense) as exc:
            self.process.end()
            raise Unfit(f"it did not greet: {exc}") from None

    def _greet(self) -> Hello:
        answer = next(self._answers({"hello": {"protocol": VERSION}}, time.monotonic() + START))
        if answer.hello is None:
            raise Unfit(f"it did not greet, but said {_told(answer)}")
        return answer.hello

    def _answers(self, message: Mapping[str, Any], until: float) -> Iterator[FromProcess]:
        for answer in self.process.ask(message, until):
            try:
                yield FromProcess.model_validate(answer)
            except ValidationError as exc:
                first = exc.errors()[0]
                what = f"{'.'.join(map(str, first['loc']))}: {first['msg']}, got {first['input']!r}"
                if first["loc"] and first["loc"][0] in RESULTS:
                    raise Nonsense(f"a result must have the shape of the contract: {what}"[:300]) from None
                self.process.end()
                raise Lost("garbage", what) from None

    def _asked(self, adapter: Handle, call: Call, outcome: Outcome) -> None:
        """The question, and the next one with the reply as history if the case wants that."""
        self._ask(adapter, call, outcome)
        if call.ask.follow_up is not None and outcome.reply is not None:
            turns = going_on(Request(call.ask.messages), outcome.reply, call.ask.follow_up).messages
            outcome.reply, outcome.events = None, []
            self._ask(adapter, replace(call, ask=call.ask.model_copy(update={"messages": turns})), outcome)

    def _ask(self, adapter: Handle, call: Call, outcome: Outcome) -> None:
        message = {"ask": question(call.ask, call.timeout), "adapter": adapter.id}
        for answer in self._answers(message, call.started + call.deadline):
            if answer.event is not None:
                _keep_event(answer.event, call, outcome)
            elif answer.left:
                outcome.left_at = time.monotonic()
                call.left()
            else:
                outcome.mutated, outcome.reached = answer.mutated or "", answer.reached
                _keep(answer, outcome)
                return

    def _cancelled(self, adapter: Handle, call: Call, outcome: Outcome) -> None:
        """While this thread listens, another one cancels."""
        ended = Signal()
        other = Thread(target=self._cancel, args=(call, outcome, ended), daemon=True)
        other.start()
        try:
            self._ask(adapter, call, outcome)
            outcome.cancelled = outcome.cancelled or "an end without an error"
        except Raised as exc:
            if outcome.left_at is None:
                raise
            outcome.cancelled = f"{exc.error.type}: {exc.error.message}"
        finally:
            now = time.monotonic()
            ended.set()
            other.join()
        if outcome.left_at is not None and now - outcome.left_at > ENDING:
            outcome.cancelled = f"not ended after {ENDING:g} s"
        else:
            outcome.ended_at = now
        outcome.reply = None
        call.left()

    def _cancel(self, call: Call, outcome: Outcome, ended: Signal) -> None:
        """Not before the server is stuck: until then the call could end by itself."""
        call.stuck()
        while call.ask.cancel == "started" and not outcome.events and not ended.wait(0.01):
            pass
        if not ended.wait(READING):
            outcome.left_at = time.monotonic()
            with suppress(Lost):
                self.process.add({"abort": True})

    def _close(self, adapter: Handle) -> None:
        """What closing raises is not this case's finding."""
        if not self.process.runs:
            return
        try:
            next(self._answers({"close": adapter.id}, time.monotonic() + CLOSE))
        except Lost:
            return


class Handle:
    """An adapter in the process."""

    def __init__(self, id: int, name: str) -> None:
        self.id, self.name = id, name


class Maker:
    """What stands for the adapter's class: built like one, but in the process."""

    one_at_a_time = True

    def __init__(self, driver: Remote) -> None:
        self.driver = driver
        self.name = driver.hello.name

    def __call__(
        self,
        base_url: str | None = None,
        api_key: str | None = None,
        model: str | None = None,
        timeout: float | None = None,
        **options: Any,
    ) -> Handle:
        given = {"base_url": base_url, "api_key": api_key, "model": model, "timeout": timeout, "options": options}
        return self.driver.build(given, time.monotonic() + (timeout or 0.0) + CLOSE)


# --- what is asked, and what comes back --------------------------------------------------------


def question(ask: Ask, timeout: float) -> dict[str, Any]:
    """Only what is set: the fields of a `Question`."""
    names = [n for n in Question.model_fields if n != "timeout" and (n != "texts" or ask.op == "embed")]
    told = {name: _plain(getattr(ask, name)) for name in names}
    return {name: value for name, value in told.items() if value not in (None, [])} | {"timeout": timeout}


def _plain(value: Any) -> Any:
    """Objects of the contract as JSON, without what they leave out; a tool's schema as it is."""
    if is_dataclass(value):
        told = {f.name: getattr(value, f.name) for f in fields(value)}
        return {name: _plain(v) for name, v in told.items() if v is not None and v not in ((), [])}
    return [_plain(v) for v in value] if isinstance(value, list | tuple) else value


def _keep_event(event: Event, call: Call, outcome: Outcome) -> None:
    now = time.monotonic()
    if event.done is not None:
        outcome.events.append(StreamEvent("done", "", now))
        outcome.reply = event.done
    elif event.text is not None:
        outcome.events.append(StreamEvent("text", event.text, now))
        if sum(e.kind == "text" for e in outcome.events) == 1:
            call.first_event()
    elif event.reasoning is not None:
        outcome.events.append(StreamEvent("reasoning", event.reasoning, now))
    else:
        outcome.events.append(StreamEvent("other", event.other or "", now))


def _keep(answer: FromProcess, outcome: Outcome) -> None:
    if answer.error is not None:
        raise Raised(answer.error)
    if answer.reply is not None:
        outcome.reply = answer.reply
    elif answer.vectors is not None:
        outcome.vectors = answer.vectors
    elif answer.models is not None:
        outcome.models = answer.models
    elif answer.aborted:
        outcome.cancelled = "cancelled"
    elif answer.health is not None:
        outcome.health, outcome.health_shown = answer.health, repr(answer.health)
    elif not answer.end:
        raise Nonsense(f"an ask must be answered with a result, not {_told(answer)}")


def _failure(error: Error) -> Failure:
    said = error.itself or error.message
    seen = Failure(
        type=error.type,
        text=error.message,
        typed=error.kind is not None,
        kind=error.kind,
        status=error.status,
        code=error.code,
        retry_after=error.retry_after,
        provider=error.provider,
        chained=error.cause,
        itself=said,
        everything=error.everything or said,
        where=error.where,
    )
    if error.decided is not None:
        seen.decided = Decision(**error.decided.model_dump())
        return seen
    return decided(seen)


def _told(answer: FromProcess) -> str:
    return answer.model_dump_json(exclude_unset=True)[:200]

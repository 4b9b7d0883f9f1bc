"""Plays a chain of adapters through an outage, on a clock of its own: nobody waits for a Retry-After.

Each adapter is asked through its own driver, and its host's oracle decides what follows, as in the suite. That decision
is all that the chain knows: `skip` leaves a provider out for good (or for as long as the host says), `wait` and `retry`
until their time, `next` goes on, and `stop` ends the question. A circuit breaker stands before each of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Any, get_args

from conformance.ask import Adapter, Ask
from conformance.bench import Bench
from conformance.case import Case, Wire
from conformance.config import ProviderConfig
from conformance.contract import ErrorKind
from conformance.examiner import Examiner
from conformance.failover.oracles.laios import CircuitBreaker
from conformance.provider import resolve, subject_of
from conformance.trace import Decision, Failure, Fault, Trace

UNKNOWN_HOST = Decision("next", "an error", by="no oracle of its host")
PAUSE = 1.0  # seconds that a host waits where nobody says how long


@dataclass(frozen=True)
class Outage:
    """What a provider answers from one second to another, in place of a good answer.

    `what` is a fault of the connection ("refuse"), a kind of error in the provider's own form ("rate_limit"), or both
    and more, as the wire of a case: {"error": "rate_limit", "headers": {"retry-after": "30"}}.
    """

    who: str
    what: str | Mapping[str, Any]
    since: float = 0.0
    until: float = inf

    @property
    def wire(self) -> Wire:
        if not isinstance(self.what, str):
            return Wire.model_validate(self.what)
        if self.what in get_args(Fault):
            return Wire.model_validate({"fault": self.what})
        if self.what in get_args(ErrorKind):
            return Wire.model_validate({"error": self.what})
        known = ", ".join((*get_args(Fault), *get_args(ErrorKind)))
        raise ValueError(f"there is no failure {self.what!r}; there are {known}")


@dataclass(frozen=True)
class Asked:
    """One provider, asked once."""

    who: str
    at: float  # seconds since the start
    question: int
    took: float  # seconds until it answered or failed: what it slept, too
    requests: int  # that reached its server; 0 where the connection was refused
    text: str | None = None  # of the answer
    error: Failure | None = None
    decided: Decision | None = None  # what its host does about the error

    def __str__(self) -> str:
        end = "answered" if self.decided is None else f"{self.decided.reason}: {self.decided.does}"
        return f"{self.at:8.2f} s  question {self.question + 1}  {self.who}  {end}"


@dataclass
class Played:
    """Who was asked when. `str()` tells it in lines."""

    questions: int
    asked: list[Asked] = field(default_factory=list)

    @property
    def who(self) -> list[list[str]]:
        """For each question, who was asked, in turn."""
        return [[a.who for a in self.asked if a.question == n] for n in range(self.questions)]

    @property
    def answered(self) -> list[str | None]:
        """For each question, whose answer the caller got; None where it got an error."""
        given = {a.question: a.who for a in self.asked if a.text is not None}
        return [given.get(n) for n in range(self.questions)]

    def of(self, who: str) -> list[Asked]:
        return [a for a in self.asked if a.who == who]

    def __str__(self) -> str:
        return "\n".join(map(str, self.asked))


class _Link:
    """One provider of the chain, and what its host remembers of it."""

    def __init__(self, name: str, examiner: Examiner, breaker: CircuitBreaker) -> None:
        self.name, self.examiner, self.breaker = name, examiner, breaker
        self.not_before = 0.0

    def may_be_asked(self, now: float) -> bool:
        return now >= self.not_before and self.breaker.state != "OPEN"

    def failed(self, decided: Decision, now: float) -> None:
        if decided.does != "stop":  # that is the caller's mistake
            self.breaker.failed()
        if decided.does == "skip":
            self.not_before = inf if decided.wait is None else now + decided.wait
        elif decided.does == "wait":
            self.not_before = now + (PAUSE if decided.wait is None else decided.wait)


class _Chain:
    def __init__(self, outages: Sequence[Outage], ask: Ask, timeout: float, patience: float) -> None:
        self.outages, self.ask, self.timeout, self.patience = outages, ask, timeout, patience
        self.now = 0.0
        self.links: list[_Link] = []

    def question(self, number: int, played: Played) -> None:
        """Each that may be asked, in their order; and again those that ask for patience, while there is any."""
        end, again = self.now + self.patience, set[str]()
        while True:
            waits: list[_Link] = []
            for link in self.links:
                if not link.may_be_asked(self.now):
                    waits += [link] if link.not_before <= end and link.breaker.state != "OPEN" else []
                    continue
                asked = self._asked(link, number)
                if asked.decided and asked.decided.does == "retry" and link.name not in again:
                    again.add(link.name)
                    played.asked.append(asked)
                    self.now += PAUSE if asked.decided.wait is None else asked.decided.wait
                    asked = self._asked(link, number)
                played.asked.append(asked)
                if asked.decided is None or asked.decided.does == "stop":
                    return
                waits += [link] if self.now < link.not_before <= end else []
            if not waits:
                return
            self.now = max(self.now, min(link.not_before for link in waits))

    def _asked(self, link: _Link, number: int) -> Asked:
        at, trace = self.now, link.examiner.trace(self._case(link.name))
        if trace.outcome.crashed:
            raise RuntimeError(trace.outcome.crashed)
        took = trace.seconds + sum(trace.sleeps)
        self.now += took
        asked = _told(link.name, at, number, took, trace)
        if asked.decided is None:
            link.breaker.reset()
        else:
            link.failed(asked.decided, self.now)
        return asked

    def _case(self, who: str) -> Case:
        wire = next((o.wire for o in self.outages if o.who == who and o.since <= self.now < o.until), Wire())
        if self.ask.op == "stream" and wire == Wire():
            wire = Wire(cassette="streams/three-rivers")
        return Case(case="outage", proves="FLO-000", ask=self.ask, wire=wire, adapter=Adapter(timeout=self.timeout))


def _told(who: str, at: float, number: int, took: float, trace: Trace) -> Asked:
    outcome, error = trace.outcome, trace.outcome.error
    requests = len(trace.exchanges)
    if error is None and outcome.nonsense:
        error = Failure("nonsense", outcome.nonsense, typed=False)
    if error is None and outcome.reply is not None:
        return Asked(who, at, number, took, requests, text=outcome.reply.text)
    error = error or Failure("nothing", "neither an answer nor an error", typed=False)
    if error.decided and not error.decided.does:
        raise RuntimeError(f"what the host of {who} does is not known: {error.decided.reason}")
    return Asked(who, at, number, took, requests, error=error, decided=error.decided or UNKNOWN_HOST)


def play(
    chain: Mapping[str, Any],
    outages: Sequence[Outage] = (),
    *,
    questions: int = 1,
    every: float = 1.0,
    stream: bool = False,
    timeout: float = 2.0,
    patience: float = 0.0,
    failures: int = 5,
    recovery: float = 30.0,
) -> Played:
    """Asks the chain so many questions, one every so many seconds of its clock.

    chain: names, in the order in which they are asked; each a class, a factory, an instance, or what --provider takes.
    patience: seconds that a question waits for a provider that asks for it, once nobody else answered.
    failures, recovery: of the circuit breaker: failures in a row until it opens, and seconds until it is tried again.
    """
    if strangers := {o.who for o in outages} - set(chain):
        raise ValueError(f"nobody in the chain is called {', '.join(sorted(strangers))}; there are {', '.join(chain)}")
    for outage in outages:
        assert outage.wire  # what there is not is said before anything is asked
    played = Played(questions)
    playing = _Chain(outages, Ask(op="stream" if stream else "generate"), timeout, patience)
    with Bench() as bench:
        for name, target in chain.items():
            subject = (
                resolve([target], {})[0] if isinstance(target, str) else subject_of(name, target, ProviderConfig())
            )
            breaker = CircuitBreaker(name, failures, recovery, clock=lambda: playing.now)
            playing.links.append(_Link(name, Examiner(subject, bench), breaker))
        for number in range(questions):
            playing.now = max(playing.now, number * every)
            playing.question(number, played)
    return played

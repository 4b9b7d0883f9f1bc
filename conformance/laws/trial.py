"""One law, tried on one subject: draws examples, plays them, and keeps what was wrong with the smallest."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from conformance import laws
from conformance.case import Case, Part, Several
from conformance.contract import ToolCall
from conformance.dialects import Dialect
from conformance.examiner import Examiner
from conformance.laws import Example
from conformance.laws.search import Search
from conformance.trace import Trace
from conformance.verdict import Violation


class KitFailed(Exception):
    """A traceback of the kit's own."""


@dataclass(frozen=True)
class Wrong:
    """What an example showed."""

    case: Case
    trace: Trace
    violations: Sequence[Violation]


@dataclass
class Trial:
    """`judged` says what is wrong in a case and how much was looked at; `sound`, whether a case holds as it is; and
    `worth`, whether what was found will be shown."""

    examiner: Examiner
    known: Mapping[str, Case]
    sound: Callable[[Case], bool]
    judged: Callable[[Case, Trace], tuple[Sequence[Violation], int]]
    worth: Callable[[], bool]
    checks: int = 0

    def run(self, case: Case, examples: int) -> tuple[Example, Wrong] | None:
        """The smallest example that breaks the law of the case; None: there is none among so many."""
        law = laws.load(case.law or "")
        if case.law in ("framing", "json") and not self.bases(case.ask.op):
            return None
        seed = f"{case.proves}/{case.case}"
        search = Search(lambda example: self.tried(case, example), self.worth)
        return search.run(law.examples(self, case), examples * law.often, seed)

    def tried(self, case: Case, example: Example) -> Wrong | None:
        """What is wrong with one example."""
        scenes = laws.load(case.law or "").scenes(self, case, json.loads(json.dumps(example)))
        traces: Sequence[Trace] | None = None
        while True:
            try:
                cases = next(scenes) if traces is None else scenes.send(traces)
            except StopIteration:
                return None
            traces = self._played(cases)
            for played, trace in zip(cases, traces, strict=True):
                if trace.outcome.crashed:
                    raise KitFailed(trace.outcome.crashed)
                violations, checks = self.judged(_plain(played), trace)
                self.checks += checks
                if violations:
                    return Wrong(played, trace, violations)

    def _played(self, cases: Sequence[Case]) -> Sequence[Trace]:
        """Several cases are calls that one adapter is asked at once."""
        if len(cases) == 1:
            return [self.examiner.trace(cases[0])]
        parts = [Part(ask=case.ask, wire=case.wire, then=case.then) for case in cases]
        whole = self.examiner.trace(cases[0].model_copy(update={"several": Several(how="together", of=parts)}))
        whole.parts[0].outcome.crashed = whole.outcome.crashed
        return whole.parts

    # --- the stage -------------------------------------------------------------------------------

    @property
    def dialect(self) -> Dialect:
        return self.examiner.spoken.dialect

    def base(self, name: str) -> Case | None:
        case = self.known.get(name)
        return case if case and self.sound(case) else None

    def bases(self, op: str) -> Sequence[str]:
        return [name for name, case in self.known.items() if case.ask.op == op]


def _plain(case: Case) -> Case:
    """As it is judged: with calls of the contract's own, where an adapter's were fed back to it."""
    said = [replace(m, tool_calls=[_call(c) for c in m.tool_calls]) if m.tool_calls else m for m in case.ask.messages]
    return case.model_copy(update={"ask": case.ask.model_copy(update={"messages": said})}) if said else case


def _call(call: Any) -> ToolCall:
    return ToolCall(call.id, call.name, call.arguments)

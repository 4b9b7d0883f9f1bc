"""What a call says beside its result: to the log, to the terminal, in warnings. Seen only where a case looks."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from io import StringIO


@dataclass
class Said:
    _log: StringIO = field(default_factory=StringIO)
    _printed: StringIO = field(default_factory=StringIO)
    _warned: list[warnings.WarningMessage] = field(default_factory=list)

    @property
    def logs(self) -> str:
        return self._log.getvalue()

    @property
    def output(self) -> str:
        return "\n".join([self._printed.getvalue(), *(str(w.message) for w in self._warned)])


@contextmanager
def surroundings(places: Collection[str]) -> Iterator[Said]:
    """Listens at those of the places `logs` and `output` that are named."""
    said = Said()
    with ExitStack() as stack:
        if "logs" in places:
            stack.enter_context(_logging(said._log))
        if "output" in places:
            stack.enter_context(redirect_stdout(said._printed))
            stack.enter_context(redirect_stderr(said._printed))
            said._warned = stack.enter_context(warnings.catch_warnings(record=True))
            warnings.simplefilter("always")
        yield said


@contextmanager
def _logging(text: StringIO) -> Iterator[None]:
    """Everything logged at DEBUG and above, whoever logs it."""
    handler = logging.StreamHandler(text)
    handler.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s"))
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        root.setLevel(before)
        root.removeHandler(handler)

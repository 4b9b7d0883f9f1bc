"""Why a provider cannot be judged: one sentence with the mend."""

from __future__ import annotations

import difflib
import re

from conformance.deadline import GivenUp

LONGEST = 10.0  # seconds that it may take to build one


class BadProvider(Exception):
    """The provider cannot be judged, and why; one sentence with the mend."""


_NOT_INSTALLED = re.compile(r"ModuleNotFoundError: No module named '([^']+)'")
_NO_VARIABLE = re.compile(r"KeyError: '([A-Z][A-Z0-9_]*)'")


def cannot_be_built(spec: str, why: str) -> str:
    """`why` is what it raised, in one line."""
    if missing := _NOT_INSTALLED.match(why):
        return f"{spec} cannot be built: it needs {missing[1]!r}, which is not installed"
    if variable := _NO_VARIABLE.match(why):
        return (
            f"{spec} cannot be built: it raised {why}; if that is a variable of the environment, give it in "
            f'pyproject.toml as {table(spec)} env = {{{variable[1]} = "…"}}; {{key}} and {{base_url}} are the kit\'s'
        )
    return (
        f"{spec} cannot be built: it raised {why}; give what it needs in pyproject.toml as "
        f"{table(spec)} kwargs = {{…}} or env = {{…}}, or name a factory"
    )


def table(spec: str) -> str:
    """Where the user says more about it."""
    if ":" in spec:
        return f'[tool.conformance.providers.NAME] provider = "{spec}",'
    return f"[tool.conformance.providers.{spec}]"


def like(name: str, known: list[str]) -> str:
    close = difflib.get_close_matches(name, known, 3, 0.4)
    return f"; did you mean {' or '.join(close)}?" if close else ""


def one_line(exc: BaseException) -> str:
    if isinstance(exc, GivenUp):
        return f"nothing: it took more than {LONGEST:g} seconds"
    return f"{type(exc).__name__}: {' '.join(str(exc).split())}"[:300]

"""What is said beside the result is heard where a case looks, and only there."""

from __future__ import annotations

import logging
import sys
import warnings

import pytest

from conformance.surroundings import surroundings


def test_output_and_warnings_are_heard(capsys: pytest.CaptureFixture[str]) -> None:
    with surroundings({"output"}) as said:
        print("printed")
        print("complained", file=sys.stderr)
        warnings.warn("warned", stacklevel=1)
    assert said.output.splitlines() == ["printed", "complained", "", "warned"]
    assert said.logs == ""
    assert capsys.readouterr() == ("", "")


def test_logs_are_heard_at_every_level_and_the_level_comes_back() -> None:
    before = logging.getLogger().level
    with surroundings({"logs"}) as said:
        logging.getLogger("acme").debug("sent %s", "x")
    assert said.logs == "acme DEBUG sent x\n"
    assert logging.getLogger().level == before


def test_nothing_is_taken_where_nobody_looks(capsys: pytest.CaptureFixture[str]) -> None:
    with surroundings({"url"}) as said:
        print("printed")
    assert said.output.strip() == ""
    assert capsys.readouterr().out == "printed\n"

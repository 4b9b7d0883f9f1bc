"""A failure as pytest wants it: whole where failures are told, its first line in summaries and in JUnit's message."""

from __future__ import annotations

from typing import Any


class Crash:
    """What pytest looks for when it wants one line."""

    def __init__(self, message: str) -> None:
        self.message = message

    def __str__(self) -> str:
        return self.message


class Story:
    """The `longrepr` of a report; made where it is shown, since what travels from a worker must be plain text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.reprcrash = Crash(text.partition("\n")[0])

    def __str__(self) -> str:
        return self.text

    def toterminal(self, writer: Any) -> None:
        writer.line(self.text)

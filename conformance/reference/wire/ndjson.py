"""Lines of JSON, incrementally. Only LF ends one: CR before it is white space of JSON, and nothing else is special."""

from __future__ import annotations

from collections.abc import Iterator


class Lines:
    """Feed it bytes as they come; it yields each line that holds anything as soon as it is whole."""

    def __init__(self) -> None:
        self.rest = b""

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        if b"\n" not in chunk:
            self.rest += chunk
            return
        *lines, self.rest = (self.rest + chunk).split(b"\n")
        yield from filter(None, map(bytes.strip, lines))

    def end(self) -> Iterator[bytes]:
        """A last line need not have its end."""
        yield from filter(None, [self.rest.strip()])

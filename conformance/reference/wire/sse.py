"""Server-sent events, incrementally, as the WHATWG HTML standard (section 9.2.6) reads them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

LINE_END = re.compile(rb"\r\n|\n|\r")


@dataclass
class EventStream:
    """Feed it bytes as they come; it yields (event name, data) as soon as each is whole."""

    buffer: bytearray = field(default_factory=bytearray)
    name: str = ""
    data: list[bytes] = field(default_factory=list)
    begun: bool = False

    def feed(self, chunk: bytes) -> Iterator[tuple[str, bytes]]:
        seen = len(self.buffer) - self.buffer.endswith(b"\r")  # a long line is not looked through anew with each read
        self.buffer += chunk
        at = 0
        while end := LINE_END.search(self.buffer, max(at, seen)):
            if end.group() == b"\r" and end.end() == len(self.buffer):
                break  # the LF of this CR may still come
            line, at = bytes(self.buffer[at : end.start()]), end.end()
            yield from self.line(line)
        del self.buffer[:at]

    def end(self) -> Iterator[tuple[str, bytes]]:
        """The end of the input: a CR held back ends its line; an event without its blank line is dropped."""
        if self.buffer.endswith(b"\r"):
            yield from self.line(bytes(self.buffer[:-1]))

    def line(self, line: bytes) -> Iterator[tuple[str, bytes]]:
        if not self.begun:
            self.begun, line = True, line.removeprefix(b"\xef\xbb\xbf")
        if not line:
            if self.data:
                yield self.name, b"\n".join(self.data)
            self.name, self.data = "", []
            return
        field_name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field_name == b"data":
            self.data.append(value)
        elif field_name == b"event":
            self.name = value.decode("utf-8", "replace")

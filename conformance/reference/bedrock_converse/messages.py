"""AWS' binary messages, incrementally, as Smithy's event stream specification has them: each with its checksums."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from zlib import crc32

PRELUDE = 12  # the length of all, that of the headers, and their checksum
LONGEST = 24 * 1024 * 1024  # more is no length, but something else that was taken for one
SIZES = {0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16}  # of header values by type; 6 and 7 tell theirs
BYTES, TEXT = 6, 7


class Damaged(ValueError):
    """A message that is not what was sent."""


@dataclass(frozen=True)
class Message:
    headers: dict[str, str]  # those that are text
    payload: bytes


@dataclass
class MessageStream:
    """Feed it bytes as they come; it yields each message as soon as it is whole, and right by its checksums."""

    buffer: bytes = b""

    def feed(self, chunk: bytes) -> Iterator[Message]:
        self.buffer += chunk
        while (size := self.next_size()) and len(self.buffer) >= size:
            message, self.buffer = self.buffer[:size], self.buffer[size:]
            yield self.message(message)

    def next_size(self) -> int | None:
        """Of the message that comes; None as long as that is not known."""
        if len(self.buffer) < PRELUDE:
            return None
        self.check(self.buffer[: PRELUDE - 4], self.buffer[PRELUDE - 4 : PRELUDE])
        size = int.from_bytes(self.buffer[:4], "big")
        if not PRELUDE + 4 <= size <= LONGEST:
            raise Damaged("a message of an impossible length")
        return size

    def check(self, data: bytes, checksum: bytes) -> None:
        if crc32(data) != int.from_bytes(checksum, "big"):
            raise Damaged("a message with a wrong checksum")

    def message(self, data: bytes) -> Message:
        self.check(data[:-4], data[-4:])
        end = PRELUDE + int.from_bytes(data[4:8], "big")
        return Message(dict(self.headers(data[PRELUDE:end])), data[end:-4])

    def headers(self, data: bytes) -> Iterator[tuple[str, str]]:
        at = 0
        try:
            while at < len(data):
                name = data[at + 1 : at + 1 + data[at]].decode()
                at += 1 + data[at]
                kind, at = data[at], at + 1
                size = SIZES.get(kind)
                if kind in (BYTES, TEXT):
                    size, at = int.from_bytes(data[at : at + 2], "big"), at + 2
                if size is None:
                    raise Damaged("a message with a header of an unknown type")
                if kind == TEXT:
                    yield name, data[at : at + size].decode()
                at += size
        except (IndexError, UnicodeDecodeError):
            raise Damaged("a message with headers that cannot be read") from None

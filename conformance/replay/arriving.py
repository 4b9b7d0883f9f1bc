"""An answer while it arrives: its raw bytes go on at once, and beside them is kept what they mean.

`Answer.read` forwards the bytes of one HTTP/1.1 answer as the upstream sends them. Before it forwards, it keeps: status
and headers, then the body's pieces, cut where the upstream cut its HTTP chunks, and whether the answer is whole.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

Headers = tuple[tuple[str, str], ...]
Forward = Callable[[bytes], Awaitable[None]]

LONGEST_HEAD = 1 << 20
READ = 1 << 16
_HOP_BY_HOP = {"connection", "keep-alive"}  # said about the one connection, not about the answer


class Broken(Exception):
    """The answer ends before its end; the text says how."""


class WasReset(Broken):
    """The upstream ended the connection with RST."""


class Reader(asyncio.StreamReader):
    """A stream reader that hands out what came before a reset; asyncio's own throws it away."""

    was_reset = False

    def set_exception(self, exc: BaseException) -> None:
        self.was_reset = True
        self.feed_eof()


class Answer:
    def __init__(self, forward: Forward) -> None:
        self.status = 0  # 0: no status line came
        self.headers: Headers = ()
        self.pieces: list[bytearray] = []
        self.broken = "the answer had not ended"
        self._forward = forward

    async def read(self, reader: Reader, method: str) -> None:
        """Reads and forwards the answer to a request of that method. Raises `Broken`, and what `forward` raises."""
        try:
            await self._head_and_body(reader, method)
        except asyncio.IncompleteReadError:
            came = sum(map(len, self.pieces))
            where = f"after {came} bytes of the body" if self.status else "before the answer"
            if reader.was_reset:
                raise WasReset(f"the upstream reset the connection {where}") from None
            raise Broken(f"the upstream closed the connection {where}") from None
        except (ValueError, asyncio.LimitOverrunError) as exc:
            raise Broken(f"the upstream does not speak HTTP/1.1: {exc}") from None

    async def _head_and_body(self, reader: Reader, method: str) -> None:
        status, headers, head = await _head(reader)
        while status < 200:  # 100 Continue and its like are about the request
            status, headers, head = await _head(reader)
        self.status, self.headers = status, headers
        fields = {name.lower(): value for name, value in headers}
        length = fields.get("content-length")
        chunked = "chunked" in fields.get("transfer-encoding", "").lower()
        if method == "HEAD" or status in (204, 304) or (length == "0" and not chunked):
            self.broken = ""
            await self._forward(head)
            return
        await self._forward(head)
        if chunked:
            await self._chunks(reader)
        elif length is not None:
            await self._piece(reader, int(length), last=True)
        else:
            await self._reads(reader)

    async def _chunks(self, reader: Reader) -> None:
        while size := int((line := await reader.readuntil(b"\r\n")).split(b";")[0], 16):
            await self._forward(line)
            await self._piece(reader, size)
            await self._forward(await reader.readexactly(2))
        end = line
        while line != b"\r\n":  # trailers
            line = await reader.readuntil(b"\r\n")
            end += line
        self.broken = ""
        await self._forward(end)

    async def _piece(self, reader: Reader, size: int, last: bool = False) -> None:
        """One piece of the body, forwarded in the parts that it comes in."""
        piece = bytearray()
        self.pieces.append(piece)
        while len(piece) < size:
            data = await reader.read(min(size - len(piece), READ))
            if not data:
                raise asyncio.IncompleteReadError(bytes(piece), size)
            piece += data
            if last and len(piece) == size:
                self.broken = ""
            await self._forward(data)

    async def _reads(self, reader: Reader) -> None:
        """Neither chunks nor a length: the reads are all that is known of the boundaries."""
        while data := await reader.read(READ):
            self.pieces.append(bytearray(data))
            await self._forward(data)
        if reader.was_reset:
            raise asyncio.IncompleteReadError(b"", None)
        self.broken = ""


async def _head(reader: Reader) -> tuple[int, Headers, bytes]:
    """Status, headers, and the bytes to pass on: our connection carries one answer only, and says so."""
    raw = await reader.readuntil(b"\r\n\r\n")
    first, *lines = raw[:-4].decode("latin-1").split("\r\n")
    version, _, reason = first.partition(" ")
    if not version.startswith("HTTP/1."):
        raise ValueError(first[:60])
    pairs = [(name.strip(), value.strip()) for name, _, value in (line.partition(":") for line in lines)]
    headers = tuple((name, value) for name, value in pairs if name.lower() not in _HOP_BY_HOP)
    head = "\r\n".join([first, *(f"{name}: {value}" for name, value in headers), "Connection: close", "", ""])
    return int(reason[:3]), headers, head.encode("latin-1")

"""The recorder against an upstream of the test's own: what is kept, what the client gets, and when."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import trustme

from conformance.replay.recorder import Recorder

Play = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]

CHUNKED = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\nX-Two: a\r\nx-two: b\r\n\r\n"
)
SIZED = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n"
UNSIZED = b"HTTP/1.0 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"


@contextmanager
def upstream(play: Play, tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """A server that reads a request, then leaves the answer to `play`, then closes. Yields its address."""
    port: Future[int] = Future()
    done: Future[Callable[[], object]] = Future()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            _, _, length = head.lower().partition(b"content-length: ")
            await play(head + await reader.readexactly(int(length.split(b"\r\n")[0] or b"0")), writer)
            writer.close()
            await writer.wait_closed()
        except (OSError, asyncio.CancelledError):
            pass  # the recorder left
        finally:
            writer.transport.abort()

    async def main() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
        done.set_result(lambda: loop.call_soon_threadsafe(stop.set))
        port.set_result(server.sockets[0].getsockname()[1])
        await stop.wait()
        server.close()

    thread = threading.Thread(target=lambda: asyncio.run(main()))
    thread.start()
    try:
        yield f"http{'s' if tls else ''}://{'localhost' if tls else '127.0.0.1'}:{port.result()}"
    finally:
        done.result()()
        thread.join()


def answer(*parts: bytes) -> Play:
    """An upstream that sends the parts, each in a segment of its own, and closes."""

    async def play(request: bytes, writer: asyncio.StreamWriter) -> None:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0.005)

    return play


def reset(writer: asyncio.StreamWriter) -> None:
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def get(recorder: Recorder) -> httpx.Response:
    return httpx.get(f"{recorder.base_url}/v1/models")


def test_request_and_answer_are_kept() -> None:
    seen: list[bytes] = []

    async def play(request: bytes, writer: asyncio.StreamWriter) -> None:
        seen.append(request)
        writer.write(SIZED + b'{"ok":true}')

    with upstream(play) as address, Recorder(f"{address}/prefix/") as recorder:
        headers = {"user-agent": "test", "authorization": "Bearer x", "accept-encoding": "gzip"}
        reply = httpx.post(f"{recorder.base_url}/v1/chat?a=1", json={"text": "é"}, headers=headers)
        (kept,) = recorder.interactions

    assert reply.json() == {"ok": True}
    assert kept.method == "POST"
    assert kept.uri == "http://127.0.0.1/prefix/v1/chat?a=1"
    assert kept.request_headers == (
        ("accept", "*/*"),
        ("user-agent", "test"),
        ("authorization", "Bearer x"),
        ("content-type", "application/json"),
        ("accept-encoding", "identity"),
    )
    assert kept.request_body == '{"text":"é"}'.encode()
    assert kept.status == 200
    assert kept.headers == (("Content-Type", "application/json"), ("Content-Length", "11"))
    assert kept.chunks == (b'{"ok":true}',)
    assert kept.broken == ""
    head, _, body = seen[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /prefix/v1/chat?a=1 HTTP/1.1\r\nhost: 127.0.0.1:")
    assert head.count(b"accept-encoding") == 1
    assert body == kept.request_body


def test_a_chunked_request_is_sent_whole() -> None:
    with upstream(answer(SIZED + b'{"ok":true}')) as address, Recorder(address) as recorder:
        httpx.post(recorder.base_url, content=iter([b"one ", b"two"]))
        assert recorder.interactions[0].request_body == b"one two"


@pytest.mark.parametrize(
    ("wire", "chunks"),
    [
        # However TCP cuts it, the HTTP chunks are the boundaries: in one segment, in the middle of all things.
        ([CHUNKED + b"3\r\nab\n\r\n2;x=y\r\n\xc3\xa9\r\n0\r\nTrailer: 1\r\n\r\n"], [b"ab\n", b"\xc3\xa9"]),
        ([CHUNKED[:20], CHUNKED[20:] + b"3\r", b"\na", b"b\n\r\n2\r\n\xc3", b"\xa9\r\n", b"0\r\n\r", b"\n"], None),
        ([SIZED, b"hello ", b"world"], [b"hello world"]),
        ([UNSIZED, b"data: 1\n\n", b"data: 2\n\n"], [b"data: 1\n\n", b"data: 2\n\n"]),
        ([b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + CHUNKED + b"1\r\nx\r\n0\r\n\r\n"], [b"x"]),
        ([b"HTTP/1.1 204 No Content\r\n\r\n"], []),
        ([b"HTTP/1.1 500 Oh\r\ncontent-length: 0\r\n\r\n"], []),
    ],
    ids=["chunks", "chunks-cut", "sized", "unsized", "early-hints", "no-content", "empty"],
)
def test_boundaries_are_the_upstreams(wire: list[bytes], chunks: list[bytes] | None) -> None:
    chunks = [b"ab\n", b"\xc3\xa9"] if chunks is None else chunks
    with upstream(answer(*wire)) as address, Recorder(address) as recorder:
        reply = get(recorder)
        (kept,) = recorder.interactions
    assert reply.content == b"".join(chunks)
    assert reply.status_code == kept.status
    assert list(kept.chunks) == chunks
    assert kept.broken == ""
    assert reply.headers["connection"] == "close"


def test_the_client_has_the_first_chunk_before_the_second_is_sent() -> None:
    has_first = threading.Event()
    waited: list[bool] = []

    async def play(request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(CHUNKED + b"3\r\none\r\n")
        waited.append(await asyncio.to_thread(has_first.wait, 10))
        writer.write(b"3\r\ntwo\r\n0\r\n\r\n")

    with upstream(play) as address, Recorder(address) as recorder, httpx.stream("GET", recorder.base_url) as reply:
        pieces = reply.iter_raw()
        assert next(pieces) == b"one"
        (so_far,) = recorder.interactions
        assert so_far.chunks == (b"one",)
        assert so_far.broken == "the answer had not ended"
        has_first.set()
        assert list(pieces) == [b"two"]
        assert recorder.interactions[0].chunks == (b"one", b"two")
    assert waited == [True]


@pytest.mark.parametrize("how", ["closed", "reset"])
@pytest.mark.parametrize(
    ("wire", "chunks"),
    [
        (CHUNKED + b"3\r\none\r\n5\r\ntw", (b"one", b"tw")),
        (CHUNKED + b"3\r\none\r\n", (b"one",)),
        (SIZED + b"hello", (b"hello",)),
        (UNSIZED + b"hello", (b"hello",)),
        (CHUNKED, ()),
    ],
    ids=["in-a-chunk", "after-a-chunk", "sized", "unsized", "no-body"],
)
def test_a_broken_answer_is_kept_and_stays_broken(wire: bytes, chunks: tuple[bytes, ...], how: str) -> None:
    async def play(request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(wire)
        await writer.drain()
        if how == "reset":
            reset(writer)

    with upstream(play) as address, Recorder(address) as recorder:
        if wire.startswith(UNSIZED) and how == "closed":  # nothing tells that it was cut
            assert get(recorder).text == "hello"
            broken = ""
        else:
            with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
                get(recorder)
            broken = f"the upstream {how} the connection after {len(b''.join(chunks))} bytes of the body"
        (kept,) = recorder.interactions
    assert kept.status == 200
    assert kept.chunks == chunks
    assert kept.broken == broken


@pytest.mark.parametrize(
    ("wire", "broken"),
    [
        (b"", "the upstream closed the connection before the answer"),
        (b"SSH-2.0-OpenSSH\r\n\r\n", "the upstream does not speak HTTP/1.1: SSH-2.0-OpenSSH"),
        (
            CHUNKED + b"zz\r\n",
            "the upstream does not speak HTTP/1.1: invalid literal for int() with base 16: b'zz\\r\\n'",
        ),
    ],
    ids=["nothing", "not-http", "not-chunks"],
)
def test_what_is_no_answer(wire: bytes, broken: str) -> None:
    with upstream(answer(wire)) as address, Recorder(address) as recorder:
        with pytest.raises(httpx.RemoteProtocolError):
            get(recorder)
        assert recorder.interactions[0].broken == broken


def test_a_client_that_hangs_up() -> None:
    async def play(request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(CHUNKED)
        while True:  # until the recorder leaves
            writer.write(b"4\r\ntick\r\n")
            await writer.drain()
            await asyncio.sleep(0)

    with upstream(play) as address, Recorder(address) as recorder:
        with httpx.stream("GET", recorder.base_url) as reply:
            assert next(reply.iter_raw()) == b"tick"
        deadline = time.monotonic() + 10
        while recorder.interactions[0].broken != "the client hung up" and time.monotonic() < deadline:
            time.sleep(0.01)
        (kept,) = recorder.interactions
    assert kept.broken == "the client hung up"
    assert kept.chunks[0] == b"tick"


def test_ending_in_the_middle_keeps_what_came() -> None:
    async def play(request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(CHUNKED + b"3\r\none\r\n")
        await writer.drain()
        await asyncio.sleep(3600)

    with upstream(play) as address, httpx.Client() as client:
        with Recorder(address) as recorder:
            reply = client.send(client.build_request("GET", recorder.base_url), stream=True)
            pieces = reply.iter_raw()
            assert next(pieces) == b"one"
        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
            next(pieces)
        assert recorder.interactions[0].chunks == (b"one",)
        assert recorder.interactions[0].broken == "the answer had not ended"


def test_interactions_are_in_the_order_of_the_requests() -> None:
    with upstream(answer(SIZED + b'{"ok":true}')) as address, Recorder(address) as recorder:
        with httpx.Client(base_url=recorder.base_url) as client:
            for i in range(5):
                client.get(f"/{i}")
        assert [kept.uri[-1] for kept in recorder.interactions] == ["0", "1", "2", "3", "4"]


def test_an_upstream_that_is_not_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with Recorder(f"http://127.0.0.1:{port}") as recorder:
        reply = get(recorder)
        (kept,) = recorder.interactions
    assert reply.status_code == 502
    assert reply.text.startswith(f"The recorder cannot reach 127.0.0.1:{port}: ")
    assert kept.status == 0
    assert kept.broken.startswith("no connection to the upstream: ")


def test_a_request_that_is_none() -> None:
    with Recorder("http://127.0.0.1:1") as recorder:
        port = httpx.URL(recorder.base_url).port
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(b"hello\r\n\r\n")
            assert client.recv(1000).startswith(b"HTTP/1.1 400 ")
        socket.create_connection(("127.0.0.1", port)).close()
        assert recorder.interactions == []


@pytest.mark.parametrize("address", ["http://api.example.com", "http://10.0.0.1:80", "ftp://127.0.0.1", "127.0.0.1:80"])
def test_no_plain_text_beyond_this_machine(address: str) -> None:
    with pytest.raises(ValueError, match=r"upstream must be|use https"):
        Recorder(address)


def test_https(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    with upstream(answer(CHUNKED + b"3\r\none\r\n0\r\n\r\n"), tls=context) as address:
        with Recorder(address) as recorder:
            assert get(recorder).status_code == 502
            assert "certificate" in recorder.interactions[0].broken.lower()
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
        with Recorder(address) as recorder:
            assert get(recorder).text == "one"
            assert recorder.interactions[0].uri == "http://127.0.0.1/v1/models"


def test_nothing_is_left_running() -> None:
    with upstream(answer(SIZED + b'{"ok":true}')) as address, Recorder(address) as recorder:
        get(recorder)
        assert "conformance-recorder" in {thread.name for thread in threading.enumerate()}
    assert "conformance-recorder" not in {thread.name for thread in threading.enumerate()}

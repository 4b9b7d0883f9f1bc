"""The request, as the log has it."""

from __future__ import annotations

import re
import socket
import threading

import httpx
import pytest

from conformance.replay.http import Malformed, RequestReader
from conformance.replay.script import Script
from conformance.replay.server import ReplayServer
from conformance.trace import Exchange
from tests.replay.server.wire import STREAM, always, prefix, raw


def test_the_log_has_the_request_as_sent(server: ReplayServer, client: httpx.Client) -> None:
    script = Script(chunks=(b'{"id":1}',))
    with server.scene(always(script)) as scene:
        reply = client.post(f"{scene.base_url}/v1//chat?a=1&b=%20", content=b'{"q":"\xc3\xa9"}', headers={"X-Key": "K"})
    [exchange] = scene.exchanges
    assert (reply.status_code, reply.json()) == (200, {"id": 1})
    assert (exchange.method, exchange.path, exchange.query) == ("POST", "/v1//chat", "a=1&b=%20")
    assert (exchange.header("x-key"), exchange.json()) == ("K", {"q": "é"})
    assert (exchange.status, exchange.sent, exchange.intended, exchange.ended) == (200, b'{"id":1}', 8, "complete")
    assert (exchange.closed_at, exchange.held_at, exchange.released_at) == (None, None, None)


def test_the_answer_sees_the_exchange_and_may_name_its_operation(server: ReplayServer, client: httpx.Client) -> None:
    def answer(exchange: Exchange) -> Script:
        exchange.operation = "models"
        return Script(chunks=(exchange.path.encode(), threading.current_thread().name.encode()))

    with server.scene(answer) as scene:
        assert client.get(f"{scene.base_url}/v1/models").content == b"/v1/modelsconformance-replay"
    assert scene.exchanges[0].operation == "models"


def test_a_chunked_request_body_is_put_together(server: ReplayServer, client: httpx.Client) -> None:
    with server.scene(always(STREAM)) as scene:
        client.post(scene.base_url, content=iter([b"one ", b"two ", b"x" * 70_000]))
    assert scene.exchanges[0].header("transfer-encoding") == "chunked"
    assert scene.exchanges[0].body == b"one two " + b"x" * 70_000


def test_a_large_body_with_a_length_arrives_whole(server: ReplayServer, client: httpx.Client) -> None:
    body = bytes(range(256)) * 20_000
    with server.scene(always(STREAM)) as scene:
        client.post(scene.base_url, content=body)
    assert scene.exchanges[0].body == body


def test_a_client_that_waits_for_100_gets_it(server: ReplayServer) -> None:
    with (
        server.scene(always(Script(chunks=(b"ok",), sized=True))) as scene,
        socket.create_connection(("127.0.0.1", server.port), timeout=3.0) as sock,
    ):
        path = prefix(scene.base_url)
        sock.sendall(b"POST " + path + b" HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 4\r\n\r\n")
        assert sock.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        assert scene.exchanges == []
        sock.sendall(b"body")
        assert sock.recv(1000).endswith(b"\r\n\r\nok")
    assert scene.exchanges[0].body == b"body"


def test_pipelined_requests_are_answered_in_order(server: ReplayServer) -> None:
    def answer(exchange: Exchange) -> Script:  # the first takes longest
        return Script(chunks=(exchange.path.encode(),), sized=True, delay=0.1 if exchange.path == "/1" else 0.0)

    with server.scene(answer) as scene:
        path = prefix(scene.base_url)
        got = raw(server, b"".join(b"GET %b/%d HTTP/1.1\r\nhost: x\r\n\r\n" % (path, n) for n in (1, 2, 3)))
    assert re.findall(rb"\r\n\r\n(/\d)", got) == [b"/1", b"/2", b"/3"]
    assert scene.connections == 1


@pytest.mark.parametrize("step", [1, 7, 1000])
def test_requests_are_read_whatever_the_pieces(step: int) -> None:
    wire = (
        b"POST /a HTTP/1.1\r\nA: 1\r\nContent-Length: 3\r\n\r\nxyz"
        b"PUT /b HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"2;ext=1\r\nhi\r\nA\r\n0123456789\r\n0\r\nTrailer: t\r\n\r\n"
        b"GET /c HTTP/1.1\r\nConnection: close\r\n\r\n"
    )
    reader, requests = RequestReader(), []
    for start in range(0, len(wire), step):
        reader.feed(wire[start : start + step])
        while request := reader.next():
            requests.append(request)
    assert [(r.method, r.target, r.body, r.last) for r in requests] == [
        ("POST", "/a", b"xyz", False),
        ("PUT", "/b", b"hi0123456789", False),
        ("GET", "/c", b"", True),
    ]
    assert requests[0].headers == [("a", "1"), ("content-length", "3")]


@pytest.mark.parametrize(
    "wire",
    [
        b"\x16\x03\x01 TLS\r\n\r\n",
        b"GET /\r\n\r\n",
        b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET / HTTP/1.1\r\ncontent-length: -1\r\n\r\n",
        b"GET / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_what_is_no_request_is_refused(server: ReplayServer, wire: bytes) -> None:
    reader = RequestReader()
    reader.feed(wire)
    with pytest.raises(Malformed):
        reader.next()
    assert raw(server, wire).startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert server.strays[-1].startswith("malformed: ")

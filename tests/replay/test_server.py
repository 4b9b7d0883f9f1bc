"""The replay server as clients meet it: chunks, ends, faults, holds, hang-ups, concurrency, and what is left of it."""

from __future__ import annotations

import asyncio
import gc
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import httpx
import pytest

from conformance.replay.http import Malformed, RequestReader, frame
from conformance.replay.script import Script
from conformance.replay.server import QUIET_PORTS, ReplayServer
from conformance.trace import Exchange

PIECES = (b"data: Nile\n\n", b"data: Ama", b"zon \xc3", b"\xa9\n\n")
STREAM = Script(headers=(("content-type", "text/event-stream"),), chunks=PIECES)


@pytest.fixture(scope="module")
def server() -> Iterator[ReplayServer]:
    with ReplayServer(patience=5.0, hold=0.3) as server:
        yield server


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client(verify=False, trust_env=False, timeout=3.0) as client:
        yield client


def always(script: Script) -> Callable[[Exchange], Script]:
    return lambda exchange: script


def raw(server: ReplayServer, data: bytes) -> bytes:
    """Everything the server answers to these bytes until it closes or is silent for 0.3 s."""
    with socket.create_connection(("127.0.0.1", server.port)) as sock:
        sock.sendall(data)
        sock.settimeout(0.3)
        received = b""
        try:
            while more := sock.recv(65536):
                received += more
        except TimeoutError:
            pass
        return received


def prefix(base_url: str) -> bytes:
    return httpx.URL(base_url).path.encode()


def eventually(fact: Callable[[], object]) -> bool:
    """Whether the fact comes true within a second."""
    end = time.monotonic() + 1.0
    while not fact() and time.monotonic() < end:
        time.sleep(0.005)
    return bool(fact())


# The request, as the log has it


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


# Chunks and framing


def test_every_chunk_is_one_read_sync(server: ReplayServer, client: httpx.Client) -> None:
    with server.scene(always(STREAM)) as scene, client.stream("GET", scene.base_url) as reply:
        assert tuple(reply.iter_raw()) == PIECES


def test_every_chunk_is_one_read_async(server: ReplayServer) -> None:
    single_bytes = [bytes([byte]) for byte in b"".join(PIECES) * 20]

    async def read(url: str) -> list[bytes]:
        async with (
            httpx.AsyncClient(verify=False, trust_env=False) as client,
            client.stream("GET", url) as reply,
        ):
            return [piece async for piece in reply.aiter_raw()]

    with server.scene(always(replace(STREAM, chunks=single_bytes))) as scene:
        assert asyncio.run(read(scene.base_url)) == single_bytes


def test_a_gap_separates_the_chunks_in_time(server: ReplayServer, client: httpx.Client) -> None:
    arrivals = []
    with (
        server.scene(always(replace(STREAM, gap=0.05))) as scene,
        client.stream("GET", scene.base_url) as reply,
    ):
        for _ in reply.iter_raw():
            arrivals.append(time.monotonic())
    assert len(arrivals) == len(PIECES)
    assert arrivals[-1] - arrivals[0] > 0.1


def test_a_delay_comes_before_the_headers(server: ReplayServer, client: httpx.Client) -> None:
    with server.scene(always(replace(STREAM, delay=0.4))) as scene:
        with pytest.raises(httpx.ReadTimeout):
            client.get(scene.base_url, timeout=0.1)
        assert scene.settle(1.0)
    assert (scene.exchanges[0].status, scene.exchanges[0].ended) == (None, "hung up")


def test_sized_answers_carry_their_length(server: ReplayServer, client: httpx.Client) -> None:
    with server.scene(always(replace(STREAM, sized=True))) as scene:
        reply = client.get(scene.base_url)
    assert reply.headers["content-length"] == str(len(b"".join(PIECES)))
    assert "transfer-encoding" not in reply.headers
    assert reply.content == b"".join(PIECES)


def test_an_empty_chunk_does_not_end_the_body(server: ReplayServer, client: httpx.Client) -> None:
    with server.scene(always(replace(STREAM, chunks=(b"a", b"", b"b")))) as scene:
        assert client.get(scene.base_url).content == b"ab"


@pytest.mark.parametrize("sized", [False, True])
def test_a_body_of_no_chunks_is_empty_and_ends(server: ReplayServer, client: httpx.Client, sized: bool) -> None:
    with server.scene(always(Script(chunks=(), sized=sized))) as scene:
        assert [client.get(scene.base_url).content for _ in range(2)] == [b"", b""]
        assert scene.connections == 1


def test_a_promise_too_long_is_a_broken_body(server: ReplayServer, client: httpx.Client) -> None:
    with (
        server.scene(always(Script(chunks=(b"short",), promise=50))) as scene,
        pytest.raises(httpx.RemoteProtocolError, match="received 5 bytes, expected 50"),
    ):
        client.get(scene.base_url)


def test_a_promise_too_short_cuts_the_body_and_spoils_nothing_after_it(
    server: ReplayServer, client: httpx.Client
) -> None:
    with server.scene(always(Script(chunks=(b"too long",), promise=3))) as scene:
        assert [client.get(scene.base_url).content for _ in range(3)] == [b"too"] * 3
        assert scene.connections == 3


@pytest.mark.parametrize(("method", "status"), [("HEAD", 200), ("GET", 204), ("GET", 304)])
def test_answers_without_a_body_keep_the_connection(
    server: ReplayServer, client: httpx.Client, method: str, status: int
) -> None:
    with server.scene(always(Script(status=status, chunks=(b"never sent",)))) as scene:
        for _ in range(2):
            reply = client.request(method, scene.base_url)
            assert (reply.status_code, reply.content) == (status, b"")
    assert [exchange.sent for exchange in scene.exchanges] == [b"", b""]
    assert scene.connections == 1


@pytest.mark.parametrize(("status", "phrase"), [(429, "Too Many Requests"), (529, ""), (502, "Bad Gateway")])
def test_statuses_have_their_phrase(server: ReplayServer, client: httpx.Client, status: int, phrase: str) -> None:
    with server.scene(always(Script(status=status))) as scene:
        reply = client.get(scene.base_url)
    assert (reply.status_code, reply.reason_phrase) == (status, phrase)


def test_headers_are_the_scripts_and_the_framing_only() -> None:
    script = Script(headers=[("X-A", "1"), ("Content-Length", "9"), ("x-a", "2")], chunks=[b"hi"])
    assert frame(script, "GET").wire == (
        b"HTTP/1.1 200 OK\r\nX-A: 1\r\nx-a: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"
    )


def test_connections_are_kept_until_either_side_says_close(server: ReplayServer, client: httpx.Client) -> None:
    with server.scene(always(STREAM)) as scene:
        for _ in range(3):
            client.get(scene.base_url)
        assert scene.connections == 1
        client.get(scene.base_url, headers={"connection": "close"})
        client.get(scene.base_url)
        assert scene.connections == 2
        scene.answer = always(STREAM.with_headers({"connection": "close"}))
        client.get(scene.base_url)
        client.get(scene.base_url)
        assert scene.connections == 3


# Ends and faults


def read_all(client: httpx.Client, url: str) -> tuple[bytes, str]:
    """What arrived, and the name of the exception that ended it, if any."""
    got = b""
    try:
        with client.stream("GET", url, timeout=0.3) as reply:
            for piece in reply.iter_raw():
                got += piece
    except httpx.TransportError as error:
        return got, type(error).__name__
    return got, ""


async def read_all_async(url: str) -> tuple[bytes, str]:
    got = b""
    async with httpx.AsyncClient(verify=False, trust_env=False, timeout=0.3) as client:
        try:
            async with client.stream("GET", url) as reply:
                async for piece in reply.aiter_raw():
                    got += piece
        except httpx.TransportError as error:
            return got, type(error).__name__
    return got, ""


@pytest.mark.parametrize("sized", [False, True])
@pytest.mark.parametrize(
    ("end", "error"),
    [("complete", ""), ("clean", ""), ("fin", "RemoteProtocolError"), ("reset", "ReadError"), ("stall", "ReadTimeout")],
)
def test_ends(server: ReplayServer, client: httpx.Client, end: str, error: str, sized: bool) -> None:
    script = Script(chunks=PIECES[:2], end=end, whole=100, sized=sized)  # type: ignore[arg-type]
    with server.scene(always(script)) as scene:
        assert read_all(client, scene.base_url) == (b"".join(PIECES[:2]), error)
        assert asyncio.run(read_all_async(scene.base_url)) == (b"".join(PIECES[:2]), error)
        assert scene.settle(1.0)
        for exchange in scene.exchanges:
            assert (exchange.status, exchange.ended, exchange.intended) == (200, end, 100)
            assert exchange.sent == b"".join(PIECES[:2])
            assert (exchange.closed_at is not None) == (end == "stall")


@pytest.mark.parametrize(
    ("fault", "error", "ended"),
    [
        ("fin", "RemoteProtocolError", "fin"),
        ("reset", "ReadError", "reset"),
        ("silence", "ReadTimeout", "stall"),
    ],
)
def test_faults(server: ReplayServer, client: httpx.Client, fault: str, error: str, ended: str) -> None:
    with server.scene(always(Script(chunks=PIECES, fault=fault))) as scene:  # type: ignore[arg-type]
        assert read_all(client, scene.base_url) == (b"", error)
        assert asyncio.run(read_all_async(scene.base_url)) == (b"", error)
        assert scene.settle(1.0)
        for exchange in scene.exchanges:
            assert (exchange.status, exchange.sent, exchange.ended) == (None, b"", ended)


def test_a_reset_is_an_rst_and_a_fin_is_none(server: ReplayServer) -> None:
    def ending(script: Script) -> bytes:
        with server.scene(always(script)) as scene:
            return raw(server, b"GET " + prefix(scene.base_url) + b" HTTP/1.1\r\nhost: x\r\n\r\n")

    assert ending(Script(fault="fin")) == b""
    with pytest.raises(ConnectionResetError):
        ending(Script(fault="reset"))


def test_silence_ends_with_patience(client: httpx.Client) -> None:
    with ReplayServer(patience=0.1) as server, server.scene(always(Script(fault="silence"))) as scene:
        with pytest.raises(httpx.RemoteProtocolError):
            client.get(scene.base_url)
        assert scene.settle(1.0)
        assert (scene.exchanges[0].ended, scene.exchanges[0].closed_at) == ("stall", None)


def test_a_fault_of_the_door_is_a_fault_of_the_kit_here(server: ReplayServer, client: httpx.Client) -> None:
    with server.scene(always(Script(fault="refuse"))) as scene:
        assert client.get(scene.base_url).status_code == 599
    assert "refuse happens before any request" in scene.errors[0]


# Holding back


def test_a_held_stream_goes_on_when_released(server: ReplayServer, client: httpx.Client) -> None:
    with server.scene(always(replace(STREAM, hold_after=2))) as scene, client.stream("GET", scene.base_url) as reply:
        pieces = reply.iter_raw()
        early = [next(pieces), next(pieces)]
        shown = time.monotonic()
        scene.release()
        assert (*early, *pieces) == PIECES
    [exchange] = scene.exchanges
    assert exchange.held_at is not None
    assert exchange.released_at is not None
    assert exchange.held_at <= exchange.released_at
    assert exchange.released_at >= shown
    assert exchange.ended == "complete"


@pytest.mark.parametrize("hold_after", [0, 1, 4, 9])
def test_a_held_stream_goes_on_by_itself_after_a_while(
    server: ReplayServer, client: httpx.Client, hold_after: int
) -> None:
    with server.scene(always(replace(STREAM, hold_after=hold_after))) as scene:
        begun = time.monotonic()
        assert client.get(scene.base_url).content == b"".join(PIECES)
    assert time.monotonic() - begun >= 0.29
    [exchange] = scene.exchanges
    assert exchange.held_at is not None
    assert exchange.released_at is None


def test_a_release_is_for_the_stream_that_is_held_not_for_later_ones(
    server: ReplayServer, client: httpx.Client
) -> None:
    with server.scene(always(replace(STREAM, hold_after=1))) as scene:
        scene.release()
        client.get(scene.base_url)
    assert scene.exchanges[0].released_at is None


# Hang-ups


SLOW = [
    pytest.param(Script(delay=5.0), 0, id="delay"),
    pytest.param(replace(STREAM, gap=5.0), 1, id="gap"),
    pytest.param(replace(STREAM, hold_after=2), 2, id="hold"),
    pytest.param(replace(STREAM, end="stall"), 4, id="stall"),
    pytest.param(Script(fault="silence"), 0, id="silence"),
]


@pytest.mark.parametrize(("script", "chunks"), SLOW)
def test_a_hang_up_is_seen_within_a_second(server: ReplayServer, script: Script, chunks: int) -> None:
    with server.scene(always(script)) as scene:
        with socket.create_connection(("127.0.0.1", server.port), timeout=3.0) as sock:
            sock.sendall(b"GET " + prefix(scene.base_url) + b" HTTP/1.1\r\nhost: x\r\n\r\n")
            assert eventually(lambda: scene.exchanges)
            assert eventually(lambda: scene.exchanges[0].sent == b"".join(PIECES[:chunks]))
            assert not scene.settle(0.05)
            left = time.monotonic()
        assert scene.settle(1.0)
    [exchange] = scene.exchanges
    assert exchange.closed_at is not None
    assert left <= exchange.closed_at < left + 1.0
    assert exchange.ended == ("stall" if "stall" in (script.end, script.fault) or script.fault else "hung up")


def test_a_hang_up_in_the_middle_of_a_large_body_is_seen(server: ReplayServer) -> None:
    big = Script(chunks=(b"x" * 50_000_000,))  # more than the kernel takes
    with server.scene(always(big)) as scene:
        with socket.create_connection(("127.0.0.1", server.port), timeout=3.0) as sock:
            sock.sendall(b"GET " + prefix(scene.base_url) + b" HTTP/1.1\r\nhost: x\r\n\r\n")
            assert sock.recv(10) == b"HTTP/1.1 2"
            assert not scene.settle(0.05)
        assert scene.settle(1.0)
    assert (scene.exchanges[0].ended, scene.exchanges[0].closed_at is not None) == ("hung up", True)


def test_settle_waits_for_the_end_and_no_longer(server: ReplayServer, client: httpx.Client) -> None:
    with server.scene(always(replace(STREAM, hold_after=1))) as scene, ThreadPoolExecutor(1) as pool:
        call = pool.submit(client.get, scene.base_url)
        assert eventually(lambda: scene.exchanges)
        begun = time.monotonic()
        assert scene.settle(3.0)
        assert time.monotonic() - begun < 2.0
        assert call.result().status_code == 200


# Scenes


def test_concurrent_calls_are_matched_to_their_scene(server: ReplayServer) -> None:
    def answer_of(name: int) -> Callable[[Exchange], Script]:
        return lambda exchange: Script(chunks=(b"%d " % name, exchange.body), gap=0.001)

    scenes = [server.scene(answer_of(number)) for number in range(4)]

    async def call_all() -> list[bytes]:
        async with httpx.AsyncClient(verify=False, trust_env=False) as client:
            calls = [client.post(scenes[n % 4].base_url, content=f"call {n}") for n in range(16)]
            return [reply.content for reply in await asyncio.gather(*calls)]

    assert asyncio.run(call_all()) == [f"{n % 4} call {n}".encode() for n in range(16)]
    assert [len(scene.exchanges) for scene in scenes] == [4, 4, 4, 4]
    for scene in scenes:
        scene.close()


def test_threads_may_open_use_and_close_scenes_at_once(server: ReplayServer) -> None:
    def case(number: int) -> tuple[bytes, int]:
        with (
            server.scene(lambda exchange: Script(chunks=(exchange.body,))) as scene,
            httpx.Client(verify=False, trust_env=False) as client,
        ):
            got = client.post(scene.base_url, content=b"%d" % number).content
            scene.settle(1.0)
            return got, len(scene.exchanges)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(case, range(64))) == [(b"%d" % n, 1) for n in range(64)]


def test_an_answer_that_raises_is_599_and_kept(server: ReplayServer, client: httpx.Client) -> None:
    def answer(exchange: Exchange) -> Script:
        raise KeyError("no such cassette")

    with server.scene(answer) as scene:
        assert client.get(scene.base_url).status_code == 599
        scene.answer = lambda exchange: pytest.fail("not an Exception")
        assert client.get(scene.base_url).status_code == 599
        scene.answer = always("not a script")  # type: ignore[arg-type]
        assert client.get(scene.base_url).status_code == 599
    assert "KeyError: 'no such cassette'" in scene.errors[0]
    assert "not an Exception" in scene.errors[1]
    assert "AttributeError" in scene.errors[2]
    assert [exchange.status for exchange in scene.exchanges] == [599, 599, 599]


def test_a_stray_request_is_404_and_kept(client: httpx.Client) -> None:
    with ReplayServer() as server:
        root = f"http://127.0.0.1:{server.port}"
        assert client.post(f"{root}/v1/messages?key=1").status_code == 404
        with server.scene(always(STREAM)) as scene:
            pass
        assert client.get(f"{scene.base_url}/late").status_code == 404
        assert list(server.strays) == ["POST /v1/messages", f"GET {httpx.URL(scene.base_url).path}/late"]
        assert scene.exchanges == []
        for _ in range(120):
            client.get(f"{root}/again")
        assert len(server.strays) == 100


def test_a_closed_scene_has_no_connection_left(server: ReplayServer) -> None:
    scene = server.scene(always(Script(fault="silence")))
    other = server.scene(always(STREAM))
    with (
        socket.create_connection(("127.0.0.1", server.port), timeout=3.0) as sock,
        httpx.Client(verify=False, trust_env=False) as client,
    ):
        sock.sendall(b"GET " + prefix(scene.base_url) + b" HTTP/1.1\r\nhost: x\r\n\r\n")
        assert eventually(lambda: scene.exchanges)
        client.get(other.base_url)
        scene.close()
        scene.close()
        assert sock.recv(10) == b""
        client.get(other.base_url)
        assert other.connections == 1  # not touched
    assert scene.exchanges[0].closed_at is None  # it was not the client
    other.close()


# The server's life


def test_no_url_of_ours_reads_as_a_status(server: ReplayServer) -> None:
    statuses = {400, 401, 402, 403, 404, 408, 409, 413, 422, 429, 498, 499, *range(500, 510), 520, 524, 529}
    assert server.port in QUIET_PORTS
    assert len(QUIET_PORTS) > 10_000
    assert not [port for port in QUIET_PORTS if any(str(status) in str(port) for status in statuses)]
    scenes = [server.scene(always(STREAM)) for _ in range(50)]
    assert len({scene.base_url for scene in scenes}) == 50
    for scene in scenes:
        assert re.fullmatch(rf"http://127\.0\.0\.1:{server.port}/[b-df-hj-np-tv-z]{{12}}", scene.base_url)
        scene.close()


def test_it_listens_on_loopback_only(server: ReplayServer) -> None:
    with socket.socket() as sock:
        sock.bind(("127.0.0.2", server.port))  # free: so it is not 0.0.0.0 that is taken
        assert sock.getsockname() == ("127.0.0.2", server.port)


def test_small_writes_leave_at_once(server: ReplayServer, client: httpx.Client) -> None:
    with server.scene(always(STREAM)) as scene:
        client.get(scene.base_url)
        [connection] = scene._open()
        sock = connection.transport.get_extra_info("socket")
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_nothing_is_left_after_close(client: httpx.Client) -> None:
    before = set(threading.enumerate())
    server = ReplayServer().start()
    scene = server.scene(lambda exchange: STREAM if exchange.path else Script(fault="silence"))
    client.get(f"{scene.base_url}/idle")
    with socket.create_connection(("127.0.0.1", server.port), timeout=3.0) as sock:
        sock.sendall(b"GET " + prefix(scene.base_url) + b" HTTP/1.1\r\nhost: x\r\n\r\n")
        assert eventually(lambda: len(scene.exchanges) == 2)
        server.close()
        assert sock.recv(10) == b""
    server.close()
    assert scene.settle(1.0)  # nobody to wait for
    scene.release()
    scene.close()
    assert set(threading.enumerate()) == before
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.port), timeout=1.0)
    gc.collect()  # an unclosed socket would be a ResourceWarning, so an error

"""The guard: what leaves the machine is refused and named, before a packet leaves; the environment comes back."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import threading
from pathlib import Path

import httpx
import pytest

from conformance.replay import guard as module
from conformance.replay.guard import CERTIFICATES, Guard
from conformance.replay.script import Script
from conformance.replay.server import ReplayServer

ELSEWHERE = ("192.0.2.1", 443)  # an address reserved for documentation


def attempt(address: tuple[str, int]) -> None:
    with socket.socket() as sock, pytest.raises(ConnectionRefusedError, match="provider-conformance"):
        sock.connect(address)


def test_an_address_elsewhere_is_refused_and_named_once() -> None:
    with Guard().watch() as breaches:
        attempt(ELSEWHERE)
        attempt(ELSEWHERE)
        attempt(("192.0.2.2", 80))
    assert breaches == ["192.0.2.1:443", "192.0.2.2:80"]


def test_a_name_is_refused_before_it_is_looked_up() -> None:
    with Guard().watch() as breaches:
        with pytest.raises(ConnectionRefusedError, match=r"may not reach api\.example\.com:443"):
            socket.getaddrinfo("api.example.com", 443)
        with pytest.raises(ConnectionRefusedError):
            socket.getaddrinfo(b"API.example.com", "https")
        with pytest.raises(ConnectionRefusedError):
            socket.gethostbyname("other.example.com")
    assert breaches == ["api.example.com:443", "api.example.com:https", "other.example.com"]


def test_httpx_is_refused_sync_and_async() -> None:
    async def call() -> None:
        async with httpx.AsyncClient(verify=False, trust_env=False) as client:
            await client.get("https://second.example.com/v1")

    with Guard().watch() as breaches:
        with pytest.raises(httpx.ConnectError, match="provider-conformance"):
            httpx.get("https://first.example.com/v1", verify=False, trust_env=False)
        # anyio gives the refusal no words of its own
        with pytest.raises((httpx.ConnectError, ConnectionRefusedError)):
            asyncio.run(call())
    assert breaches == ["first.example.com:443", "second.example.com:443"]


def test_datagrams_are_refused() -> None:
    with Guard().watch() as breaches, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        with pytest.raises(ConnectionRefusedError):
            sock.sendto(b"x", ("192.0.2.1", 53))
        with pytest.raises(ConnectionRefusedError):
            sock.sendmsg([b"x"], [], 0, ("192.0.2.1", 54))
    assert breaches == ["192.0.2.1:53", "192.0.2.1:54"]


def test_every_thread_is_seen() -> None:
    with Guard().watch() as breaches:
        threads = [threading.Thread(target=attempt, args=(("192.0.2.1", port),)) for port in range(1, 9)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(breaches) == [f"192.0.2.1:{port}" for port in range(1, 9)]


def test_loopback_is_open_on_allowed_ports_only() -> None:
    guard = Guard()
    with ReplayServer() as server, server.scene(lambda exchange: Script(chunks=(b"ok",))) as scene:
        with guard.watch() as breaches:
            attempt(("127.0.0.1", server.port))
        assert breaches == [f"127.0.0.1:{server.port}"]
        guard.allow(server.port)
        with guard.watch() as breaches:
            assert httpx.get(scene.base_url, verify=False, trust_env=False).content == b"ok"
            named = scene.base_url.replace("127.0.0.1", "localhost")
            assert httpx.get(named, verify=False, trust_env=False).content == b"ok"
            attempt(("127.0.0.1", 9))
        assert breaches == ["127.0.0.1:9"]


def test_a_port_may_be_allowed_for_a_time() -> None:
    guard = Guard()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with guard.watch() as breaches:
            with guard.allow(port), socket.create_connection(("127.0.0.1", port)):
                assert breaches == []
            attempt(("127.0.0.1", port))
            assert breaches == [f"127.0.0.1:{port}"]


def test_unix_sockets_and_pairs_pass(tmp_path: Path) -> None:
    path = str(tmp_path / "s")
    with Guard().watch() as breaches, socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as sock:
        listener.bind(path)
        listener.listen()
        sock.connect(path)
        one, other = socket.socketpair()
        with one, other:
            assert asyncio.run(asyncio.sleep(0, "a loop has a pair too")) == "a loop has a pair too"
    assert breaches == []


def test_nothing_is_watched_before_and_after() -> None:
    with Guard().watch() as breaches:
        pass
    with socket.socket() as sock:
        sock.settimeout(0.5)
        with pytest.raises(ConnectionRefusedError) as refused:
            sock.connect(("127.0.0.1", 9))
    assert "provider-conformance" not in str(refused.value)
    assert breaches == []
    assert module._watches.current == ()


def test_a_watch_closes_when_the_case_fails() -> None:
    with pytest.raises(RuntimeError, match="the case failed"), Guard().watch():
        raise RuntimeError("the case failed")
    assert module._watches.current == ()


def test_nested_watches_both_see_it() -> None:
    with Guard().watch() as outer, Guard().watch() as inner:
        attempt(ELSEWHERE)
    assert outer == inner == ["192.0.2.1:443"]


def test_the_environment_is_set_and_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example.com:1")
    monkeypatch.setenv("all_proxy", "socks5://proxy.example.com:1")
    monkeypatch.setenv("NO_PROXY", "internal.example.com")
    monkeypatch.setenv("SSL_CERT_FILE", "their.pem")
    monkeypatch.delenv("AWS_CA_BUNDLE", raising=False)
    before = dict(os.environ)
    with Guard():
        assert {name for name in os.environ if name.upper().endswith("_PROXY")} == {"NO_PROXY", "no_proxy"}
        assert os.environ["NO_PROXY"] == os.environ["no_proxy"] == "127.0.0.1,localhost"
        assert os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] == "True"
        [bundle] = {os.environ[name] for name in CERTIFICATES}
        assert len(ssl.create_default_context(cafile=bundle).get_ca_certs()) == 1
        os.environ["SOMEBODY_ELSES"] = "1"  # not ours to undo
    assert os.environ.pop("SOMEBODY_ELSES") == "1"
    assert dict(os.environ) == before
    assert not Path(bundle).exists()


def test_the_environment_comes_back_after_a_failure() -> None:
    before = dict(os.environ)
    with pytest.raises(RuntimeError, match="the run failed"), Guard():
        raise RuntimeError("the run failed")
    assert dict(os.environ) == before


def test_clients_under_the_guard_reach_loopback_and_trust_only_our_certificate(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with (
        ReplayServer() as server,
        server.scene(lambda exchange: Script(chunks=(b"ok",))) as scene,
        Guard() as guard,
        guard.allow(server.port),
        guard.watch() as breaches,
    ):
        assert httpx.get(scene.base_url).content == b"ok"
    assert breaches == []

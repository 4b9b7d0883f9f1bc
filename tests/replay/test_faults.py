"""The doors: what httpx reports at each, what they count, and that nothing is left of them."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import socket
import sys
import threading

import httpx
import pytest

from conformance.replay.faults import door
from conformance.replay.ports import QUIET_PORTS
from conformance.trace import Fault

LINUX = sys.platform == "linux"


def meet(url: str, verify: bool = True) -> httpx.TransportError:
    """The exception of a synchronous call."""
    with (
        httpx.Client(trust_env=False, verify=verify, timeout=0.4) as client,
        pytest.raises(httpx.TransportError) as met,
    ):
        client.get(url)
    return met.value


async def meet_async(url: str) -> httpx.TransportError:
    async with httpx.AsyncClient(trust_env=False, timeout=0.4) as client:
        with pytest.raises(httpx.TransportError) as met:
            await client.get(url)
    return met.value


@pytest.mark.parametrize(
    ("fault", "scheme", "error"),
    [
        ("refuse", "http", httpx.ConnectError),
        ("connect_timeout", "http" if LINUX else "https", httpx.ConnectTimeout),
        ("bad_tls", "https", httpx.ConnectError),
    ],
)
def test_each_door_fails_as_it_says(fault: Fault, scheme: str, error: type[Exception]) -> None:
    with door(fault) as broken:
        assert broken.base_url == f"{scheme}://127.0.0.1:{broken.port}"
        assert broken.port in QUIET_PORTS
        for _ in range(2):  # and does so again
            assert type(meet(broken.base_url)) is error
            assert type(asyncio.run(meet_async(broken.base_url))) is error


def test_a_refused_port_stays_taken() -> None:
    with door("refuse") as broken, socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with pytest.raises(OSError, match="in use"):
            other.bind(("127.0.0.1", broken.port))


def test_bad_tls_is_a_certificate_that_cannot_be_verified() -> None:
    with door("bad_tls") as broken:
        assert "CERTIFICATE_VERIFY_FAILED" in str(meet(broken.base_url))
        assert "CERTIFICATE_VERIFY_FAILED" in str(asyncio.run(meet_async(broken.base_url)))
        assert (broken.connections, broken.trusted) == (2, 0)


def test_a_client_that_does_not_verify_is_noticed() -> None:
    with door("bad_tls") as broken:
        assert type(meet(broken.base_url, verify=False)) is not httpx.ConnectError
        assert (broken.connections, broken.trusted) == (1, 1)


def test_a_client_without_tls_does_not_stop_the_door() -> None:
    with door("bad_tls") as broken:
        with socket.create_connection(("127.0.0.1", broken.port), timeout=3.0) as sock:
            sock.sendall(b"GET / HTTP/1.1\r\n\r\n")
            with contextlib.suppress(ConnectionResetError):
                sock.recv(1000)
        assert "CERTIFICATE_VERIFY_FAILED" in str(meet(broken.base_url))
        assert broken.connections == 2


@pytest.mark.parametrize("fault", ["refuse", "connect_timeout"])
def test_attempts_are_unknown_where_the_system_does_not_tell(fault: Fault) -> None:
    with door(fault) as broken:
        assert broken.connections is None


@pytest.mark.parametrize("fault", ["fin", "reset", "silence"])
def test_faults_of_the_server_have_no_door(fault: Fault) -> None:
    with pytest.raises(ValueError, match=f"{fault} needs a request"), door(fault):
        pytest.fail("opened")


@pytest.mark.parametrize("fault", ["refuse", "connect_timeout", "bad_tls"])
def test_nothing_is_left_of_a_door(fault: Fault) -> None:
    before = set(threading.enumerate())
    with pytest.raises(RuntimeError, match="the case failed"), door(fault) as broken:
        raise RuntimeError("the case failed")
    assert set(threading.enumerate()) == before
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", broken.port), timeout=1.0)
    gc.collect()  # an unclosed socket would be a ResourceWarning, so an error

"""The footprint: what is written, started and looked for while a call is watched, and nothing else."""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from conformance.replay.footprint import Footprint
from conformance.replay.guard import Guard
from conformance.replay.ports import has_ipv6
from conformance.replay.server import ReplayServer


def test_a_file_that_is_written_is_read_afterwards(tmp_path: Path) -> None:
    with Guard().watch(seen := Footprint()):
        (tmp_path / "a.txt").write_text("secret")
        os.close(os.open(tmp_path / "b.txt", os.O_RDWR | os.O_CREAT))
    assert [(name.rpartition(os.sep)[2], content) for name, content in seen.files()] == [
        ("a.txt", b"secret"),
        ("b.txt", b""),
    ]


def test_a_file_that_is_removed_is_read_before() -> None:
    with Guard().watch(seen := Footprint()), tempfile.NamedTemporaryFile("w", prefix="x") as file:
        file.write("secret")
    (name,) = [name for name, content in seen.files() if content == b"secret"]
    assert name.startswith("<temp>")


def test_a_file_that_is_written_elsewhere_and_moved_is_followed(tmp_path: Path) -> None:
    with Guard().watch(seen := Footprint()):
        (tmp_path / "a.part").write_text("secret")
        (tmp_path / "a.part").replace(tmp_path / "a.txt")
    assert [content for _, content in seen.files()] == [b"", b"secret"]


def test_a_database_is_a_file(tmp_path: Path) -> None:
    with Guard().watch(seen := Footprint()):
        connection = sqlite3.connect(tmp_path / "cache.db")
        connection.execute("create table t (secret)")
        connection.close()
    assert b"secret" in seen.files()[0][1]


def test_what_is_only_read_or_no_file_is_not_written(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x")
    with Guard().watch(seen := Footprint()):
        (tmp_path / "a.txt").read_text()
        Path(os.devnull).write_text("x")
        with pytest.raises(OSError, match="No such file"):
            (tmp_path / "none" / "a.txt").write_text("x")
    assert [content for _, content in seen.files() if content] == []


def test_compiled_modules_are_not_the_adapters(tmp_path: Path) -> None:
    with Guard().watch(seen := Footprint()):
        (tmp_path / "a.cpython-312.pyc.1234").write_text("x")
    assert seen.files() == []


def test_a_process_is_named_without_its_place() -> None:
    with Guard().watch(seen := Footprint()):
        subprocess.run([sys.executable, "-I", "-S", "-c", ""], check=True)
    assert set(seen.processes) == {Path(sys.executable).name}


def test_what_is_reached_is_noted_though_it_is_allowed() -> None:
    with ReplayServer() as server, Guard() as guard, guard.allow(server.port):
        with guard.watch(seen := Footprint()) as breaches:
            socket.create_connection(("127.0.0.1", server.port)).close()
        assert set(seen.reached) == {"127.0.0.1"}
        assert breaches == []


def test_nothing_is_noted_when_nobody_watches(tmp_path: Path) -> None:
    with Guard().watch(seen := Footprint()):
        pass
    (tmp_path / "a.txt").write_text("x")
    assert seen.files() == []


def test_the_server_is_two_origins_and_has_two_addresses() -> None:
    with ReplayServer() as server, server.scene() as scene:
        assert len({server.port, server.other_port}) == 2
        assert set(scene.places) == {"here", "elsewhere", "localhost"}
        socket.create_connection(("127.0.0.1", server.other_port)).close()
        if has_ipv6():
            socket.create_connection(("::1", server.port)).close()

"""The llama.cpp server that the wheel `xllamacpp` carries, in a child process on loopback.

    with llama_server() as base_url:
        httpx.post(f"{base_url}/chat/completions", headers={"authorization": f"Bearer {KEY}"}, json=…)

It serves the tiny model under the name `MODEL`. The child lives as long as its standard input is open, and so ends with
its parent even if that is killed.
"""

from __future__ import annotations

import argparse
import atexit
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from threading import Timer
from typing import IO

from tests.live.tiny_model import tiny_model

KEY = "sk-test"
MODEL = "tiny"
PATIENCE = 60  # seconds until a server that does not start is given up


@contextmanager
def llama_server(embedding: bool = False, context: int = 2048) -> Iterator[str]:
    """A running server: yields its base URL, "http://127.0.0.1:PORT/v1". `context` is its room for one conversation."""
    command = [sys.executable, "-m", __name__, str(_model_file()), f"--context={context}"]
    command += ["--embedding"] if embedding else []
    with (
        tempfile.TemporaryFile("w+") as log,
        subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            cwd=Path(__file__).parents[2],
        ) as child,
    ):
        assert child.stdin is not None
        try:
            yield f"{_address(child, log)}/v1"
        finally:
            child.stdin.close()
            try:
                child.wait(timeout=10)
            except subprocess.TimeoutExpired:
                child.kill()


def _address(child: subprocess.Popen[str], log: IO[str]) -> str:
    """What the child prints once it listens and the model is loaded."""
    assert child.stdout is not None
    watchdog = Timer(PATIENCE, child.kill)
    watchdog.start()
    try:
        for line in child.stdout:
            if line.startswith("http://"):
                return line.strip()
    finally:
        watchdog.cancel()
        watchdog.join()
    log.seek(0)
    raise RuntimeError(f"the llama.cpp server did not start:\n{log.read()[-2000:]}")


@cache
def _model_file() -> Path:
    """The model on disk, once in a process."""
    folder = Path(tempfile.mkdtemp(prefix="conformance-tiny-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = folder / "tiny.gguf"
    path.write_bytes(tiny_model())
    return path


def _serve() -> None:
    """The child: serves until standard input ends."""
    import xllamacpp  # noqa: PLC0415  (an optional extra)

    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("--context", type=int)
    parser.add_argument("--embedding", action="store_true")
    arguments = parser.parse_args()
    params = xllamacpp.CommonParams()
    params.model.path = arguments.model
    params.model_alias = {MODEL}
    params.hostnames = ["127.0.0.1"]
    params.port = 0  # any free one
    params.api_keys = [KEY]
    params.n_parallel = 2
    params.n_ctx = arguments.context * params.n_parallel
    params.cpuparams.n_threads = 1
    params.warmup, params.offline, params.use_jinja, params.ui = False, True, True, False
    params.embedding = arguments.embedding
    if arguments.embedding:
        params.pooling_type = xllamacpp.llama_pooling_type.LLAMA_POOLING_TYPE_MEAN
    server = xllamacpp.Server(params)
    print(server.listening_address, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    _serve()

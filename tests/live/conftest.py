"""Fixtures for tests against a real server."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec

import pytest

from tests.live.llama_server import llama_server


@pytest.fixture(scope="session")
def llama_url() -> Iterator[str]:
    """The base URL of a llama.cpp server that chats."""
    _need_xllamacpp()
    with llama_server() as url:
        yield url


@pytest.fixture(scope="session")
def llama_embedding_url() -> Iterator[str]:
    """The base URL of a llama.cpp server that embeds."""
    _need_xllamacpp()
    with llama_server(embedding=True) as url:
        yield url


def _need_xllamacpp() -> None:
    if find_spec("xllamacpp") is None:
        pytest.skip('xllamacpp is not installed: pip install -e ".[live]"')

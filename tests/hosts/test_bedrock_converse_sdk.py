"""What is written in Converse's form is what Amazon's own SDK reads, and what the kit says of an adapter on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from conformance import cassettes
from conformance.catalogue import Wire
from conformance.dialects import load
from conformance.dialects.facts import Route
from conformance.replay.server import ReplayServer
from conformance.scene import script

boto3 = pytest.importorskip("boto3", reason="Amazon's SDK for Python, boto3, is not installed")

from botocore.config import Config  # noqa: E402
from botocore.exceptions import ClientError, EventStreamError  # noqa: E402

DIALECT = load("bedrock-converse")
ASKED = {"modelId": "kit-model", "messages": [{"role": "user", "content": [{"text": "Name three rivers."}]}]}
NAMES = cassettes.names("bedrock-converse")

# Authored to be wrong: the SDK does not read them, or not as an answer.
BROKEN = {
    "streams/chunk-is-a-string",
    "streams/not-json",
    "streams/delta-is-a-string",
    "streams/wrong-crc",
    "streams/wrong-prelude",
}


@pytest.fixture(scope="module")
def client() -> Iterator[Callable[[str, str], Any]]:
    """A client of a service, at a server that answers with a cassette."""
    session = boto3.session.Session(aws_access_key_id="AK", aws_secret_access_key="SK", region_name="us-east-1")
    with ReplayServer() as server:
        scenes = []

        def made(service: str, name: str, route: Route = "chat") -> Any:
            scene = server.scene(lambda _: script(Wire(cassette=name), DIALECT, route))
            scenes.append(scene)
            url = scene.__enter__().base_url
            return session.client(service, endpoint_url=url, config=Config(retries={"total_max_attempts": 1}))

        yield made
        for scene in scenes:
            scene.__exit__(None, None, None)


def named(folder: str, *, models: bool = False) -> list[str]:
    return [n for n in NAMES if n.startswith(f"{folder}/") and n not in BROKEN and ("models" in n) == models]


@pytest.mark.parametrize("name", named("replies"))
def test_a_reply_is_one_of_the_protocol(client: Callable[..., Any], name: str) -> None:
    answer = client("bedrock-runtime", name).converse(**ASKED)
    assert answer["output"]["message"]["role"] == "assistant"
    assert answer["output"]["message"]["content"]


@pytest.mark.parametrize("name", named("replies", models=True))
def test_a_list_of_models_is_one_of_the_protocol(client: Callable[..., Any], name: str) -> None:
    assert isinstance(client("bedrock", name, "models").list_foundation_models()["modelSummaries"], list)


@pytest.mark.parametrize("name", named("streams"))
def test_a_stream_is_one_of_the_protocol(client: Callable[..., Any], name: str) -> None:
    events = []
    try:
        for event in client("bedrock-runtime", name).converse_stream(**ASKED)["stream"]:
            events.append(event)
    except EventStreamError as exc:
        assert name.startswith(("streams/error", "streams/exception")), exc
    else:
        assert any("messageStop" in event for event in events)
        assert not name.startswith(("streams/error", "streams/exception"))


@pytest.mark.parametrize("name", [n for n in named("errors") if n != "errors/timeout"])
def test_an_error_is_one_of_the_protocol(client: Callable[..., Any], name: str) -> None:
    with pytest.raises(ClientError) as raised:
        client("bedrock-runtime", name).converse(**ASKED)
    told = cassettes.load("bedrock-converse", name).interactions[0]
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == told.status
    header = dict(told.headers).get("x-amzn-errortype", "")
    assert header.partition(":")[0].rpartition("#")[2] in raised.value.response["Error"]["Code"]
    assert raised.value.response["Error"]["Message"]

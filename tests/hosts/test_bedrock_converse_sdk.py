"""What is written in Converse's form is what Amazon's own SDK reads, and what the kit says of an adapter on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

import httpx
import pytest

from conformance import cassettes
from conformance.case import Wire
from conformance.dialects import load
from conformance.dialects.facts import Route
from conformance.reference.bedrock_converse.sigv4 import SigV4
from conformance.replay.server import ReplayServer
from conformance.scene import script
from tests.hosts.judging import blocked, with_known_failures

boto3 = pytest.importorskip("boto3", reason="Amazon's SDK for Python, boto3, is not installed")

from botocore.auth import SigV4Auth  # noqa: E402
from botocore.awsrequest import AWSRequest  # noqa: E402
from botocore.config import Config  # noqa: E402
from botocore.credentials import Credentials  # noqa: E402
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
    with ReplayServer() as server, ExitStack() as opened:

        def made(service: str, name: str, route: Route = "chat") -> Any:
            scene = opened.enter_context(server.scene(lambda _: script(Wire(cassette=name), DIALECT, route)))
            once = Config(retries={"total_max_attempts": 1})
            return opened.enter_context(closing(session.client(service, endpoint_url=scene.base_url, config=once)))

        yield made


def named(folder: str, *, models: bool = False) -> list[str]:
    chosen = [n for n in NAMES if n.startswith(f"{folder}/") and n not in BROKEN and n != "replies/model"]
    return [n for n in chosen if ("models" in n) == models]


@pytest.mark.parametrize("name", named("replies"))
def test_a_reply_is_one_of_the_protocol(client: Callable[..., Any], name: str) -> None:
    answer = client("bedrock-runtime", name).converse(**ASKED)
    assert answer["output"]["message"]["role"] == "assistant"
    assert answer["output"]["message"]["content"]


def test_one_model_is_one_of_the_protocol(client: Callable[..., Any]) -> None:
    told = client("bedrock", "replies/model", "models").get_foundation_model(modelIdentifier="tiny")
    assert told["modelDetails"]["modelId"] == "tiny"


@pytest.mark.parametrize("name", named("replies", models=True))
def test_a_list_of_models_is_one_of_the_protocol(client: Callable[..., Any], name: str) -> None:
    assert isinstance(client("bedrock", name, "models").list_foundation_models()["modelSummaries"], list)


@pytest.mark.parametrize("name", named("streams"))
def test_a_stream_is_one_of_the_protocol(client: Callable[..., Any], name: str) -> None:
    with closing(client("bedrock-runtime", name).converse_stream(**ASKED)["stream"]) as stream:
        if name.startswith(("streams/error", "streams/exception")):
            with pytest.raises(EventStreamError):
                list(stream)
        else:
            assert any("messageStop" in event for event in stream)


@pytest.mark.parametrize("name", [n for n in named("errors") if n != "errors/timeout"])
def test_an_error_is_one_of_the_protocol(client: Callable[..., Any], name: str) -> None:
    with pytest.raises(ClientError) as raised:
        client("bedrock-runtime", name).converse(**ASKED)
    told = cassettes.load("bedrock-converse", name).interactions[0]
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == told.status
    header = dict(told.headers).get("x-amzn-errortype", "")
    assert header.partition(":")[0].rpartition("#")[2] in raised.value.response["Error"]["Code"]
    assert raised.value.response["Error"]["Message"]


# --- an adapter on it --------------------------------------------------------------------------


@pytest.mark.proof
def test_an_adapter_on_the_sdk_meets_every_other_requirement() -> None:
    assert blocked(with_known_failures("BedrockConverseSDK", secret_key="not-a-secret")) == set()


# --- the signature -----------------------------------------------------------------------------


@pytest.mark.parametrize("token", [None, "a-session"])
@pytest.mark.parametrize("path", ["/model/m/converse", "/model/arn%3Aaws%3Abedrock%3Ax%3A%3Ay%2Fz/converse-stream"])
def test_the_reference_adapter_signs_as_the_sdk_does(path: str, token: str | None) -> None:
    body, now = '{"messages": [{"role": "user", "content": [{"text": "é"}]}]}'.encode(), datetime.now(UTC)
    url = f"https://bedrock-runtime.us-east-1.amazonaws.com{path}"
    ours = httpx.Request("POST", url, headers={"content-type": "application/json"}, content=body)
    SigV4("AK", "SK", "us-east-1", token).sign(ours, now)
    theirs = AWSRequest("POST", url, {"content-type": "application/json"}, body)
    signer = SigV4Auth(Credentials("AK", "SK", token), "bedrock", "us-east-1")
    with patch("botocore.auth.get_current_datetime", lambda: now.replace(tzinfo=None)):
        signer.add_auth(theirs)
    assert ours.headers["authorization"] == theirs.headers["Authorization"]

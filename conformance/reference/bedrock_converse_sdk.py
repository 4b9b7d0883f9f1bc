"""A native adapter for Amazon Bedrock's Converse API on boto3, Amazon's SDK for Python.

The SDK brings the client, the signature, the routes, the messages of streams with their checksums, and exceptions.
What it does not do, or does where nobody sees it:

* it retries, which is the host's business: one attempt is asked for;
* it knows no asyncio: calls run in threads, and so does each step of a stream;
* it looks for keys in many places: where one is given, it alone is used, even beside AWS_BEARER_TOKEN_BEDROCK;
* the end of a connection ends a stream: only messageStop tells that the answer is whole;
* what it cannot read it raises as one of many exceptions, of urllib3 and of the standard library too.
"""

from __future__ import annotations

import asyncio
import base64
import os
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from functools import cache
from typing import Any

from conformance.contract import (
    Capabilities,
    Done,
    Embeddings,
    ErrorKind,
    Event,
    Health,
    Image,
    Message,
    ProviderError,
    Reply,
    Request,
    Text,
)
from conformance.reference.bedrock_converse.request import BuildsConverseRequests
from conformance.reference.bedrock_converse.stream import Answer, ReadsConverseStreams
from conformance.reference.wire.capable import KnowsItsLimits
from conformance.reference.wire.http import SpeaksHTTP

try:
    import boto3
    import urllib3.exceptions
    from botocore import exceptions as aws
    from botocore.config import Config
    from botocore.eventstream import ParserError
    from botocore.loaders import Loader
    from botocore.parsers import ResponseParserError
except ImportError as exc:
    raise ImportError("boto3 is not installed; get it with: pip install 'provider-conformance[boto3]'") from exc

LATE = (aws.ReadTimeoutError, aws.ConnectTimeoutError, urllib3.exceptions.TimeoutError)
CUT = (aws.HTTPClientError, urllib3.exceptions.HTTPError, OSError)
UNREADABLE = (ResponseParserError, ParserError, ValueError, KeyError, TypeError, AttributeError)
REFUSED = (aws.ParamValidationError, aws.NoCredentialsError, aws.PartialCredentialsError)
END: Any = object()


@cache
def loader() -> Loader:
    """Descriptions of Amazon's services are long: they are read once."""
    return Loader()


class BedrockConverseSDK(KnowsItsLimits, BuildsConverseRequests, ReadsConverseStreams, SpeaksHTTP):
    """Amazon Bedrock, by way of boto3. `api_key` is the id of an access key; None: wherever boto3 finds one."""

    name = "bedrock-converse-sdk"
    capabilities = Capabilities(
        streaming=True, tools=True, images=True, structured_output=True, model_listing=True, opaque=True
    )

    def __init__(
        self,
        api_key: str | None = None,
        base_url: str | None = None,
        model: str = "us.amazon.nova-lite-v1:0",
        timeout: float = 60.0,
        *,
        secret_key: str | None = None,
        region: str | None = None,
    ) -> None:
        self.api_key = api_key.strip() if api_key else api_key
        self.secret_key = secret_key or os.environ.get("AWS_SECRET_ACCESS_KEY")
        if base_url == "":  # boto3 would take it for none, and Amazon's own address
            raise ProviderError(f"{self.name}: an empty base URL", kind="invalid_request", provider=self.name)
        self.base_url = base_url or ""
        self.model = model
        self.region = region
        self.timeout = timeout
        self.clients: dict[str, Any] = {}

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={self.public(self.base_url)!r}, model={self.model!r})"

    # --- the contract ----------------------------------------------------------------------

    async def generate(self, request: Request) -> Reply:
        self.answerable(request)
        body = self.payload(request)
        return await asyncio.to_thread(self.tried, lambda: self.answer(request, body))

    async def stream(self, request: Request) -> AsyncIterator[Event]:
        self.able("streaming")
        self.answerable(request)
        body = self.payload(request)
        response = await asyncio.to_thread(self.tried, lambda: self.opened(request, body))
        events = self.read(response)
        try:
            while (event := await asyncio.to_thread(self.tried, lambda: next(events, END))) is not END:
                yield event
        finally:
            response["stream"].close()

    async def embed(self, texts: Sequence[str], *, model: str | None = None) -> Embeddings:
        self.able("embeddings")
        raise NotImplementedError

    async def list_models(self) -> Sequence[str]:
        self.able("model_listing")
        return await self.models()

    async def health(self) -> Health:
        try:
            await self.models()
        except ProviderError as exc:
            return Health(ok=False, detail=str(exc))
        return Health(ok=True)

    async def close(self) -> None:
        for client in self.clients.values():
            client.close()
        self.clients.clear()

    # --- the SDK, in a thread --------------------------------------------------------------

    async def models(self) -> Sequence[str]:
        return await asyncio.to_thread(self.tried, lambda: self.model_ids(self.sdk("bedrock").list_foundation_models()))

    def answer(self, request: Request, body: dict[str, Any]) -> Reply:
        told = self.sdk("bedrock-runtime").converse(modelId=request.model or self.model, **body)
        return self.reply(told, told["ResponseMetadata"].get("RequestId"))

    def opened(self, request: Request, body: dict[str, Any]) -> Any:
        return self.sdk("bedrock-runtime").converse_stream(modelId=request.model or self.model, **body)

    def read(self, response: Any) -> Iterator[Event]:
        answer = Answer()
        handlers = self.handlers()
        for event in response["stream"]:
            for name, payload in event.items():
                if name.startswith("contentBlock") and "contentBlockIndex" not in payload:
                    raise self.malformed("a stream event that the SDK could not read, and does not tell of")
                if name in handlers:
                    yield from handlers[name](answer, payload)
        yield Done(self.finished(answer, response["ResponseMetadata"].get("RequestId")))

    def sdk(self, service: str) -> Any:
        if service not in self.clients:
            session = boto3.session.Session()
            session._session.register_component("data_loader", loader())
            given = {"aws_access_key_id": self.api_key, "aws_secret_access_key": self.secret_key}
            self.clients[service] = session.client(
                service,
                endpoint_url=self.base_url or None,
                region_name=self.region,
                config=Config(
                    retries={"total_max_attempts": 1},
                    connect_timeout=self.timeout,
                    read_timeout=self.timeout,
                    **({"signature_version": "v4"} if self.api_key else {}),
                ),
                **(given if self.api_key else {}),
            )
        return self.clients[service]

    def part(self, part: Text | Image) -> dict[str, Any]:
        """The SDK wants the bytes of an image, and writes them in base64 itself."""
        block = super().part(part)
        if isinstance(part, Image):
            block["image"]["source"]["bytes"] = base64.b64decode(block["image"]["source"]["bytes"])
        return block

    def opaque(self, pieces: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
        """The SDK has what is redacted as bytes, which JSON cannot hold."""
        return super().opaque([self.redacted(piece, lambda data: base64.b64encode(data).decode()) for piece in pieces])

    def kept(self, message: Message) -> list[dict[str, Any]]:
        return [self.redacted(piece, base64.b64decode) for piece in super().kept(message)]

    def redacted(self, block: dict[str, Any], change: Callable[[Any], Any]) -> dict[str, Any]:
        thought = block.get("reasoningContent")
        if not isinstance(thought, dict) or not thought.get("redactedContent"):
            return block
        return {**block, "reasoningContent": {**thought, "redactedContent": change(thought["redactedContent"])}}

    # --- what went wrong -------------------------------------------------------------------

    def tried(self, call: Callable[[], Any]) -> Any:
        try:
            return call()
        except ProviderError:
            raise
        except Exception as exc:
            error = self.failed(exc)
        raise error  # out here, where the SDK's own, which may quote the key, does not go with it

    def failed(self, exc: Exception) -> ProviderError:
        if isinstance(exc, aws.ClientError):
            return self.refused(exc)
        kinds: list[tuple[Any, ErrorKind]] = [
            (LATE, "timeout"),
            (CUT, "network"),
            (UNREADABLE, "malformed"),
            (REFUSED, "invalid_request"),
        ]
        kind: ErrorKind = next((kind for types, kind in kinds if isinstance(exc, types)), "network")
        error = ProviderError(self.clean(self.public(f"{self.name}: {exc}")), kind=kind, provider=self.name)
        error.__cause__ = exc
        return error

    def refused(self, exc: aws.ClientError) -> ProviderError:
        """An answer's error, or an exception inside a stream, which has no status."""
        told = exc.response.get("Error", {})
        metadata = exc.response.get("ResponseMetadata", {})
        code = str(told.get("Code") or "")
        named = None if code.isdigit() else self.type_name(code)  # without a type the SDK tells the status
        text = str(told.get("Message") or "no details")
        return self.told(metadata.get("HTTPStatusCode"), metadata.get("HTTPHeaders", {}), text, [], type=named)

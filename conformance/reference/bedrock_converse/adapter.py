"""The calls."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from urllib.parse import quote

import httpx

from conformance.contract import Capabilities, Embeddings, Event, Health, ProviderError, Reply, Request
from conformance.reference.bedrock_converse.request import BuildsConverseRequests
from conformance.reference.bedrock_converse.sigv4 import SigV4
from conformance.reference.bedrock_converse.stream import ReadsConverseStreams
from conformance.reference.wire.capable import KnowsItsLimits
from conformance.reference.wire.client import HasClient

MODELS = "/foundation-models"


class BedrockConverse(KnowsItsLimits, BuildsConverseRequests, ReadsConverseStreams, HasClient):
    """Amazon Bedrock. `api_key` is a Bedrock API key; beside a `secret_key` it is an access key, which signs.

    An empty `api_key` sends none; None reads AWS_BEARER_TOKEN_BEDROCK.
    """

    name = "bedrock-converse"
    key_variable = "AWS_BEARER_TOKEN_BEDROCK"
    capabilities = Capabilities(
        streaming=True, tools=True, images=True, structured_output=True, model_listing=True, opaque=True
    )

    def __init__(
        self,
        api_key: str | None = None,
        base_url: str = "https://bedrock-runtime.us-east-1.amazonaws.com",
        model: str = "us.amazon.nova-lite-v1:0",
        timeout: float = 60.0,
        *,
        secret_key: str | None = None,
        session_token: str | None = None,
        region: str | None = None,
    ) -> None:
        self.api_key = self.key(api_key)
        self.base_url = base_url
        self.model = model
        self.timeout = timeout
        self.secret_key = secret_key
        self.session_token = session_token
        self.region = region or os.environ.get("AWS_REGION") or "us-east-1"

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={self.public(self.base_url)!r}, model={self.model!r})"

    # --- the contract ----------------------------------------------------------------------

    async def generate(self, request: Request) -> Reply:
        self.answerable(request)
        response = await self.answered("POST", self.path(request, "converse"), self.payload(request))
        return self.reply(self.decoded(response.content), self.request_id(response))

    async def stream(self, request: Request) -> AsyncIterator[Event]:
        self.able("streaming")
        self.answerable(request)
        async with self.open("POST", self.path(request, "converse-stream"), self.payload(request)) as response:
            if not self.is_event_stream(response):
                raise self.unexpected(await response.aread())
            async with aclosing(self.events(response.aiter_bytes(), self.request_id(response))) as events:  # type: ignore[type-var]
                async for event in events:
                    yield event

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

    async def models(self) -> Sequence[str]:
        return self.model_ids(await self.call("GET", MODELS))

    # --- the wire --------------------------------------------------------------------------

    def path(self, request: Request, operation: str) -> str:
        """Names of models have colons, and those that are ARNs slashes: both are escaped."""
        return f"/model/{quote(request.model or self.model, safe='')}/{operation}"

    def url(self, path: str) -> httpx.URL:
        """Models run at one host and are listed at another; behind a gateway both are one."""
        url = super().url(path)
        return url.copy_with(host=url.host.replace("bedrock-runtime.", "bedrock.", 1)) if path == MODELS else url

    def new_client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(timeout=self.timeout, auth=self.signer())

    def signer(self) -> SigV4 | None:
        if not (self.api_key and self.secret_key):
            return None
        return SigV4(self.api_key, self.secret_key, self.region, self.session_token)

    def auth(self, key: str) -> dict[str, str]:
        return {} if self.secret_key else super().auth(key)

    def request_id(self, response: httpx.Response) -> str | None:
        id: str | None = response.headers.get("x-amzn-requestid")
        return id

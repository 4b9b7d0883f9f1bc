"""The calls."""

from __future__ import annotations

from conformance.reference.openai_chat.adapter import OpenAIChat
from conformance.reference.openai_responses.request import BuildsItems
from conformance.reference.openai_responses.stream import ReadsTypedEvents


class OpenAIResponses(BuildsItems, ReadsTypedEvents, OpenAIChat):
    """Any server that speaks the Responses API. An empty `api_key` sends none; None reads OPENAI_API_KEY."""

    name = "openai-responses"
    route = "/responses"

"""What real servers accepted is legal, known and readable."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.core.openai_chat.bodies import DIALECT, exchange, said
from tests.corpus.exchanges import ABSENT, CORPUS, present

# Laxness of one vendor, where OpenAI itself is known to answer 400. What a vendor adds is never accused;
# what it lets be left out, or takes in another type, is a failure at all the others.
VENDORS_OWN = {
    "azure-openai-chat-200-n-64eac49cc7": "$: 'model'",  # Azure's deployments have the model in the URL
    "azure-openai-chat-200-n-b7080eaf73": "$: 'model'",
    "azure-openai-chat-200-n-c5debae93b": "$.model:",
    "azure-openai-chat-200-s-88265d89c4": "$: 'model'",
    "huggingface-chat-200-n-40cc0ceb88": "$.tools:",  # an empty list: OpenAI, DeepSeek and vLLM refuse it
    "huggingface-chat-200-n-c58be9e2d2": "$.tools:",
    "huggingface-chat-200-s-b80ff69b6e": "$.tools:",
    "mistral-chat-200-n-0ef4fccb07": "$.tools[0]: 'type'",  # OpenAI: Missing required parameter: 'tools[0].type'
    "mistral-chat-200-n-4555db0084": "$.messages[1].tool_calls:",  # OpenAI: empty array
    "mistral-chat-200-n-d55679e944": "$.messages[0].content[1].image_url:",  # OpenAI: an object, not a text
}


def accepted() -> Iterator[tuple[str, str, Any]]:
    """Id, operation and body of every request of this dialect that a real server answered with 200."""
    for entry in json.loads((CORPUS / "index.json").read_text("utf-8"))["entries"]:
        if entry["status"] != 200:
            continue
        sent = json.loads((CORPUS / "exchanges" / entry["file"]).read_text("utf-8"))["request"]
        path = urlsplit(sent["url"]).path
        operation = {"completions": "chat", "embeddings": "embeddings"}.get(path.rpartition("/")[2], "")
        chat_route = path.endswith("/chat/completions")
        if (
            sent["method"] == "POST"
            and (operation == "embeddings" or chat_route)
            and isinstance(sent.get("json"), dict)
        ):
            # The corpus shortens long texts; where that left base64, it is no base64.
            text = re.sub(r"__ELIDED_\d+_BASE64_CHARS__", "", json.dumps(sent["json"]))
            yield entry["id"], operation, json.loads(text)


@pytest.mark.skipif(not present(), reason=ABSENT)
def test_no_request_that_a_real_server_accepted_is_accused() -> None:
    seen, accused = 0, {}
    for id, operation, sent in accepted():
        seen += 1
        if problems := said(sent, operation):
            accused[id] = problems
    assert seen > 300
    assert {id: p for id, p in accused.items() if id not in VENDORS_OWN} == {}
    for id, complaint in VENDORS_OWN.items():
        assert [p[: len(complaint)] for p in accused.pop(id)] == [complaint]


@pytest.mark.skipif(not present(), reason=ABSENT)
def test_no_field_of_a_real_request_is_unknown() -> None:
    unknown = {id: names for id, op, sent in accepted() if (names := DIALECT.unknown(exchange(sent, op)))}
    assert unknown == {}


@pytest.mark.skipif(not present(), reason=ABSENT)
def test_every_real_request_is_understood_or_refused_with_a_reason() -> None:
    read = 0
    for _, operation, sent in accepted():
        try:
            DIALECT.read(exchange(sent, operation))
            read += 1
        except ValueError as exc:
            assert "cannot be understood" in str(exc)  # noqa: PT017
    assert read > 300

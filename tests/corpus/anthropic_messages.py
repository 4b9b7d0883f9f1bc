"""Which recordings are of Anthropic's Messages API, by whatever host; what each says, read with nothing but `json`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from conformance.contract import Message, ProviderError, Request
from conformance.dialects import Said
from conformance.dialects.openai_chat_said import ANY_OF_THE_PROVIDER, PLAUSIBLE
from conformance.reference import AnthropicMessages
from conformance.replay.server import ReplayServer
from tests.corpus.exchanges import CORPUS, Operation, Recording, present
from tests.corpus.player import Outcome, script

ROUTES: dict[str, Operation] = {
    "/messages": "generate",
    "/invoke": "generate",  # Bedrock
    "/invoke-with-response-stream": "stream",
    ":rawPredict": "generate",  # Vertex
    ":streamRawPredict": "stream",
    "/models": "list_models",
}
FINISH = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool_calls",
    "refusal": "content_filter",
}
ASKED = Request([Message("user", "Hi")])


@cache
def recordings() -> tuple[Recording, ...]:
    return tuple(_read()) if present() else ()


def _read() -> Iterator[Recording]:
    for entry in json.loads((CORPUS / "index.json").read_text("utf-8"))["entries"]:
        if entry["dialect"].startswith(("anthropic-m", "vertex-anthropic")) or entry["dialect"].endswith("-messages"):
            yield _recording(json.loads((CORPUS / "exchanges" / entry["file"]).read_text("utf-8")))
        elif entry["dialect"].startswith("bedrock-invoke"):
            told = json.loads((CORPUS / "exchanges" / entry["file"]).read_text("utf-8"))
            if _is_message(told["response"]):
                yield _recording(told)


def _is_message(response: dict[str, Any]) -> bool:
    """Bedrock passes on what many models say, Claude too, its older API among them."""
    first = response["decoded_events"][0]["payload"] if "decoded_events" in response else response
    told = first.get("bytes_decoded") or json.loads(first.get("body_text") or "{}")
    return told.get("type") in ("message", "message_start")


def _recording(told: dict[str, Any]) -> Recording:
    request, response = told["request"], told["response"]
    path = urlsplit(request["url"]).path
    operation = next(op for end, op in ROUTES.items() if path.endswith(end))
    if operation == "generate" and (request.get("json") or {}).get("stream"):
        operation = "stream"
    claude = " (Claude)" if told["dialect"].startswith("bedrock") else ""
    return Recording(
        id=told["id"],
        vendor=told["dialect"] + claude,
        operation=operation,
        route=f"{request['method']} {path}",
        request=request.get("json"),
        status=response["status"],
        headers={name.lower(): str(value) for name, value in response["headers"].items()},
        body=_body(response).encode(),
    )


def _body(response: dict[str, Any]) -> str:
    """Bedrock's streams are the same events in frames of its own; they are put into the API's, as its SDK does."""
    if "decoded_events" not in response:
        return str(response["body_text"])
    events = [e["payload"]["bytes_decoded"] for e in response["decoded_events"]]
    return "".join(f"event: {e['type']}\ndata: {json.dumps(e)}\n\n" for e in events)


async def play(recording: Recording, server: ReplayServer) -> Outcome:
    """Over the loopback server. Whatever is no ProviderError goes up."""
    with server.scene(lambda _: script(recording)) as scene:
        adapter, outcome = AnthropicMessages(api_key="", base_url=scene.base_url, model="m", timeout=10), Outcome()
        try:
            if recording.operation == "generate":
                outcome.answer = await adapter.generate(ASKED)
            elif recording.operation == "list_models":
                outcome.answer = list(await adapter.list_models())
            else:
                async for event in adapter.stream(ASKED):
                    outcome.events.append(event)
                    outcome.answer = getattr(event, "reply", None)
        except ProviderError as exc:
            outcome.error = exc
        finally:
            await adapter.close()
        return outcome


# --- what it says, read on its own -------------------------------------------------------------


def said(recording: Recording) -> Said:
    if recording.status != 200:
        return Said(kinds=PLAUSIBLE[recording.status])
    body = recording.body.decode()
    if recording.is_event_stream:
        return streamed([json.loads(data) for data in re.findall(r"(?m)^data: (.*?)\r?$", body) if data != "[DONE]"])
    told = json.loads(body)
    if recording.operation == "list_models":
        assert not told.get("has_more"), "the next page would be this one again"
        return Said(models=[row["id"] for row in told["data"]])
    return Said(kinds=ANY_OF_THE_PROVIDER) if told.get("type") == "error" else whole(told)


def whole(message: dict[str, Any]) -> Said:
    blocks = message["content"]
    return Said(
        text="".join(b["text"] for b in blocks if b["type"] == "text"),
        calls=[(b["name"], b["input"]) for b in blocks if b["type"] == "tool_use"],
        finish=FINISH.get(message["stop_reason"], "unknown"),
        usage=usage(message["usage"]),
        reasoning="".join(b["thinking"] for b in blocks if b["type"] == "thinking"),
        model=message["model"],
        id=message["id"],
    )


def streamed(events: list[dict[str, Any]]) -> Said:
    """The message, put together from its events."""
    message: dict[str, Any] = {"stop_reason": None}
    inputs: dict[int, str] = {}
    for event in events:
        kind = event["type"]
        if kind == "error":
            return Said(kinds=ANY_OF_THE_PROVIDER)
        if kind == "message_start":
            message = event["message"] | {"content": []}
        elif kind == "content_block_start":
            message["content"].append(dict(event["content_block"]))
        elif kind == "content_block_delta":
            block, delta = message["content"][event["index"]], event["delta"]
            for name in ("text", "thinking"):
                block[name] = block.get(name, "") + delta.get(name, "")
            inputs[event["index"]] = inputs.get(event["index"], "") + delta.get("partial_json", "")
        elif kind == "message_delta":
            message["stop_reason"] = event["delta"]["stop_reason"]
            message["usage"] = {**message["usage"], **event["usage"]}
    if not message["stop_reason"]:
        return Said(kinds={"network", "malformed"})
    for index, text in inputs.items():
        if message["content"][index]["type"] == "tool_use" and text:
            try:
                message["content"][index]["input"] = json.loads(text)
            except ValueError:
                said = whole(message)
                return Said(kinds={"malformed"}, text=said.text, reasoning=said.reasoning)
    return whole(message)


def usage(told: dict[str, Any]) -> tuple[Any, Any, Any]:
    """All input, what came from the cache and what went there too. There is no total."""
    cached = (told.get("cache_creation_input_tokens") or 0) + (told.get("cache_read_input_tokens") or 0)
    return told["input_tokens"] + cached, told["output_tokens"], None

"""What a recorded message of Anthropic's API says, read with nothing but `json`."""

from __future__ import annotations

import json
from typing import Any

from tests.corpus import reading
from tests.corpus.exchanges import Recording
from tests.corpus.reading import ANY_OF_THE_PROVIDER, Said, events

FINISH = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool_calls",
    "refusal": "content_filter",
}


def said(recording: Recording) -> Said:
    if recording.status != 200 or recording.operation == "list_models":
        return reading.said(recording)  # these are like those of openai-chat
    body = recording.body.decode()
    if recording.is_event_stream:
        return streamed(body)
    told = json.loads(body)
    return Said(kinds=ANY_OF_THE_PROVIDER) if told.get("type") == "error" else whole(told)


def whole(message: dict[str, Any]) -> Said:
    blocks = message["content"]
    return Said(
        text="".join(b["text"] for b in blocks if b["type"] == "text"),
        calls=[(b["name"], b["input"]) for b in blocks if b["type"] == "tool_use"],
        finish=FINISH.get(message.get("stop_reason") or "", "unknown"),
        usage=usage(message.get("usage")),
        reasoning="".join(b["thinking"] for b in blocks if b["type"] == "thinking"),
        model=message.get("model") or "",
        id=message.get("id") or "",
    )


def streamed(body: str) -> Said:
    """The message, put together from its events."""
    message: dict[str, Any] = {}
    inputs: dict[int, str] = {}
    for event in map(json.loads, events(body)):
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
                if name in delta:
                    block[name] += delta[name]
            inputs[event["index"]] = inputs.get(event["index"], "") + delta.get("partial_json", "")
        elif kind == "message_delta":
            message |= {"stop_reason": event["delta"].get("stop_reason")}
            message["usage"] = {**message["usage"], **event.get("usage", {})}
    if not message.get("stop_reason"):
        return Said(kinds={"network", "malformed"})
    for index, text in inputs.items():
        if message["content"][index]["type"] == "tool_use" and text:
            try:
                message["content"][index]["input"] = json.loads(text)
            except ValueError:
                return Said(kinds={"malformed"}, text=whole(message).text, reasoning=whole(message).reasoning)
    return whole(message)


def usage(told: Any) -> tuple[Any, Any, Any] | None:
    """All input, what came from the cache and what went there too. There is no total."""
    if not isinstance(told, dict):
        return None
    cached = (told.get("cache_creation_input_tokens") or 0) + (told.get("cache_read_input_tokens") or 0)
    return told["input_tokens"] + cached, told["output_tokens"], None

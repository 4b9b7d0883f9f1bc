"""Which recordings are of Gemini's protocol, Vertex AI's too, and what each says, read with nothing but `json`."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from conformance.dialects import Said
from conformance.dialects.openai_chat_said import PLAUSIBLE
from tests.corpus.exchanges import CORPUS, Operation, present

ROUTES: dict[str, Operation] = {
    ":generateContent": "generate",
    ":streamGenerateContent": "stream",
    ":batchEmbedContents": "embed",
    "/models": "list_models",
}
FINISH = {"STOP": "stop", "MAX_TOKENS": "length", "SAFETY": "content_filter", 1: "stop", 2: "length"}
FINISH |= dict.fromkeys(("RECITATION", "PROHIBITED_CONTENT", "BLOCKLIST", "SPII", "MODEL_ARMOR"), "content_filter")


@dataclass(frozen=True)
class Recording:
    id: str
    operation: Operation
    request: Any
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def is_stream(self) -> bool:
        return self.operation == "stream" and self.status == 200

    @property
    def is_array(self) -> bool:
        return self.is_stream and self.body.startswith(b"[")


@cache
def recordings() -> tuple[Recording, ...]:
    if not present():
        return ()
    entries = json.loads((CORPUS / "index.json").read_text("utf-8"))["entries"]
    files = [e["file"] for e in entries if e["dialect"].startswith(("gemini", "vertex"))]
    made = [_recording(json.loads((CORPUS / "exchanges" / file).read_text("utf-8"))) for file in files]
    return tuple(r for r in made if r is not None)


def _recording(told: dict[str, Any]) -> Recording | None:
    request, response = told["request"], told["response"]
    path = urlsplit(request["url"]).path
    operation = next((op for end, op in ROUTES.items() if path.endswith(end)), None)
    if operation is None or (operation == "list_models") != (request["method"] == "GET"):
        return None
    return Recording(
        id=told["id"],
        operation=operation,
        request=request.get("json"),
        status=response["status"],
        headers={name.lower(): str(value) for name, value in response["headers"].items()},
        body=response["body_text"].encode(),
    )


def answers(recording: Recording) -> list[Any]:
    """Of a stream one for each event."""
    body = recording.body.decode()
    if recording.is_stream and not recording.is_array:
        return [json.loads(data) for data in re.findall(r"(?m)^data: (.*?)\r?$", body)]
    told = json.loads(body)
    return told if isinstance(told, list) else [told]


def said(recording: Recording) -> Said:
    told = answers(recording)
    if recording.status != 200:
        return Said(kinds=PLAUSIBLE[recording.status])
    if recording.operation == "embed":
        return Said(vectors=[[float(x) for x in e["values"]] for e in told[0]["embeddings"]])
    if recording.operation == "list_models":
        names = [m["name"].removeprefix("models/") for m in told[0]["models"]]
        return Said(models=names * (2 if "nextPageToken" in told[0] else 1))  # the next page is this one again
    return added_up(told)


def added_up(told: list[dict[str, Any]]) -> Said:
    so_far, reason = Said(), None
    for answer in told:
        for candidate in [c for c in answer.get("candidates") or [] if not c.get("index")]:
            reason = candidate.get("finishReason") or reason
            for part in (candidate.get("content") or {}).get("parts") or []:
                so_far.reasoning += part.get("text", "") if part.get("thought") else ""
                so_far.text += "" if part.get("thought") else part.get("text", "")
                if "functionCall" in part:
                    so_far.calls.append((part["functionCall"]["name"], part["functionCall"].get("args") or {}))
        so_far.usage = usage(answer.get("usageMetadata")) or so_far.usage
        so_far.model = so_far.model or answer.get("modelVersion") or ""
        so_far.id = so_far.id or answer.get("responseId") or ""
        if (answer.get("promptFeedback") or {}).get("blockReason") and not answer.get("candidates"):
            so_far.kinds = {"content_filter"}
    if reason in ("MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL") and not so_far.calls:
        so_far.kinds = {"malformed"}
    so_far.finish = FINISH.get(reason, "unknown") if reason is not None else "unknown"
    if so_far.finish == "stop" and so_far.calls:
        so_far.finish = "tool_calls"
    return so_far


def usage(told: Any) -> tuple[Any, Any, Any] | None:
    names = ("promptTokenCount", "candidatesTokenCount", "totalTokenCount")
    return tuple(map(told.get, names)) if told else None  # type: ignore[return-value]

"""Lies about what a provider wants back with a turn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import Any

from conformance.contract import Event, Message, Reply
from conformance.reference import AnthropicMessages, BedrockConverse, Gemini, OpenAIChat, OpenAIResponses
from conformance.reference.anthropic_messages.stream import Answer
from conformance.reference.gemini import stream as gemini
from conformance.reference.openai_chat import stream as openai_chat
from conformance.reference.openai_responses.stream import Told
from tests.mutants import mutant

CHANGED = "what came with the turn is not sent back as it came"
Pieces = list[dict[str, Any]]
Kept = dict[str, Any] | None


def is_thought(block: dict[str, Any]) -> bool:
    return str(block.get("type")).endswith("thinking")


@mutant(kills="RSN-011", says=CHANGED)
class KeepsNothing(AnthropicMessages):
    """Keeps nothing of a turn but what the contract has a word for."""

    def opaque(self, pieces: Sequence[dict[str, Any]]) -> Kept:
        return None


@mutant(kills="RSN-011", says=CHANGED)
class SendsWhatWasKeptNowhere(AnthropicMessages):
    """Keeps the thoughts of a turn, and does not send them back."""

    def kept(self, message: Message) -> Pieces:
        return []


@mutant(kills="RSN-011", says=CHANGED)
class ThinksUnsigned(AnthropicMessages):
    """Sends its thoughts back with an empty signature."""

    def kept(self, message: Message) -> Pieces:
        return [{**b, "signature": ""} if b["type"] == "thinking" else b for b in super().kept(message)]


@mutant(kills="RSN-011", says=CHANGED)
class DropsTheSignatureOfAStream(AnthropicMessages):
    """Passes over the signature of a stream's thought."""

    def delta(self, answer: Answer, index: Any, delta: dict[str, Any]) -> Iterator[Event]:
        return iter(()) if delta.get("type") == "signature_delta" else super().delta(answer, index, delta)


@mutant(kills="RSN-011", says=CHANGED)
class SendsNothingRedacted(AnthropicMessages):
    """Keeps only the thoughts that people can read."""

    def opaque(self, pieces: Sequence[dict[str, Any]]) -> Kept:
        return super().opaque([b for b in pieces if b["type"] != "redacted_thinking"])


@mutant(kills="RSN-011", says=CHANGED)
class SkipsThoughtsWithoutWords(AnthropicMessages):
    """Leaves out thoughts of which there is only the signature."""

    def opaque(self, pieces: Sequence[dict[str, Any]]) -> Kept:
        return super().opaque([b for b in pieces if b.get("thinking") != ""])


@mutant(kills="RSN-011", says=CHANGED)
class SignsByNumber(AnthropicMessages):
    """Gives the thoughts of a turn its signatures in turn, whichever of them had none."""

    def opaque(self, pieces: Sequence[dict[str, Any]]) -> Kept:
        thoughts = [b for b in pieces if b["type"] == "thinking"]
        signed = zip_longest(thoughts, [b["signature"] for b in thoughts if b.get("signature")], fillvalue="")
        repaired = iter([{**b, "signature": s} for b, s in signed])
        return super().opaque([next(repaired) if b["type"] == "thinking" else b for b in pieces])


@mutant(kills="RSN-011", says=CHANGED)
class ThinksAfterwards(AnthropicMessages):
    """Sends the thoughts of a turn back behind its calls."""

    def kept(self, message: Message) -> Pieces:
        return sorted(super().kept(message), key=is_thought)


@mutant(kills="RSN-011", says=CHANGED)
class ThinksFirst(AnthropicMessages):
    """Sends all thoughts of a turn back before its text, those too that came later."""

    def kept(self, message: Message) -> Pieces:
        return sorted(super().kept(message), key=is_thought, reverse=True)


@mutant(kills="RSN-011", says="the real API would reject this request")
class SaysItTwice(AnthropicMessages):
    """Sends a turn as it came, and its calls once more."""

    def blocks(self, message: Message) -> Pieces:
        said = super().blocks(message)
        return [*said, *map(self.tool_use, message.tool_calls)] if self.kept(message) else said


@mutant(kills="RSN-011", says="the conversation does not go on")
class KeepsWhatNobodyCanStore(AnthropicMessages):
    """Keeps a turn as objects of its own, which are no JSON."""

    def opaque(self, pieces: Sequence[dict[str, Any]]) -> Kept:
        return {self.protocol: frozenset(map(str, pieces))}


@mutant(kills="RSN-011", says=CHANGED)
class SignsOneCall(Gemini):
    """Keeps only the first signature of a turn, and calls the other one unsigned."""

    def signed(self, parts: Pieces) -> Kept:
        first = next((i for i, p in enumerate(parts) if "thoughtSignature" in p), None)
        return super().signed([{**p, **({} if i == first else self.unsigned(p))} for i, p in enumerate(parts)])

    def unsigned(self, part: dict[str, Any]) -> dict[str, Any]:
        return {"thoughtSignature": ""} if "thoughtSignature" in part else {}


@mutant(kills="RSN-011", says=CHANGED)
class SignsTheLastCall(Gemini):
    """Puts the signature of the first call of a turn on its last one."""

    def kept(self, message: Message) -> Pieces:
        parts = super().kept(message)
        signatures = [p.pop("thoughtSignature") for p in parts if "thoughtSignature" in p]
        if signatures:
            parts[-1]["thoughtSignature"] = signatures[0]
        return parts


@mutant(kills="RSN-011", says=CHANGED)
class SignsNoStream(Gemini):
    """Keeps no signature of a stream."""

    def joined(self, parts: Pieces, part: dict[str, Any]) -> None:
        super().joined(parts, {k: v for k, v in part.items() if k != "thoughtSignature"})


@mutant(kills="RSN-011", says=CHANGED)
class ReadsItsThoughtsOnly(BedrockConverse):
    """Keeps the words of a thought, and not what signs it."""

    def opaque(self, pieces: Sequence[dict[str, Any]]) -> Kept:
        return super().opaque([self.read(b) for b in pieces])

    def read(self, block: dict[str, Any]) -> dict[str, Any]:
        said = (block.get("reasoningContent") or {}).get("reasoningText")
        return {"reasoningContent": {"reasoningText": {"text": said["text"]}}} if said else block


@mutant(kills="RSN-011", says=CHANGED)
class RedactsAStream(BedrockConverse):
    """Passes over what is redacted in a stream."""

    def thought_piece(self, thought: dict[str, Any], piece: dict[str, Any]) -> None:
        if "redactedContent" not in piece:
            super().thought_piece(thought, piece)


@mutant(kills="RSN-012", says=CHANGED)
class SendsNoItem(OpenAIResponses):
    """Sends the calls of a turn back without the reasoning that they came of."""

    def thought_of(self, items: Pieces) -> Kept:
        return None


@mutant(kills="RSN-012", says=CHANGED)
class SendsNothingEncrypted(OpenAIResponses):
    """Keeps of its reasoning only what people can read."""

    def opaque(self, pieces: Sequence[dict[str, Any]]) -> Kept:
        return super().opaque([{k: v for k, v in item.items() if k != "encrypted_content"} for item in pieces])


@mutant(kills="RSN-012", says=CHANGED)
class KeepsNoItemOfAStream(OpenAIResponses):
    """Keeps no reasoning of a stream."""

    def summed_up(self, told: Told, answer: dict[str, Any] | None) -> Reply:
        told.items.clear()
        return super().summed_up(told, answer)


@mutant(kills="RSN-012", says=CHANGED)
class ReasonsAfterItsCalls(OpenAIResponses):
    """Sends the reasoning of a turn back behind its calls."""

    def kept(self, message: Message) -> Pieces:
        return sorted(super().kept(message), key=lambda item: item["type"] == "reasoning")


@mutant(kills="RSN-012", says=CHANGED)
class ForgetsWhyItCalled(OpenAIChat):
    """Sends calls back without the reasoning before them."""

    def opaque(self, pieces: Sequence[dict[str, Any]]) -> Kept:
        return None


@mutant(kills="RSN-012", says=CHANGED)
class SendsOneDetail(OpenAIChat):
    """Keeps only the first detail of its reasoning."""

    def opaque(self, pieces: Sequence[dict[str, Any]]) -> Kept:
        cut = [
            {**p, "reasoning_details": p["reasoning_details"][:1]} if "reasoning_details" in p else p for p in pieces
        ]
        return super().opaque(cut)


@mutant(kills="RSN-012", says=CHANGED)
class ForgetsExtraContent(OpenAIChat):
    """Reads no signature from a call of a stream."""

    def call_piece(self, answer: openai_chat.Answer, piece: Any) -> None:
        super().call_piece(answer, {k: v for k, v in piece.items() if k != "extra_content"})


@mutant(kills="RSN-012", says=CHANGED)
class SignsAnotherText(Gemini):
    """Puts a signature that came by itself on the text before it."""

    def signed(self, parts: Pieces) -> Kept:
        alone = parts[-1] if len(parts) > 1 and parts[-1].get("text") == "" else None
        if alone is None:
            return super().signed(parts)
        return super().signed([*parts[:-2], {**parts[-2], "thoughtSignature": alone.get("thoughtSignature")}])


@mutant(kills="RSN-012", says=CHANGED)
class SkipsAPartWithoutText(Gemini):
    """Passes over a part of a stream that has no text, and with it over its signature."""

    def said(self, answer: gemini.Answer, parts: Pieces) -> Iterator[Event]:
        return super().said(answer, [p for p in parts if p.get("text") or "functionCall" in p])


@mutant(kills="RSN-013", says="messages is not sent as asked")
class SendsWhatOthersKept(AnthropicMessages):
    """Takes what any adapter kept for blocks of its own."""

    def kept(self, message: Message) -> Pieces:
        own = message.opaque.values() if isinstance(message.opaque, dict) else ()
        return [dict(block) for blocks in own for block in blocks]


@mutant(kills="RSN-013", says="no request reached the server")
class TrustsWhatItFinds(OpenAIChat):
    """Takes everything that was kept with a turn for its own, and fails where it is not."""

    def kept(self, message: Message) -> Pieces:
        return [] if message.opaque is None else [dict(piece) for piece in message.opaque[self.protocol]]


@mutant(kills="RSN-014", says="a call goes back 2 times")
class SendsAKeptTurnTwice(OpenAIResponses):
    """Sends a turn as it was kept, and again as the contract tells it."""

    def items(self, message: Message) -> Iterator[dict[str, Any]]:
        yield from super().items(message)
        if self.kept(message):
            yield from super().items(replace(message, opaque=None))


@mutant(kills="RSN-014", says="the host's request was changed")
class TakesWhatWasKeptOut(AnthropicMessages):
    """Takes what was kept out of the host's own message."""

    def kept(self, message: Message) -> Pieces:
        pieces = super().kept(message)
        if isinstance(message.opaque, dict):
            message.opaque.pop(self.protocol, None)
        return pieces

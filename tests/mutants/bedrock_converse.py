"""Lies in Amazon Bedrock's Converse API."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any, ClassVar

import httpx

from conformance.config import ProviderConfig
from conformance.contract import Event, FinishReason, Image, Message, ProviderError, Reply, Request, Text, Tool, Usage
from conformance.reference import BedrockConverse
from conformance.reference.bedrock_converse import messages
from conformance.reference.bedrock_converse.sigv4 import SigV4
from conformance.reference.bedrock_converse.stream import Answer
from tests.mutants import mutant

REJECTED = "the real API would reject this request"
BROKEN = "a broken stream was returned as an answer"
WRONG_REQUEST = "the error is of kind invalid_request"

# --- requests ----------------------------------------------------------------------------------


@mutant(kills="BED-001", says="the URL is joined wrongly")
class LeavesTheArnAsItIs(BedrockConverse):
    """Puts the model into the path as it is, slashes and all."""

    def path(self, request: Request, operation: str) -> str:
        return f"/model/{request.model or self.model}/{operation}"


@mutant(kills="BED-001", says="model is not sent as asked")
class EscapesTheModelTwice(BedrockConverse):
    """Escapes what the client escapes again."""

    def path(self, request: Request, operation: str) -> str:
        return super().path(request, operation).replace("%", "%25")


@mutant(kills="BED-002", says=REJECTED)
class SendsEveryMessageAsATurn(BedrockConverse):
    """Makes a turn of each message, as other APIs take them."""

    def turns(self, messages: Sequence[Message]) -> list[dict[str, Any]]:
        spoken = [m for m in messages if m.role != "system"]
        return [
            {"role": "assistant" if m.role == "assistant" else "user", "content": [*self.blocks(m)]} for m in spoken
        ]


@mutant(kills="REQ-012", says=REJECTED)
class SendsEveryResultAsATurn(BedrockConverse):
    """Makes a turn of each result of a tool."""

    def turns(self, messages: Sequence[Message]) -> list[dict[str, Any]]:
        found = []
        for role, group in groupby([m for m in messages if m.role != "system"], key=lambda m: m.role):
            said = list(group)
            turns = [[m] for m in said] if role == "tool" else [said]
            wire = "assistant" if role == "assistant" else "user"
            found += [{"role": wire, "content": [b for m in turn for b in self.blocks(m)]} for turn in turns]
        return found


@mutant(kills="BED-003", says=REJECTED)
class ForgetsToolsOfTheHistory(BedrockConverse):
    """Sends tools only where some are asked for."""

    def tool_config(self, request: Request) -> dict[str, Any] | None:
        return super().tool_config(request) if request.tools else None


@mutant(kills="BED-004", says=REJECTED)
class SendsBlankText(BedrockConverse):
    """Sends text that is blank, but not empty."""

    def content(self, message: Message) -> list[dict[str, Any]]:
        parts = [Text(message.content)] if isinstance(message.content, str) else message.content
        return [self.part(p) for p in parts if isinstance(p, Image) or p.text]


@mutant(kills="BED-005", says=REJECTED)
class ChoosesNone(BedrockConverse):
    """Sends a choice `none`, as other APIs have it."""

    def tool_config(self, request: Request) -> dict[str, Any] | None:
        config = super().tool_config(replace(request, tool_choice=None))
        return {**config, "toolChoice": {"none": {}}} if config and request.tool_choice == "none" else config


@mutant(kills="BED-006", says="messages is not sent as asked")
class CallsEveryImageAPng(BedrockConverse):
    """Sends every image as a PNG."""

    def part(self, part: Text | Image) -> dict[str, Any]:
        return super().part(replace(part, media_type="image/png") if isinstance(part, Image) else part)


@mutant(kills="BED-006", says=REJECTED)
class SendsTheMediaType(BedrockConverse):
    """Sends an image's media type for its format."""

    def part(self, part: Text | Image) -> dict[str, Any]:
        wire = super().part(part)
        if isinstance(part, Image):
            wire["image"]["format"] = part.media_type
        return wire


@mutant(kills="BED-007", says="a failure was returned as an answer")
class DropsAddressesOfImages(BedrockConverse):
    """Leaves an image out that has only an address."""

    def content(self, message: Message) -> list[dict[str, Any]]:
        if isinstance(message.content, str):
            return super().content(message)
        return super().content(
            replace(message, content=[p for p in message.content if getattr(p, "url", None) is None])
        )


# --- streams -----------------------------------------------------------------------------------


class Unchecked(messages.MessageStream):
    def check(self, data: bytes, checksum: bytes) -> None:
        """Whatever it says."""


@mutant(kills="BED-008", says=BROKEN)
class TrustsEveryMessage(BedrockConverse):
    """Does not look at the checksums of messages."""

    def message_stream(self) -> messages.MessageStream:
        return Unchecked()


@mutant(kills="BED-009", says=BROKEN)
class EndsAtAnException(BedrockConverse):
    """Takes an exception for the end of the answer."""

    def take(self, answer: Answer, message: messages.Message) -> Iterator[Event]:
        if message.headers.get(":message-type") == "event":
            yield from super().take(answer, message)
        else:
            answer.ended = True


@mutant(kills="BED-010", says="the error is of kind server, not rate_limit")
class CallsEveryExceptionAServerError(BedrockConverse):
    """Takes every exception inside a stream for the server's."""

    def in_band(self, message: messages.Message, kind: str) -> ProviderError:
        return ProviderError(f"{self.name}: it broke off", kind="server", provider=self.name)


@mutant(kills="BED-011", says="a good answer was turned into an error")
class KnowsItsEvents(BedrockConverse):
    """Takes an event that it does not know for an error."""

    KNOWN = ("messageStart", "contentBlockStart", "contentBlockDelta", "contentBlockStop", "messageStop", "metadata")

    def take(self, answer: Answer, message: messages.Message) -> Iterator[Event]:
        if message.headers.get(":event-type") not in (*self.KNOWN, None):
            raise self.malformed("an event that is not known")
        yield from super().take(answer, message)


@mutant(kills="BED-012", says="the reply's text is wrong")
class ReadsTheFirstBlock(BedrockConverse):
    """Reads the text of the first block with text only."""

    def block_delta(self, answer: Answer, event: dict[str, Any]) -> Iterator[Event]:
        index, delta = event.get("contentBlockIndex"), event.get("delta")
        is_text = isinstance(delta, dict) and bool(delta.get("text"))
        if not is_text or vars(answer).setdefault("first", index) == index:
            yield from super().block_delta(answer, event)


@mutant(kills="BED-013", says="a good answer was turned into an error")
class WantsTheMetadata(BedrockConverse):
    """Takes a stream without metadata for one that was cut."""

    def metadata(self, answer: Answer, event: dict[str, Any]) -> Iterator[Event]:
        answer.reasoning.append("")  # a mark that it came
        yield from super().metadata(answer, event)

    def finished(self, answer: Answer, id: str | None) -> Reply:
        if not answer.reasoning:
            raise self.cut()
        return super().finished(answer, id)


@mutant(kills="BED-014", says="the tool calls are not those of the wire")
class HandsServerToolsOn(BedrockConverse):
    """Takes calls of tools that Bedrock runs itself for calls of the host's."""

    def is_call(self, block: dict[str, Any]) -> bool:
        return block.get("toolUse") is not None


@mutant(kills="STR-007", says="returned as an answer")
class TakesTheEndForTheStop(BedrockConverse):
    """Takes the end of the connection for the end of the answer."""

    def finished(self, answer: Answer, id: str | None) -> Reply:
        answer.ended = True
        return super().finished(answer, id)


@mutant(kills="STR-019", says="a good answer was turned into an error")
class MixesCallsUp(BedrockConverse):
    """Takes all pieces of input for those of the call that began last."""

    def block_delta(self, answer: Answer, event: dict[str, Any]) -> Iterator[Event]:
        last = max(answer.calls, default=event.get("contentBlockIndex"))
        is_input = isinstance(delta := event.get("delta"), dict) and delta.get("toolUse") is not None
        yield from super().block_delta(answer, {**event, "contentBlockIndex": last} if is_input else event)


@mutant(kills="STR-020", says="a good answer was turned into an error")
class WantsInput(BedrockConverse):
    """Takes a call for cut of which no piece of input came."""

    def finished(self, answer: Answer, id: str | None) -> Reply:
        if any(not call.input for call in answer.calls.values()):
            raise self.malformed("a tool call without input")
        return super().finished(answer, id)


# --- errors ------------------------------------------------------------------------------------


@mutant(kills="BED-015", says="the error is of kind permission, not auth")
class CallsEvery403Permission(BedrockConverse):
    """Takes every 403 but that of an unknown token for a lack of permission."""

    by_code: ClassVar = {
        c: k for c, k in BedrockConverse.by_code.items() if k != "auth" or c.startswith("Unrecognized")
    }


@mutant(kills="BED-016", says=WRONG_REQUEST)
class LooksAtTheStatusOnly(BedrockConverse):
    """Takes an error's kind from its status, where that is 400."""

    def kind(self, status: int | None, codes: list[str], text: str) -> Any:
        return super().kind(status, [] if status == 400 and "ThrottlingException" in codes else codes, text)


@mutant(kills="BED-016", says=WRONG_REQUEST)
class ReadsTheTypeWhole(BedrockConverse):
    """Compares the type with its namespace."""

    def type_name(self, value: Any) -> str | None:
        return super().type_name(value.replace("#", "/") if isinstance(value, str) else None)


@mutant(kills="BED-017", says="the provider's own message is lost")
class ReadsLowerCaseMessages(BedrockConverse):
    """Tells a message only where it is called `message`."""

    def describe(self, body: bytes) -> tuple[str, list[str]]:
        if b'"Message"' in body:
            return "no details", []
        return super().describe(body)


@mutant(kills="BED-018", says=WRONG_REQUEST)
class CallsAQuotaAWrongRequest(BedrockConverse):
    """Takes a spent quota for a wrong request, for its status is 400."""

    by_code: ClassVar = {**BedrockConverse.by_code, "ServiceQuotaExceededException": "invalid_request"}


@mutant(kills="BED-019", says=WRONG_REQUEST)
class BlamesTheRequestForTheModel(BedrockConverse):
    """Takes a model's failure for a wrong request, for its status is below 500."""

    by_code: ClassVar = {**BedrockConverse.by_code, "ModelErrorException": "invalid_request"}


@mutant(kills="BED-020", says="the error does not carry the code")
class TellsTheAddressOfTheType(BedrockConverse):
    """Tells the type as the header has it for the code."""

    def error(self, status: int | None, headers: Mapping[str, str], body: bytes) -> ProviderError:
        error = super().error(status, headers, body)
        error.code = headers.get("x-amzn-errortype") or error.code
        return error


# --- replies -----------------------------------------------------------------------------------


@mutant(kills="BED-021", says="the finish reason is wrong")
class CallsAGuardrailAStop(BedrockConverse):
    """Takes what a guardrail put in place of the answer for the answer."""

    def finish(self, value: Any) -> FinishReason:
        return "stop" if value == "guardrail_intervened" else super().finish(value)


@mutant(kills="BED-022", says="the finish reason is wrong")
class KnowsNoWindow(BedrockConverse):
    """Does not know the reason of a full context window."""

    def finish(self, value: Any) -> FinishReason:
        return super().finish(None if value == "model_context_window_exceeded" else value)


@mutant(kills="BED-023", says="the token usage is wrong")
class AddsTheCacheToTheOutput(BedrockConverse):
    """Tells as output what the total has beyond the input."""

    def usage(self, usage: Any) -> Usage | None:
        told = super().usage(usage)
        if not told or not (usage or {}).get("cacheReadInputTokens"):
            return told
        return replace(told, output_tokens=usage["totalTokens"] - usage["inputTokens"])


@mutant(kills="BED-024", says="the reply's text is wrong")
class SkipsCitedText(BedrockConverse):
    """Skips text with citations."""

    def text(self, block: dict[str, Any]) -> str:
        return self.plain(block.get("text"))


@mutant(kills="BED-025", says="a good answer was turned into an error")
class KnowsItsBlocks(BedrockConverse):
    """Takes a block that it does not know for an error."""

    KNOWN: ClassVar = {"text", "toolUse", "toolResult", "reasoningContent", "citationsContent"}

    def text(self, block: dict[str, Any]) -> str:
        if not self.KNOWN & set(block):
            raise self.malformed("a block that is not known")
        return super().text(block)


# --- keys --------------------------------------------------------------------------------------


@mutant(kills="AUT-001", says="the key is not sent as the API takes it")
class SendsTheKeyInItsOwnHeader(BedrockConverse):
    """Sends the key as x-api-key."""

    def auth(self, key: str) -> dict[str, str]:
        return {"x-api-key": key}


@mutant(kills="RSP-019", says="the reply's id is wrong")
class ForgetsTheRequestId(BedrockConverse):
    """Does not tell the request's id, by which AWS finds it."""

    def request_id(self, response: httpx.Response) -> str | None:
        return None


@mutant(kills="TOL-013", says=REJECTED)
class DescribesToolsAsEmpty(BedrockConverse):
    """Sends an empty description of a tool that has none."""

    def tool(self, tool: Tool) -> dict[str, Any]:
        return {**super().tool(tool), "description": tool.description}


# --- structured output -------------------------------------------------------------------------


@mutant(kills="SCH-001", says=REJECTED)
class SendsTheSchemaAsAnObject(BedrockConverse):
    """Sends the schema as an object; the service takes its text."""

    def output(self, request: Request) -> dict[str, Any]:
        output = super().output(request)
        if asked := request.response_schema:
            output["textFormat"]["structure"]["jsonSchema"]["schema"] = asked.schema
        return output


@mutant(kills="SCH-001", says="response_schema is not sent")
class LeavesTheSchemaOut(BedrockConverse):
    """Declares structured output, and sends no schema."""

    def output(self, request: Request) -> dict[str, Any]:
        return super().output(replace(request, response_schema=None))


# --- signatures --------------------------------------------------------------------------------

SIGNS = ProviderConfig(kwargs={"secret_key": "wJalr/XUtnFEMI+K7MDENG=bPxRfiCYEXAMPLEKEY"})


class Signs(BedrockConverse):
    by: type[SigV4] = SigV4

    def signer(self) -> SigV4:
        return self.by(self.api_key or "", self.secret_key or "", self.region)


class EscapesOnce(SigV4):
    def canonical(self, request: httpx.Request, names: list[str]) -> str:
        return super().canonical(request, names).replace("%25", "%")


class SignsNoBody(SigV4):
    def canonical(self, request: httpx.Request, names: list[str]) -> str:
        return super().canonical(request, names).rpartition("\n")[0] + "\n" + self.digest("")


@mutant(kills="BED-026", says="the signature is wrong", config=SIGNS)
class SignsThePathAsItIs(Signs):
    """Signs the path as the URL has it, and not escaped once more."""

    by = EscapesOnce


@mutant(kills="BED-026", says="the signature is wrong", config=SIGNS)
class SignsAnEmptyBody(Signs):
    """Signs every request as if it had no body."""

    by = SignsNoBody

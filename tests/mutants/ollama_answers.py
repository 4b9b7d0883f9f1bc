"""Lies of an adapter for Ollama's own API about what comes back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from conformance.contract import ErrorKind, FinishReason, Health, ProviderError, Reply, Request, ToolCall, Usage
from conformance.reference import Ollama
from conformance.reference.wire.errors import MapsErrors
from tests.mutants import mutant

Body = dict[str, Any]


@mutant(kills="OLL-011", says="two tool calls have one id")
class TakesTheToolForAnId(Ollama):
    """Takes the tool's name for the id of a call that has none."""

    def tool_call_of(self, call: Body) -> ToolCall:
        made = super().tool_call_of(call)
        return made if call.get("id") else replace(made, id=made.name)


@mutant(kills="OLL-011", says="two tool calls have one id")
class NumbersCallsByLine(Ollama):
    """Numbers the calls of a stream anew on each line."""

    def tool_calls(self, calls: Any) -> tuple[ToolCall, ...]:
        made = super().tool_calls(calls)
        return tuple(
            c if w.get("id") else replace(c, id=f"call_{i}")
            for i, (c, w) in enumerate(zip(made, calls or (), strict=True))
        )


@mutant(kills="OLL-013", says="a good answer was turned into an error")
class ReadsArgumentsOnlyAsObjects(Ollama):
    """Reads arguments only where they are an object."""

    def arguments(self, value: Any) -> Body:
        if isinstance(value, str):
            raise self.malformed("arguments that are text")
        return super().arguments(value)


@mutant(kills="OLL-014", says="the finish reason is wrong")
class TakesLoadForStop(Ollama):
    """Takes an answer that loaded the model for one that stopped."""

    def finish(self, value: Any, calls: tuple[ToolCall, ...]) -> FinishReason:
        return super().finish("stop" if value in ("load", "unload") else value, calls)


@mutant(kills="OLL-015", says="the token usage is wrong")
class TakesCachedForNone(Ollama):
    """Takes a prompt's count that is left out for zero."""

    def usage(self, data: Body) -> Usage | None:
        usage = super().usage(data)
        return usage and replace(usage, input_tokens=usage.input_tokens or 0)


@mutant(kills="RSP-002", says="the finish reason is wrong")
class StopsForWhateverReason(Ollama):
    """Says stop for whatever done_reason."""

    def finish(self, value: Any, calls: tuple[ToolCall, ...]) -> FinishReason:
        return super().finish("stop" if value else value, calls)


@mutant(kills="OLL-023", says="the model list is wrong")
class CountsOnAList(Ollama):
    """Takes models: null for no list."""

    def model_names(self, data: Any) -> list[str]:
        if isinstance(data, dict) and data.get("models", ()) is None:
            raise self.malformed("an answer without models")
        return super().model_names(data)


@mutant(kills="OLL-024", says="the model list is wrong")
class ListsModelsWithoutLatest(Ollama):
    """Lists models without the tag latest and without their registry."""

    def model_names(self, data: Any) -> list[str]:
        return [name.removesuffix(":latest").removeprefix("hf.co/") for name in super().model_names(data)]


@mutant(kills="RSP-022", says="the model list is wrong")
class ListsModelsOnce(Ollama):
    """Takes a namespace for a part of the path, and drops it."""

    def model_names(self, data: Any) -> list[str]:
        return [name.rpartition("vendor/")[2] for name in super().model_names(data)]


@mutant(kills="EMB-007", says="the embeddings are wrong")
class EmbedsNothingTwice(Ollama):
    """Drops a vector that it has seen before."""

    def embeddings(self, data: Any, wanted: int) -> Any:
        made = super().embeddings(data, wanted)
        return replace(made, vectors=[v for i, v in enumerate(made.vectors) if v not in made.vectors[:i]])


@mutant(kills="OLL-020", says="the error is of kind invalid_request, not context_length")
class ReadsNoErrorInsideAnother(Ollama):
    """Does not look into the JSON that is the text of an error."""

    def kind(self, status: int | None, codes: list[str], text: str) -> ErrorKind:
        nested = "n_ctx" in text or "available context size" in text
        return MapsErrors.kind(self, status, codes, text) if nested else super().kind(status, codes, text)


@mutant(kills="OLL-021", says="the provider's own message is lost")
class KeepsTheErrorToItself(Ollama):
    """Tells that a stream failed, and not why."""

    def error(self, status: int | None, headers: Any, body: bytes) -> ProviderError:
        if status is None:
            return ProviderError("ollama: the stream failed", kind="server", provider=self.name)
        return super().error(status, headers, body)


@mutant(kills="OLL-022", says="a failure was returned as an answer")
class TakesARedirectForAnAnswer(Ollama):
    """Takes an answer without a body for an empty one, whatever its status is."""

    def error(self, status: int | None, headers: Any, body: bytes) -> ProviderError:
        made = super().error(status, headers, body)
        made.code = "moved" if status == 301 else made.code
        return made

    async def generate(self, request: Request) -> Reply:
        try:
            return await super().generate(request)
        except ProviderError as exc:
            if exc.code == "moved":
                return Reply()
            raise


@mutant(kills="ERR-007", says="the error is of kind server, not not_found")
class BlamesTheServerForAModel(Ollama):
    """Takes a model that was not pulled for a failure of the server."""

    def kind(self, status: int | None, codes: list[str], text: str) -> ErrorKind:
        return "server" if "not found" in text else super().kind(status, codes, text)


@mutant(kills="HLT-005", says="the health check is wrong")
class IsHealthyWhereAnybodyAnswers(Ollama):
    """Takes any answer at the root for Ollama."""

    async def health(self) -> Health:
        try:
            async with self.open("GET", "/", None):
                return Health(ok=True)
        except ProviderError as exc:
            return Health(ok=False, detail=str(exc))


@mutant(kills="RSN-006", says="the reply's text is wrong")
class TellsThoughtsBeforeACallAsText(Ollama):
    """Takes what was thought before a tool call for the text beside it."""

    def reply(self, data: Any) -> Reply:
        reply = super().reply(data)
        return replace(reply, text=reply.text or reply.reasoning or "") if reply.tool_calls else reply


@mutant(kills="OLL-026", says="the token usage is wrong")
class AddsUpWhatItHas(Ollama):
    """Tells a total where a count is left out: the other one."""

    def usage(self, data: Body) -> Usage | None:
        usage = super().usage(data)
        return usage and replace(usage, total_tokens=(usage.input_tokens or 0) + (usage.output_tokens or 0))


@mutant(kills="TOL-020", says="the finish reason is wrong")
class CallsHideTheCut(Ollama):
    """Says of every answer with calls that it ends with them."""

    def finish(self, value: Any, calls: tuple[ToolCall, ...]) -> FinishReason:
        return "tool_calls" if calls else super().finish(value, calls)

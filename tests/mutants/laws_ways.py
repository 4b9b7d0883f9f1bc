"""Lies of adapters that can be asked in two ways, in one of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

from conformance.config import ProviderConfig
from conformance.contract import Done, Event, ProviderError, Reply, Request
from tests.hosts.two_ways import OpenAIBothWays
from tests.mutants import mutant

HERE = ProviderConfig(host="tests.hosts.two_ways:TwoWays")


@mutant(kills="LAW-009", says="the tool calls changed", config=HERE)
class ForgetsCallsPlainly(OpenAIBothWays):
    """Reads no tool calls where it is asked plainly."""

    def generate_now(self, request: Request) -> Reply:
        return replace(super().generate_now(request), tool_calls=())


@mutant(kills="LAW-009", says="the error changed", config=HERE)
class TellsNoKindsPlainly(OpenAIBothWays):
    """Raises every error as one of the server where it is asked plainly."""

    def generate_now(self, request: Request) -> Reply:
        try:
            return super().generate_now(request)
        except ProviderError as exc:
            raise ProviderError(str(exc), kind="server", provider=exc.provider, status=exc.status) from exc


@mutant(kills="LAW-009", says="an error is an answer", config=HERE)
class TakesTheCutForTheEndPlainly(OpenAIBothWays):
    """Takes the end of the connection for the end of a stream where it is asked plainly."""

    def stream_now(self, request: Request) -> Iterator[Event]:
        said = ""
        with suppress(ProviderError):
            for event in super().stream_now(request):
                said += getattr(event, "text", "")
                yield event
                if isinstance(event, Done):
                    return
        yield Done(Reply(said))

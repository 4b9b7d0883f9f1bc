"""What the adapter does not declare it refuses, before anything is sent."""

from __future__ import annotations

from conformance.contract import Capabilities, Image, ProviderError, Request


class KnowsItsLimits:
    name: str
    capabilities: Capabilities

    def answerable(self, request: Request) -> None:
        """Raises where the request asks for what is not declared."""
        parts = [p for m in request.messages if not isinstance(m.content, str) for p in m.content]
        if request.tools:
            self.able("tools")
        if any(isinstance(p, Image) for p in parts):
            self.able("images")
        if request.response_schema is not None:
            self.able("structured_output")

    def able(self, what: str) -> None:
        if not getattr(self.capabilities, what):
            raise ProviderError(f"{self.name} is not capable of {what}", kind="unsupported", provider=self.name)

"""Names of tools that an API rejects are refused before they are sent: mended, a call would not find its tool."""

from __future__ import annotations

import re

from conformance.contract import ProviderError, Tool


class NamesTools:
    name: str
    tool_names = "[a-zA-Z0-9_-]{1,64}"

    def named(self, tool: Tool) -> str:
        if not re.fullmatch(self.tool_names, tool.name):
            text = f"{self.name}: the API takes no tool named {tool.name!r}: {self.tool_names}"
            raise ProviderError(text, kind="unsupported", provider=self.name)
        return tool.name

"""What all models of requirements and cases have in common: unknown keys are refused, and what is written short is
written out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict

from conformance.contract import Image, JSONSchema, Message, Text, Tool, ToolCall
from conformance.longhand import all_repeated, numbered, repeated, written_out

for _plain in (Text, Image, ToolCall, Message, Tool, JSONSchema):  # else pydantic drops what it does not know in them
    _plain.__pydantic_config__ = ConfigDict(extra="forbid")  # type: ignore[union-attr]


class Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _content(content: str | Sequence[Text | Image]) -> Any:
    """What is written short is written out, the data of images too."""
    if isinstance(content, str):
        return written_out(content)
    return [replace(p, data=repeated(p.data)) if isinstance(p, Image) and p.data else p for p in content]


Texts = Annotated[list[str], AfterValidator(lambda texts: [repeated(text) for text in numbered(texts)])]
Long = Annotated[str, AfterValidator(written_out)]
Fields = Annotated[dict[str, Any], AfterValidator(all_repeated)]
Said = Annotated[Message, AfterValidator(lambda m: replace(m, content=_content(m.content)))]

"""A `CustomLLM` as a user of LiteLLM writes one, with a fault: it does not look at the status."""

from __future__ import annotations

from typing import Any

import httpx
import litellm


class Careless(litellm.CustomLLM):
    async def acompletion(self, model: str, messages: list[Any], api_base: str, *_: Any, **given: Any) -> Any:
        body = {"model": model, "messages": messages, **given.get("optional_params", {})}
        headers = {"Authorization": f"Bearer {given['api_key']}"}
        async with httpx.AsyncClient(trust_env=False, headers=headers) as client:
            answer = (await client.post(f"{api_base}/chat/completions", json=body)).json()
        return litellm.ModelResponse(**answer)

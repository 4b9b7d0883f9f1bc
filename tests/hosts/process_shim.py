"""An adapter in a process of its own, written in Python: good for generate, and for stream what its argument says.

It is also the example of docs/process-protocol.md: a shim is one loop.
"""

from __future__ import annotations

import json
import sys
import time
import urllib.request
from typing import Any

HELLO = {"protocol": 1, "name": "py-shim", "capabilities": {"streaming": True, "tools": True}}
GREETINGS = {
    "keeps-thoughts": {**HELLO, "capabilities": {**HELLO["capabilities"], "opaque": True}},
    "of-no-host": {**HELLO, "host": "nobody"},
    "of-the-future": {**HELLO, "protocol": 2},
}


def main(how: str) -> None:
    adapters: dict[int, dict[str, Any]] = {}
    for line in sys.stdin:
        said = json.loads(line)
        if "hello" in said:
            if how == "silent":
                sys.exit("no such module: acme")
            answer: dict[str, Any] = {"hello": GREETINGS.get(how, HELLO)}
        elif "build" in said:
            adapters[said["id"]] = said["build"]
            answer = {"built": {"name": "py-shim"}}
        elif "close" in said:
            adapters.pop(said["close"])
            answer = {"closed": True}
        else:
            if said["ask"]["op"] == "stream":
                misbehave(how)
            answer = asked(adapters[said["adapter"]], said["ask"])
        print(json.dumps({"id": said["id"], **answer}), flush=True)


def misbehave(how: str) -> None:
    print("about to answer", file=sys.stderr, flush=True)
    if how == "crashes":
        raise KeyError("choices")
    if how == "prints":
        print("debug: here I am", flush=True)
    if how == "hangs":
        time.sleep(600)


def asked(given: dict[str, Any], ask: dict[str, Any]) -> dict[str, Any]:
    """By no means a good adapter."""
    body = {"model": ask.get("model", given["model"]), "messages": ask["messages"]}
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {given.get('api_key', '')}"}
    url = given["base_url"] + "/chat/completions"
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=given["timeout"]) as response:
            data = json.load(response)
            choice = data["choices"][0]
            return {"reply": {"text": choice["message"]["content"] or "", "finish_reason": choice["finish_reason"]}}
    except Exception as exc:
        return {"error": {"message": str(exc), "type": type(exc).__name__, "status": getattr(exc, "code", None)}}


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "")

"""An upstream on loopback that tells back what it was told, as providers do in their errors; and a client."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# Put together here, so that no file of ours holds anything that looks like a key.
KEY = "sk-" + "proj-a1B2c3D4e5F6g7H8"
ODD_KEY = "vendor" + "_8f7e6d5c4b3a"  # of a form that no pattern knows
COOKIE = "c0ffee" + "5e551on1d"
ORGANIZATION = "org-" + "AbC123dEf456"
WORKSPACE = "wind-mills" + "-and-sons"
ACCOUNT = "7f3b9c1e-" + "44d2-4e0a-9b1c-0a1b2c3d4e5f"
SECRETS = (KEY, ODD_KEY, COOKIE, ORGANIZATION, WORKSPACE, ACCOUNT)

ANSWER = {
    "id": "chatcmpl-1",
    "model": "m",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "The Nile."}, "finish_reason": "stop"}],
}
Play = Callable[[BaseHTTPRequestHandler, bytes], None]

CLIENT = """
import json, os, sys, urllib.request
base = os.environ["OPENAI_BASE_URL"]
for path, body in json.loads(sys.argv[1]):
    data = None if body is None else json.dumps(body).encode()
    headers = {"content-type": "application/json", **json.loads(sys.argv[2])}
    try:
        urllib.request.urlopen(urllib.request.Request(base + path, data, headers), timeout=5).read()
    except urllib.error.HTTPError as exc:
        exc.read()
"""


def send(handler: BaseHTTPRequestHandler, body: bytes, status: int = 200, **headers: str) -> None:
    handler.send_response(status)
    for name, value in {"Content-Type": "application/json", **headers}.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def answer(handler: BaseHTTPRequestHandler, body: bytes) -> None:
    send(handler, json.dumps(ANSWER).encode())


@contextmanager
def upstream(play: Play) -> Iterator[str]:
    """Its address; `play` gets the request and its body."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            play(self, self.rfile.read(int(self.headers.get("content-length", "0"))))

        do_GET = do_POST  # noqa: N815 - as http.server wants it

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

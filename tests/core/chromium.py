"""A headless Chromium, driven over its own pipe: nothing but the browser is needed."""

from __future__ import annotations

import itertools
import json
import os
import select
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FOUND = next(filter(None, map(shutil.which, NAMES)), None)
OPTIONS = (
    "--headless=new",
    "--no-sandbox",  # as root there is none; the pages are our own
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--force-device-scale-factor=1",
    "--remote-debugging-pipe",
)
PATIENCE = 30.0


class Page:
    """One tab. What went wrong in it, and what it loaded, is in `complaints` and `loaded`."""

    def __init__(self, browser: Browser, url: str, *, width: int, height: int, dark: bool) -> None:
        self._browser = browser
        self.complaints: list[str] = []
        self.loaded: list[str] = []
        target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        browser.pages[self._session] = self
        for domain in ("Page", "Runtime", "Log", "Network", "Accessibility"):
            self.call(f"{domain}.enable")
        phone = width < 600
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=phone)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])
        self.call("Page.navigate", url=url)
        self.until("document.readyState === 'complete'")

    def call(self, method: str, **params: Any) -> Any:
        return self._browser.call(method, self._session, **params)

    def run(self, script: str) -> Any:
        told = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in told, told["exceptionDetails"]
        return told["result"].get("value")

    def until(self, script: str) -> None:
        end = time.monotonic() + PATIENCE
        while not self.run(script):
            assert time.monotonic() < end, f"never true: {script}"

    def press(self, *keys: str) -> None:
        for key in keys:
            text = {"Enter": "\r"}.get(key, key if len(key) == 1 else "")
            code = {"Enter": 13, "Escape": 27, "Tab": 9}.get(key, 0)
            told = {"key": key, "text": text, "windowsVirtualKeyCode": code}
            self.call("Input.dispatchKeyEvent", type="keyDown", **told)
            self.call("Input.dispatchKeyEvent", type="keyUp", key=key, windowsVirtualKeyCode=code)

    def noticed(self, method: str, params: dict[str, Any]) -> None:
        if method == "Network.requestWillBeSent":
            self.loaded.append(params["request"]["url"])
        elif method == "Runtime.exceptionThrown":
            self.complaints.append(str(params["exceptionDetails"]))
        elif method == "Log.entryAdded":
            self.complaints.append(params["entry"]["text"])
        elif method == "Runtime.consoleAPICalled":
            self.complaints.append(str(params["args"]))


class Browser:
    def __init__(self, to: int, back: int) -> None:
        self._to, self._from = to, back
        self._ids = itertools.count(1)
        self._rest = b""
        self.pages: dict[str, Page] = {}

    def open(self, path: Path, *, width: int = 1200, height: int = 900, dark: bool = False, at: str = "") -> Page:
        return Page(self, path.as_uri() + at, width=width, height=height, dark=dark)

    def call(self, method: str, session: str | None = None, **params: Any) -> Any:
        id = next(self._ids)
        told = {"id": id, "method": method, "params": params, **({"sessionId": session} if session else {})}
        os.write(self._to, json.dumps(told).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == id:
                assert "error" not in answer, answer["error"]
                return answer["result"]
            page = self.pages.get(answer.get("sessionId", ""))
            if page and "method" in answer:
                page.noticed(answer["method"], answer["params"])

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._from], [], [], PATIENCE)
            assert ready, "Chromium says nothing"
            read = os.read(self._from, 1 << 20)
            assert read, "Chromium has ended"
            self._rest += read
        line, _, self._rest = self._rest.partition(b"\0")
        told: dict[str, Any] = json.loads(line)
        return told


@contextmanager
def chromium(folder: Path) -> Iterator[Browser]:
    """With a profile of its own in that folder; ends with the block."""
    assert FOUND
    theirs, to = os.pipe()
    back, answers = os.pipe()
    # The browser reads from 3 and writes to 4.
    shell = ["/bin/sh", "-c", f'exec "$0" "$@" 3</dev/fd/{theirs} 4>/dev/fd/{answers}']
    home = {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "XDG_CACHE_HOME": str(folder)}
    started = subprocess.Popen(
        [*shell, FOUND, *OPTIONS, f"--user-data-dir={folder / 'profile'}"],
        pass_fds=(theirs, answers),
        env={**os.environ, **home},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(theirs)
    os.close(answers)
    try:
        yield Browser(to, back)
    finally:
        os.close(to)
        os.close(back)
        started.terminate()
        started.wait(PATIENCE)

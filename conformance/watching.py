"""Runs inside of the project's tests, as a plugin of pytest: tells which of them run the adapter's code, how they end,
and which hosts they try to reach. Of the kit's own cases it lets a few of each area run: that they are there is what
is asked. Knows nothing of pytest but the names of its hooks."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections import Counter
from pathlib import Path
from typing import Any

FILE, CODE = "CONFORMANCE_WATCH_FILE", "CONFORMANCE_WATCHED_CODE"
ENOUGH = 2  # cases of an area
AREAS = ("requests", "replies", "auth", "rate-limits", "errors", "malformed", "streaming")
LOCAL = ("localhost", "127.", "::1", "0.0.0.0")


class Watch:
    ran = False
    inside = False
    reached: list[str] = []  # noqa: RUF012 - there is one of it
    folder = os.environ.get(CODE, "\0")

    def profile(self, frame: Any, event: str, _: Any) -> None:
        if event == "call" and not self.ran and frame.f_code.co_filename.startswith(self.folder):
            self.ran = True
            sys.setprofile(None)  # the rest of the test is as fast as ever

    def audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.inside or event not in ("socket.connect", "socket.getaddrinfo"):
            return
        address = arguments[1] if event == "socket.connect" else arguments[0]
        host = address[0] if isinstance(address, tuple) and address else address
        if isinstance(host, bytes):
            host = host.decode("utf-8", "replace")
        if isinstance(host, str) and host and not host.startswith((*LOCAL, "/", "\0")):
            self.reached.append(host)
            raise PermissionError(f"no test may reach {host} here")


WATCH = Watch()


def pytest_configure() -> None:
    sys.addaudithook(WATCH.audit)


def pytest_collection_modifyitems(config: Any, items: list[Any]) -> None:
    seen: Counter[str] = Counter()
    kept: list[Any] = []
    gone: list[Any] = []
    for item in items:
        area = _area(item)
        seen[area] += 1
        enough = area and (area not in AREAS or seen[area] > ENOUGH)
        (gone if enough else kept).append(item)
    if gone:
        items[:] = kept
        config.hook.pytest_deselected(items=gone)


def pytest_runtest_setup(item: Any) -> None:
    WATCH.ran, WATCH.reached = False, []
    WATCH.inside = not _area(item)  # the kit has a guard of its own
    threading.setprofile(WATCH.profile)
    sys.setprofile(WATCH.profile)


def pytest_runtest_logreport(report: Any) -> None:
    """A test passes by its call; whatever else it does has failed it."""
    if report.when == "teardown":
        sys.setprofile(None)
        threading.setprofile(None)
        WATCH.inside = False
    if hasattr(report, "node"):
        return  # of xdist: the worker that ran it has told it
    if report.when == "call" or report.outcome != "passed":
        told = getattr(report, "conformance", None)
        row = {
            "test": report.nodeid,
            "passed": report.outcome == "passed",
            "skipped": report.outcome == "skipped",
            "ran": WATCH.ran,
            "reached": WATCH.reached,
            "area": report.nodeid.partition("/")[2].partition("::")[0] if told else "",
            "provider": told["provider"] if told else "",
        }
        with Path(os.environ[FILE]).open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")


def _area(item: Any) -> str:
    """Of a case of the kit; "" for a test."""
    return str(item.exam.requirement.area) if hasattr(item, "exam") else ""

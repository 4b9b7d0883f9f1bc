"""What all subjects of a run share: the server, the guard, and an environment without the user's own settings."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

from conformance.environment import environment
from conformance.exits import end_forks
from conformance.replay.guard import Guard
from conformance.replay.server import ReplayServer

NETRC_USER = "of-the-netrc"

# The user's own keys and addresses have no place in a run.
_SETTINGS = re.compile(r"(API_KEY|API_TOKEN|AUTH_TOKEN|BASE_URL|API_BASE|API_URL)$|^AWS_")
_AWS = {  # its clients want a region, and look for keys in files and on the network
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}


class Bench:
    """A context manager.

    isolated: the calls are made in a process of their own, so that a crash costs one case.
    """

    def __init__(self, isolated: bool = False) -> None:
        self.isolated = isolated

    def __enter__(self) -> Self:
        self._stack = ExitStack()
        self._stack.callback(end_forks)
        self._stack.enter_context(environment({**{k: None for k in os.environ if _SETTINGS.search(k)}, **_AWS}))
        self.guard = self._stack.enter_context(Guard())
        self._serve()
        return self

    def _serve(self) -> None:
        self.server = self._stack.enter_context(ReplayServer())
        self.guard.allow(self.server.port)
        self.guard.allow(self.server.other_port)  # a redirect that is followed must arrive to be seen

    @cached_property
    def netrc(self) -> str:
        """A file of somebody's passwords, with an entry for where the server is."""
        path = Path(self._stack.enter_context(TemporaryDirectory(prefix="conformance-"))) / "netrc"
        path.write_text(f"default login {NETRC_USER} password {NETRC_USER}\n", encoding="utf-8")
        path.chmod(0o600)  # else Python refuses to read it
        return str(path)

    def at_end(self, call: Callable[[], object]) -> None:
        self._stack.callback(call)

    def mend(self) -> None:
        """An adapter may have ended the server's thread."""
        if not self.server.serving:
            self._serve()

    def __exit__(self, *exc: object) -> None:
        self._stack.close()

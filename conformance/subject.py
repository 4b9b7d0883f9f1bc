"""An adapter to be judged, and what can be asked of it."""

from __future__ import annotations

import inspect
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field

from conformance import drivers
from conformance.drivers.remote import Remote
from conformance.failover.oracles import of as oracle_of
from conformance.recipe import Recipe
from conformance.replay.footprint import descriptors
from conformance.replay.intercept import Origin
from conformance.replay.ports import has_ipv6

_IN_ONE_GO = {"meanwhile": "what drives its host reads a stream in one go"}
NO_PAUSE = "the kit's driver of this host does not let a stream wait"


class Command(str):
    """A spec that is a command line."""

    __slots__ = ()


@dataclass(frozen=True)
class Subject:
    """An adapter to be judged."""

    spec: str
    label: str  # short and unique, for ids
    recipe: Recipe
    driver: drivers.Driver
    host_why: str
    env: Mapping[str, str]
    capabilities: Mapping[str, bool]
    unsupported: Mapping[str, str] = field(default_factory=dict)  # capability -> the user's reason
    dialect: str | None = None
    mount: str | None = None
    vendors: tuple[str, ...] | None = None  # None: every vendor's form is advice
    intercept: Origin | None = None
    retries: str = "host"  # who asks again: "host" or "own"

    @property
    def option(self) -> str:
        """How pytest is told of it."""
        how = "--provider-command" if isinstance(self.spec, Command) else "--provider"
        return f"{how}={shlex.quote(self.spec)}"

    @property
    def unseen(self) -> Mapping[str, str]:
        """What a case can look at, and this one cannot be looked at for: the reason."""
        found: Mapping[str, str] = getattr(self.driver, "unseen", {})
        told = {} if getattr(self.driver, "asks_meanwhile", False) else _IN_ONE_GO
        waits = {} if getattr(self.driver, "pauses", False) else {"pause": NO_PAUSE}
        return {**told, **waits, **found}

    @property
    def answers(self) -> bool:
        """Whether it can be asked a question at all; else it has embeddings alone."""
        return self.capabilities.get("chat", True)

    @property
    def only_streams(self) -> bool:
        """Whether its host asks for streams alone: an answer is then told as one."""
        return isinstance(self.driver, Remote) and self.driver.only_streams

    def close(self) -> None:
        """Ends the process, where it has one."""
        if isinstance(self.driver, Remote):
            self.driver.end()

    @property
    def secrets(self) -> list[str]:
        """Secret keys to sign with, as it is configured: those that are named so."""
        told = {**self.env, **self.recipe.kwargs}
        return [value for name, value in told.items() if "secret" in name.lower() and isinstance(value, str)]

    @property
    def name(self) -> str:
        """What the adapter calls itself, "" when it has no name."""
        name = getattr(self.recipe.target, "name", "")
        return name if isinstance(name, str) else ""

    @property
    def packages(self) -> set[str]:
        """Where its own code is."""
        target = self.recipe.target
        cls = target if inspect.isclass(target) else type(target)
        found = [target] if inspect.isroutine(target) else cls.__mro__
        return {c.__module__.split(".")[0] for c in found} - {"builtins", "typing", "abc"}

    def cannot(self, need: str) -> str | None:
        """Why a requirement that needs this says nothing about it; None when it can."""
        if need in self.unsupported:
            return f"configured as unsupported: {self.unsupported[need]}"
        if need == "timeout":
            told = "timeout" in self.recipe.takes or self.capabilities.get("timeout", False)
            return None if told else "its constructor takes no timeout"
        if need == "base_url":
            return None if "base_url" in self.recipe.takes else "its constructor takes no base URL"
        if need == "api_key":
            return None if "api_key" in self.recipe.takes else "its constructor takes no key"
        if need == "own_model":
            return f"its model is {model!r}, says pyproject.toml" if (model := self.recipe.model) else None
        if need == "default_key":
            return self.recipe.demands_a_key()
        if need == "async":
            return None if self.driver.asynchronous else "its calls need no event loop"
        if need == "descriptors":
            return None if descriptors() is not None else "this system does not tell what is open"
        if need == "both_ways" and not getattr(self.driver, "both_ways", False):
            return "its host asks in one way"
        if need == "close":
            return None if self.capabilities.get("close", False) else "it has no close"
        if need == "own_retries":
            return None if self.retries == "own" else "it is not configured to retry itself"
        if need == "failover":
            return None if oracle_of(self.driver.host) else f"the kit does not know what {self.driver.host} does"
        if need == "ipv6":
            return None if has_ipv6() else "this machine has no IPv6 loopback address"
        return None if self.capabilities.get(need, True) else f"it declares {need}=False"

    def has(self, lack: str) -> str | None:
        """Why a requirement for adapters that lack this says nothing about it; None when it does."""
        if lack in self.unsupported:
            return f"configured as unsupported: {self.unsupported[lack]}"
        if lack == "own_retries":
            return "it is configured to retry itself" if self.retries == "own" else None
        return f"it declares {lack}=True" if self.capabilities.get(lack, True) else None

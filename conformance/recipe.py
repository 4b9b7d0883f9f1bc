"""How an adapter is made: what to call or copy, and the keyword for each thing that the kit decides."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from conformance import drivers
from conformance.config import ProviderConfig
from conformance.drivers.remote import Maker
from conformance.refusal import BadProvider, one_line, table

EMPTY = inspect.Parameter.empty

# What the kit decides, the names under which adapters take it, and how many of the name's unit make a second.
NAMES: dict[str, dict[str, float]] = {
    "base_url": dict.fromkeys(
        ("base_url", "api_base", "endpoint", "api_url", "base_uri", "server_url", "url", "host", "endpoint_url"), 1
    ),
    "api_key": dict.fromkeys(("api_key", "key", "api_token", "token", "auth_token", "aws_access_key_id"), 1),
    "model": dict.fromkeys(("model", "default_model", "model_name", "model_id"), 1),
    "timeout": {"timeout": 1, "timeout_seconds": 1, "timeout_s": 1, "request_timeout": 1, "timeout_ms": 1000},
}


@dataclass(frozen=True)
class Recipe:
    """How to make an adapter: what to call or copy, and the keyword for each thing that the kit decides."""

    target: Any  # the class, the factory, or the instance
    takes: Mapping[str, str]
    kwargs: Mapping[str, Any]
    raised: list[str] = field(default_factory=list, compare=False)  # by builds, so far

    def build(self, *, base_url: str, api_key: str | None, model: str, timeout: float) -> Any:
        """A new adapter. Raises whatever its constructor raises; but that must not end the run."""
        try:
            return self._build(base_url, api_key, model, timeout)
        except SystemExit as exc:
            self.raised.append(one_line(exc))
            raise RuntimeError(f"building it ended the process ({exc})") from exc
        except Exception as exc:
            self.raised.append(one_line(exc))
            raise

    @property
    def is_new_each_time(self) -> bool:
        """A copy of an instance shares what that one holds, its client too; a process, everything."""
        return not is_instance(self.target) and not isinstance(self.target, Maker)

    def _build(self, base_url: str, api_key: str | None, model: str, timeout: float) -> Any:
        given = {"base_url": base_url, "api_key": api_key, "model": model, "timeout": timeout}
        taken = {what: keyword for what, keyword in self.takes.items() if what != "api_key" or api_key is not None}
        chosen = {keyword: given[what] for what, keyword in taken.items()}
        if "timeout" in self.takes:
            chosen[self.takes["timeout"]] = timeout * NAMES["timeout"].get(self.takes["timeout"], 1)
        if not is_instance(self.target):
            return self.target(**{**chosen, **self.kwargs})
        instance = copy.copy(self.target)
        for name, value in chosen.items():
            setattr(instance, name, value)
        return instance

    @property
    def model(self) -> str | None:
        """The one that pyproject.toml gives it in place of the kit's."""
        return next((str(self.kwargs[name]) for name in NAMES["model"] if name in self.kwargs), None)

    def demands_a_key(self) -> str | None:
        """Why it cannot be built without a key; None when it can."""
        if is_instance(self.target):
            return "it is an instance, built already"
        parameter = inspect.signature(self.target).parameters.get(self.takes.get("api_key", ""))
        return "its constructor demands a key" if parameter and parameter.default is parameter.empty else None


def takes_of(spec: str, target: Any, config: ProviderConfig) -> dict[str, str]:
    """The keyword for each thing that the kit decides; everything else must be given or optional."""
    if is_instance(target):
        return _attributes(spec, target, config)
    try:
        parameters = inspect.signature(target).parameters
    except (TypeError, ValueError):
        raise BadProvider(f"{spec} cannot be used: its signature cannot be read; name a factory instead") from None
    open_ended = any(p.kind is p.VAR_KEYWORD for p in parameters.values())
    named = {n for n, p in parameters.items() if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)}
    takes = {}
    for what, candidates in NAMES.items():
        found = next((c for c in candidates if c in named), what if open_ended and what != "timeout" else None)
        if found in config.kwargs and what in ("base_url", "api_key"):
            raise BadProvider(
                f"{spec} cannot be judged with a {found} of its own: take it out of {table(spec)} kwargs; "
                "the kit gives one that leads to its server, and keys of its own"
            )
        idle = what == "base_url" and config.intercept and found in named and parameters[found].default is not EMPTY
        if found and found not in config.kwargs and not idle:
            takes[what] = found
    missing = [
        n
        for n, p in parameters.items()
        if p.default is EMPTY
        and p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)
        and n not in takes.values()
        and n not in config.kwargs
    ]
    if missing:
        raise BadProvider(
            f"{spec} cannot be built: it needs {', '.join(missing)}; give it in pyproject.toml as "
            f"{table(spec)} kwargs = {{{missing[0]} = …}}, or name a factory"
        )
    unknown = set(config.kwargs) - named
    if unknown and not open_ended:
        raise BadProvider(f"{spec} takes no {', '.join(sorted(unknown))}, which pyproject.toml gives in its kwargs")
    return takes


def _attributes(spec: str, target: Any, config: ProviderConfig) -> dict[str, str]:
    """An instance is copied for each case, and told its address by the attribute that holds it."""
    takes = {}
    for what, candidates in NAMES.items():
        names = [n for c in candidates for n in (c, f"_{c}") if hasattr(target, n)]
        if names:
            takes[what] = names[0]
    if config.intercept:
        takes.pop("base_url", None)
    elif "base_url" not in takes:
        raise BadProvider(
            f"{spec} is an instance of {type(target).__name__} without a base_url to change: "
            "name its class or a factory"
        )
    return takes


def is_instance(target: Any) -> bool:
    """An adapter already, though it may be callable as well."""
    return not inspect.isclass(target) and (not callable(target) or any(reasons(target, drivers.names())))


def reasons(shown: Any, hosts: list[str]) -> Iterator[tuple[drivers.Driver, str]]:
    for name in hosts:
        driver = drivers.load(name)
        if why := driver.recognise(shown):
            yield driver, why

"""What `--provider` names: finds it, recognises its host, and learns how to build it.

    --provider=mypkg:MyProvider     a class, a factory, or an instance
    --provider=acme                 an entry point of the group `conformance.providers`,
                                    or [tool.conformance.providers.acme] in pyproject.toml
    --provider=./plugin.mjs         a module for Node, by the shim that the kit has with it
    --provider-command='./shim'     a process that speaks the protocol of docs/process-protocol.md

Whatever is wrong with that raises `BadProvider`: one sentence that says how to mend it.
"""

from __future__ import annotations

import asyncio
import copy
import difflib
import importlib
import importlib.metadata
import inspect
import re
import shlex
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

from conformance import drivers
from conformance.belongings import kept
from conformance.config import ProviderConfig
from conformance.deadline import GivenUp, deadline
from conformance.drivers.remote import Maker, Remote, Unfit
from conformance.exits import no_exit
from conformance.failover.oracles import of as oracle_of
from conformance.replay.footprint import descriptors
from conformance.replay.intercept import Origin
from conformance.replay.server import has_ipv6

ENTRY_POINTS = "conformance.providers"
ADDRESS = "http://127.0.0.1/v1"  # of the one that is built only to be looked at

LONGEST = 10.0  # seconds that it may take to build one
NODE = "node"
SHIM = Path(drivers.__file__).parent / "node" / "shim.mjs"
JAVASCRIPT = (".mjs", ".js", ".cjs")

_EMPTY = inspect.Parameter.empty

# What the kit decides, the names under which adapters take it, and how many of the name's unit make a second.
_NAMES: dict[str, dict[str, float]] = {
    "base_url": dict.fromkeys(
        ("base_url", "api_base", "endpoint", "api_url", "base_uri", "server_url", "url", "host", "endpoint_url"), 1
    ),
    "api_key": dict.fromkeys(("api_key", "key", "api_token", "token", "auth_token", "aws_access_key_id"), 1),
    "model": dict.fromkeys(("model", "default_model", "model_name", "model_id"), 1),
    "timeout": {"timeout": 1, "timeout_seconds": 1, "timeout_s": 1, "request_timeout": 1, "timeout_ms": 1000},
}


class Command(str):
    """A spec that is a command line."""

    __slots__ = ()


class BadProvider(Exception):
    """The provider cannot be judged, and why; one sentence with the mend."""


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
            self.raised.append(_one_line(exc))
            raise RuntimeError(f"building it ended the process ({exc})") from exc
        except Exception as exc:
            self.raised.append(_one_line(exc))
            raise

    @property
    def is_new_each_time(self) -> bool:
        """A copy of an instance shares what that one holds, its client too; a process, everything."""
        return not _is_instance(self.target) and not isinstance(self.target, Maker)

    def _build(self, base_url: str, api_key: str | None, model: str, timeout: float) -> Any:
        given = {"base_url": base_url, "api_key": api_key, "model": model, "timeout": timeout}
        taken = {what: keyword for what, keyword in self.takes.items() if what != "api_key" or api_key is not None}
        chosen = {keyword: given[what] for what, keyword in taken.items()}
        if "timeout" in self.takes:
            chosen[self.takes["timeout"]] = timeout * _NAMES["timeout"].get(self.takes["timeout"], 1)
        if not _is_instance(self.target):
            return self.target(**{**chosen, **self.kwargs})
        instance = copy.copy(self.target)
        for name, value in chosen.items():
            setattr(instance, name, value)
        return instance

    @property
    def model(self) -> str | None:
        """The one that pyproject.toml gives it in place of the kit's."""
        return next((str(self.kwargs[name]) for name in _NAMES["model"] if name in self.kwargs), None)

    def demands_a_key(self) -> str | None:
        """Why it cannot be built without a key; None when it can."""
        if _is_instance(self.target):
            return "it is an instance, built already"
        parameter = inspect.signature(self.target).parameters.get(self.takes.get("api_key", ""))
        return "its constructor demands a key" if parameter and parameter.default is parameter.empty else None


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
        return found

    @property
    def only_streams(self) -> bool:
        """Whether its host asks for streams alone: an answer is then told as one."""
        return isinstance(self.driver, Remote) and self.driver.only_streams

    def close(self) -> None:
        """Ends the process, where it has one."""
        if isinstance(self.driver, Remote):
            self.driver.end()

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


def refuse_unbuildable(subject: Subject) -> None:
    """After the first question: an adapter that cannot be built would fail every case alike. Raises `BadProvider`."""
    if subject.recipe.raised:
        raise BadProvider(_cannot_be_built(subject.spec, subject.recipe.raised[0]))


def resolve(specs: list[str], configured: Mapping[str, ProviderConfig]) -> list[Subject]:
    """The subjects that the specs name, each with a label of its own. Raises `BadProvider`."""
    subjects = [_resolve(spec, configured) for spec in dict.fromkeys(specs)]
    labels = [s.label for s in subjects]
    return [replace(s, label=s.spec.replace(":", ".")) if labels.count(s.label) > 1 else s for s in subjects]


def _resolve(spec: str, configured: Mapping[str, ProviderConfig]) -> Subject:
    config = configured.get(spec, ProviderConfig())
    if command := _command(spec, config):
        return _of_process(spec, command, config)
    target = _find(config.provider or spec, spec if config.provider else None, configured)
    return subject_of(spec, target, config, label=spec if spec in configured or ":" not in spec else None)


def subject_of(spec: str, target: Any, config: ProviderConfig, label: str | None = None) -> Subject:
    """A class, a factory or an instance as what is judged, under this name. Raises `BadProvider`."""
    config = config.model_copy(update={"kwargs": {**getattr(target, "conformance_kwargs", {}), **config.kwargs}})
    if inspect.isclass(target) or not callable(target):
        driver, _ = _recognise(spec, target, config.host)  # before it is built: what is no adapter needs no arguments
        target = driver.maker(target) if hasattr(driver, "maker") else target
    recipe = Recipe(target, _takes(spec, target, config), config.kwargs)
    shown = _shown(spec, recipe, config.env)
    driver, why = _recognise(spec, shown, config.host)
    return Subject(
        spec=spec,
        label=label or spec.rpartition(":")[2],
        recipe=replace(recipe, raised=[]),
        driver=driver,
        host_why=why,
        env=config.env,
        capabilities=driver.capabilities(shown),
        unsupported=config.unsupported,
        dialect=config.dialect,
        mount=config.mount,
        vendors=config.vendors,
        retries=config.retries,
        intercept=_origin(spec, config),
    )


def _command(spec: str, config: ProviderConfig) -> list[str]:
    """The program that runs it and its arguments; none where it is of Python."""
    if config.command and config.provider:
        raise BadProvider(f"{spec} is configured with a provider and a command: it can have one of them")
    if isinstance(spec, Command) or config.command:
        try:
            return shlex.split(config.command or spec) or [""]
        except ValueError as exc:
            raise BadProvider(f"{config.command or spec!r} is no command line: {exc}") from None
    path = config.provider or spec
    return [NODE, str(SHIM), path] if Path(path.partition("#")[0]).suffix in JAVASCRIPT else []


def _of_process(spec: str, command: list[str], config: ProviderConfig) -> Subject:
    if config.intercept:
        raise BadProvider(f"{spec} is configured with intercept, which reaches only what runs in this process")
    program = shutil.which(command[0])
    if program is None:
        raise BadProvider(f"{spec} cannot be run: there is no program {command[0]!r}")
    given = {k: v.replace("{key}", "none").replace("{base_url}", ADDRESS) for k, v in config.env.items()}
    try:
        with patch.dict("os.environ", given):
            driver = Remote([program, *command[1:]])
    except Unfit as exc:
        raise BadProvider(f"{spec} cannot be judged: {exc}") from None
    if driver.host not in drivers.judged_as():
        driver.end()
        raise BadProvider(f"{spec} is of the host {driver.host!r}; there are {', '.join(drivers.judged_as())}")
    maker = Maker(driver)
    takes: dict[str, str] = {what: what for what in driver.hello.takes if what not in config.kwargs}
    path, _, export = command[-1].partition("#")
    name = export or driver.hello.name or Path(path).stem
    return Subject(
        spec=spec,
        label=re.sub(r"[^\w.-]+", "-", name) if config == ProviderConfig() else spec,
        recipe=Recipe(maker, takes, config.kwargs),
        driver=driver,
        host_why=driver.recognise(maker) or "",
        env=config.env,
        capabilities=driver.capabilities(maker),
        unsupported=config.unsupported,
        dialect=config.dialect,
        mount=config.mount,
        vendors=config.vendors,
    )


def _origin(spec: str, config: ProviderConfig) -> Origin | None:
    try:
        return Origin.of_url(config.intercept) if config.intercept is not None else None
    except ValueError as exc:
        raise BadProvider(f"{spec} is configured with intercept = {exc}") from None


# --- find --------------------------------------------------------------------------------------


def _find(spec: str, name: str | None, configured: Mapping[str, ProviderConfig]) -> Any:
    if ":" not in spec:
        for point in importlib.metadata.entry_points(group=ENTRY_POINTS, name=spec):
            return _find(point.value, spec, {})
        raise BadProvider(_nobody(spec, configured))
    module, _, attribute = spec.partition(":")
    shown = f"{spec} (which {name!r} names)" if name else spec
    if not module or not attribute:
        raise BadProvider(f"--provider={spec} is incomplete: write module:attribute, such as mypkg.provider:MyProvider")
    if "/" in module or module.endswith(".py"):
        dotted = module.removesuffix(".py").strip("./").replace("/", ".")
        raise BadProvider(f"{shown} cannot be used: {module!r} is a file, not a module; write {dotted}:{attribute}")
    if made := next(filter(None, (find(module, attribute) for find in _finders())), None):
        return made
    value: Any = _imported(module, shown)
    for part in attribute.split("."):
        value = _attribute(value, part, module, shown)
    return value


def _finders() -> Iterator[Callable[[str, str], Any]]:
    """Of hosts in which a model is a string, and no attribute of a module."""
    for driver in map(drivers.load, drivers.names()):
        if find := getattr(driver, "find", None):
            yield find


def _nobody(spec: str, configured: Mapping[str, ProviderConfig]) -> str:
    if not spec:
        return "--provider= is empty: write module:attribute, such as mypkg.provider:MyProvider"
    known = [*configured, *(p.name for p in importlib.metadata.entry_points(group=ENTRY_POINTS))]
    return (
        f"no provider is called {spec!r}{_like(spec, known)}: write --provider=module:attribute, or name an entry "
        f"point of the group {ENTRY_POINTS!r} or a table [tool.conformance.providers.{spec}] of pyproject.toml"
    )


def _attribute(value: Any, part: str, module: str, shown: str) -> Any:
    try:
        return getattr(value, part)
    except AttributeError:
        hint = _like(part, [n for n in dir(value) if not n.startswith("_")])
        raise BadProvider(f"{shown} cannot be used: {module} has no {part!r}{hint}") from None
    except Exception as exc:  # a module may import its attributes when they are asked for
        raise BadProvider(f"{shown} cannot be used: reading {part!r} raised {_one_line(exc)}") from None


def _like(name: str, known: list[str]) -> str:
    close = difflib.get_close_matches(name, known, 3, 0.4)
    return f"; did you mean {' or '.join(close)}?" if close else ""


def _imported(name: str, shown: str) -> Any:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as exc:
        if exc.name and (name == exc.name or name.startswith(f"{exc.name}.")):
            raise BadProvider(
                f"{shown} cannot be used: there is no module {exc.name!r}; "
                "run pytest in the folder that holds it, or install its package"
            ) from None
        raise BadProvider(f"{shown} cannot be used: importing it needs {exc.name!r}, which is not installed") from None
    except SystemExit as exc:
        raise BadProvider(f"{shown} cannot be used: importing it ended the process ({exc})") from None
    except Exception as exc:
        raise BadProvider(f"{shown} cannot be used: importing it raised {_one_line(exc)}") from None


# --- build -------------------------------------------------------------------------------------


def _takes(spec: str, target: Any, config: ProviderConfig) -> dict[str, str]:
    """The keyword for each thing that the kit decides; everything else must be given or optional."""
    if _is_instance(target):
        return _attributes(spec, target, config)
    try:
        parameters = inspect.signature(target).parameters
    except (TypeError, ValueError):
        raise BadProvider(f"{spec} cannot be used: its signature cannot be read; name a factory instead") from None
    open_ended = any(p.kind is p.VAR_KEYWORD for p in parameters.values())
    named = {n for n, p in parameters.items() if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)}
    takes = {}
    for what, candidates in _NAMES.items():
        found = next((c for c in candidates if c in named), what if open_ended and what != "timeout" else None)
        if found in config.kwargs and what in ("base_url", "api_key"):
            raise BadProvider(
                f"{spec} cannot be judged with a {found} of its own: take it out of {_table(spec)} kwargs; "
                "the kit gives one that leads to its server, and keys of its own"
            )
        idle = what == "base_url" and config.intercept and found in named and parameters[found].default is not _EMPTY
        if found and found not in config.kwargs and not idle:
            takes[what] = found
    missing = [
        n
        for n, p in parameters.items()
        if p.default is _EMPTY
        and p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)
        and n not in takes.values()
        and n not in config.kwargs
    ]
    if missing:
        raise BadProvider(
            f"{spec} cannot be built: it needs {', '.join(missing)}; give it in pyproject.toml as "
            f"{_table(spec)} kwargs = {{{missing[0]} = …}}, or name a factory"
        )
    unknown = set(config.kwargs) - named
    if unknown and not open_ended:
        raise BadProvider(f"{spec} takes no {', '.join(sorted(unknown))}, which pyproject.toml gives in its kwargs")
    return takes


def _attributes(spec: str, target: Any, config: ProviderConfig) -> dict[str, str]:
    """An instance is copied for each case, and told its address by the attribute that holds it."""
    takes = {}
    for what, candidates in _NAMES.items():
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


def _is_instance(target: Any) -> bool:
    """An adapter already, though it may be callable as well."""
    return not inspect.isclass(target) and (not callable(target) or any(_reasons(target, drivers.names())))


def _shown(spec: str, recipe: Recipe, env: Mapping[str, str]) -> Any:
    """An adapter that shows what it is and can; the class where none can be made, which the first question tells."""
    if _is_instance(recipe.target):
        return recipe.target
    given = {k: v.replace("{key}", "none").replace("{base_url}", ADDRESS) for k, v in env.items()}
    try:
        with patch.dict("os.environ", given), no_exit(), kept(), deadline(LONGEST) as watch:
            return asyncio.run(_built(recipe))
    except (Exception, SystemExit, KeyboardInterrupt) as exc:
        if isinstance(exc, KeyboardInterrupt) and not isinstance(exc, GivenUp) and watch.interrupted:
            raise
        if inspect.isclass(recipe.target):
            return recipe.target
        raise BadProvider(_cannot_be_built(spec, _one_line(exc))) from None


async def _built(recipe: Recipe) -> Any:
    """As a case builds it: with a loop running. Closed again, for nothing is asked of it."""
    adapter = recipe.build(base_url=ADDRESS, api_key="none", model="none", timeout=1.0)
    with suppress(Exception):
        if inspect.iscoroutinefunction(getattr(adapter, "close", None)):
            await asyncio.wait_for(adapter.close(), 2.0)
    return adapter


def _cannot_be_built(spec: str, why: str) -> str:
    return (
        f"{spec} cannot be built: it raised {why}; give what it needs in pyproject.toml as "
        f"{_table(spec)} kwargs = {{…}} or env = {{…}}, or name a factory"
    )


def _table(spec: str) -> str:
    """Where the user says more about it."""
    if ":" in spec:
        return f'[tool.conformance.providers.NAME] provider = "{spec}",'
    return f"[tool.conformance.providers.{spec}]"


def _reasons(shown: Any, hosts: list[str]) -> Iterator[tuple[drivers.Driver, str]]:
    for name in hosts:
        driver = drivers.load(name)
        if why := driver.recognise(shown):
            yield driver, why


def _recognise(spec: str, shown: Any, host: str | None) -> tuple[drivers.Driver, str]:
    if host is not None and host not in drivers.names():
        raise BadProvider(f"{spec} is configured for the host {host!r}; there are {', '.join(drivers.names())}")
    for driver, why in _reasons(shown, [host] if host else drivers.names()):
        return driver, why
    kind = shown.__name__ if inspect.isclass(shown) else type(shown).__name__
    raise BadProvider(
        f"{spec} is no adapter that the kit knows: {kind} has no async generate(request) with stream(request) or "
        f"capabilities, which the native contract (conformance.contract) wants, nor what another host does "
        f"({', '.join(n for n in drivers.names() if n != 'native')}: docs/hosts.md)"
    )


def _one_line(exc: BaseException) -> str:
    if isinstance(exc, GivenUp):
        return f"nothing: it took more than {LONGEST:g} seconds"
    return f"{type(exc).__name__}: {' '.join(str(exc).split())}"[:300]

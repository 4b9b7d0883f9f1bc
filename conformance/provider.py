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
import inspect
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from conformance import drivers
from conformance.belongings import kept
from conformance.config import ProviderConfig
from conformance.deadline import GivenUp, deadline
from conformance.exits import no_exit
from conformance.finding import find
from conformance.program import ADDRESS, command_of, of_process
from conformance.recipe import Recipe, is_instance, reasons, takes_of
from conformance.refusal import LONGEST, BadProvider, cannot_be_built, one_line
from conformance.replay.intercept import Origin
from conformance.subject import Subject


def resolve(specs: list[str], configured: Mapping[str, ProviderConfig]) -> list[Subject]:
    """The subjects that the specs name, each with a label of its own. Raises `BadProvider`."""
    subjects = [_resolve(spec, configured) for spec in dict.fromkeys(specs)]
    labels = [s.label for s in subjects]
    return [replace(s, label=s.spec.replace(":", ".")) if labels.count(s.label) > 1 else s for s in subjects]


def _resolve(spec: str, configured: Mapping[str, ProviderConfig]) -> Subject:
    config = configured.get(spec, ProviderConfig())
    if command := command_of(spec, config):
        return of_process(spec, command, config)
    target = find(config.provider or spec, spec if config.provider else None, configured)
    return subject_of(spec, target, config, label=spec if spec in configured or ":" not in spec else None)


def subject_of(spec: str, target: Any, config: ProviderConfig, label: str | None = None) -> Subject:
    """A class, a factory or an instance as what is judged, under this name. Raises `BadProvider`."""
    config = config.model_copy(update={"kwargs": {**getattr(target, "conformance_kwargs", {}), **config.kwargs}})
    if inspect.isclass(target) or not callable(target):
        driver, _ = recognise(spec, target, config.host)  # before it is built: what is no adapter needs no arguments
        target = driver.maker(target) if hasattr(driver, "maker") else target
    recipe = Recipe(target, takes_of(spec, target, config), config.kwargs)
    shown = shown_of(spec, recipe, config.env)
    driver, why = recognise(spec, shown, config.host)
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
        intercept=origin_of(spec, config),
    )


def origin_of(spec: str, config: ProviderConfig) -> Origin | None:
    try:
        return Origin.of_url(config.intercept) if config.intercept is not None else None
    except ValueError as exc:
        raise BadProvider(f"{spec} is configured with intercept = {exc}") from None


def shown_of(spec: str, recipe: Recipe, env: Mapping[str, str]) -> Any:
    """An adapter that shows what it is and can; the class where none can be made, which the first question tells."""
    if is_instance(recipe.target):
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
        raise BadProvider(cannot_be_built(spec, one_line(exc))) from None


async def _built(recipe: Recipe) -> Any:
    """As a case builds it: with a loop running. Closed again, for nothing is asked of it."""
    adapter = recipe.build(base_url=ADDRESS, api_key="none", model="none", timeout=1.0)
    with suppress(Exception):
        if inspect.iscoroutinefunction(getattr(adapter, "close", None)):
            await asyncio.wait_for(adapter.close(), 2.0)
    return adapter


def recognise(spec: str, shown: Any, host: str | None) -> tuple[drivers.Driver, str]:
    if host is not None and host not in drivers.names() and ":" not in host:
        raise BadProvider(f"{spec} is configured for the host {host!r}; there are {', '.join(drivers.names())}")
    if host is not None:
        _refuse_a_driver_that_is_none(spec, host)
    for driver, why in reasons(shown, [host] if host else drivers.names()):
        return driver, why
    kind = shown.__name__ if inspect.isclass(shown) else type(shown).__name__
    raise BadProvider(
        f"{spec} is no adapter that the kit knows: {kind} has no async generate(request) with stream(request) or "
        f"capabilities, which the native contract (conformance.contract) wants, nor what another host does "
        f"({', '.join(n for n in drivers.names() if n != 'native')}: docs/hosts.md)"
    )


def _refuse_a_driver_that_is_none(spec: str, host: str) -> None:
    try:
        drivers.load(host)
    except Exception as exc:
        raise BadProvider(f"{spec} is configured for the host {host!r}, whose driver raised {one_line(exc)}") from None


def refuse_unbuildable(subject: Subject) -> None:
    """After the first question: an adapter that cannot be built would fail every case alike. Raises `BadProvider`."""
    if subject.recipe.raised:
        raise BadProvider(cannot_be_built(subject.spec, subject.recipe.raised[0]))

"""A provider that is a program: a command line, or a module for Node by the shim that the kit has with it."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path
from unittest.mock import patch

from conformance import drivers
from conformance.config import ProviderConfig
from conformance.drivers.remote import Maker, Remote, Unfit
from conformance.recipe import Recipe
from conformance.refusal import BadProvider
from conformance.subject import Command, Subject

NODE = "node"
SHIM = Path(drivers.__file__).parent / "node" / "shim.mjs"
JAVASCRIPT = (".mjs", ".js", ".cjs")
ADDRESS = "http://127.0.0.1/v1"  # of the one that is built only to be looked at


def command_of(spec: str, config: ProviderConfig) -> list[str]:
    """The program that runs it and its arguments; none where it is of Python."""
    if config.command and config.provider:
        raise BadProvider(f"{spec} is configured with a provider and a command: it can have one of them")
    if isinstance(spec, Command) or config.command:
        try:
            return shlex.split(config.command or spec) or [""]
        except ValueError as exc:
            raise BadProvider(f"{config.command or spec!r} is no command line: {exc}") from None
    path = config.provider or spec
    module = Path(path.partition("#")[0])
    if module.suffix not in JAVASCRIPT:
        return []
    if not module.is_file():
        raise BadProvider(f"{spec} cannot be used: there is no file {module}")
    return [NODE, str(SHIM), path]


def of_process(spec: str, command: list[str], config: ProviderConfig) -> Subject:
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
        retries=config.retries,
    )

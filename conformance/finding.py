"""What a spec names, found: an attribute of a module, an entry point, or what a host makes of a string."""

from __future__ import annotations

import importlib
import importlib.metadata
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from conformance import drivers
from conformance.config import ProviderConfig
from conformance.refusal import BadProvider, like, one_line

ENTRY_POINTS = "conformance.providers"


def find(spec: str, name: str | None, configured: Mapping[str, ProviderConfig]) -> Any:
    if ":" not in spec:
        for point in importlib.metadata.entry_points(group=ENTRY_POINTS, name=spec):
            return find(point.value, spec, {})
        raise BadProvider(_nobody(spec, configured))
    module, _, attribute = spec.partition(":")
    shown = f"{spec} (which {name!r} names)" if name else spec
    if not module or not attribute:
        raise BadProvider(f"--provider={spec} is incomplete: write module:attribute, such as mypkg.provider:MyProvider")
    if "/" in module or module.endswith(".py"):
        dotted = module.removesuffix(".py").strip("./").replace("/", ".")
        raise BadProvider(f"{shown} cannot be used: {module!r} is a file, not a module; write {dotted}:{attribute}")
    with _importing(module, shown):
        value = next(filter(None, (find(module, attribute) for find in _finders())), None)
        if value is not None:
            return value
        value = importlib.import_module(module)
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
    module, _, attribute = spec.rpartition(".")
    meant = like(spec, known) or (f"; did you mean {module}:{attribute}?" if module else "")
    return (
        f"no provider is called {spec!r}{meant}: write --provider=module:attribute, or name an entry "
        f"point of the group {ENTRY_POINTS!r} or a table [tool.conformance.providers.{spec}] of pyproject.toml"
    )


def _attribute(value: Any, part: str, module: str, shown: str) -> Any:
    try:
        return getattr(value, part)
    except AttributeError:
        hint = like(part, [n for n in dir(value) if not n.startswith("_")])
        raise BadProvider(f"{shown} cannot be used: {module} has no {part!r}{hint}") from None
    except Exception as exc:  # a module may import its attributes when they are asked for
        raise BadProvider(f"{shown} cannot be used: reading {part!r} raised {one_line(exc)}") from None


@contextmanager
def _importing(name: str, shown: str) -> Iterator[None]:
    try:
        yield
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
        raise BadProvider(f"{shown} cannot be used: importing it raised {one_line(exc)}") from None

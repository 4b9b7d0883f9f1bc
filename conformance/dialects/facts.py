"""What can be said of a wire protocol without code: `fixtures/dialects/<name>.yaml`.

A dialect has few answers of its own to give and many to explain: what it lacks, it lacks for a reason.
"""

from __future__ import annotations

import re
from contextlib import suppress
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qsl

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from conformance.case import Case
from conformance.catalogue import BrokenCatalogue
from conformance.contract import ErrorKind, FinishReason
from conformance.replay.transforms import ALSO, NEEDS_A_PLACE, SSE_ONLY, UnknownTransform, listed, parsed
from conformance.then import Asked
from conformance.trace import Exchange

Route = Literal["chat", "embeddings", "models", "health", "root"]  # the last two are only asked for health
Told = Literal["total_tokens", "call_id", "model", "id", "usage", "refusal", "reasoning"]
Reason = str


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Place(_Data):
    """Where the key may be: in a header of this form, or in the query."""

    header: str = ""
    value: str = Field("{key}", description="regular expression; {key} is the key")
    query: str = ""

    def holds(self, exchange: Exchange, key: str) -> bool:
        if self.query:
            return (self.query, key) in parse_qsl(exchange.query)
        values = [value for name, value in exchange.headers if name == self.header]
        pattern = self.value.replace("{key}", re.escape(key))
        return len(values) == 1 and re.fullmatch(pattern, values[0]) is not None

    def __str__(self) -> str:
        return (
            f"?{self.query}=<the key>" if self.query else f"{self.header}: {self.value.replace('{key}', '<the key>')}"
        )


class Untold(_Data):
    """What the wire has no word for; a case that names it is judged by the rest."""

    ask: dict[Asked, Reason] = {}
    reply: dict[Told, Reason] = {}


class Facts(_Data):
    name: str
    like: str | None = Field(
        None, description="a shipped dialect of which all holds, its cassettes too, but for what is said here"
    )
    sources: list[str] = Field(min_length=1)
    mount: str = Field("", description="the path that a base URL usually ends with")
    routes: dict[Route, list[str]] = Field(
        description='"POST /chat/completions", below the mount, or beside it (/../v1/models); {model} is any model'
    )
    key: list[Place] = Field(min_length=1)
    key_variables: list[str] = []
    address_variables: list[str] = []
    framing: Literal["sse", "ndjson", "aws-events"] = "sse"
    complete: list[str] = Field([], description="texts of an event that tell that the answer is whole")
    places: dict[str, str] = Field(
        {}, description="where in an event text, finish reason and usage are; null: the text, where it may be that"
    )
    closed: list[str] = Field([], description="names of JSON objects to which no field may be added")
    broken_off: str = Field("streams/error-after-text", description="a stream that ends in an error")
    unchanged: dict[str, Reason] = Field({}, description="transforms that mean nothing here; patterns")
    good: dict[Route, str] = Field(description="the cassette of a plain good answer")
    errors: dict[ErrorKind, str] = Field(description="the cassette of each kind of error")
    finish: dict[FinishReason, list[FinishReason]] = Field(
        {}, description="reasons that are as right, where the wire does not tell one from the other"
    )
    required: dict[Asked, Reason] = Field({}, description="what is sent though nobody asks for it")
    untold: Untold = Untold()
    same_as: dict[str, str] = Field({}, description="cassettes that another one of the dialect stands for")
    borrowed: dict[str, str] = Field(
        {}, description="cassettes of a route that another shipped dialect has too, and that dialect; patterns"
    )
    absent: dict[str, Reason] = Field(
        {}, description="cassettes, and kinds of errors (error:billing), that it does not have; patterns"
    )
    unsupported: dict[str, Reason] = Field({}, description="requirements and cases that say nothing here")

    @cached_property
    def patterns(self) -> list[tuple[Route, str, re.Pattern[str]]]:
        """Operation, method, and what the path ends with."""
        rows = [(name, *route.partition(" ")[::2]) for name, routes in self.routes.items() for route in routes]
        return [(name, method, route_pattern(path)) for name, method, path in rows]

    def why_not(self, case: Case) -> Reason | None:
        """Why the case says nothing in this dialect; None when it does."""
        if case.dialect not in (None, self.name):
            return f"it is of {case.dialect}"
        for key in (case.proves, f"{case.proves}/{case.case}"):
            if key in self.unsupported:
                return self.unsupported[key]
        for wire in case.answers:
            with suppress(UnknownTransform):  # which is told where the case is played
                if reason := next(filter(None, map(self.why_unchanged, listed(wire.transform))), None):
                    return reason
            if self.framing != "sse" and wire.again in ("comment", "ping"):
                return "its streams have nothing like that between their events"
            if isinstance(wire.body, dict) and self.name not in wire.body:
                return "the answer is told in other dialects only"
        named = [name for w in case.answers for name in (w.cassette, w.error and f"error:{w.error}") if name]
        return next(filter(None, map(self._absent, named)), None)

    def why_unchanged(self, transform: str) -> Reason | None:
        """Why the transform means nothing here; None when it does. Raises `UnknownTransform`."""
        name, _ = parsed(transform)
        if self.framing != "sse" and name in SSE_ONLY - ALSO.get(self.framing, set()):
            return "its streams are not server-sent events"
        if self.framing == "aws-events" and name == "swollen":
            return "its streams have nothing like that between their events"
        if name == "drop-done" and "[DONE]" not in self.complete:
            return "its streams do not end in [DONE]"
        place = NEEDS_A_PLACE.get(name)
        if place and place not in self.places:
            told = next((why for pattern, why in self.unchanged.items() if fnmatchcase(name, pattern)), None)
            return told or f"it does not say where the {place} of an event is"
        return None

    def path_shown(self, path: str, before: str) -> str:
        """`{base}{chat}` for a person to read."""
        told = path.replace("{base}", before)
        for name, routes in self.routes.items():
            told = told.replace(f"{{{name}}}", " or ".join(route.partition(" ")[2] for route in routes))
        return re.sub(r"/[^/]+/\.\./", "/", told)

    def path_pattern(self, path: str, before: str) -> str:
        """`{base}{chat}` as a regular expression of the whole path, whatever the model is called."""
        pattern = re.escape(path).replace(re.escape("{base}"), re.escape(before))
        for name in self.routes:
            ends = [route.pattern.removesuffix("$") for of, _, route in self.patterns if of == name]
            pattern = pattern.replace(re.escape(f"{{{name}}}"), f"(?:{'|'.join(ends)})" if ends[1:] else ends[0])
        return re.sub(r"/[^/]+/\\\.\\\./", "/", pattern)

    def lender(self, cassette: str) -> str | None:
        """The dialect that the cassette is borrowed from."""
        return next((name for pattern, name in self.borrowed.items() if fnmatchcase(cassette, pattern)), None)

    def _absent(self, cassette: str) -> Reason | None:
        """What is borrowed is there, whatever pattern says that it is not."""
        if self.lender(cassette):
            return None
        return next((why for pattern, why in self.absent.items() if fnmatchcase(cassette, pattern)), None)


def below(path: str, mount: str) -> str | None:
    """The path as seen from the mount, `/../v1/models` beside it; None: it is elsewhere."""
    if path.startswith(mount):
        return path.removeprefix(mount)
    beside = mount.rpartition("/")[0]
    return f"/..{path.removeprefix(beside)}" if path.startswith(f"{beside}/") else None


def route_pattern(path: str) -> re.Pattern[str]:
    """`/models/{model}:generateContent` as what a path ends with; of the root the slash may be missing."""
    if path == "/":
        return re.compile("/?$")
    return re.compile(re.escape(path).replace(re.escape("{model}"), "[^/]+") + "$")


def read(path: Path) -> Facts:
    """Raises `BrokenCatalogue`."""
    try:
        return Facts.model_validate(_with_what_it_is_like(path, yaml.safe_load(path.read_text("utf-8"))))
    except ValidationError as exc:
        first = exc.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise BrokenCatalogue(f"{path.name} is broken: {where}: {first['msg']}") from None
    except (OSError, yaml.YAMLError) as exc:
        raise BrokenCatalogue(f"{path.name} is broken: {' '.join(str(exc).split())}") from None


def _with_what_it_is_like(path: Path, told: Any) -> Any:
    """Tables are taken together, with what is told here first; anything else is as it is told here."""
    if not isinstance(told, dict) or not told.get("like"):
        return told
    base = yaml.safe_load((path.parent / f"{told['like']}.yaml").read_text("utf-8"))
    both = {k for k, v in told.items() if isinstance(v, dict) and isinstance(base.get(k), dict)}
    return {**base, **told, **{k: {**told[k], **{n: v for n, v in base[k].items() if n not in told[k]}} for k in both}}

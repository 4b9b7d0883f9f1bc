"""Requirements and cases: data under `fixtures/`, loaded and checked here.

A requirement is a rule. A case is what to ask, what the wire answers, and what must have been sent
and come back. The models below are the source of the JSON Schemas in `fixtures/schemas/`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from conformance.contract import ErrorKind, Image, JSONSchema, Message, Text, Tool, ToolCall
from conformance.longhand import repeated, written_out
from conformance.paths import FIXTURES
from conformance.trace import Close, End, Fault

try:
    from yaml import CSafeLoader as _Loader
except ImportError:  # libyaml is optional
    from yaml import SafeLoader as _Loader  # type: ignore[assignment]

AREAS = {
    "REQ": "requests",
    "RSP": "replies",
    "ERR": "errors",
    "STR": "streaming",
    "AUT": "auth",
    "RAT": "rate-limits",
    "MAL": "malformed",
    "TOL": "tools",
    "EMB": "embeddings",
    "USE": "usage",
    "MOD": "models",
    "HLT": "health",
    "UNI": "unicode",
    "LAW": "laws",
    "SCH": "structured-output",
    "RSN": "reasoning",
    "MUL": "multimodal",
    "CAP": "capabilities",
    "SEC": "secrets",
    "CON": "concurrency",
    "LIF": "lifecycle",
    "CFG": "configuration",
    "MAN": "manifests",
    "PKG": "packaging",
    "TIM": "timeouts",
    "FLO": "failover",
    "VEN": "vendors",
    "BED": "bedrock",
    "OLL": "ollama",
    "RES": "responses",
    "ANT": "anthropic",
    "COH": "cohere",
    "GEM": "gemini",
}
Law = Literal["framing", "json", "cut", "parity", "text", "history", "at-once", "noise"]
OWN = "own"  # the area of a user's own recordings, which is there where they are
Level = Literal["MUST", "SHOULD", "MAY"]
ManifestKind = Literal["openclaw-plugin", "openclaw-config", "openclaw-instance", "entry-points", "detection-order"]
Operation = Literal["generate", "stream", "embed", "list_models", "health"]
Place = Literal[
    "error",  # and its causes
    "error_itself",
    "logs",
    "repr",
    "url",
    "body",
    "health",
    "elsewhere",  # in requests to another origin
    "files",
    "output",
    "environment",
    "locals",  # of the adapter's own frames in a traceback
    "pickle",  # of the exception
]  # where a secret could turn up
Again = Literal[
    "last",  # the last event
    "comment",  # what no event is made of: a comment, an empty line
    "ping",  # an event of a foreign name
    "space",  # white space, which ends no event
    "megabyte",  # a million of it
]
SILENT: tuple[Fault, ...] = ("silence", "silence_in_head", "slow_head")
Asked = Literal[
    "messages",
    "model",
    "temperature",
    "top_p",
    "max_tokens",
    "seed",
    "stop",
    "tools",
    "tool_choice",
    "response_schema",
    "reasoning_effort",
    "texts",
]


Action = Literal[
    "skip",  # leave this provider out until somebody mends it
    "wait",  # ask it again, when it may be asked
    "retry",  # ask it again, once
    "next",  # go to the next one, now
    "stop",  # give the error to the caller
]  # what a host does about an error
How = Literal["in_turn", "together", "loops", "threads"]
Resource = Literal["connections", "descriptors", "threads", "tasks"]


T = TypeVar("T", bound="_Data")
Long = Annotated[str, AfterValidator(written_out)]
Said = Annotated[Message, AfterValidator(lambda m: replace(m, content=_content(m.content)))]

for _plain in (Text, Image, ToolCall, Message, Tool, JSONSchema):  # else pydantic drops what it does not know in them
    _plain.__pydantic_config__ = ConfigDict(extra="forbid")  # type: ignore[union-attr]


def _content(content: str | Sequence[Text | Image]) -> Any:
    """What is written short is written out, the data of images too."""
    if isinstance(content, str):
        return written_out(content)
    return [replace(p, data=repeated(p.data)) if isinstance(p, Image) and p.data else p for p in content]


class BrokenCatalogue(ValueError):
    """Data that cannot be used; the text names the file and what is wrong with it."""


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Requirement(_Data):
    """A rule with a stable id."""

    id: str = Field(pattern=r"^[A-Z]{3}-\d{3}$")
    level: Level
    text: str
    why: str
    sources: list[str] = Field(min_length=1)
    needs: list[str] = Field([], description="capabilities without which the rule says nothing")
    lacks: list[str] = Field([], description="capabilities with which the rule says nothing")
    after: list[str] = Field([], description="requirements without which this one cannot be judged")
    vendor: str | None = Field(
        None,
        pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$",
        description="whose form of the protocol it is: demanded of an adapter that is configured for this vendor",
    )
    lint: list[ManifestKind] = Field(
        [], description="kinds of manifest that it is about: `conformance lint` judges them by it, no case an adapter"
    )
    box: str | None = Field(
        None,
        description="line of the acceptance checklist that it stands for: `conformance checklist` judges a repository "
        "by it, no case an adapter",
    )

    @property
    def area(self) -> str:
        return AREAS.get(self.id[:3], OWN)


# --- what is asked -----------------------------------------------------------------------------


class Ask(_Data):
    """One call of the adapter."""

    op: Operation = "generate"
    messages: list[Said] = [Message("user", "Name three rivers.")]
    model: str | None = None
    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    seed: int | None = None
    stop: list[str] = []
    tools: list[Tool] = []
    tool_choice: str | None = None
    response_schema: JSONSchema | None = None
    reasoning_effort: str | None = None
    texts: list[str] = Field(["one", "two"], description="inputs of embed")
    leave_after: int | None = Field(None, description="abandon the stream after so many events")
    leave: Literal["close", "drop"] = Field("close", description="how: closed, or forgotten without a word")
    cancel: Literal["waiting", "started"] | None = Field(
        None, description="cancel the call when the server is stuck; started: and the first text has come"
    )
    twice: bool = Field(
        False, description="ask the same adapter once more, to the end: the reply and the error are those of the second"
    )
    patience: float | None = Field(
        None, description="seconds beyond the adapter's timeout before the call counts as hung; None: the kit's own"
    )
    follow_up: str | None = Field(
        None,
        description="asked again with the reply as a turn of the history, and after it this: the result of each of its "
        "calls, or where it has none what the user says next",
    )


class Adapter(_Data):
    """How the adapter is built, where that differs from case to case. `{key}` is the canary key."""

    api_key: str | None = Field("{key}", description="null: none is given at all")
    base: str = Field("{mount}", description="path of the base URL; {mount} is the dialect's own, such as /v1")
    url: str = Field("{base_url}", description="how the base URL is written; {port} and {path} are its parts")
    model: str = "kit-model"
    timeout: int | float = Field(10.0, description="seconds")
    neighbour: Literal["before", "after"] | None = Field(
        None, description="another adapter, with a key, an address and a model of its own, is built then"
    )
    env: dict[str, str] = Field({}, description="environment variables; {key_variable} is the dialect's own")


# --- what the wire answers ---------------------------------------------------------------------


class Wire(_Data):
    """One answer: from a cassette, as an error of the dialect, as a raw body, or a fault of the connection."""

    cassette: str | None = None
    folder: str | None = Field(None, description="where the cassette lies, if not among the kit's own")
    error: ErrorKind | None = None
    body: str | dict[str, str] | None = Field(
        None, description="a raw body, or one for each dialect that tells it; backslash escapes of bytes as \\xNN"
    )
    fault: Fault | None = None
    status: int | None = None
    headers: dict[str, str] = {}
    transform: str | list[str] = []
    close: End = "complete"
    hold_after: str | None = Field(
        None, description="the event with this text, or {headers}, until the host has what came"
    )
    gap: float = 0.0
    again: Again | None = Field(None, description="what comes after that, again and again")
    times: int | None = Field(None, description="how often; None: until the host leaves")
    promise: int | None = None
    afterwards: Close | None = Field(None, description="how the server closes the connection after the answer")


# --- what must have come back ------------------------------------------------------------------


class Call(_Data):
    name: str
    arguments: dict[str, Any] = {}
    id: str | None = Field(None, description="None: any, as long as it is not empty")
    exact: bool = Field(False, description="numbers are of the wire's type: 2 is not 2.0")


class ReplyThen(_Data):
    """Fields of the reply; those not named are not looked at."""

    text: Long = ""
    says: list[str] = Field([], description="what the text must hold, where it need not be the same")
    finish_reason: list[str] = []
    tool_calls: list[Call] = []
    refusal: str | None = None
    reasoning: str | None = None
    usage: dict[str, int | None] | None = None
    model: str | None = None
    id: str | None = None


class ErrorThen(_Data):
    """An error must come. Every kind listed is right."""

    kind: list[ErrorKind] = Field(min_length=1)
    status: int | None = None
    code: str | None = None
    retry_after: float | None = Field(None, description="seconds; null: none may be told")
    within: float = Field(0.1, description="seconds by which retry_after may differ")
    says: list[str] = Field([], description="texts that the message must hold")
    provider: bool = False
    cause: bool = False
    at_most: int | None = Field(None, description="characters of the message")


class StreamThen(_Data):
    """How the events came."""

    prefix_of: str | None = Field(None, description="the text delivered, ended or not, begins this text")
    at_least: str | None = Field(None, description="the text delivered begins with this")
    delivered: Long | None = Field(None, description="the text delivered, exactly")
    reasoned: Long | None = Field(None, description="the reasoning delivered, exactly")
    one_end: bool = False
    incremental: bool = Field(False, description="the first text came while the server held the rest back")


class SentThen(_Data):
    """What the server saw."""

    same: list[Asked] = Field([], description="fields that arrived as they were asked")
    absent: list[Asked] = Field([], description="fields that were not asked for and must not be set")
    requests: int | None = None
    at_least: int | None = None
    at_most: int | None = None
    legal: bool = False
    known: bool = False
    only: list[str] = Field([], description="the fields of the body that may be set")
    without: list[str] = Field([], description="fields that the body may not have, not even empty")
    any_of: list[str] = Field([], description="fields of the body of which one is set at least")
    holds: dict[str, Any] = Field({}, description="fields of the body, messages.0.content too, with their values")
    never: list[Literal["chat", "embeddings"]] = Field([], description="routes that may not be asked")
    path: str | None = Field(None, description="of the request; {base}: path of the base URL, {chat}: of the route")
    query: str | None = None
    key: bool = Field(False, description="the key is where the dialect carries it, and nowhere else")
    nowhere: list[str] = Field([], description="texts that no header and no query may hold")
    header: dict[str, str] = Field({}, description="name: regular expression; {key} is the canary key")
    no_header: list[str] = []
    stream: bool | None = None
    last_message: Message | None = None


class LeavesThen(_Data):
    """What several calls leave behind."""

    no_more: list[Resource] = Field([], description="of which there are not more with every call")
    connections: int | None = Field(None, description="made by all calls together, at most")
    closed: bool = Field(False, description="closing it raises nothing, and leaves no connection open")
    loop_goes_on: bool = Field(False, description="while an answer is waited for")


class AgainThen(_Data):
    """How an adapter asks again that is configured to retry itself."""

    waits_at_least: float | None = Field(None, description="seconds before each further request")
    within: float = Field(0.05, description="seconds by which it may be less")
    ends_awake: bool = Field(False, description="nothing is slept after the last request")


class FailoverThen(_Data):
    """What the host does about the error. Every action listed is right."""

    does: list[Action] = Field(min_length=1)
    waits_at_least: float | None = Field(None, description="seconds before it asks the same provider again")
    within: float = Field(0.1, description="seconds by which it may be less")


class Then(_Data):
    """Everything that is set must hold."""

    reply: ReplyThen | None = None
    error: ErrorThen | None = None
    stream: StreamThen | None = None
    sent: SentThen | None = None
    sent_back: dict[str, Any] = Field(
        {},
        description="places of the last request's body, such as messages.1.content, with what they hold: of an object "
        "these fields at least, of a list these at least and in this order",
    )
    either: list[Then] = Field([], description="one of these must hold: legal alternatives")
    vectors: list[list[float]] | None = None
    models: list[str] | None = None
    healthy: bool | None = None
    refused: str | None = Field(None, description="what is asked for, and refused before anything is sent")
    taken: str | None = Field(None, description="what is asked for, and not refused")
    sound: Literal[True] | None = Field(None, description="an answer, or an error that the host can read")
    unchanged: Literal[True] | None = Field(None, description="the request object is as it was")
    secret_not_in: list[Place] = []
    prompt_not_in: list[Place] = Field([], description="the text of the last message")
    rejected: Literal[True] | None = Field(
        None, description="an error before any request, typed or from the constructor"
    )
    untouched: list[Literal["network_at_build", "environment", "processes"]] = []
    waits_at_most: float | None = Field(None, description="seconds that the adapter slept")
    cancelled_within: float | None = Field(
        None, description="seconds in which a cancelled call ends as cancelled, in no other way"
    )
    hangs_up_within: float | None = Field(
        None, description="seconds in which the connection closes after the host left, or cancelled the call"
    )
    again: AgainThen | None = None
    failover: FailoverThen | None = None
    leaves: LeavesThen = LeavesThen()
    imports: Literal["needed", "absent", "broken"] | None = Field(
        None,
        description="optional packages: only those are loaded that a call uses; one is missing, or cannot be loaded",
    )


class EachStream(_Data):
    """Makes a case of every streaming case: the same question, its wire changed."""

    transform: str | list[str] = []
    close: End = "complete"
    cut: bool = Field(False, description="the answer cannot be whole: an error must come after what was delivered")


class Part(_Data):
    """One of several calls."""

    ask: Ask = Ask()
    wire: Annotated[list[Wire], Field(min_length=1)] | Wire = Wire()
    then: Then = Then()


class Several(_Data):
    """Several calls in place of one. What is asked at once is told apart by the text of its last message."""

    how: How = Field(
        "in_turn",
        description="one after the other; at once, in one event loop or, without any, in threads; in event loops "
        "of their own, one after the other; in threads of their own, at once",
    )
    adapters: Literal["one", "each"] = Field("one", description="for all of them, or for each, with a key of its own")
    of: list[Part] = []
    times: int = Field(1, description="how often these are asked")
    closes: int = Field(1, description="how often the adapter is closed in the end")


class Case(_Data):
    case: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    proves: str
    about: str = ""
    dialect: str | None = Field(None, description="the only dialect in which there is such a thing; None: any")
    needs: list[str] = Field([], description="beyond what its requirement needs")
    lacks: list[str] = Field([], description="beyond what its requirement wants undeclared")
    after: list[str] = Field([], description="beyond what its requirement comes after")
    alone: bool = Field(False, description="not taken for each_stream")
    law: Law | None = Field(None, description="what is drawn anew for every example, and must hold of each")
    adapter: Adapter = Adapter()
    ask: Ask = Ask()
    wire: Annotated[list[Wire], Field(min_length=1)] | Wire = Wire()
    several: Several | None = None
    then: Then = Then()
    each_stream: EachStream | None = None

    @property
    def answers(self) -> list[Wire]:
        return self.wire if isinstance(self.wire, list) else [self.wire]

    @property
    def parts(self) -> list[Case]:
        """The calls that it is made of, each as a case of its own."""
        if self.several is None:
            return [self]
        told = [{"ask": p.ask, "wire": p.wire, "then": p.then, "several": None} for p in self.several.of]
        return [self.model_copy(update=part) for part in told * self.several.times]

    @property
    def waits(self) -> bool:
        """Whether the wire falls silent, or has nothing new to say, while the host still listens: it lasts until the
        adapter's own timeout, or until the call is cancelled."""
        drips = [wire.again is not None and wire.times is None for wire in self.answers]
        silent = any(wire.fault in SILENT or wire.close == "stall" for wire in self.answers)
        return (silent or any(drips)) and self.ask.leave_after is None

    @property
    def plain_stream(self) -> bool:
        """A stream of which the whole is one cassette, untouched: what each_stream can be made of."""
        wire, judged = self.answers[0], self.then.reply or self.then.error
        untouched = len(self.answers) == 1 and bool(wire.cassette) and wire == Wire(cassette=wire.cassette)
        return self.ask.op == "stream" and untouched and judged is not None and not self.alone


class Catalogue:
    def __init__(self, requirements: list[Requirement], cases: list[Case]) -> None:
        self.requirements = {r.id: r for r in requirements}
        for case in cases:
            if case.proves not in self.requirements:
                raise BrokenCatalogue(f"case {case.case} proves {case.proves}, which is no requirement")
        self.cases = [c for case in cases for c in self._expanded(case, cases)]
        if twice := _first_twice(r.id for r in requirements):
            raise BrokenCatalogue(f"there are two requirements {twice}")
        for dialect in {c.dialect for c in self.cases}:
            if twice := _first_twice(f"{c.proves}/{c.case}" for c in self.cases if c.dialect in (None, dialect)):
                raise BrokenCatalogue(f"there are two cases {twice}")
        for requirement in requirements:
            self._check_order(requirement.id, ())
        if "STR-001" in self.requirements:
            self.cases = [self._as_stream(c, self._below("STR-001")) for c in self.cases]

    @property
    def vendors(self) -> list[str]:
        """All that a requirement is about, in order."""
        return sorted({r.vendor for r in self.requirements.values() if r.vendor})

    def with_own(self, cases: Iterable[Case] = ()) -> Catalogue:
        """These and the requirement that a user's own recordings are judged by, with a case for each of them."""
        added = Catalogue([*self.requirements.values(), *_read(FIXTURES / "own.yaml", Requirement)], [])
        added.cases = [*self.cases, *(added._as_stream(case, set()) for case in cases)]
        return added

    def of(self, requirement: str) -> list[Case]:
        return [c for c in self.cases if c.proves == requirement]

    def told_in(self, dialect: str) -> Catalogue:
        """Without what is of other dialects (their cases, and the requirements that have no others), and without what
        manifests and repositories are judged by."""
        made = copy(self)
        made.cases = [c for c in self.cases if c.dialect in (None, dialect)]
        told, tried = {c.proves for c in made.cases}, {c.proves for c in self.cases}
        mine = {id: rule for id, rule in self.requirements.items() if id in told or id not in tried}
        made.requirements = {id: rule for id, rule in mine.items() if not rule.lint and not rule.box}
        return made

    def _check_order(self, id: str, later: tuple[str, ...]) -> None:
        if id not in self.requirements:
            raise BrokenCatalogue(f"{later[-1]} comes after {id}, which is no requirement")
        if id in later:
            raise BrokenCatalogue(f"{' comes after '.join((*later, id))}: a circle")
        for prerequisite in self.requirements[id].after:
            self._check_order(prerequisite, (*later, id))
            levels = self.requirements[id].level, self.requirements[prerequisite].level
            if levels[0] == "MUST" and levels[1] != "MUST":
                raise BrokenCatalogue(f"{id} is demanded and comes after {prerequisite}, which is only advised")

    def _expanded(self, case: Case, cases: list[Case]) -> list[Case]:
        each = case.each_stream
        if each is None:
            return [case]
        streams = [c for c in cases if self._is_demanded(c) and c.plain_stream and (c.then.reply or not each.cut)]
        return [_derived(case, each, stream, self._needs(stream)) for stream in streams]

    def _as_stream(self, case: Case, sooner: set[str]) -> Case:
        """Whatever is read from a stream builds on streams being read at all."""
        streams = [part.then for part in case.parts if part.ask.op == "stream"]
        reads = any(then.reply or then.stream for then in streams) and case.proves not in sooner
        return case.model_copy(update={"after": [*case.after, "STR-001"]}) if reads else case

    def _below(self, id: str) -> set[str]:
        """The requirement and all that it builds on."""
        return {id}.union(*map(self._below, self.requirements[id].after))

    def _is_demanded(self, case: Case) -> bool:
        """What is only advised is nothing to build on: an adapter may do without."""
        return self.requirements[case.proves].level == "MUST"

    def _needs(self, case: Case) -> list[str]:
        return [*self.requirements[case.proves].needs, *case.needs]


def _first_twice(names: Iterable[str]) -> str | None:
    seen: set[str] = set()
    return next((n for n in names if n in seen or seen.add(n)), None)  # type: ignore[func-returns-value]


def _derived(case: Case, each: EachStream, origin: Case, needs: list[str]) -> Case:
    """The same question and the same answer, told in another way, or cut."""
    then, reply = origin.then, origin.then.reply
    if reply is not None and each.cut:
        then = Then(error=ErrorThen(kind=["network", "malformed"]), stream=StreamThen(prefix_of=reply.text))
    elif reply is not None:
        then = Then(reply=reply, stream=StreamThen(delivered=reply.text))
    return Case(
        case=f"{case.case}-{origin.case}" if case.case != "each" else origin.case,
        proves=case.proves,
        about=case.about,
        dialect=case.dialect or origin.dialect,
        needs=[*case.needs, *needs],
        after=[*case.after, origin.proves] if origin.proves != case.proves else case.after,
        adapter=origin.adapter,
        ask=origin.ask,
        wire=Wire(cassette=origin.answers[0].cassette, transform=each.transform, close=each.close),
        then=then,
    )


@cache
def load(folder: Path = FIXTURES) -> Catalogue:
    """Everything under `folder`. Raises `BrokenCatalogue`."""
    requirements = [r for path in _files(folder / "requirements") for r in _read(path, Requirement)]
    cases = [c for path in _files(folder / "cases") for c in _read(path, Case)]
    return Catalogue(requirements, cases)


def _files(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.yaml"))


def _read(path: Path, model: type[T]) -> list[T]:
    try:
        rows = yaml.load(path.read_text("utf-8"), Loader=_Loader) or []
        if not isinstance(rows, list):
            raise ValueError(f"it must be a list, not a {type(rows).__name__}")
        return [_row(i, row, model) for i, row in enumerate(rows, 1)]
    except (yaml.YAMLError, ValueError) as exc:
        said = _problem(exc) if isinstance(exc, yaml.YAMLError) else str(exc)
        raise BrokenCatalogue(f"{path.parent.name}/{path.name} is broken: {said}") from None


def _row(number: int, row: Any, model: type[T]) -> T:
    try:
        return model.model_validate(row)
    except ValidationError as exc:
        first = exc.errors()[0]
        name = next((row[k] for k in ("id", "case") if row.get(k)), "") if isinstance(row, dict) else ""
        where = ".".join(map(str, first["loc"]))
        said = (
            "there is no such key"
            if first["type"] in ("extra_forbidden", "unexpected_keyword_argument")
            else first["msg"]
        )
        raise ValueError(": ".join(filter(None, (str(name) or f"entry {number}", where, said)))) from None


def _problem(exc: yaml.YAMLError) -> str:
    """In one line, with the place: pyyaml takes five."""
    mark, problem = getattr(exc, "problem_mark", None), getattr(exc, "problem", None) or "it is no YAML"
    return f"line {mark.line + 1}: {problem}" if mark else str(problem)

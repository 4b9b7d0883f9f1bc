"""What one plain question tells of an adapter: its dialect, where its base URL has to end, and whether it can be told
an address at all. One that cannot, but asks by httpx or httpx2, has its requests brought to the kit's server."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from conformance import dialects
from conformance.case import Wire
from conformance.dialects import Dialect, retold
from conformance.refusal import BadProvider
from conformance.replay.intercept import Origin, Unavailable
from conformance.replay.script import Script
from conformance.scene import script, streamed
from conformance.subject import Subject
from conformance.trace import Exchange, Trace

Ask = Callable[[str, Sequence[Origin]], Trace]  # asks once: the end of the base URL, and what is to be intercepted


@dataclass(frozen=True)
class Spoken:
    """What the probe found: the dialect, the path that the base URL has to end with, and the one that the
    adapter adds to it before the route."""

    dialect: Dialect
    mount: str
    why: str
    added: str = ""
    fixed: tuple[Origin, ...] = ()  # the adapter's own address, from where its requests are brought here
    streams: bool = False  # what is asked whole goes out as a stream, and is put together by the adapter

    @property
    def address(self) -> str:
        return ", ".join(map(str, self.fixed))


def probe(subject: Subject, ask: Ask) -> Spoken:
    """Raises `BadProvider`."""
    if subject.dialect is not None and subject.dialect not in dialects.names():
        raise BadProvider(
            f"{subject.spec} is configured for the dialect {subject.dialect!r}; there are {', '.join(dialects.names())}"
        )
    given = dialects.load(subject.dialect) if subject.dialect else None
    if subject.intercept:
        spoken = _at_its_address(subject, given, ask, [subject.intercept])
        if spoken is None:
            raise BadProvider(f"{_cannot(subject)}: it sent nothing to {subject.intercept} by httpx or httpx2")
        return spoken
    usual = given or dialects.load(dialects.names()[0])
    mount = usual.facts.mount if subject.mount is None else subject.mount
    trace = ask(mount, ())
    if trace.exchanges:
        return _spoken(subject, given, trace, mount)
    fixed = "" if "base_url" in subject.recipe.takes else ", ".join(trace.breaches)
    if fixed and (spoken := _at_its_address(subject, given, ask, list(map(Origin.of_breach, trace.breaches)))):
        return spoken
    if not given and "base_url" not in subject.recipe.takes:
        raise BadProvider(
            f"{_cannot(subject)}: its constructor takes no base_url and it does not read "
            + " or ".join(dialects.address_variables())
            + (f", and what it sends to {fixed} is not sent by httpx or httpx2" if fixed else "")
            + "; name a factory that takes base_url"
        )
    return Spoken(usual, mount, "configured" if given else "assumed: it sent no request")


def _spoken(subject: Subject, given: Dialect | None, trace: Trace, tried: str) -> Spoken:
    exchange, dialect, before = _recognised(subject, given, trace)
    added = before.removeprefix(tried) if before.startswith(f"{tried}/") else ""
    usual = "" if added == dialect.facts.mount else tried if added else dialect.facts.mount
    mount = usual if subject.mount is None else tried
    why = f"sent {exchange.method} {exchange.path[len(tried) :]}"
    return Spoken(dialect, mount, why, added, streams=_streams(dialect, exchange, trace))


def _at_its_address(subject: Subject, given: Dialect | None, ask: Ask, origins: Sequence[Origin]) -> Spoken | None:
    """From all that it tried to reach, the one to which it sent what a dialect knows; None where nothing came."""
    try:
        trace = ask("", origins)
    except Unavailable as exc:
        sent = " and ".join(map(str, origins))
        raise BadProvider(
            f"{_cannot(subject)}: its address is fixed; what httpx sends to {sent} can be intercepted: {exc}"
        ) from None
    if not trace.exchanges or len(trace.answered) < len(trace.exchanges):
        return None
    exchange, dialect, before_route = _recognised(subject, given, trace)
    sent_to = trace.answered[trace.exchanges.index(exchange)]
    fixed = tuple(o for o in origins if str(o) == sent_to)
    why = f"sent {exchange.method} {exchange.path}"
    return Spoken(dialect, "", why, before_route, fixed, _streams(dialect, exchange, trace))


def _streams(dialect: Dialect, exchange: Exchange, trace: Trace) -> bool:
    """Whether a stream was asked for, and read: to ask for one and expect a whole answer is a fault like others."""
    reply = trace.outcome.reply
    return _asks_for_a_stream(dialect, exchange) and reply is not None and bool(reply.text)


def _asks_for_a_stream(dialect: Dialect, exchange: Exchange) -> bool:
    try:
        return dialect.name in retold.DIALECTS and dialect.read(exchange).stream
    except (ValueError, KeyError, TypeError, AttributeError):
        return False


def _recognised(subject: Subject, given: Dialect | None, trace: Trace) -> tuple[Exchange, Dialect, str]:
    """The first request for a chat, or else for anything: model lists have the same route in several dialects."""
    known = [given] if given else [dialects.load(name) for name in dialects.names()]
    found = [(e, *f) for e in trace.exchanges if (f := dialects.recognise(e, known))]
    if found:
        return min(found, key=lambda row: row[0].operation != "chat")
    first = trace.exchanges[0]
    raise BadProvider(
        f"{subject.spec} speaks no dialect that the kit knows: it sent {first.method} {first.path}; "
        f"the kit knows {', '.join(dialects.names())}"
    )


def _cannot(subject: Subject) -> str:
    return f"{subject.spec} cannot be pointed at the kit's server"


def good_answer(exchange: Exchange) -> Script:
    """What the server answers to the one question."""
    known = [dialects.load(name) for name in dialects.names()]
    mounts = sorted({d.facts.mount for d in known})
    rooted = ((d, mount) for d in known for mount in mounts if d.operation(exchange, mount) == "root")
    found = dialects.recognise(exchange) or next(rooted, None)
    if found is None:
        return Script(status=404, chunks=(b"{}",))
    dialect, before = found
    exchange.operation = dialect.operation(exchange, before)
    made = script(Wire(), dialect, exchange.operation or "chat")
    streams = exchange.operation == "chat" and _asks_for_a_stream(dialect, exchange)
    return streamed(lambda _: made, dialect.name, exchange) if streams else made

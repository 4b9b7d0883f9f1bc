"""`conformance record --upstream URL -o FOLDER -- COMMAND …`"""

from __future__ import annotations

import argparse
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO
from urllib.parse import urlsplit

from conformance import __version__, dialects, own
from conformance.cassettes import BrokenCassette
from conformance.commands import USAGE, Commands
from conformance.commands.patterns import pattern
from conformance.recording import Exchanged, Line, Recordings, Session
from conformance.replay.recorder import Recorded, Recorder
from conformance.replay.scrub import clean

VARIABLES = ("OPENAI_BASE_URL",)
ON_LOOPBACK = "127.0.0.1,localhost"  # never by a proxy
EXAMPLES = """examples:
  conformance record --upstream https://api.openai.com/v1 -o tests/own -- python my_script.py
  conformance record --upstream https://api.anthropic.com --env ANTHROPIC_BASE_URL -o tests/own -- pytest tests/live
  conformance record --upstream http://127.0.0.1:8080/v1 -o tests/own       (prints the base URL; Ctrl-C ends it)
  conformance record --upstream https://api.openai.com/v1 -o tests/own --json -- node my_script.mjs

Then set [tool.conformance] cassettes = "tests/own", and each exchange is a case of OWN-001."""


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "record",
        help="what a provider answers to any client, as cassettes without secrets",
        usage="conformance record --upstream URL -o FOLDER [options] [-- COMMAND …]",
        description="A proxy on 127.0.0.1 in front of the provider. Runs the command with the proxy's base URL in its "
        "environment, or prints the base URL and waits for Ctrl-C. Then writes a cassette for each exchange, without "
        "keys, cookies and ids of accounts; a second scan proves that, and what it objects to is not written (exit "
        "code 4). If the command fails, its exit code is that of this one.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--upstream", required=True, metavar="URL", help="the base URL that the client has otherwise")
    parser.add_argument(
        "-o", "--output", required=True, type=Path, metavar="FOLDER", help="is made where it is missing"
    )
    parser.add_argument(
        "--env", action="append", metavar="NAME", help="that tells the client its base URL; may be repeated"
    )
    parser.add_argument("--dialect", type=_name, metavar="NAME", help="the protocol; by default told by the routes")
    parser.add_argument("--name", type=_name, help="of the cassettes; by default what was asked")
    parser.add_argument("--source", metavar="TEXT", help="the server and its version; by default its address")
    parser.add_argument("--allow", type=pattern, metavar="REGEX", help="what matches is no secret")
    parser.add_argument("--json", action="store_true", help="for a program (schema: record.json)")
    parser.set_defaults(run=run, takes_more=True, more=[])


def run(given: argparse.Namespace) -> int:
    client = given.more
    try:
        variables = given.env or _variables(given.dialect)
        if given.output.exists() and not given.output.is_dir():
            raise ValueError(f"{given.output} is a file: name a folder")
        parts = urlsplit(given.upstream)
        with Recorder(parts._replace(path="", query="", fragment="").geturl()) as recorder:
            base_url = recorder.base_url + parts.path.rstrip("/")
            # What a program reads stands alone: all else goes to standard error.
            aside = sys.stderr if given.json else None
            code = _run(client, base_url, variables, aside) if client else _wait(base_url, variables, aside)
            recorded = recorder.interactions
        return _kept(given, recorded, base_url, variables, code) or code
    except (ValueError, OSError) as exc:
        print(f"conformance: {exc}", file=sys.stderr)
        return USAGE


def _name(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9]+([._-][a-z0-9]+)*", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no name: use small letters, digits and hyphens")
    return text


def _variables(dialect: str | None) -> Sequence[str]:
    if dialect in dialects.names():
        return dialects.load(dialect).facts.address_variables or VARIABLES
    return VARIABLES


def _run(client: Sequence[str], base_url: str, variables: Sequence[str], aside: TextIO | None) -> int:
    environment = {**os.environ, **dict.fromkeys(variables, base_url)}
    for name in ("NO_PROXY", "no_proxy"):
        environment[name] = ",".join(filter(None, [os.environ.get(name), ON_LOOPBACK]))
    # Without its arguments, one of which may be a key.
    print(f"recording at {base_url} ({', '.join(variables)}): {client[0]}", file=sys.stderr, flush=True)
    try:
        return subprocess.run(client, env=environment, stdout=aside, check=False).returncode
    except OSError as exc:
        raise ValueError(f"{client[0]} cannot be run: {exc.strerror}") from None
    except KeyboardInterrupt:  # the command got it too; what went through is kept
        return 128 + signal.SIGINT


def _wait(base_url: str, variables: Sequence[str], aside: TextIO | None) -> int:
    told = (f"recording at {base_url}", f"  {variables[0]}={base_url}", "Ctrl-C ends it")
    print(*told, sep="\n", flush=True, file=aside)
    with _ended_by_signals() as ended:
        ended.wait()
    return 0


@contextmanager
def _ended_by_signals() -> Iterator[threading.Event]:
    """SIGTERM as Ctrl-C, which a shell's background job does not get otherwise: what was recorded is written."""
    ended = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield ended
        return
    before = {one: signal.signal(one, lambda *_: ended.set()) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield ended
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _kept(
    given: argparse.Namespace, recorded: Sequence[Recorded], base_url: str, variables: Sequence[str], code: int
) -> int:
    source = given.source or f"{clean(_address(given.upstream))}, by conformance record {__version__}"
    session = Session(given.output, source, given.dialect, given.name, given.allow, os.environ)
    lines, told = [], list[Exchanged]()
    for line in session.keep(recorded):
        why = _no_case(line.target, given.output) if line.target else ""
        lines += [str(line), *([f"  kept, but no case of OWN-001: {why}"] if why else [])]
        told.append(_told(line, judged=line.target is not None and not why))
    kept, leaks = sum(each.cassette is not None for each in told), sum(each.secret for each in told)
    ok = bool(kept) and not leaks and not code
    if given.json:
        client = code if given.more else None
        print(
            Recordings(ok=ok, client=client, recorded=kept, skipped=len(told) - kept, exchanges=told).model_dump_json(
                indent=2
            )
        )
    elif recorded:
        print(*lines, f"{kept} recorded, {len(told) - kept} skipped", sep="\n")
    if not recorded:
        where = (
            f"does the client take its base URL from {' or '.join(variables)}?" if given.more else "no client asked it"
        )
        raise ValueError(f"nothing was recorded, no request came to {base_url}: {where}")
    if leaks:
        raise ValueError(f"{leaks} not written, for a secret would have been left in them")
    if not kept:
        raise ValueError("nothing could be kept of what was recorded")
    return 0


def _told(line: Line, *, judged: bool) -> Exchanged:
    return Exchanged(
        asked=line.source,
        cassette=line.target.as_posix() if line.target else None,
        reason=line.reason or None,
        secret=line.leaked,
        scrubbed=list(line.scrubbed),
        judged=judged,
    )


def _no_case(cassette: Path, folder: Path) -> str:
    """Why nothing will judge by it, where that is so."""
    dialect = cassette.parent.name
    try:
        if dialect in dialects.names():
            own.case(cassette.stem, folder, dialects.load(dialect))
    except BrokenCassette as exc:
        return str(exc).removeprefix(f"cassette {cassette} ")
    return ""


def _address(upstream: str) -> str:
    """Without what is the user's: name and password, query."""
    parts = urlsplit(upstream)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()

"""Commands of `conformance`, a module each: `add` tells its arguments, `run` does it and returns the exit code."""

from __future__ import annotations

import argparse
from typing import TypeAlias

from conformance.run import Unusable
from conformance.subject import Command

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"

REGRESSED = 1
USAGE = 4


def add_providers(parser: argparse.ArgumentParser) -> None:
    """The adapters that are judged, as pytest takes them."""
    parser.add_argument("--provider", action="append", metavar="SPEC", help="as for pytest")
    parser.add_argument(
        "--provider-command", action="append", type=Command, dest="provider", metavar="COMMAND", help="as for pytest"
    )


def named(given: argparse.Namespace) -> list[str]:
    """Raises `Unusable` where there is none."""
    if not given.provider:
        raise Unusable("name an adapter with --provider or --provider-command")
    return list(given.provider)

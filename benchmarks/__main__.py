"""`python -m benchmarks [--quick] [--write]`, from the project's root."""

from __future__ import annotations

import argparse
import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks import cost_per_case, first_minutes, replay_server, start_up, whole_suite
from benchmarks.figures import Figure, as_markdown, as_text

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
PACKAGES = ("provider-conformance", "pytest", "pytest-xdist", "httpx", "httpcore", "h11", "anyio", "pydantic", "pyyaml")

TEXT = """\
# Performance

`python -m benchmarks --write` measures this page anew; `python -m benchmarks` only prints it. {date},
{machine}.

{table}

## The aims

- A case costs at most {case:g} times the floor: an empty parametrised pytest item plus one bare loopback exchange.
- An exchange with the replay server takes at most {server:g} times one with a server that answers a constant.
- A project that has the plugin installed and does not use it pays at most {start:g} times pytest's own start-up.
- From a bare virtual environment to the first verdict on one's own adapter it takes at most {first:g} seconds.

No other seconds are promised: they are this machine's.

## The method

Every ratio is made within one round, in which its two sides run in random order, so that a busy machine slows both;
the table has the median of the rounds and their quartiles. Third-party pytest plugins are off, xdist apart where it
says so.

**A case.** The sessions judge `conformance.reference:OpenAIChat` with all cases of one call that wait for nothing. A
session that only collects is taken off, and the rest divided by the cases; so are the empty items, as many as there
are cases. Cassettes and schemas are loaded by the first case that needs them, so they count. The exchange is a POST by
`httpx.AsyncClient`, as the reference adapter sends it, answered with 1 KiB of JSON. The aim is for the stricter floor,
one client for all exchanges. A new adapter for every case is a decision of the design, so the floor with a new event
loop and client for each shows what is left when that is paid.

Most of a case is the client's: its loop, its connection, and its reading of streams that come in small reads, each of
which is an HTTP chunk to it. The kit's own part is a fifth: the scene, what is noted before a call and put back after
it, judge and verdict. Some cases are more than an exchange by design, such as an answer of 100 MB: they count too.

**The replay server.** The same client, against a raw asyncio protocol that writes the same bytes as soon as
the question has arrived.

**The whole suite.** One process, then two workers of pytest-xdist. A case waits by design if the wire falls silent in
it: it lasts until the adapter's own timeout. Its seconds are those of the adapter's call. Such cases wait side by side:
of those the longest counts. One after the other (`--pdb` has it so) six of them take 1.8 s in place of 0.3 s.

**Start-up.** One empty test file in an empty folder, with `-p conformance.plugin` and without. CPU is user and system
time.

**The first minutes.** `python -m venv`, `pip install` of the wheel, and `pytest --provider=acme:Acme` on the adapter of
the [tutorial](tutorial.md), alone in a folder. Most of it is the installation of what the kit needs, from the registry
or from pip's cache.
"""


def measured(quick: bool) -> list[Figure]:
    """All of them. The rounds are what a full run can afford in six minutes."""
    return [
        *cost_per_case.measure(2 if quick else 15),
        *replay_server.measure(3 if quick else 41),
        *whole_suite.measure(2 if quick else 5),
        *start_up.measure(5 if quick else 61),
        *first_minutes.measure(2 if quick else 3),
    ]


def page(figures: Sequence[Figure]) -> str:
    versions = ", ".join(f"{package} {version(package)}" for package in PACKAGES)
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return TEXT.format(
        date=datetime.now(UTC).date().isoformat(),
        machine=f"{platform.system()}, {os.cpu_count()} CPUs, {python},\n{versions}",
        table="\n".join(as_markdown(figures)),
        case=cost_per_case.AIM,
        server=replay_server.AIM,
        start=start_up.AIM,
        first=first_minutes.AIM,
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measures what the kit costs.")
    parser.add_argument("--quick", action="store_true", help="few rounds: shows that it works, not what it costs")
    parser.add_argument("--write", action="store_true", help=f"rewrites docs/{PAGE.name}")
    options = parser.parse_args()
    figures = measured(options.quick)
    print(*as_text(figures), sep="\n")
    if options.write:
        PAGE.write_text(page(figures), encoding="utf-8")


if __name__ == "__main__":
    main()

"""What adapters print, log and warn of while they are judged from the command line is not shown: pytest shows it where
it matters.

with hushed() as say:
    say("3 of 20")      # to a person who waits
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout


@contextmanager
def hushed() -> Iterator[Callable[[str], None]]:
    """Streams and descriptors lead nowhere; `say` writes over one line of a terminal, and nothing anywhere else."""
    sys.stdout.flush()
    sys.stderr.flush()
    kept, shows = [os.dup(1), os.dup(2)], os.isatty(2)

    def say(text: str) -> None:
        if shows:
            os.write(kept[1], f"\r{text:<70}".encode())

    with open(os.devnull, "w") as nowhere:  # noqa: PTH123 - no path of anybody's
        try:
            os.dup2(nowhere.fileno(), 1)
            os.dup2(nowhere.fileno(), 2)
            with redirect_stdout(nowhere), redirect_stderr(nowhere), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                yield say
        finally:
            say("")
            say("")
            for number, descriptor in enumerate(kept, 1):
                os.dup2(descriptor, number)
                os.close(descriptor)
            shows = False

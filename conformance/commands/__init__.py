"""Commands of `conformance`, a module each: `add` tells its arguments, `run` does it and returns the exit code."""

from __future__ import annotations

import argparse
from typing import TypeAlias

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"

REGRESSED = 1
USAGE = 4

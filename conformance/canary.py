"""A key that is nobody's: where it turns up outside its header, something leaks."""

from __future__ import annotations

import re
import secrets
import string

CANARY = "sk-canary" + "".join(secrets.choice(string.ascii_letters) for _ in range(24))


def key_of(number: int) -> str:
    """The key of the n-th adapter where several are asked, each with one of its own."""
    return CANARY[:9] + CANARY[9 + number :] + CANARY[9 : 9 + number]


_ANY = re.compile(r"sk-canary[A-Za-z]{24}")


def hidden(text: str) -> str:
    """Without any key of this kind, another process's too."""
    return _ANY.sub("<the key>", text)

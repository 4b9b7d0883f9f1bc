"""A key that is nobody's: where it turns up outside its header, something leaks."""

from __future__ import annotations

import secrets
import string

CANARY = "sk-canary" + "".join(secrets.choice(string.ascii_letters) for _ in range(24))

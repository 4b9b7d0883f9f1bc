"""What a secret looks like, whoever's it is: a beginning or a name before it, then what nobody writes by hand."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from conformance.replay.secret_names import is_blank

_APART = r"(?<![A-Za-z0-9])"
_UUID = r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"
_OWNER = r"(?i:\b(?:organization|organisation|account|tenant|project|subscription|workspace)s?)"
_ACCOUNTS = r"(?:org|proj|acct|team|tenant|cus|wrkspc|account|organization|project)"

# Groups named `rest…` have to look random, and `any` to be no placeholder, else it is no secret.
_RULES = {
    "what looks like a key": [
        rf"{_APART}(?:[spr]k|glpat|xox[a-z]|xapp|nvapi|SG)[-_.](?P<rest>[\w-]{{10,}}(?:\.[\w-]{{10,}})*)",
        rf"{_APART}(?:gsk|gh[a-z]|github_pat|hf|r8|pplx|xai|fw|tgp|csk|dop_v1|shpat|npm|lin_api|vcp|jina"
        r"|key|apikey|token|secret)[-_.](?P<rest>\w{12,})",
    ],
    "what looks like a key of a cloud": [
        rf"{_APART}(?:AKIA|ASIA|AIDA|AROA)(?P<rest>[A-Z0-9]{{12,}})",
        rf"{_APART}(?:AIza|ya29\.|ABSK|dapi)(?P<rest>[\w+/-]{{20,}})",
    ],
    "a JSON web token": [rf"{_APART}e[wy][A-Za-z0-9_-]{{8,}}\.e[wy][A-Za-z0-9_-]{{8,}}\."],
    "a private key": [r"-----BEGIN [A-Z ]*PRIVATE KEY"],
    "a credential after its scheme": [r"(?i:\b(?:bearer|basic|token)\b)[\s:=\"']{1,3}(?P<rest>[\w.~+/=-]{12,})"],
    "a credential after its name": [
        r"(?i:api[ _-]?key|secret[ _-]?key|password|access[ _-]?token|authorization|cookie)"
        r"(?:\s+provided|\s+is|\s+was)?[\s\"'\\:=(]{1,5}(?P<rest>[A-Za-z0-9][\w.+/-]{11,})",
    ],
    "a password in an address": [r"://[^/\s:@\"'\\]+:(?P<any>[^/\s@\"'\\]{3,})@"],
    "the ends of a masked key": [
        r"(?<![\w*-])(?=[\w-]+\*{4}\**[\w-]{2})(?=(?:\**[\w-]){8})[\w-]+\*+[\w-]+(?![\w*])",
    ],
    "the id of an account": [
        rf"{_APART}(?<!\.){_ACCOUNTS}[-_:/](?P<rest>[A-Za-z0-9]{{10,}})",
        rf"{_OWNER}(?:[\s_/-]?(?i:id|uuid))?[\s\"'\\:=/(]{{1,4}}(?P<any>{_UUID}|[0-9a-f]{{32}})\b",
    ],
    "the number of an AWS account": [r"\barn:aws[\w-]*:[\w-]*:[\w-]*:[0-9]{12}\b"],
}
_SHAPES = [(kind, re.compile(rule, re.ASCII)) for kind, rules in _RULES.items() for rule in rules]
_RANDOM = 2.9  # bits a character: what people write by hand has less, or no digits


def shapes(text: str) -> Iterator[tuple[str, int]]:
    """What in the text looks like a secret, and where it begins."""
    for kind, rule in _SHAPES:
        for match in rule.finditer(text):
            told = match.groupdict()
            if any(map(is_blank, told.values())) or not looks_random(told.get("rest", "a1B2c3D4e5")):
                continue
            yield kind, match.start()


def looks_random(text: str) -> bool:
    if not (re.search(r"[0-9]", text) and re.search(r"[A-Za-z]", text)):
        return False
    longest = max(re.split(r"[-_.]", text), key=len)  # names of models have short parts
    entropy = -sum((n := text.count(c) / len(text)) * math.log2(n) for c in set(text))
    return len(longest) >= 7 and re.search(r"[0-9]", longest) is not None and entropy > _RANDOM

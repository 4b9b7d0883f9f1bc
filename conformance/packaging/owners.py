"""Who answers for it: CODEOWNERS, read as GitHub reads it."""

from __future__ import annotations

import re

from conformance.packaging.answers import Judgement, ask, ok, wrong
from conformance.packaging.project import Project

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")  # the first that is there counts
OWNER = re.compile(r"@[\w.-]+(/[\w.-]+)?|[^\s@]+@[^\s@]+\.[^\s@]+")
NOBODY = re.compile(r"@(you|your-?name|your-?user|user|username|owner|todo|changeme|nobody)\b", re.I)


def named(project: Project) -> Judgement:
    place = next((p for p in PLACES if (project.root / p).is_file()), None)
    file = project.place
    if not file:
        return ask("who answers for it? its code is not in this folder")
    if place is None:
        return wrong("there is no CODEOWNERS", f".github/CODEOWNERS with /{file} @you")
    entry = None
    for line in project.text(place).splitlines():
        words = line.partition("#")[0].split()
        if words and not words[0].startswith("[") and matches(words[0], file):
            entry = words  # the last one counts
    if entry is None:
        return wrong(f"{place} names nobody for {file}", f"/{file} @you")
    owners = [word for word in entry[1:] if OWNER.fullmatch(word)]
    if not owners:
        return wrong(f"{place}: {entry[0]} has no owner", f"{entry[0]} @you")
    if all(NOBODY.match(owner) for owner in owners):
        return wrong(f"{place}: {owners[0]} stands for somebody", "the name of a person or a team")
    return ok(f"{' '.join(owners)}, by {entry[0]}")


def matches(pattern: str, path: str) -> bool:
    """As in a .gitignore: a slash before its end ties it to the root, one at its end means all below."""
    tied = "/" in pattern.rstrip("/")
    below = pattern.endswith("/")
    bare = pattern.strip("/")
    parts = []
    for token in re.split(r"(\*\*/|/\*\*|\*\*|\*|\?)", bare):
        special = {"**/": "(?:.*/)?", "/**": "/.*", "**": ".*", "*": "[^/]*", "?": "[^/]"}
        parts.append(special.get(token, re.escape(token)))
    body = "".join(parts)
    # `docs/*` is what lies in docs and not deeper; without that star a folder is meant with all of it.
    deeper = "/.*" if below else "" if bare.endswith("/*") else "(?:/.*)?"
    return re.fullmatch(("" if tied else "(?:.*/)?") + body + deeper, path) is not None

"""What the pages say: their links, their headings, and the commands that they show."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")] + sorted(
    (ROOT / "docs").rglob("*.md")
)
FENCE = re.compile(r"\s*```(\w*)")
LINK = re.compile(r"\]\(([^)\s]+)\)")
COMMAND = re.compile(r"(?:\$ )?((?:pytest|conformance|pip|python3?|\.venv/bin/\S+)\s.*)")
SHELL = ("", "bash", "console", "sh")


def lines(text: str) -> Iterator[tuple[str, str | None]]:
    """Each with the language of the code that it is of: "" where none is told, None where it is no code."""
    fence: str | None = None
    for line in text.splitlines():
        if found := FENCE.match(line):
            fence = found[1] if fence is None else None
        elif fence is not None:
            yield line, fence
        else:
            yield line, "" if line.startswith("    ") else None


def commands(page: Path) -> Iterator[str]:
    """As one would type them, without what is said beside them. What a run printed begins with a version."""
    for line, language in lines(page.read_text("utf-8")):
        if language in SHELL and (found := COMMAND.match(line.strip())) and not re.match(r"conformance \d", found[1]):
            yield re.sub(r"\s{2,}#.*", "", found[1]).strip()


def links(page: Path) -> Iterator[str]:
    for line, language in lines(page.read_text("utf-8")):
        if language is None:
            yield from LINK.findall(re.sub(r"`[^`]*`", "", line))


def anchors(page: Path) -> set[str]:
    """Of its headings, where GitHub and the site make the same of them."""
    found = [
        m[1]
        for line, language in lines(page.read_text("utf-8"))
        if language is None and (m := re.match(r"#+ (.+)", line))
    ]
    texts = [re.sub(r"[`*]|\]\([^)]*\)|\[", "", heading).strip().lower() for heading in found]
    return {re.sub(r"\s", "-", re.sub(r"[^\w\s-]", "", text)) for text in texts} & set(map(_slug, texts))


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", plain).strip())


def broken(page: Path) -> list[str]:
    """Relative links that lead nowhere."""
    wrong = []
    for link in links(page):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors(target)):
            wrong.append(link)
    return wrong


def tutorial() -> str:
    """The adapter that the tutorial shows."""
    page = (ROOT / "docs" / "tutorial.md").read_text("utf-8")
    return "\n".join(line for line, language in lines(page) if language == "python") + "\n"

"""What GitHub Actions shows: annotations by workflow commands, and the step's summary in Markdown.

Nothing that an adapter said may become a command, or markup: see `_data` and `_markdown`, and `inert` in clean.py.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from conformance.report.level import areas, finding, sentence, untested
from conformance.report.markup import visible
from conformance.report.model import COLUMNS, ProviderRow, Report, RequirementRow

SHOWN = 10  # annotations of a kind that GitHub shows of one step; the last one tells what is left out
LISTED = 50  # findings of one provider in the summary, which may not be longer than a megabyte
LONGEST = 300  # characters of a finding
KINDS = {
    "fail": "error",
    "kit error": "error",
    "vacuous": "error",
    "blocked": "warning",
    "known failure": "notice",
    "advice": "notice",
}


def in_actions() -> bool:
    return os.environ.get("GITHUB_ACTIONS") == "true"


def commands(rows: Sequence[ProviderRow]) -> list[str]:
    """The commands, the worst first; none where nobody reads them."""
    return list(_commands(rows)) if in_actions() else []


def _commands(rows: Sequence[ProviderRow]) -> Iterator[str]:
    for kind in dict.fromkeys(KINDS.values()):
        found = [(row, r) for row in rows for r in row.requirements if KINDS.get(r.verdict) == kind and r.cases]
        some = found if len(found) <= SHOWN else found[: SHOWN - 1]
        yield from (_command(kind, row, rule) for row, rule in some)
        if left := len(found) - len(some):
            yield f"::{kind} title=conformance::{left} more; the report tells all"


def _command(kind: str, row: ProviderRow, rule: RequirementRow) -> str:
    file, _, line = row.source.rpartition(":")
    place = f"file={_property(file)},line={_property(line)}," if file else ""
    if manifest := next((case.manifest for case in rule.cases if case.verdict == rule.verdict), ""):
        place = f"file={_property(manifest)},"
    title = _property(f"{rule.id} {rule.verdict} ({row.label})")
    rerun = next((case.rerun for case in rule.cases if case.rerun), "")
    said = "\n".join(filter(None, [_short(finding(rule)), f"rule: {rule.text} ({rule.level})", rerun]))
    return f"::{kind} {place}title={title}::{_data(said)}"


def _data(text: str) -> str:
    return visible(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


# --- the summary -------------------------------------------------------------------------------


def summary(report: Report) -> str:
    """Markdown, to be added to the step's."""
    return "\n".join(line for row in report.providers for line in _summary(row, report)) + "\n"


def _summary(row: ProviderRow, report: Report) -> Iterator[str]:
    yield f"## {'✅' if row.conformant else '❌'} {_markdown(sentence(row))}\n"
    about = [f"{row.package} {row.version}".strip(), row.spec, row.host, row.dialect, f"kit {report.kit}"]
    yield " · ".join(_markdown(text) for text in about if text) + "\n"
    if left := untested(row):
        yield f"{len(left)} MUST went untested.\n"
    shown = [word for word in COLUMNS if row.counts.get(word)]
    yield f"| area | {' | '.join(shown)} |"
    yield f"|---|{'---:|' * len(shown)}"
    for area in areas([row]):
        words: list[str] = [rule.verdict for rule in row.requirements if rule.area == area]
        yield f"| {_markdown(area)} | {' | '.join(str(words.count(word) or '·') for word in shown)} |"
    found = [rule for rule in row.requirements if rule.verdict in KINDS and rule.cases]
    if found:
        found.sort(key=lambda rule: list(KINDS).index(rule.verdict))
        yield "\n| | requirement | what was seen |\n|---|---|---|"
        for rule in found[:LISTED]:
            yield f"| {rule.verdict} | {_markdown(rule.id)} | {_markdown(_short(finding(rule)))} |"
        if len(found) > LISTED:
            yield f"\n{len(found) - LISTED} more; the report tells all."
    yield f"\nverdicts <code>{_markdown(report.footer.sha256)}</code>, {_markdown(report.footer.time)}\n"


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} …"


def _markdown(text: str) -> str:
    """Only letters, digits and blanks are themselves: an entity is never read as markup, a link or a mention."""
    line = " ".join(visible(text).split())
    return "".join(c if (c.isalnum() and c.isascii()) or c == " " else f"&#{ord(c)};" for c in line)

"""Many providers side by side, by requirement: a folder of static pages that need no server.

Reports of one adapter (the same `--provider` and wire protocol) are one column, the latest; earlier ones are its trend.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote

from conformance.report import html
from conformance.report.diff import Difference, difference
from conformance.report.footer import footer
from conformance.report.html import chip, document, tools
from conformance.report.level import areas, finding, judged, met, sentence
from conformance.report.markup import Markup, tag
from conformance.report.model import COLUMNS, ProviderRow, Report, RequirementRow

FORMAT = "provider-conformance-matrix/1"


@dataclass(frozen=True)
class Told:
    """One provider as one report tells of it."""

    time: str
    kit: str
    python: str
    exit_code: int
    row: ProviderRow


@dataclass(frozen=True)
class Series:
    """One provider, its reports by time."""

    told: Sequence[Told]
    name: str  # unique
    page: str  # of its latest report

    @property
    def last(self) -> ProviderRow:
        return self.told[-1].row

    @cached_property
    def since(self) -> Difference | None:
        """What changed with the latest report."""
        return difference(self.told[-2].row, self.last) if len(self.told) > 1 else None

    @cached_property
    def rules(self) -> dict[str, RequirementRow]:
        return {rule.id: rule for rule in self.last.requirements}


def site(reports: Iterable[Report]) -> dict[str, str]:
    """The files' contents by their names."""
    columns = _series(reports)
    return {
        "index.html": _index(columns),
        "matrix.json": json.dumps(_data(columns), indent=2) + "\n",
        **{series.page: html.page(_alone(series.told[-1])) for series in columns},
    }


def _series(reports: Iterable[Report]) -> list[Series]:
    found: dict[tuple[str, str], list[Told]] = {}
    for report in reports:
        for row in report.providers:
            told = Told(report.footer.time, report.kit, report.python, report.exit_code, row)
            same = found.setdefault((row.spec, row.dialect), [])
            if told not in same:  # a file that was given twice
                same.append(told)
    labels = [told[-1].row.label for told in found.values()]
    return [
        Series(
            sorted(told, key=lambda t: t.time), _name(told[-1].row, labels), f"provider-{n}-{_slug(told[-1].row)}.html"
        )
        for n, told in enumerate(found.values(), 1)
    ]


def _name(row: ProviderRow, labels: Sequence[str]) -> str:
    return row.label if labels.count(row.label) == 1 else f"{row.label} ({row.spec}, {row.dialect})"


def _slug(row: ProviderRow) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", row.label).strip("-").lower()[:40] or "adapter"


def _alone(told: Told) -> Report:
    made = footer([told.row]).model_copy(update={"time": told.time})
    return Report(kit=told.kit, python=told.python, exit_code=told.exit_code, providers=[told.row], footer=made)


# --- for people --------------------------------------------------------------------------------


def _index(columns: Sequence[Series]) -> str:
    words = {rule.verdict for series in columns for rule in series.last.requirements}
    shown = [*(w for w in COLUMNS if w in words), *sorted(words - set(COLUMNS)), "differs"]
    title = f"Conformance of {len(columns)} providers"
    body = [
        tag("header", tag("h1", title)),
        tag(
            "main",
            tag("h2", "Providers"),
            _providers(columns),
            tag("h2", "By area"),
            _by_area(columns),
            tag("h2", "By requirement"),
            tools("Search requirements and findings", shown),
            _by_requirement(columns),
        ),
    ]
    return document(title, body, "report.js")


def _providers(columns: Sequence[Series]) -> Markup:
    names = ("provider", "version", "host", "dialect", "kit", "judged", "requirements met", "trend")
    head = tag("tr", [tag("th", name, scope="col") for name in names])
    return _table("Providers, each by its latest report", head, map(_provider, columns))


def _provider(series: Series) -> Markup:
    last = series.last
    colour = "good" if last.conformant else "bad" if judged(last) > met(last) else "warning"
    standing = tag("span", f"{met(last)}/{judged(last)}", class_=colour, title=sentence(last))
    cells = [last.version or "-", last.host, last.dialect, series.told[-1].kit, series.told[-1].time[:10], standing]
    link = tag("th", tag("a", series.name, href=series.page), scope="row")
    return tag("tr", link, [tag("td", cell) for cell in cells], tag("td", _trend(series)))


def _trend(series: Series) -> Iterator[Markup]:
    """The share of requirements met, report by report."""
    shares = [met(t.row) / max(1, judged(t.row)) for t in series.told]
    if len(shares) == 1:
        yield tag("span", "one report", class_="hint")
        return
    low, step = min(*shares, 0.99), 100 / (len(shares) - 1)
    points = " ".join(f"{i * step:.1f},{28 - 26 * (share - low) / (1 - low):.1f}" for i, share in enumerate(shares))
    label = f"requirements met, of {len(shares)} reports: " + ", ".join(f"{share:.1%}" for share in shares)
    line = tag("polyline", points=points)
    yield tag(
        "svg", line, class_="trend", viewBox="0 0 100 30", preserveAspectRatio="none", role="img", aria_label=label
    )
    told = [f"{t.time[:10]} {t.row.version} (kit {t.kit}): {met(t.row)}/{judged(t.row)}" for t in series.told]
    items = tag("ol", [tag("li", line) for line in told])
    since = series.since
    said = [f"{n} {kind}" for kind, n in since.counts.items() if kind != "same"] if since else []
    yield tag("details", tag("summary", ", ".join(said) or "as before"), items)


def _by_area(columns: Sequence[Series]) -> Markup:
    head = tag("tr", tag("th", "area", scope="col"), [tag("th", series.name, scope="col") for series in columns])
    lines = []
    for area in areas(series.last for series in columns):
        name = tag("button", area, type="button", class_="area", data_area=area)
        lines.append(tag("tr", tag("th", name, scope="row"), [tag("td", _share(s, area)) for s in columns]))
    return _table("Requirements met, of those that were judged", head, lines)


def _share(series: Series, area: str) -> Markup | str:
    words = [
        r.verdict for r in series.last.requirements if r.area == area and r.verdict not in ("unsupported", "not run")
    ]
    good = sum(word in ("pass", "advice") for word in words)
    return tag("span", f"{good}/{len(words)}", class_="good" if good == len(words) else "bad") if words else "-"


def _by_requirement(columns: Sequence[Series]) -> Markup:
    known: dict[str, RequirementRow] = {id: rule for series in columns for id, rule in series.rules.items()}
    rank = {area: i for i, area in enumerate(areas(series.last for series in columns))}
    names = [tag("th", series.name, scope="col") for series in columns]
    head = tag("tr", tag("th", "requirement", scope="col"), names)
    moved = [{c.id: c.kind for c in series.since.changes} if series.since else {} for series in columns]
    lines = [
        _line(
            rule,
            [_cell(s, s.rules.get(rule.id), kinds.get(rule.id, "")) for s, kinds in zip(columns, moved, strict=True)],
        )
        for rule in sorted(known.values(), key=lambda r: (rank[r.area], r.id))
    ]
    return _table("Verdicts by requirement", head, lines, "matrix")


def _cell(series: Series, rule: RequirementRow | None, moved: str) -> tuple[str, Markup]:
    """Its verdict, and how it is shown: what moved with the latest report is marked."""
    if rule is None:
        return "", tag("td", tag("span", "not asked", class_="hint"))
    kind = {"worse": "worse", "lost": "worse", "mended": "better"}.get(moved)
    more = tag("span", f" {moved}", class_="hint") if kind else None
    link = tag("a", chip(rule.verdict), href=f"{series.page}#{quote(html.anchor(series.last, rule))}")
    return rule.verdict, tag("td", link, more, class_=kind, title=finding(rule) or None)


def _line(rule: RequirementRow, cells: Sequence[tuple[str, Markup]]) -> Markup:
    words = list(dict.fromkeys(word for word, _ in cells if word))
    name = tag("th", tag("b", rule.id), f" {rule.level} ", rule.text, scope="row", class_="text")
    verdicts = ",".join([*words, *(["differs"] if len(words) > 1 else [])])
    shown = [cell for _, cell in cells]
    return tag("tr", name, shown, class_="row", data_verdict=verdicts, data_area=rule.area, tabindex=-1)


def _table(caption: str, head: Markup, lines: Iterable[Markup], kind: str = "plain") -> Markup:
    table = tag("table", tag("caption", caption), tag("thead", head), tag("tbody", lines), class_=kind)
    return tag("div", table, class_="wide", tabindex=0, role="region", aria_label=caption)


# --- for programs ------------------------------------------------------------------------------


def _data(columns: Sequence[Series]) -> Mapping[str, object]:
    return {
        "format": FORMAT,
        "providers": [
            {
                "name": series.name,
                "page": series.page,
                "spec": series.last.spec,
                "dialect": series.last.dialect,
                "host": series.last.host,
                "conformant": series.last.conformant,
                "trend": [
                    {"time": t.time, "kit": t.kit, "version": t.row.version, "met": met(t.row), "judged": judged(t.row)}
                    for t in series.told
                ],
                "verdicts": {rule.id: rule.verdict for rule in series.last.requirements},
            }
            for series in columns
        ],
    }

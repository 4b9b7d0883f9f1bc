"""The HTML report: one file that needs no other, and no script to be read."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path

from conformance.report.level import areas, finding, judged, met, sentence, untested
from conformance.report.markup import Markup, safe, tag
from conformance.report.model import COLUMNS, WORST, CaseRow, MarkRow, ProviderRow, Report, RequirementRow

FOLDER = Path(__file__).parent / "page"
OPENED = 3  # cases of a requirement that are told in full; the others fail alike
KEYS = (("/", "search"), ("j", "next"), ("k", "previous"), ("Enter", "open or close"), ("Esc", "clear"))


def page(report: Report) -> str:
    names = ", ".join(row.label for row in report.providers)
    body = [
        tag("header", tag("h1", f"Conformance of {names}"), _origin(report)),
        tag(
            "main",
            tools("Search requirements, cases and texts", sorted_words(report)),
            map(_provider, report.providers),
        ),
        tag("footer", _footer(report)),
    ]
    return document(f"Conformance of {names}", body, "report.js")


def document(title: str, body: Iterable[Markup], script: str) -> str:
    """A whole page with the kit's own style and script in it; nothing else may run, and nothing is loaded."""
    css, js = (Markup((FOLDER / name).read_text("utf-8")) for name in ("page.css", script))
    policy = (
        f"default-src 'none'; style-src '{_hash(css)}'; script-src '{_hash(js)}'; base-uri 'none'; form-action 'none'"
    )
    head = [
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=policy),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", title),
        tag("style", css),
    ]
    return "<!doctype html>\n" + tag("html", tag("head", head), tag("body", body, tag("script", js)), lang="en") + "\n"


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def tools(hint: str, words: Sequence[str]) -> Markup:
    """The search box, a button for each verdict, and the keys."""
    buttons = [
        tag("button", chip(word), type="button", class_="filter", data_verdict=word, aria_pressed="false")
        for word in words
    ]
    keys = [[tag("kbd", key), f" {does} "] for key, does in KEYS]
    return tag(
        "div",
        tag("label", hint, for_="search", class_="hint"),
        tag("input", id="search", type="search", placeholder=hint, autocomplete="off", spellcheck="false"),
        tag("div", buttons, class_="filters", role="group", aria_label="Show only"),
        tag("p", tag("span", id="shown", role="status"), tag("span", keys, class_="keys"), class_="hint"),
        class_="tools",
        role="search",
    )


def sorted_words(report: Report) -> list[str]:
    found = {rule.verdict for row in report.providers for rule in row.requirements}
    return [*(w for w in COLUMNS if w in found), *sorted(found - set(COLUMNS))]


def chip(word: str) -> Markup:
    return tag("span", word, class_=f"chip {word.replace(' ', '-')}")


def _origin(report: Report) -> Markup:
    return tag("p", f"provider-conformance {report.kit}, Python {report.python}, {report.footer.time}", class_="hint")


def _footer(report: Report) -> list[Markup]:
    counts = ", ".join(f"{n} {word}" for word, n in report.footer.cases.items())
    return [
        tag("p", f"Cases: {counts}."),
        tag("p", "SHA-256 of the verdicts: ", tag("code", report.footer.sha256)),
    ]


# --- one provider ------------------------------------------------------------------------------


def _provider(row: ProviderRow) -> Markup:
    rank = {word: i for i, word in enumerate(WORST)}
    rules = sorted(
        row.requirements, key=lambda r: rank.get(r.verdict, 0) if finding(r) and r.verdict != "unsupported" else 99
    )
    head = f"provider-{row.label}"
    return tag(
        "section",
        tag("h2", row.label, id=head),
        _standing(row),
        _facts(row),
        _areas(row),
        tag("h3", "Requirements"),
        [_rule(rule, row) for rule in rules],
        aria_labelledby=head,
        class_="provider",
    )


def _standing(row: ProviderRow) -> Iterator[Markup]:
    yield tag("p", sentence(row), class_=f"standing {'good' if row.conformant else 'bad'}")
    if left := untested(row):
        yield tag(
            "p",
            f"{len(left)} MUST went untested: {', '.join(left[:8])}{' …' if len(left) > 8 else ''}",
            class_="warning",
        )
    total = max(1, judged(row))
    bar = [
        tag("rect", width=total, height=8, class_="missed"),
        tag("rect", width=met(row), height=8, class_="met"),
    ]
    label = f"{met(row)} of {judged(row)} requirements met"
    yield tag(
        "svg", bar, class_="bar", viewBox=f"0 0 {total} 8", preserveAspectRatio="none", role="img", aria_label=label
    )


def _facts(row: ProviderRow) -> Markup:
    able = [name for name, can in row.capabilities.items() if can]
    unable = [name for name, can in row.capabilities.items() if not can]
    facts = {
        "adapter": row.spec,
        "package": f"{row.package} {row.version}".strip(),
        "source": row.source,
        "host": f"{row.host} ({row.host_why})",
        "dialect": f"{row.dialect} ({row.dialect_why})",
        "capabilities": ", ".join(able) + (f"; not {', '.join(unable)}" if unable else ""),
        "vendors": "" if row.vendors is None else ", ".join(row.vendors) or "none",
    }
    return tag("dl", [[tag("dt", name), tag("dd", told)] for name, told in facts.items() if told], class_="facts")


def _areas(row: ProviderRow) -> Markup:
    words = [*(w for w in COLUMNS if row.counts.get(w)), *sorted(set(row.counts) - set(COLUMNS))]
    head = tag("tr", tag("th", "area", scope="col"), [tag("th", chip(w), scope="col") for w in words])
    lines = []
    for area in areas([row]):
        counts: Counter[str] = Counter(rule.verdict for rule in row.requirements if rule.area == area)
        name = tag("button", area, type="button", class_="area", data_area=area)
        lines.append(tag("tr", tag("th", name, scope="row"), [tag("td", counts.get(w) or "·") for w in words]))
    total = tag("tr", tag("th", "requirements", scope="row"), [tag("td", row.counts.get(w, 0)) for w in words])
    table = tag(
        "table", tag("caption", "Requirements by area"), tag("thead", head), tag("tbody", lines), tag("tfoot", total)
    )
    return tag("div", table, class_="wide", tabindex=0, role="region", aria_label="Requirements by area")


# --- one requirement ---------------------------------------------------------------------------


def anchor(row: ProviderRow, rule: RequirementRow) -> str:
    return f"{row.label}/{rule.id}"


def _rule(rule: RequirementRow, row: ProviderRow) -> Markup:
    said = finding(rule) or rule.text
    head = tag("summary", chip(rule.verdict), " ", tag("b", rule.id), " ", tag("span", said, class_="said"))
    bad = [case for case in rule.cases if case.violations or case.verdict in ("kit error", "vacuous")]
    rest = [case for case in rule.cases if case not in bad]
    body = [
        tag("p", f"{rule.text} ({rule.level}, {rule.area})", class_="text"),
        [_case(case, opened=i == 0, told=i < OPENED) for i, case in enumerate(bad)],
        _others(rest),
        tag("p", f"{rule.left_out} cases did not run.", class_="hint") if rule.left_out else None,
        tag("p", "More: ", tag("code", f"conformance explain {rule.id}"), class_="hint"),
    ]
    return tag(
        "details",
        head,
        body,
        id=anchor(row, rule),
        class_="rule",
        data_verdict=rule.verdict,
        data_area=rule.area,
        data_level=rule.level,
    )


def _others(cases: Sequence[CaseRow]) -> Iterator[Markup]:
    """One line for all that ended alike."""
    alike = sorted(cases, key=lambda c: (c.verdict, c.reason))
    for (verdict, reason), some in groupby(alike, key=lambda c: (c.verdict, c.reason)):
        names = ", ".join(case.case for case in some)
        yield tag("p", chip(verdict), f" {names}", tag("span", f": {reason}") if reason else None, class_="others")


def _case(case: CaseRow, *, opened: bool, told: bool) -> Markup:
    head = tag("summary", tag("code", case.case))
    if not told:
        said = case.violations[0].headline if case.violations else case.reason
        return tag("details", head, tag("p", said), _command(case), class_="case")
    rows: list[tuple[str, Markup]] = [("asked", safe(case.asked))] if case.asked else []
    for violation in case.violations:
        rows += [("wrong", safe(violation.headline))]
        rows += [("expected", tag("pre", violation.expected or "-")), ("got", tag("pre", violation.got or "-"))]
    if case.reason:
        rows.append(("reason", tag("pre", case.reason)))
    if case.example:
        rows.append(("example", tag("pre", case.example)))
    table = tag("dl", [[tag("dt", name), tag("dd", value)] for name, value in rows], class_="story")
    return tag("details", head, table, _wire(case.timeline), _command(case), class_="case", open=opened)


def _command(case: CaseRow) -> Markup | None:
    return tag("p", "Again: ", tag("code", case.rerun, class_="command"), class_="again") if case.rerun else None


# --- the wire ----------------------------------------------------------------------------------


def _wire(marks: Sequence[MarkRow]) -> Markup | None:
    """Each exchange: a bar of the answer's bytes, then what was sent, with its first and its last byte."""
    if not marks:
        return None
    parts = [[_bytes(exchange), tag("ol", map(_mark, exchange), class_="wire")] for exchange in _exchanges(marks)]
    return tag("div", tag("h4", "On the wire"), parts)


def _exchanges(marks: Sequence[MarkRow]) -> list[list[MarkRow]]:
    found: list[list[MarkRow]] = []
    for mark in marks:
        if not found or (mark.who == ">" and mark.at is None):
            found.append([])
        found[-1].append(mark)
    return found


def _bytes(exchange: Sequence[MarkRow]) -> Markup | None:
    """How the answer's bytes fall into events; what never came is hatched."""
    parts = [m for m in exchange if m.who != ">" and m.at is not None and m.to is not None]
    whole = max((m.to or 0 for m in parts), default=0)
    if not whole:
        return None
    sent = max((m.to or 0 for m in parts if m.who == "<"), default=0)
    rects = [
        tag(
            "rect",
            x=m.at,
            width=(m.to or 0) - (m.at or 0),
            height=10,
            class_="lost" if m.who == "!" else f"part n{i % 2}",
        )
        for i, m in enumerate(parts)
    ]
    label = f"{sent} of {whole} bytes of the answer were sent"
    return tag(
        "svg",
        rects,
        class_="bytes",
        viewBox=f"0 0 {whole} 10",
        preserveAspectRatio="none",
        role="img",
        aria_label=label,
    )


WHO = {">": ("out", "adapter"), "<": ("in", "server"), "!": ("end", "event")}


def _mark(mark: MarkRow) -> Markup:
    kind, name = WHO[mark.who]
    place = "" if mark.at is None else f"{mark.at}-{mark.to}" if mark.to != mark.at else str(mark.at)
    return tag(
        "li",
        tag("span", f"{name} ", class_="who"),
        tag("span", place, class_="at", title="bytes of the body" if place else None),
        tag("code", mark.text),
        class_=kind,
    )

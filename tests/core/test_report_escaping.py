"""Whatever an adapter says, it is a text: never markup, never a command, never a key."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from conformance.canary import CANARY, hidden, key_of
from conformance.report import badge, github, html, matrix
from conformance.report.clean import clean, inert
from conformance.report.markup import safe, tag, visible
from conformance.report.outputs import badge_path
from tests.core.reports import USUAL, provider, report

HOSTILE = {
    "script": "<script>window.pwned = 1</script>",
    "attribute": "\"' onmouseover=window.pwned=1 autofocus onfocus='window.pwned=1",
    "closing": "</code></pre></style></script></svg></title></textarea>--><img src=x onerror=window.pwned=1>",
    "comment": "<!-- ]]> <?xml ?> <!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]> &e; &lt;b&gt; &#60;i&#62;",
    "command": "harmless\n::error file=x::pwned\n  ::stop-commands::x\r::add-mask::a\n##[error]pwned",
    "properties": "x,file=other.py::pwned%0A::error::pwned",
    "markdown": "| a | `b` | **c** ![x](https://example.invalid/x.png) <https://example.invalid> www.x.invalid @a #1 |",
    "fence": "```\n\n# pwned\n\n[x]: javascript:alert(1)\n---\n<details>",
    "invisible": "\x00\x1b[31m\x07\x7f\x85\u202egnp.exe\u2066\u2028\ufeff\uffff",
    "link": "javascript:window.pwned=1",
    "path": "../../../etc/passwd",
}
TEXTS = pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
TAME = "quite harmless"


class Skeleton(HTMLParser):
    """The elements and the names of their attributes, in order."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, ...]] = []
        self.links: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, *(name for name, _ in attrs)))
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]

    def handle_endtag(self, tag: str) -> None:
        self.found.append((f"/{tag}",))

    def handle_comment(self, data: str) -> None:
        self.found.append(("comment",))

    def handle_decl(self, decl: str) -> None:
        self.found.append(("declaration",))

    def handle_pi(self, data: str) -> None:
        self.found.append(("instruction",))


@TEXTS
def test_the_page_has_the_same_elements_whatever_is_said(text: str) -> None:
    hostile, tame = (Skeleton(html.page(report(provider(USUAL, t, t)))) for t in (text, TAME))
    assert hostile.found == tame.found
    assert hostile.links == tame.links == []


@TEXTS
def test_the_pages_of_a_matrix_too(text: str) -> None:
    def pages(text: str) -> list[str]:
        first, last = (report(provider(USUAL, text, text), time=f"2026-01-0{n}") for n in (1, 2))
        made = matrix.site([first, last, report(provider(USUAL, text=text))])
        return [content for name, content in made.items() if name.endswith(".html")]

    for hostile, tame in zip(pages(text), pages(TAME), strict=True):
        assert Skeleton(hostile).found == Skeleton(tame).found
        assert all(
            re.fullmatch(r"provider-\d-[a-z0-9-]+\.html(#[\w./%~-]*)?", link) for link in Skeleton(hostile).links
        )


@TEXTS
def test_files_are_named_as_the_kit_wishes(text: str) -> None:
    names = list(matrix.site([report(provider(USUAL, text, text))]))
    assert all(re.fullmatch(r"[a-z0-9-]+\.(html|json)", name) for name in names)
    assert re.fullmatch(r"out/badge-[A-Za-z0-9._-]*\.svg", badge_path("out/badge.svg", text, 2))


@TEXTS
def test_the_badge_is_xml(text: str) -> None:
    shown = ElementTree.fromstring(badge.svg(provider(USUAL, text, text)))
    assert [e.tag.partition("}")[2] for e in shown.iter()] == ["svg", "title", "rect", "rect", "rect", "text", "text"]
    assert visible(text).strip()[:5] in "".join(shown.itertext())


@TEXTS
def test_annotations_are_what_the_kit_says_and_no_more(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    hostile, tame = (github.commands([provider(USUAL, t, t)]) for t in (text, TAME))
    assert len(hostile) == len(tame) == 3
    form = re.compile(r"::(error|warning|notice) file=[^:,]*,line=12,title=[^:,\r\n]*::[^\r\n]*")
    assert all(form.fullmatch(line) for line in hostile)


@TEXTS
def test_the_summary_has_the_same_lines(text: str) -> None:
    hostile, tame = (github.summary(report(provider(USUAL, t, t))) for t in (text, TAME))
    assert len(hostile.splitlines()) == len(tame.splitlines())
    for line in hostile.splitlines():
        assert line.count("|") in (0, 4, 7)
        assert not re.search(r"[*`\[\]!@]|<(?!/?code>)|://|www\.", line)


@TEXTS
def test_no_line_of_a_story_is_a_command(text: str) -> None:
    lines = [inert(line) for line in text.splitlines()]
    assert not [line for line in lines if line.lstrip().startswith("::") or "##[" in line]


def test_markup_that_was_made_is_not_escaped_again() -> None:
    inner = tag("b", "a & b")
    assert inner == "<b>a &amp; b</b>"
    assert tag("p", inner, " < ", [inner, None]) == "<p><b>a &amp; b</b> &lt; <b>a &amp; b</b></p>"
    assert tag("input", hidden=True, disabled=False, value='"') == '<input hidden="" value="&quot;"/>'
    assert safe("\ud800") == "\\ud800"


# --- the key -----------------------------------------------------------------------------------


def test_no_key_of_the_kit_is_left() -> None:
    data = {"a": [f"x{CANARY}y", (key_of(3), 1, None)], CANARY: {"b": f"\ud800 {CANARY}"}}
    assert clean(data) == {"a": ["x<the key>y", ("<the key>", 1, None)], "<the key>": {"b": "\\ud800 <the key>"}}
    assert hidden(f"{CANARY}{CANARY}") == "<the key><the key>"

"""The pages as a browser shows them: keys, colours, a phone, names for who cannot see, and nothing that is loaded."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from conformance.report import html, matrix
from tests.core.chromium import FOUND, Browser, chromium
from tests.core.reports import USUAL, changed, provider, report
from tests.core.test_report_escaping import HOSTILE

pytestmark = pytest.mark.skipif(FOUND is None, reason="there is no Chromium here: apt-get install chromium")

PAGES = ("report.html", "index.html", "hostile.html")
LONG = {f"REQ-{n:03}": {f"case-{i}": "fail" for i in range(4)} for n in range(30, 60)}

# Every text that can be seen, with too little contrast to what is behind it (4.5 to 1, WCAG AA).
FAINT = """(() => {
  const parse = (c) => (c.match(/[\\d.]+/g) || [0, 0, 0, 0]).map(Number);
  const even = (v) => v <= 10 ? v / 3294.6 : ((v / 255 + .055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => .2126 * even(r) + .7152 * even(g) + .0722 * even(b);
  const behind = (e) => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor);
    if (c.length < 4 || c[3] > 0) return c.slice(0, 3); } return [255, 255, 255]; };
  const faint = new Set();
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const e = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || !e.checkVisibility() || e.closest("svg, script, style")) continue;
    const [a, b] = [light(parse(getComputedStyle(e).color)), light(behind(e))].sort((x, y) => y - x);
    if ((a + .05) / (b + .05) < 4.5) faint.add(e.className + ": " + walk.currentNode.data.trim().slice(0, 30));
  }
  return [...faint];
})()"""

FOCUS = "document.activeElement.closest('.rule, tr')?.id || document.activeElement.id"
SHOWN = "[...document.querySelectorAll('.rule')].filter((row) => row.checkVisibility()).map((row) => row.id)"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with chromium(tmp_path_factory.mktemp("chromium")) as started:
        yield started


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("pages")
    hostile = "".join(HOSTILE.values())
    old = report(provider(USUAL), time="2026-01-01")
    new = report(provider(changed("STR-007", in_turn="fail")), time="2026-02-01")
    more = report(provider({**USUAL, **LONG}, "Other"), provider({"REQ-001": {"plain": "pass"}}, "Third"))
    files = {
        **matrix.site([old, new, more]),
        "report.html": html.page(report()),
        "hostile.html": html.page(report(provider(USUAL, hostile, hostile))),
    }
    for name, content in files.items():
        (made / name).write_text(content, encoding="utf-8")
    return made


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_a_page_is_whole_and_can_be_read(browser: Browser, folder: Path, name: str, dark: bool) -> None:
    page = browser.open(folder / name, dark=dark)
    page.run("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    assert page.run(FAINT) == []
    assert page.loaded == [(folder / name).as_uri()]
    assert page.complaints == []
    ground = page.run("getComputedStyle(document.body).backgroundColor")
    assert ground == ("rgb(13, 17, 23)" if dark else "rgb(255, 255, 255)")


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("width", [320, 390])
def test_on_a_phone_nothing_is_cut_off(browser: Browser, folder: Path, name: str, width: int) -> None:
    page = browser.open(folder / name, width=width, height=700)
    page.run("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    assert page.run("document.documentElement.scrollWidth") <= width
    small = """[...document.querySelectorAll('button, summary, input')].filter(
        (each) => each.checkVisibility() && each.getBoundingClientRect().height < 24).map((each) => each.outerHTML)"""
    assert page.run(small) == []


def test_what_is_hostile_is_shown_and_does_nothing(browser: Browser, folder: Path) -> None:
    page = browser.open(folder / "hostile.html")
    assert page.run("window.pwned === undefined")
    assert page.run("document.querySelectorAll('img, iframe, script:not(:last-child)').length") == 0
    assert "<script>window.pwned = 1</script>" in page.run("document.body.textContent")


def test_a_script_that_got_in_would_not_run(browser: Browser, folder: Path, tmp_path: Path) -> None:
    """The second wall: the page's own policy."""
    broken = tmp_path / "broken.html"
    text = (folder / "report.html").read_text("utf-8")
    attack = "<script>window.pwned=1</script><img src=x onerror=window.pwned=1>"
    broken.write_text(text.replace("<main>", f"<main>{attack}"), encoding="utf-8")
    page = browser.open(broken)
    page.until("document.getElementById('shown').textContent !== ''")
    assert page.run("window.pwned === undefined")
    assert any("Content Security Policy" in said for said in page.complaints)


# --- keys and search ---------------------------------------------------------------------------


def test_searching(browser: Browser, folder: Path) -> None:
    page = browser.open(folder / "report.html")
    assert page.run("document.getElementById('shown').textContent") == "7 of 7 shown"
    page.press("/")
    assert page.run(FOCUS) == "search"
    page.press(*"in-turn")
    assert page.run(SHOWN) == ["Acme/STR-007"]
    page.press("Escape")
    assert len(page.run(SHOWN)) == 7
    assert page.run("document.getElementById('search').value") == ""


def test_walking_through(browser: Browser, folder: Path) -> None:
    page = browser.open(folder / "report.html")
    page.press("j")
    assert page.run(FOCUS) == "Acme/REQ-006"
    page.press("j")
    assert page.run(FOCUS) == "Acme/RAT-003"
    page.press("k")
    assert page.run(FOCUS) == "Acme/REQ-006"
    opened = "document.getElementById('Acme/REQ-006').open"
    page.press("Enter")
    assert page.run(opened)
    assert page.run("document.querySelector('[id=\"Acme/REQ-006\"] .command').checkVisibility()")
    page.press("Enter")
    assert not page.run(opened)


def test_only_one_verdict(browser: Browser, folder: Path) -> None:
    page = browser.open(folder / "report.html")
    page.run("document.querySelector('button.filter[data-verdict=fail]').click()")
    assert page.run(SHOWN) == ["Acme/REQ-006"]
    page.run("document.querySelector('button.area[data-area=streaming]').click()")
    assert page.run(SHOWN) == []


def test_from_the_matrix_to_a_finding(browser: Browser, folder: Path) -> None:
    page = browser.open(folder / "index.html")
    page.run("document.querySelector('button.filter[data-verdict=differs]').click()")
    page.press("/")
    page.press(*"str-007")
    page.press("Enter")
    assert page.run("document.activeElement.textContent.startsWith('STR-007')")
    page.press("Enter")
    page.until("location.hash === '#Acme/STR-007' && document.readyState === 'complete'")
    page.until("document.getElementById('Acme/STR-007').open")


# --- for who cannot see it ---------------------------------------------------------------------


@pytest.mark.parametrize("name", ["report.html", "index.html"])
def test_everything_has_a_name(browser: Browser, folder: Path, name: str) -> None:
    page = browser.open(folder / name)
    nodes = page.call("Accessibility.getFullAXTree")["nodes"]
    roles = {"button", "link", "searchbox", "image", "img", "region", "search", "table", "group", "DisclosureTriangle"}
    told = [(n["role"]["value"], n.get("name", {}).get("value", "")) for n in nodes if not n.get("ignored")]
    assert [(role, said) for role, said in told if role in roles - {"search", "group"} and not said.strip()] == []
    assert {"button", "searchbox", "main", "heading", "table", "columnheader", "rowheader"} <= {
        role for role, _ in told
    }
    assert page.run("document.documentElement.lang") == "en"


@pytest.mark.parametrize("name", ["report.html", "index.html"])
def test_headings_leave_no_level_out(browser: Browser, folder: Path, name: str) -> None:
    page = browser.open(folder / name)
    levels = page.run("[...document.querySelectorAll('h1, h2, h3, h4')].map((each) => +each.tagName[1])")
    assert levels[0] == 1
    assert all(later <= earlier + 1 for earlier, later in pairwise(levels))

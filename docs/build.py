"""Builds the documentation's site.

python docs/build.py -o site            with mkdocs (extra `docs`); a link that leads nowhere is an error
python docs/build.py --stage FOLDER     only what mkdocs would read

The pages are laid out as the repository has them, so that a link means the same there and on the site. Beside them lie
the files that they link to, and the reference, which is made of the catalogue and of the command's own help.
"""

from __future__ import annotations

import argparse
import contextlib
import html
import io
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import yaml

from conformance import catalogue, cli
from conformance.catalogue import Catalogue
from conformance.explained import Explained, Fact, command, explained, facts, mending
from conformance.requirement import AREAS, Requirement

ROOT = Path(__file__).resolve().parents[1]
PAGES = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE"]
LINK = re.compile(r"\]\(([^)\s#:]+)(?:#[^)\s]*)?\)")
ISSUE = re.compile(r"([\w.-]+/[\w.-]+)#(\d+)")
TO_CASES = "](fixtures/cases)"  # a folder, which is no page


def stage(folder: Path) -> Path:
    """Everything that mkdocs reads; returns its configuration."""
    pages = folder / "pages"
    for name in PAGES:
        _copy(ROOT / name, pages / name)
    for page in sorted((ROOT / "docs").rglob("*.md")):
        _copy(page, pages / page.relative_to(ROOT))
    for page in sorted(pages.rglob("*.md")):
        source = ROOT / page.relative_to(pages)
        for link in LINK.findall(page.read_text("utf-8")):
            target = (source.parent / link).resolve()
            there = pages / target.relative_to(ROOT)
            if target.is_file() and not there.exists():
                _copy(target, there)
    home = pages / "README.md"
    home.write_text(home.read_text("utf-8").replace(TO_CASES, "](reference/index.md)"), encoding="utf-8")
    for name, text in reference(catalogue.load()):
        _write(pages / "reference" / name, text)
    config = yaml.safe_load((ROOT / "docs" / "mkdocs.yml").read_text("utf-8"))
    made = folder / "mkdocs.yml"
    _write(made, yaml.safe_dump({**config, "docs_dir": "pages"}, sort_keys=False, allow_unicode=True))
    return made


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def _write(target: Path, text: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")


# --- the reference -----------------------------------------------------------------------------


def reference(known: Catalogue) -> Iterator[tuple[str, str]]:
    """Name and text of each page."""
    by_area = {area: [rule for rule in known.requirements.values() if rule.area == area] for area in AREAS.values()}
    yield "index.md", "\n".join(_index(by_area))
    for rule in known.requirements.values():
        yield f"{rule.id}.md", "\n".join(_page(explained(known, rule.id), known))
    yield "commands.md", "\n".join(_commands())


def _index(by_area: dict[str, list[Requirement]]) -> Iterator[str]:
    yield f"# Requirements\n\n{sum(map(len, by_area.values()))} of them, in {len(by_area)} areas."
    yield "`conformance explain ID` tells of one what its page does, and `conformance list` has them all.\n"
    for prefix, area in AREAS.items():
        yield f"## {area}\n\n{_text(mending()[prefix])}\n"
        yield "| id | level | rule |\n|---|---|---|"
        yield from (f"| [{rule.id}]({rule.id}.md) | {rule.level} | {_cell(rule.text)} |" for rule in by_area[area])
        yield ""


def _page(told: Explained, known: Catalogue) -> Iterator[str]:
    rule = told.rule
    yield f"# {rule.id}\n\n{_text(rule.text)}\n"
    yield f"**{rule.level}**, of the area [{rule.area}](index.md#{rule.area}).\n"
    yield f"## Why\n\n{_text(rule.why)}\n"
    yield "## Sources\n\n" + "\n".join(f"- {_source(source)}" for source in rule.sources) + "\n"
    if when := [_fact(fact, known) for fact in facts(rule)]:
        yield "## When it counts\n\n" + "\n".join(when) + "\n"
    if told.mend:
        yield f"## Where to look\n\n{_text(told.mend)}\n"
    if told.example:
        one = told.example
        yield f"## The smallest wire\n\nIts case `{one.case}`, in `{one.dialect}`:\n"
        yield _code([f"asked  {one.asked}", *one.wire, f"then   {one.then}"])
    yield "## What breaks it\n"
    yield "\n".join(f"- `{b.name}`: {_text(b.lie)} It is told: *{_text(b.says)}*" for b in told.broken_by) + "\n"
    if told.cases:
        yield "## Cases\n"
        yield (
            "\n".join(f"- `{case.case}`{': ' + _text(case.about) if case.about else ''}" for case in told.cases) + "\n"
        )
    yield f"## Run it\n\n{_code([command(rule)])}"


def _fact(fact: Fact, known: Catalogue) -> str:
    names = ", ".join(f"[{name}]({name}.md)" if name in known.requirements else f"`{name}`" for name in fact.names)
    return f"- {fact.title} {names}: " + (f"[{fact.says}](../{fact.page})" if fact.page else fact.says)


def _commands() -> Iterator[str]:
    """Each with its own help, as wide as a page."""
    from conformance.commands.completion import told  # noqa: PLC0415

    yield "# Commands\n\nBeside the options that `pytest --help` tells of the kit.\n"
    for one in told(cli.parser()):
        if one.path:
            yield f"## conformance {one.path}\n"
            yield _code(_help(one.path.split()).splitlines())


def _help(path: list[str]) -> str:
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.suppress(SystemExit):
        cli.main([*path, "--help"])
    return said.getvalue()


def _code(lines: list[str]) -> str:
    return "\n".join(f"    {line}".rstrip() for text in lines for line in text.split("\n")) + "\n"


def _source(text: str) -> str:
    """An issue, named as on GitHub, is a link to it."""
    found = ISSUE.fullmatch(text)
    return f"[{text}](https://github.com/{found[1]}/issues/{found[2]})" if found else _text(text)


def _text(text: str) -> str:
    """Nothing of the data is markup."""
    return re.sub(r"([\\`*_\[\]|])", r"\\\1", html.escape(text, quote=False))


def _cell(text: str) -> str:
    return " ".join(_text(text).split())


# -----------------------------------------------------------------------------------------------


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-o", "--output", type=Path, default=Path("site"), metavar="FOLDER")
    parser.add_argument("--stage", type=Path, metavar="FOLDER")
    given = parser.parse_args()
    if given.stage:
        print(stage(given.stage))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        config = stage(Path(folder))
        command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--config-file", str(config)]
        return subprocess.run([*command, "--site-dir", str(given.output.resolve())], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())

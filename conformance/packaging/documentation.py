"""A section for users: how to use it, and which model it asks for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from conformance.packaging import defaults
from conformance.packaging.answers import Judgement, ask, ok, wrong
from conformance.packaging.project import Project

PAGE = re.compile(
    r"(^|/)(readme[^/]*|docs?/.*|documentation/.*|website/.*)\.(md|mdx|rst|txt|adoc)$|^[^/]+\.mdx?$", re.I
)
LOG = re.compile(r"(^|/)(changelog|changes|history|news|contributing|code_of_conduct)[^/]*$", re.I)
HEADING = re.compile(r"^(#{1,6}\s+.*|[^\n]+\n(?:={3,}|-{3,}|~{3,})\s*)$", re.M)
EXAMPLE = re.compile(r"^(```|~~~)|^\.\. code|::\s*$|^(?: {4}|\t)\S", re.M)


def section(project: Project) -> Judgement:
    named = re.compile("|".join(rf"(?<![\w.-]){re.escape(name)}(?![\w-])" for name in project.names), re.I)
    model = _model(project)
    nearest = ""
    for path, heading, text in _sections(project):
        if not named.search(heading) and not named.search(text):
            continue
        missing = [*(["an example"] if not EXAMPLE.search(text) else [])]
        missing += [f"the default model, {model}"] if model and model not in text else []
        if not missing:
            told = f"{path}: {heading or 'the page'}"
            return ok(told) if model else ask(f"does {told} tell the default model?")
        if not nearest or named.search(heading):
            nearest = f"{path}{', ' + heading if heading else ''} lacks {' and '.join(missing)}"
    if nearest:
        return wrong(nearest, "how to use it, in a few lines of code, and its default model")
    return wrong(f"no page has a section on {project.id}", f"docs/{project.id}.md, or a section of README.md")


def _model(project: Project) -> str:
    if "model" not in project.notes:
        defaults.model(project)
    return str(project.notes.get("model", ""))


def _sections(project: Project) -> Iterator[tuple[str, str, str]]:
    """Of each page: itself, where it is all about one thing, and what stands below each of its headings."""
    for path in project.paths:
        if not PAGE.search(path) or LOG.search(path):
            continue
        text = project.text(path)
        fenced = [m.span() for m in re.finditer(r"^(```|~~~).*?^\1", text, re.M | re.S)]
        heads = [m for m in HEADING.finditer(text) if not any(a <= m.start() < b for a, b in fenced)]
        if not heads:
            yield path, "", text
        for i, head in enumerate(heads):
            depth = len(head[0]) - len(head[0].lstrip("#"))
            after = (h for h in heads[i + 1 :] if not depth or len(h[0]) - len(h[0].lstrip("#")) <= depth)
            end = next((h.start() for h in after), len(text))
            yield path, head[0].strip("#=-~ \n").partition("\n")[0].strip(), text[head.end() : end]

"""Titles, by Conventional Commits 1.0.0."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

from conformance.packaging.answers import Judgement, ask, ok, wrong
from conformance.packaging.project import Project

TITLE = re.compile(r"[a-z][a-z0-9-]*(\([^()\s][^()]*\))?!?: \S.*", re.I)
OF_GIT = re.compile(r"(Merge|Revert|fixup!|squash!|amend!) ?")  # what it writes itself


def titles(project: Project) -> Judgement:
    if title := project.title or _of_the_event():
        if not TITLE.fullmatch(title):
            return wrong(f"the pull request is called {_short(title)}", _mended(project))
        return ok(f"the pull request is called {_short(title)}")
    if project.git("rev-parse", "HEAD") is None:
        return ask("is the title of the pull request a Conventional Commit's? there is no git history here")
    if project.base is None:
        return ask("is the title of the pull request a Conventional Commit's? nothing tells where its branch begins")
    told = [line for line in (project.git("log", "--format=%s", f"{project.base}..HEAD") or "").splitlines() if line]
    if wrongs := [line for line in told if not TITLE.fullmatch(line) and not OF_GIT.match(line)]:
        return wrong(f"a commit is called {_short(wrongs[0])}", f"{_mended(project)}; or --title, where it is squashed")
    return ok(f"{len(told)} since {project.base[:10]}")


def _of_the_event() -> str | None:
    """GitHub's, in a run for a pull request."""
    path = os.environ.get("GITHUB_EVENT_PATH")
    try:
        told = json.loads(Path(path).read_text("utf-8")) if path else {}
        title = told["pull_request"]["title"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return title if isinstance(title, str) else None


def _short(title: str) -> str:
    return repr(title if len(title) <= 60 else f"{title[:57]}…")


def _mended(project: Project) -> str:
    return f"such as 'feat({project.id}): add the provider'"

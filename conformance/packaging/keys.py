"""Keys where they must not be: in files, and in what a workflow is given."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from conformance.packaging.answers import Judgement, nothing, ok, wrong
from conformance.packaging.defaults import KEY_LIKE, _is_own, _of_vendors, _variables
from conformance.packaging.project import Project

# Stricter than what a recording is scrubbed by: what is only shaped like a key is what tests are full of.
LIVE = re.compile(
    r"(?<![A-Za-z0-9_-])(?P<key>"
    r"sk-(?:ant-|proj-|or-)?[\w-]{20,}|gsk_[A-Za-z0-9]{20,}|AIza[\w-]{30,}|xai-[A-Za-z0-9]{20,}|hf_[A-Za-z0-9]{20,}"
    r"|pplx-[A-Za-z0-9]{20,}|nvapi-[\w-]{20,}|(?:AKIA|ASIA)[0-9A-Z]{16}|(?:gh[opsu]_|github_pat_)\w{20,}"
    r")(?![A-Za-z0-9])",
    re.ASCII,
)
ASSIGNED = re.compile(r"^\s*(?:export\s+)?(?P<name>[A-Za-z_]\w*)\s*=\s*[\"']?(?P<value>[^\s\"'#]{16,})", re.M)
PRETENDED = re.compile(
    r"test|fake|dummy|mock|example|sample|placeholder|scrubbed|redacted|canary|secret|invalid|wrong|xxxx|your|not-?needed"
    r"|none|changeme|0{6}|1234|abcd|\*\*",
    re.I,
)
DOTENV = re.compile(r"(^|/)\.env(\.[\w.-]+)?$")
SAMPLES = re.compile(r"\.(example|sample|template|dist)$")
WORKFLOW = re.compile(r"(^|/)\.github/workflows/[^/]+\.ya?ml$|(^|/)\.gitlab-ci\.yml$|(^|/)\.circleci/config\.yml$")
GIVEN = re.compile(r"secrets\s*(?:\.\s*|\[\s*['\"])(?P<name>\w+)")
BINARY = (".png", ".jpg", ".gif", ".ico", ".pdf", ".zip", ".gz", ".whl", ".so", ".woff2", ".lock")
OPEN_TO_ALL = ("pull_request", "pull_request_target", "push", "merge_group")


def in_files(project: Project) -> Judgement:
    looked = 0
    for path in project.paths:
        if path.endswith(BINARY):
            continue
        looked += 1
        text = project.text(path)
        for place in _found(project, path, text):
            line = text.count("\n", 0, place) + 1
            return wrong(f"{path}, line {line}: what looks like a live key", "a placeholder; and withdraw the key")
    return ok(f"none in {looked} files")


def in_workflows(project: Project) -> Judgement:
    flows = [path for path in project.paths if WORKFLOW.search(path)]
    if not flows:
        return nothing("there is no workflow")
    for path in flows:
        text = project.text(path)
        if not _open_to_all(text):
            continue
        for given in GIVEN.finditer(text):
            if _is_of_a_provider(project, given["name"]):
                line = text.count("\n", 0, given.start()) + 1
                said = f"{path}, line {line}: {given['name']} is given to a run for pull requests or pushes"
                return wrong(said, "played answers; what asks the real API runs on a schedule or by hand")
    return ok(f"none by {', '.join(flows)}")


def _found(project: Project, path: str, text: str) -> Iterator[int]:
    yield from (m.start("key") for m in LIVE.finditer(text) if _is_live(m["key"]))
    if DOTENV.search(path) and not SAMPLES.search(path):
        for m in ASSIGNED.finditer(text):
            if KEY_LIKE.search(m["name"]) and not PRETENDED.search(m["value"]):
                yield m.start("name")


def _is_live(key: str) -> bool:
    """Random: digits and letters, many different ones, and no word that says that it is none."""
    body = re.sub(r"^[a-zA-Z]+[-_]", "", key)
    mixed = re.search(r"\d", body) and re.search(r"[A-Za-z]", body)
    return bool(mixed) and len(set(body)) >= 10 and not PRETENDED.search(key)


def _open_to_all(text: str) -> bool:
    """Of GitHub: by what starts it. Others run for every push."""
    try:
        data: Any = yaml.safe_load(text)
    except yaml.YAMLError:
        return True
    if not isinstance(data, dict) or "jobs" not in data:
        return True
    started = data.get("on", data.get(True))  # `on` is a boolean of YAML 1.1
    names = [started] if isinstance(started, str) else list(started or [])
    return any(name in OPEN_TO_ALL for name in names)


def _is_of_a_provider(project: Project, name: str) -> bool:
    read = _variables(project)[0] if not project.foreign else []
    return name in read or name in _of_vendors() or bool(KEY_LIKE.search(name) and _is_own(project, name))

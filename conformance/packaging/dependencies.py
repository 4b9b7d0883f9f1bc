"""What users of other providers would pay for: packages that are required, and loaded by an import."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions

from conformance.imports import OPTIONAL
from conformance.packaging.answers import Judgement, ask, nothing, ok, wrong
from conformance.packaging.project import Project, read_toml

PATIENCE = 120.0  # seconds
DISTRIBUTIONS = {  # where these are not called as what they are imported by
    "google-genai",
    "google-generativeai",
    "google-cloud-aiplatform",
    "azure-ai-inference",
    "ibm-watsonx-ai",
    "huggingface-hub",
    "sentence-transformers",
    "llama-index",
    "scikit-learn",
}
NODE_SDKS = (
    *("openai", "@anthropic-ai/sdk", "@google/genai", "@google/generative-ai", "cohere-ai", "ollama", "groq-sdk"),
    *("@mistralai/mistralai", "together-ai", "replicate", "@aws-sdk/client-bedrock-runtime", "@huggingface/inference"),
)
FOR_WORK = re.compile(
    r"^(tests?|testing|dev|develop|development|docs?|lint|typing|ci|bench.*|all|build|release)$", re.I
)


def optional(project: Project) -> Judgement:
    if problem := _of_node(project):
        return problem
    if not project.data and project.package:
        return ok("none in package.json")
    if not project.data:
        return ask("is its SDK no required dependency? there is no pyproject.toml and no package.json to look at")
    required = _required(project.data)
    known = {_folded(name) for name in OPTIONAL} | DISTRIBUTIONS
    mine = {_folded(name) for name in _extras(project)}
    if found := [name for name in required if name in known or name in mine]:
        write = f'[project.optional-dependencies] {project.id} = ["{found[0]}"]'
        return wrong(f"{found[0]} is required of everybody", f"{write}, and an import where it is used")
    before = project.before("pyproject.toml")
    if before is not None and (new := [name for name in required if name not in _required(read_toml(before))]):
        return ask(f"may everybody have to install {', '.join(new)}? it is required since {(project.base or '')[:10]}")
    return ok(", ".join(required) or "nothing is required")


def _of_node(project: Project) -> Judgement | None:
    needed = project.package.get("dependencies", {})
    peers = project.package.get("peerDependencies", {})
    for name in NODE_SDKS:
        if isinstance(needed, dict) and name in needed and not (isinstance(peers, dict) and name in peers):
            return wrong(f"{name} is required of everybody", "peerDependencies, and optional in peerDependenciesMeta")
    return None


def lazy(project: Project) -> Judgement:
    if project.foreign:
        return ask("is its SDK loaded where it is used? it runs in a process of its own")
    if not project.module or project.module == "__main__":
        return nothing("it cannot be imported by a name")
    required = set(_required(project.data))
    modules = packages_distributions()
    extras = {m for m, names in modules.items() if {_folded(n) for n in names} & {*_extras(project)} - required}
    guessed = {name.replace("-", "_") for name in _extras(project)} - {name.replace("-", "_") for name in required}
    blocked = sorted({*OPTIONAL, *extras, *guessed})
    told = {"path": sys.path, "module": project.module, "blocked": blocked}
    begin = "import json, sys; told = json.loads(sys.argv[1]); sys.path[:] = told['path']"
    code = f"{begin}; from conformance.alone import blocked; blocked(told)"
    try:
        run = subprocess.run(
            [sys.executable, "-c", code, json.dumps(told)],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        said = json.loads(run.stdout.strip().rpartition("\n")[2])
    except subprocess.TimeoutExpired:
        return wrong(f"importing {project.module} takes more than {PATIENCE:g} seconds", "an import that does nothing")
    except ValueError:
        end = run.stderr.strip().rpartition("\n")[2] or f"the process ended with {run.returncode}"
        return wrong(f"importing {project.module} alone: {end}", "a module that can be imported by itself")
    tried = ", ".join(dict.fromkeys(said["tried"]))
    if said["error"]:
        without = f" without {tried}" if tried else ""
        return wrong(f"{project.module} cannot be imported{without}: {said['error']}", "an import where it is used")
    if tried:
        return wrong(f"importing {project.module} imports {tried}, if it can", "an import where it is used")
    return ok(f"{project.module} is imported without any of {len(blocked)} packages")


def _required(data: dict[str, object]) -> list[str]:
    """Of the standard, and of Poetry."""
    project, tool = data.get("project", {}), data.get("tool", {})
    listed = project.get("dependencies", []) if isinstance(project, dict) else []
    poetry = tool.get("poetry", {}) if isinstance(tool, dict) else {}
    named = poetry.get("dependencies", {}) if isinstance(poetry, dict) else {}
    needed = [n for n, v in named.items() if not (isinstance(v, dict) and v.get("optional"))] if named else []
    return [_folded(text) for text in [*listed, *needed] if isinstance(text, str) and _folded(text) != "python"]


def _extras(project: Project) -> Iterator[str]:
    """What users may install beside it, without what only its developers need."""
    for extra, listed in project.table("project", "optional-dependencies").items():
        if not FOR_WORK.match(extra) and isinstance(listed, list):
            yield from (_folded(text) for text in listed if isinstance(text, str))


def _folded(requirement: str) -> str:
    found = re.match(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)", requirement)
    return re.sub(r"[-_.]+", "-", found[1]).lower().strip("-") if found else ""

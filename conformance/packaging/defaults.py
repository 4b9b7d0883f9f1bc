"""The model and the key that it takes where nobody gives it any: seen by what it sends."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from conformance import dialects, manifests
from conformance.ask import Adapter, Ask
from conformance.examiner import Examiner
from conformance.hushed import hushed
from conformance.manifests import detection_order
from conformance.manifests.finding import rows, table
from conformance.manifests.json5 import NotJSON5
from conformance.packaging.answers import Judgement, ask, nothing, ok, wrong
from conformance.packaging.project import Project
from conformance.probe import good_answer
from conformance.trace import Exchange, Trace

KEY_LIKE = re.compile(r"(KEY|TOKEN|SECRET|CREDENTIALS?|PASSWORD)$", re.I)
DETECTED_IN = re.compile(r"(^|/)provider-defaults\.(ts|mts|js|mjs)$")
TESTED = "kit-key-of-"  # what a variable holds while it is looked at, before its name
GIVEN = "kit-key-that-was-given"
MODEL = 'a default, such as model: str = "acme-1"'


def model(project: Project) -> Judgement:
    if project.foreign:
        return ask("does it ask for a model of its own where nobody names one? it runs in a process of its own")
    subject = project.examination.subject
    recipe, names = subject.recipe, {"model", "default_model", "model_name", "model_id"}
    takes = {what: keyword for what, keyword in recipe.takes.items() if what != "model"}
    kwargs = {name: value for name, value in recipe.kwargs.items() if name not in names}
    trace = _asked(_like(project, recipe=replace(recipe, takes=takes, kwargs=kwargs)), Adapter())
    found = _model(project, trace.exchanges)
    if not found and (error := trace.outcome.error) and not trace.exchanges:
        return _lacking(project, f"it cannot be asked without a model: {error.text}", MODEL)
    if not found:
        return _lacking(project, "without a model nobody's is asked for", MODEL)
    project.notes["model"] = found
    return ok(f"it asks for {found!r}")


def key(project: Project) -> Judgement:
    subject = project.examination.subject
    if project.foreign:
        return ask("is its key found in the environment? it runs in a process of its own")
    if "api_key" not in subject.recipe.takes and not any("{key}" in v for v in subject.env.values()):
        return nothing("its constructor takes no key")
    read, taken = _variables(project)
    if not taken and (names := _at_import(project)):
        return ask(f"is its key found in {names[0]}? nothing looks there while it is built and called")
    if not read and not taken:
        return _lacking(project, "without a key it looks at no variable", f'os.environ.get("{_own_variable(project)}")')
    if not taken:
        said = f"with {' or '.join(read)} set no request carries its key"
        return _lacking(project, said, "the variable's value, where no key is given")
    if "api_key" in subject.recipe.takes:
        trace = _with(project, {name: TESTED + name for name in taken}, api_key=GIVEN)
        if GIVEN not in _sent(trace):
            return wrong(f"{taken[0]} wins over the key that it is given", "the given key, where there is one")
    return ok(f"from {', '.join(taken)}")


def order(project: Project) -> Judgement:
    if project.foreign:
        return ask("does its own variable win over those of others? it runs in a process of its own")
    _, taken = _variables(project)
    if not taken:
        return nothing("it takes no key from the environment (PKG-006)")
    configured = [name for name, value in project.examination.subject.env.items() if "{key}" in value and name in taken]
    own = [name for name in taken if _is_own(project, name)]
    others = [name for name in taken if name in _of_vendors() and name not in own]
    if others and not own and not configured[1:]:
        said = f"{others[0]} is another vendor's, and the only one that it takes"
        return wrong(said, f"{_own_variable(project)} first")
    if len(taken) == 1:
        return ok(f"only {taken[0]}")
    sent = _sent(_with(project, {name: TESTED + name for name in taken}))
    winner = next((name for name in sorted(taken, key=len, reverse=True) if TESTED + name in sent), taken[0])
    first = configured[0] if configured[1:] else own[0] if own and winner not in own else winner
    if winner != first:
        why = "is configured first" if configured[1:] else "is its own"
        return wrong(f"{winner} wins over {first}, which {why}", f"{first} before {winner}")
    return ok(f"{winner} wins over {', '.join(name for name in taken if name != winner)}")


def detected(project: Project) -> Judgement:
    lists = [path for path in project.paths if DETECTED_IN.search(path)]
    if not lists:
        return ask("has it its place in the order in which the host looks for variables? no list of that is here")
    for path in lists:
        try:
            told = detection_order.read(project.text(path))
        except NotJSON5 as exc:
            return wrong(f"{path}: {exc}", "PROVIDER_DEFAULTS and AUTO_DETECT_ORDER, as AgentOS has them")
        if not table(table(told["PROVIDER_DEFAULTS"]).get(project.id)).get("text"):
            return wrong(
                f"{path} has no default model of {project.id!r}", f"{project.id}: {{ text: '…' }} in PROVIDER_DEFAULTS"
            )
        if project.id not in {row.get("provider") for _, row in rows(told["AUTO_DETECT_ORDER"])}:
            write = f"{{ envKey: '{_own_variable(project)}', provider: '{project.id}' }} in AUTO_DETECT_ORDER"
            return wrong(f"{path} never detects {project.id!r}", write)
        for one in manifests.lint([project.root / path]):
            for finding in one.findings:
                if finding.rule in ("MAN-031", "MAN-032") and project.id in finding.said:
                    return wrong(f"{path}: {finding.said}", finding.write)
    return ok(", ".join(lists))


# --- what is sent --------------------------------------------------------------------------


def _like(project: Project, **changed: Any) -> Examiner:
    """The same adapter, told otherwise."""
    now = project.examination.examiner
    made = Examiner(replace(now.subject, **changed), now.bench)
    made.__dict__["spoken"] = now.spoken
    return made


def _asked(examiner: Examiner, adapter: Adapter) -> Trace:
    """One plain question."""
    spoken = examiner.spoken
    with hushed(), examiner.bench.server.scene(good_answer) as scene:
        trace = examiner.call(Ask(), adapter, scene.base_url + spoken.mount, fixed=spoken.fixed)
        trace.exchanges = list(scene.exchanges)
    return trace


def _model(project: Project, exchanges: list[Exchange]) -> str:
    dialect = project.examination.examiner.spoken.dialect
    for exchange in exchanges:
        try:
            if exchange.operation == "chat" and (found := dialect.read(exchange).request.model):
                return str(found)
        except ValueError:
            continue
    return ""


def _sent(trace: Trace) -> str:
    """Headers and queries, where a key may stand."""
    told = [*(value for e in trace.exchanges for _, value in e.headers), *(e.query for e in trace.exchanges)]
    return "\n".join(f"{text} " for text in told)


def _with(project: Project, variables: Mapping[str, str], api_key: str | None = None) -> Trace:
    """Asked with these variables and no other key."""
    env = {k: v for k, v in project.examination.subject.env.items() if "{key}" not in v}
    return _asked(_like(project, env={**env, **variables}), Adapter(api_key=api_key))


def _variables(project: Project) -> tuple[list[str], list[str]]:
    """Those that it reads where it is given no key, in their order, and those of them from which it takes one."""
    if "variables" not in project.notes:
        configured = [name for name, value in project.examination.subject.env.items() if "{key}" in value]
        with _hidden(configured), _reading() as seen:
            _with(project, {})
        read = [name for name in seen if name in configured or KEY_LIKE.search(name)]
        usual = [_own_variable(project), *project.examination.examiner.own_variables]  # who reads all of it tells none
        tried = list(dict.fromkeys([*configured, *read, *usual]))
        with _hidden(tried):
            taken = [name for name in tried if TESTED + name in _sent(_with(project, {name: TESTED + name}))]
        project.notes["variables"] = read, taken
    found: tuple[list[str], list[str]] = project.notes["variables"]
    return found


def _at_import(project: Project) -> list[str]:
    """Variables that its file names, and reads at no time that is looked at."""
    text = project.text(project.place) if project.place else ""
    return [m for m in re.findall(r"(?:environ(?:\.get)?|getenv)\W+(\w+)", text) if KEY_LIKE.search(m)]


def _lacking(project: Project, said: str, write: str) -> Judgement:
    """Of another contract than the kit's own the host may see to it."""
    host = project.examination.subject.driver.host
    return wrong(said, write) if host == "native" else ask(f"does {host} see to it? {said}")


@contextmanager
def _hidden(names: list[str]) -> Iterator[None]:
    """The user's own are not looked at."""
    with patch.dict(os.environ):
        for name in names:
            os.environ.pop(name, None)
        yield


@contextmanager
def _reading() -> Iterator[list[str]]:
    """Names of the variables that are looked at meanwhile."""
    seen: list[str] = []
    environ: Any = type(os.environ)
    plain = environ.__getitem__

    def noting(self: Any, name: Any) -> Any:
        if isinstance(name, str) and name not in seen:
            seen.append(name)
        return plain(self, name)

    with patch.object(environ, "__getitem__", noting):
        yield seen


def _own_variable(project: Project) -> str:
    return f"{re.sub(r'[^A-Za-z0-9]+', '_', project.id).strip('_').upper()}_API_KEY"


def _is_own(project: Project, variable: str) -> bool:
    """A word of it is of the provider's id or name."""
    words = set(re.split(r"[^a-z0-9]+", f"{project.id} {project.examination.subject.name}".lower()))
    return bool(words & set(variable.lower().split("_")))


def _of_vendors() -> set[str]:
    return {name for known in map(dialects.load, dialects.names()) for name in known.facts.key_variables}

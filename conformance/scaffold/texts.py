"""What is written around an adapter: tests with played answers, a workflow, a page of documentation."""

from __future__ import annotations

from dataclasses import dataclass

from conformance import dialects
from conformance.case import Wire
from conformance.scaffold.adapter import template
from conformance.scaffold.choices import Choices
from conformance.scene import script

TEXT = "The Nile, the Amazon and the Yangtze."


@dataclass(frozen=True)
class Told:
    """A choice, and the project that it is for."""

    choices: Choices
    source: str  # "src/" or ""
    extra: bool  # whether what its tests need is an extra `test`


def files(told: Told) -> dict[str, bytes]:
    """By path below the project's folder."""
    choices = told.choices
    dialect = dialects.load(choices.dialect)
    answer = script(Wire(cassette="replies/three-rivers"), dialect)
    stream = script(Wire(cassette="streams/three-rivers"), dialect)
    needs = f"'.[test{f',{choices.id}' if choices.sdk else ''}]'" if told.extra else ". provider-conformance pytest"
    played = {"answer_type": answer.header("content-type"), "stream_type": stream.header("content-type"), "text": TEXT}
    return {
        f"tests/test_{choices.snake}.py": template("test", choices, **played),
        f"tests/test_{choices.snake}_conformance.py": template("kit", choices),
        f"tests/{choices.snake}/answer": answer.body,
        f"tests/{choices.snake}/stream": stream.body,
        f".github/workflows/{choices.id}.yml": template("workflow", choices, install=f"pip install -e {needs}"),
        f"docs/{choices.id}.md": template("docs", choices),
    }

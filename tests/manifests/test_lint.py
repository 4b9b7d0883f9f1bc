"""`conformance lint`: what is found, what is not, and how it is said."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import jsonschema
import pytest

from conformance import catalogue, cli
from conformance.manifests import lint
from conformance.manifests.finding import Finding
from conformance.paths import FIXTURES
from tests.mutants.manifests import GOOD, broken

RULES = catalogue.load().requirements


def findings(path: Path) -> list[Finding]:
    return [finding for one in lint([path]) for finding in one.findings]


def rules(path: Path) -> list[str]:
    return [finding.rule for finding in findings(path)]


def written(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text, "utf-8")
    return folder / name


# --- good manifests ----------------------------------------------------------------------------


def test_nothing_is_wrong_in_the_good_ones() -> None:
    assert [f for one in lint([GOOD]) for f in one.findings if RULES[f.rule].level == "MUST"] == []


def test_only_the_older_forms_are_advised_against() -> None:
    advised = {Path(one.path).relative_to(GOOD).as_posix(): [f.rule for f in one.findings] for one in lint([GOOD])}
    assert {path: found for path, found in advised.items() if found} == {
        "openclaw-plugin/older/openclaw.plugin.json": ["MAN-005"],
        "openclaw-config/older.yaml": ["MAN-024"],
        "openclaw-instance/older.yaml": ["MAN-040"],
        "openclaw-instance/part.yaml": ["MAN-040"],
    }


def test_each_kind_has_a_good_one_and_a_rule() -> None:
    kinds = {one.kind for one in lint([GOOD])}
    assert kinds == {kind for rule in RULES.values() for kind in rule.lint}


def test_a_broken_manifest_breaks_little_else() -> None:
    """One lie, one requirement."""
    more = {m.name: {f.rule for f in m.findings()} - {m.kills} - m.advised for m in broken()}
    assert {name: rest for name, rest in more.items() if rest} == {}


@pytest.mark.parametrize("name", ["openclaw-plugin", "openclaw-config", "openclaw-instance"])
def test_the_schemas_of_manifests_are_schemas(name: str) -> None:
    path = FIXTURES / "schemas" / "manifests" / f"{name}.json"
    jsonschema.Draft202012Validator.check_schema(json.loads(path.read_text("utf-8")))


# --- the command -------------------------------------------------------------------------------


def test_it_says_where_and_what_to_write(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (GOOD / "openclaw-plugin/older/openclaw.plugin.json").read_text("utf-8").replace("apiKey", "")
    path = written(tmp_path, "openclaw.plugin.json", text)
    assert cli.main(["lint", str(path)]) == 1
    said = capsys.readouterr().out
    assert f"{path} (openclaw-plugin): 2 findings" in said
    assert "  FAIL    MAN-009 providerAuthChoices[0]: a choice without choiceId is left out\n" in said
    assert "          write its choiceId\n" in said
    assert "1 manifest: 1 failed, 1 advice" in said


@pytest.mark.parametrize(("options", "code"), [([], 0), (["--strict"], 1)])
def test_advice_fails_only_where_it_is_asked_for(
    options: list[str], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["lint", *options, str(GOOD / "openclaw-plugin" / "older")]) == code
    assert "advice  MAN-005" in capsys.readouterr().out


def test_json_is_what_its_schema_says(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["lint", "--json", str(GOOD)]) == 0
    told = json.loads(capsys.readouterr().out)
    jsonschema.validate(told, json.loads((FIXTURES / "schemas" / "lint.json").read_text("utf-8")))
    assert told["conformant"]
    assert {row["kind"] for row in told["manifests"]} == {"openclaw-plugin", "openclaw-config"} | {
        "openclaw-instance",
        "entry-points",
        "detection-order",
    }


def test_what_is_not_there_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(tmp_path, "values.yaml", "replicas: 2\n")
    written(tmp_path, "pyproject.toml", "[project]\nname = 'x'\n")
    for path, said in ((tmp_path / "no.json", "there is no"), (tmp_path, "holds no manifest that the kit knows")):
        assert cli.main(["lint", str(path)]) == 4
        assert said in capsys.readouterr().err


def test_explain_and_list_know_the_rules(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["explain", "MAN-034"]) == 0
    assert "run       conformance lint PATH" in capsys.readouterr().out
    assert cli.main(["list", "manifests"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == len([r for r in RULES.values() if r.lint])


# --- files -------------------------------------------------------------------------------------


def test_what_is_not_meant_is_left_alone(tmp_path: Path) -> None:
    """Other people's files in the same folder, some of which are no YAML."""
    shutil.copytree(GOOD / "openclaw-plugin" / "older", tmp_path / "plugin")
    written(tmp_path, "chart.yaml", "kind: {{ .Values.kind }}\n{{- end }}\n")
    written(tmp_path, "deployment.yaml", "apiVersion: apps/v1\nkind: Deployment\nspec: {config: {raw: {a: 1}}}\n")
    written(tmp_path, "provider-defaults.js", "export const defaults = {};\n")
    (tmp_path / "node_modules" / "x").mkdir(parents=True)
    written(tmp_path / "node_modules" / "x", "openclaw.plugin.json", "{")
    assert [Path(one.path).parent.name for one in lint([tmp_path])] == ["plugin"]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("openclaw.plugin.json", "", "line 1: it ends too early"),
        ("openclaw.plugin.json", "[]", "it is a list, not an object"),
        ("openclaw.plugin.json", '{"id": "a", "id": "b"}', "'id' stands twice in one object"),
        ("openclaw.plugin.json", '{\n  "id" "a"}', "line 2: ':' is wanted before '\"a\"'"),
        ("openclaw.plugin.json", "{id: acme}", "line 1: 'acme' is no value; texts want quotes"),
        ("openclaw.plugin.json", '{"id": "a"} {}', "line 1: something follows after its end"),
        ("provider-defaults.ts", "export {};", "there is no PROVIDER_DEFAULTS = {…"),
        ("pyproject.toml", "[project", "Expected ']' at the end of a table declaration"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(tmp_path: Path, name: str, text: str, said: str) -> None:
    (found,) = findings(written(tmp_path, name, text))
    assert found.rule == "MAN-001"
    assert found.said.startswith(said)


def test_bytes_that_are_no_text_are_told(tmp_path: Path) -> None:
    (tmp_path / "openclaw.plugin.json").write_bytes(b"\xff\xfe{}")
    assert rules(tmp_path) == ["MAN-001"]


def test_json5_is_read(tmp_path: Path) -> None:
    text = "/* Acme's */ {id: 'ac\\u006de', configSchema: {}, version: '1', enabledByDefault: true, // no more\n}"
    assert rules(written(tmp_path, "openclaw.plugin.json", text)) == []


def test_documents_of_a_file_are_told_apart(tmp_path: Path) -> None:
    text = (GOOD / "openclaw-instance" / "environment.yaml").read_text("utf-8").replace("port: 8000", "port: 80")
    (found,) = findings(written(tmp_path, "all.yaml", text))
    assert found.where == "document[2].spec.env[1].value"


# --- egress: the table of the guide ------------------------------------------------------------

INSTANCE = """
apiVersion: openclaw.rocks/v1alpha1
kind: OpenClawInstance
metadata: {{name: x}}
spec:
  sidecars: [{{name: s, image: i}}]
  env:
    - {{name: OPENAI_API_KEY, value: not-needed}}
    - {{name: OPENAI_BASE_URL, value: "{url}"}}
  security: {{networkPolicy: {policy}}}
"""
TO_OLLAMA = "{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: inference}}}"


@pytest.mark.parametrize(
    ("url", "policy", "found"),
    [
        ("http://localhost:11434/v1", "{}", []),
        ("http://127.0.0.1:11434/v1", "{}", []),
        ("http://[::1]:11434/v1", "{}", []),
        ("https://gateway.example/v1", "{}", []),
        ("https://gateway.example:8443/v1", "{}", ["MAN-034"]),
        ("https://gateway.example:8443/v1", "{enabled: false}", []),
        ("https://gateway.example:8443/v1", "{additionalEgress: [{ports: [{port: 8443}]}]}", []),
        ("https://gateway.example:8443/v1", "{additionalEgress: [{ports: [{port: 8000, endPort: 9000}]}]}", []),
        (
            "https://gateway.example:8443/v1",
            "{additionalEgress: [{ports: [{port: 8443, protocol: UDP}]}]}",
            ["MAN-034"],
        ),
        ("https://gateway.example:8443/v1", "{allowedEgressCIDRs: [203.0.113.0/24]}", []),
        ("https://203.0.113.9:8443/v1", "{allowedEgressCIDRs: [198.51.100.0/24]}", ["MAN-034"]),
        ("https://203.0.113.9:8443/v1", "{additionalEgress: [{to: [{ipBlock: {cidr: 203.0.113.0/24}}]}]}", []),
        ("http://gateway.example/v1", "{}", ["MAN-034"]),
        ("http://ollama.inference.svc:11434/v1", "{}", ["MAN-034"]),
        ("http://ollama.inference.svc:11434/v1", f"{{additionalEgress: [{{to: [{TO_OLLAMA}]}}]}}", []),
        ("http://ollama.models.svc:11434/v1", f"{{additionalEgress: [{{to: [{TO_OLLAMA}]}}]}}", ["MAN-035"]),
        ("http://ollama.models.svc.cluster.local:11434/v1", "{additionalEgress: [{to: [{podSelector: {}}]}]}", []),
    ],
)
def test_a_base_url_against_the_network_policy(tmp_path: Path, url: str, policy: str, found: list[str]) -> None:
    assert rules(written(tmp_path, "x.yaml", INSTANCE.format(url=url, policy=policy))) == found


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("not-needed", []),
        ("sk-no-key-required", []),
        ("${OPENAI_API_KEY}", []),
        ("", ["MAN-037"]),
        ("sk-ant-api03-0a1b2c3d4e5f6g7h8i9j", ["MAN-039"]),
    ],
)
def test_keys_and_placeholders(tmp_path: Path, value: str, found: list[str]) -> None:
    text = INSTANCE.format(url="http://localhost:8000/v1", policy="{}")
    text = text.replace("value: not-needed", f'value: "{value}"')
    assert rules(written(tmp_path, "x.yaml", text)) == found


# --- entry points ------------------------------------------------------------------------------


def test_a_module_that_never_ends_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conformance.manifests.entry_points.PATIENCE", 2)
    written(tmp_path, "slow.py", "import time\ntime.sleep(60)\n")
    text = "[project.entry-points.'conformance.providers']\nx = 'slow:X'\n"
    (found,) = findings(written(tmp_path, "pyproject.toml", text))
    assert (found.rule, found.where) == ("MAN-026", "project.entry-points.conformance.providers.x")
    assert "took more than 2 seconds" in found.said


def test_a_module_that_ends_the_process_is_told(tmp_path: Path) -> None:
    written(tmp_path, "gone.py", "import os\nos._exit(3)\n")
    text = "[tool.poetry.plugins.'llm_council.providers']\nx = 'gone:X'\n"
    (found,) = findings(written(tmp_path, "pyproject.toml", text))
    assert (found.rule, found.said) == ("MAN-026", "gone:X cannot be loaded: the process ended with 3")


def test_what_it_prints_is_not_in_the_way(tmp_path: Path) -> None:
    written(tmp_path, "loud.py", "print('hello')\nfrom conformance.reference import OpenAIChat\n")
    text = "[project.entry-points.'conformance.providers']\nloud = 'loud:OpenAIChat'\n"
    assert rules(written(tmp_path, "pyproject.toml", text)) == []

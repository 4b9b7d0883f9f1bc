"""@openclaw/ai: the transports of OpenClaw's plugins, in Node, each as the API provider that its registry holds.

It is fetched with npm into a folder of the test's own.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hosts.real.judged import check
from tests.hosts.real.npm import OPT_IN, install

VERSION = "2026.9.6"
MODULE = """import {{ createLlmRuntime }} from '@openclaw/ai';
import {{ registerBuiltInApiProviders }} from '@openclaw/ai/providers';
const runtime = createLlmRuntime();
registerBuiltInApiProviders(runtime.registry);
export default {{ ...runtime.registry.getApiProvider('{api}'), api: '{api}' }};
"""
MET = ("REQ-001", "REQ-004", "REQ-012", "ERR-001", "STR-001", "STR-007", "STR-019", "TOL-013")

COMPLETIONS = {
    "AUT-005": "a key with a space before it is sent with it",
    "MAL-010": "an event that is no object is left out",
    "RSP-005": "arguments that are an empty string make an error of the call",
    "STR-018": "a stream that stalls is waited for, which the host watches over",
    "STR-020": "a call without arguments makes an error of it",
    "USE-007": "the total is made up",
}
MESSAGES = {
    "ERR-020": "an error object under 200 is an empty answer",
    "MAL-001": "so is a page",
    "MAL-002": "and nothing at all",
    "MAL-003": "and half of an answer",
    "MAL-004": "and what is no object",
    "MAL-005": "and one without content",
    "MAL-010": "an event that cannot be read is left out, and its text with it",
    "SEC-001": "a redirect to another origin takes x-api-key along",
    "STR-018": "a stream that stalls is waited for, which the host watches over",
    "STR-025": "a stream with nothing in it is an empty answer",
    "STR-026": "a page, and an error object, are an empty answer",
}
GEMINI = {
    "ERR-028": "a server that takes the request and is silent is waited for: timeoutMs is not read",
    "FLO-005": "the same, and the host goes nowhere",
    "GEM-017": "the texts of two candidates are mixed",
    "MAL-010": "an event that cannot be read is left out, and its text with it",
    "RAT-012": "Retry-After is lost",
    "SEC-001": "a redirect to another origin takes x-goog-api-key along",
    "STR-012": "an error after the finish reason is lost",
    "STR-018": "a stream that stalls is waited for, which the host watches over",
    "STR-021": "the SDK does not read event: and id: lines",
    "STR-024": "an empty promptFeedback is a prompt that was blocked",
}

pytestmark = OPT_IN


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install(f"@openclaw/ai@{VERSION}", tmp_path_factory.mktemp("openclaw-ai"))


@pytest.mark.parametrize(
    ("api", "dialect", "faults"),
    [
        ("openai-completions", "openai-chat", COMPLETIONS),
        ("anthropic-messages", "anthropic-messages", MESSAGES),
        ("google-generative-ai", "gemini", GEMINI),
    ],
)
def test_the_known_faults_are_found_and_nothing_else_of_these(
    api: str, dialect: str, faults: dict[str, str], installed: Path
) -> None:
    module = installed / f"{api}.mjs"
    module.write_text(MODULE.format(api=api), "utf-8")
    check(str(module), faults, tuple(set(MET) - set(faults)), dialect=dialect)

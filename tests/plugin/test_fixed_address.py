"""Adapters whose address is written into them: judged where httpx or httpx2 sends, else refused in one sentence."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from conformance import dialects
from conformance.report.model import ProviderRow, Report
from tests.plugin.runs import REFERENCE, counts, judge, words

pytestmark = pytest.mark.skipif(find_spec("respx") is None, reason="respx is not installed: the extra `intercept`")

VENDOR = '''
import urllib.request

import httpcore
import httpx

from conformance.contract import Capabilities, Message, Reply, Request
from conformance.reference import LaiosOpenAI, OpenAIChat

ADDRESS = "https://api.vendor.example/v1"


class Vendor(OpenAIChat):
    def __init__(self, api_key, model, timeout=10.0):
        super().__init__(api_key=api_key, model=model, timeout=timeout, base_url=ADDRESS)


class Sync(LaiosOpenAI):
    def __init__(self, api_key, model, timeout=10.0):
        super().__init__(api_key=api_key, model=model, timeout=timeout, base_url=ADDRESS)


class Warm(Vendor):
    def options(self, request):
        return {**super().options(request), "temperature": 1}


class Trusting(Vendor):
    def client(self):
        return httpx.AsyncClient(timeout=self.timeout, verify=False)


class Telling(Vendor):
    """Tells somebody else, by the same client, and its own host over a plain connection."""

    async def generate(self, request):
        for url in ("https://telemetry.example/used", "http://api.vendor.example/v1/chat/completions"):
            try:
                await self.client().get(url)
            except httpx.ConnectError:
                pass
        return await super().generate(request)


class Deaf(Vendor):
    """Its connections answer themselves, once the probe has seen one that does not."""

    asked = 0

    def client(self):
        client = super().client()
        Deaf.asked += 1
        if Deaf.asked > 4:
            said = b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\n{}"
            client._transport._pool._network_backend = httpcore.AsyncMockBackend([said])
        return client


class Takes(OpenAIChat):
    """Takes an address, and does not care."""

    def __init__(self, base_url, **kwargs):
        super().__init__(base_url=ADDRESS, **kwargs)


class Urllib:
    capabilities = Capabilities(streaming=False, tools=False)

    async def generate(self, request):
        urllib.request.urlopen(ADDRESS + "/chat/completions", data=b"{}")

    async def stream(self, request): ...


class Elsewhere(Vendor):
    def url(self, path):
        return super().url("/ask")


instance = Vendor(api_key="of the user", model="m")
'''

SDK = """
from conformance.reference import OpenAIChatSDK


class Vendor(OpenAIChatSDK):
    def __init__(self, api_key, model, timeout=10.0):
        super().__init__(api_key=api_key, model=model, timeout=timeout, base_url="https://api.vendor.example/v1")


class Warm(Vendor):
    def options(self, request):
        return {**super().options(request), "temperature": 1}
"""

NO_RESPX = "import sys\nsys.modules['respx'] = None\nfrom vendor import *"


@pytest.fixture(autouse=True)
def modules(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(vendor=VENDOR, sdk=SDK, bare=NO_RESPX)


def report(pytester: pytest.Pytester, provider: str, *args: str) -> ProviderRow:
    judge(pytester, "--conformance-report=report.json", *args, provider=provider)
    (row,) = Report.model_validate_json(Path(pytester.path, "report.json").read_text("utf-8")).providers
    return row


def refused(pytester: pytest.Pytester, spec: str) -> str:
    result = judge(pytester, provider=spec)
    (line,) = [line for line in [*result.outlines, *result.errlines] if line]
    assert result.ret == 4
    return line


def needs_httpx2() -> None:
    pytest.importorskip("openai", reason="the openai SDK is not installed")
    pytest.importorskip("httpx2", reason="this openai SDK does not use httpx2")


@pytest.mark.parametrize("spec", ["vendor:Vendor", pytest.param("sdk:Vendor", marks=pytest.mark.proof)])
def test_one_on_httpx_or_httpx2_is_judged_on_everything_but_its_address(pytester: pytest.Pytester, spec: str) -> None:
    if spec == "sdk:Vendor":
        needs_httpx2()
    row = report(pytester, spec)
    assert row.intercepted == "api.vendor.example:443"
    assert row.conformant
    assert row.complete
    assert set(row.counts) <= {"pass", "unsupported", "advice"}
    cases = [(rule.id, case) for rule in row.requirements for case in rule.cases if case.verdict == "unsupported"]
    untried = [(id, case) for id, case in cases if case.reason.startswith("not testable here")]
    assert {id for id, _ in untried} == {"REQ-016"}
    assert {case.reason for _, case in untried} == {
        "not testable here: its address is fixed (api.vendor.example:443), and the case needs another"
    }


def test_a_sync_client(pytester: pytest.Pytester) -> None:
    row = report(pytester, "vendor:Sync")
    assert row.conformant
    assert set(row.counts) == {"pass", "unsupported"}


@pytest.mark.parametrize("spec", ["vendor:Warm", "sdk:Warm"])
def test_a_broken_one_fails(pytester: pytest.Pytester, spec: str) -> None:
    if spec == "sdk:Warm":
        needs_httpx2()
    result = judge(pytester, "-k", "REQ-001 or REQ-006", provider=spec)
    assert result.ret == 1
    assert {w for id, w in words(result).items() if "REQ-006" in id} == {"FAILED"}
    assert {w for id, w in words(result).items() if "REQ-001" in id} == {"PASSED"}


def test_the_faults_before_a_request_are_real(pytester: pytest.Pytester) -> None:
    result = judge(pytester, "-k", "ERR-0", provider="vendor:Trusting")
    assert "FAILED" in words(result).values()
    result.stdout.fnmatch_lines(["*an untrusted certificate was trusted*"])


def test_everybody_else_is_refused(pytester: pytest.Pytester) -> None:
    result = judge(pytester, "-k", "REQ-001", provider="vendor:Telling")
    assert set(words(result).values()) == {"FAILED"}
    result.stdout.fnmatch_lines(["*the adapter tried to reach telemetry.example:443, api.vendor.example:80"])


def test_an_answer_of_which_the_server_knows_nothing_is_no_verdict(pytester: pytest.Pytester) -> None:
    result = judge(pytester, "-k", "REQ-001", provider="vendor:Deaf")
    assert result.ret == 3
    result.stdout.fnmatch_lines(
        ["*1 requests to api.vendor.example:443 were answered, and the kit's server saw 0 of *"]
    )


def test_one_that_takes_an_address_has_to_use_it(pytester: pytest.Pytester) -> None:
    result = judge(pytester, "-k", "REQ-001", provider="vendor:Takes")
    assert set(words(result).values()) == {"FAILED"}
    result.stdout.fnmatch_lines(["*the adapter tried to reach api.vendor.example:443"])


@pytest.mark.parametrize("spec", ["vendor:Takes", "vendor:instance"])
def test_a_configured_address(pytester: pytest.Pytester, spec: str) -> None:
    pytester.makepyprojecttoml(
        f"[tool.conformance.providers.mine]\nprovider = '{spec}'\nintercept = 'https://api.vendor.example'\n"
    )
    result = judge(pytester, "-k", "REQ-001", provider="mine")
    assert set(words(result).values()) == {"PASSED"}
    assert result.ret == 0


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("api.vendor.example", "'api.vendor.example' is no address such as https://api.vendor.com"),
        ("https://", "'https://' is no address such as"),
        ("https://other.example", "it sent nothing to other.example:443 by httpx or httpx2"),
    ],
)
def test_a_bad_configuration(pytester: pytest.Pytester, value: str, says: str) -> None:
    pytester.makepyprojecttoml(
        f"[tool.conformance.providers.mine]\nprovider = 'vendor:Vendor'\nintercept = '{value}'\n"
    )
    assert says in refused(pytester, "mine")


def test_another_client_is_refused_in_one_sentence(pytester: pytest.Pytester) -> None:
    assert refused(pytester, "vendor:Urllib").endswith(
        "vendor:Urllib cannot be pointed at the kit's server: its constructor takes no base_url and it does not read "
        f"{' or '.join(dialects.address_variables())}, and what it sends to api.vendor.example:443 is not sent by "
        "httpx or httpx2; name a factory that takes base_url"
    )


def test_without_respx_one_sentence_says_what_to_install(pytester: pytest.Pytester) -> None:
    assert refused(pytester, "bare:Vendor").endswith(
        "bare:Vendor cannot be pointed at the kit's server: its address is fixed; what httpx sends to "
        "api.vendor.example:443 can be intercepted: install it with: pip install 'provider-conformance[intercept]'"
    )


def test_an_unknown_route_at_a_fixed_address(pytester: pytest.Pytester) -> None:
    assert "speaks no dialect that the kit knows: it sent POST /v1/ask" in refused(pytester, "vendor:Elsewhere")


def test_one_beside_another_that_takes_its_address(pytester: pytest.Pytester) -> None:
    result = judge(pytester, "-k", "REQ-001", f"--provider={REFERENCE}", "-n", "2", provider="vendor:Vendor")
    assert counts(result)["passed"] == 2
    assert result.ret == 0

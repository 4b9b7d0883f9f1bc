"""What `--provider` may name, and one sentence with the mend for everything else."""

from __future__ import annotations

import sys

import pytest

from conformance.report.model import Report
from tests.plugin.runs import PLAIN, REFERENCE, judge, words

ACME = '''
import asyncio
import os
import sys

from conformance.contract import Capabilities
from conformance.reference import OpenAIChat

text = "no adapter"
number = 3
instance = OpenAIChat(api_key="of the user", base_url="https://acme.example/v1", model="m")


class Acme(OpenAIChat):
    pass


class Nothing:
    def __init__(self, region):
        pass


class Needs(OpenAIChat):
    def __init__(self, region, tier="free", **kwargs):
        assert region == "eu"
        super().__init__(**kwargs)


class Strict(OpenAIChat):
    def __init__(self, base_url, api_key, model, timeout=1.0):
        super().__init__(base_url=base_url, api_key=api_key, model=model, timeout=timeout)


class FromEnvironment(OpenAIChat):
    def __init__(self, model):
        url, key = os.environ["ACME_URL"], os.environ["ACME_TOKEN"]
        super().__init__(base_url=url, api_key=key, model=model)


class Fixed:
    async def generate(self, request): ...
    def stream(self, request): ...


class Elsewhere(OpenAIChat):
    def url(self, path):
        return super().url("/elsewhere")


class Raises(OpenAIChat):
    def __init__(self, **kwargs):
        raise ValueError("no\\nregion")


class Late(OpenAIChat):
    def __init__(self, **kwargs):
        import a_package_that_nobody_has


class Exits(OpenAIChat):
    def __init__(self, **kwargs):
        sys.exit("no region")


class InALoop(OpenAIChat):
    """Wants a running loop, and says only then what it can."""

    capabilities = None

    def __init__(self, **kwargs):
        asyncio.get_running_loop()
        super().__init__(**kwargs)
        self.capabilities = Capabilities(tools=False)


class Called(OpenAIChat):
    def __call__(self):
        raise AssertionError("it is an adapter, not a factory")


called = Called(api_key="of the user", base_url="https://acme.example/v1", model="m")


class Space:
    Inner = OpenAIChat


def factory(base_url, api_key, **rest):
    return OpenAIChat(base_url=base_url, api_key=api_key, **rest)


def in_a_loop(**kwargs):
    return InALoop(**kwargs)


def broken(**kwargs):
    raise KeyError("ACME_REGION")


def nothing(**kwargs):
    return None


def __getattr__(name):
    if name == "Lazy":
        raise ImportError("the extra is not installed")
    raise AttributeError(name)
'''

MODULES = {
    "acme": ACME,
    "raises": "raise RuntimeError('no\\nconfiguration')",
    "needs": "import a_package_that_nobody_has",
    "leaves": "import sys\nsys.exit('no key')",
    "other": "from conformance.reference import OpenAIChat as Acme",
}

BAD = [
    ("nowhere:Acme", "there is no module 'nowhere'; run pytest in the folder that holds it, or install its package"),
    ("acme.inner:Acme", "there is no module 'acme.inner'; run pytest in the folder"),
    ("raises:Acme", "importing it raised RuntimeError: no configuration"),
    ("needs:Acme", "importing it needs 'a_package_that_nobody_has', which is not installed"),
    ("leaves:Acme", "importing it ended the process (no key)"),
    ("acme:Acmee", "acme has no 'Acmee'; did you mean Acme"),
    ("acme:Space.Iner", "acme has no 'Iner'; did you mean Inner?"),
    ("acme:Lazy", "reading 'Lazy' raised ImportError: the extra is not installed"),
    ("acme:text", "acme:text is no adapter that the kit knows: str has no async generate(request)"),
    ("acme:number", "acme:number is no adapter that the kit knows: int has no async generate(request)"),
    ("acme:Nothing", "acme:Nothing is no adapter that the kit knows: Nothing has no async generate(request)"),
    ("acme:nothing", "acme:nothing is no adapter that the kit knows: NoneType has no async generate(request)"),
    ("acme:Needs", "it needs region; give it in pyproject.toml as [tool.conformance.providers.NAME]"),
    ("acme:Raises", "acme:Raises cannot be built: it raised ValueError: no region; give what it needs in pyproject"),
    ("acme:Exits", "acme:Exits cannot be built: it raised SystemExit: no region; give what it needs in pyproject"),
    ("acme:FromEnvironment", "it raised KeyError: 'ACME_URL'; if that is a variable of the environment, give"),
    ("acme:broken", 'pyproject.toml as [tool.conformance.providers.NAME] provider = "acme:broken", env = {ACME_REGION'),
    ("acme:Late", "acme:Late cannot be built: it needs 'a_package_that_nobody_has', which is not installed"),
    ("./acme.mjs", "./acme.mjs cannot be used: there is no file acme.mjs"),
    ("acme.Acme", "no provider is called 'acme.Acme'; did you mean acme:Acme?"),
    ("acme:Fixed", "acme:Fixed cannot be pointed at the kit's server: its constructor takes no base_url"),
    ("acme:Elsewhere", "it sent POST /v1/elsewhere; the kit knows openai-chat"),
    ("acme", "no provider is called 'acme': write --provider=module:attribute, or name an entry point"),
    ("", "--provider= is empty: write module:attribute"),
    ("acme:", "--provider=acme: is incomplete: write module:attribute"),
    (":Acme", "--provider=:Acme is incomplete: write module:attribute"),
    ("acme.py:Acme", "'acme.py' is a file, not a module; write acme:Acme"),
    ("./src/acme.py:Acme", "'./src/acme.py' is a file, not a module; write src.acme:Acme"),
]

CONFIGURED = [
    ("[tool.conformance]\nprovders = {}", "tool.conformance.provders: there is no such key"),
    ("[tool.conformance.providers.mine]\nkwarg = {}", "tool.conformance.providers.mine.kwarg: there is no such key"),
    ("[tool.conformance.providers.mine]\nenv = 3", "tool.conformance.providers.mine.env: "),
    ("[tool.conformance.providers.mine]\nprovider = 'acme:Acme'\nhost = 'mars'", "there are native"),
    ("[tool.conformance.providers.mine]\nprovider = 'acme:Acme'\ndialect = 'mars'", "there are openai-chat"),
    (
        "[tool.conformance.providers.mine]\nprovider = 'acme:Acme'\nvendors = ['groq', 'mars']",
        "tool.conformance.providers.mine.vendors: there is no vendor 'mars'; there are azure, cloudflare, dashscope, ",
    ),
    ("[tool.conformance.providers.mine]\nprovider = 'acme:Acme'\nvendors = 'groq'", "mine.vendors: "),
    ("[tool.conformance.providers.mine]\nprovider = 'acme:Strict'\nkwargs = {size = 3}", "mine takes no size, which"),
    (
        "[tool.conformance.providers.mine]\nprovider = 'acme:Needs'",
        "give it in pyproject.toml as [tool.conformance.pro",
    ),
    ("[tool.conformance.providers.mine]\nprovider = 'acme:Nobody'", "acme:Nobody (which 'mine' names) cannot be used"),
    ("[tool.conformance.providers.mines]\nprovider = 'acme:Acme'", "no provider is called 'mine'; did you mean mines?"),
    ("[tool.conformance\nproviders = {}", "pyproject.toml"),
]


@pytest.fixture(autouse=True)
def modules(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(**MODULES)


def refused(pytester: pytest.Pytester, spec: str, *args: str) -> str:
    """The one line that says what is wrong."""
    result = judge(pytester, "-k", "REQ-001", *args, provider=spec)
    assert result.ret == 4
    assert "Traceback" not in result.stdout.str() + result.stderr.str()
    (line,) = [line for line in [*result.outlines, *result.errlines] if line]
    assert line.startswith("ERROR: ")
    return line


def taken(pytester: pytest.Pytester, spec: str, label: str, *args: str) -> pytest.RunResult:
    result = judge(pytester, "-k", "REQ-001", *args, provider=spec)
    assert words(result) == {PLAIN.replace("OpenAIChat", label): "PASSED"}
    assert result.ret == 0
    return result


# --- bad ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("spec", "says"), BAD, ids=[spec or "empty" for spec, _ in BAD])
def test_a_bad_provider(pytester: pytest.Pytester, spec: str, says: str) -> None:
    assert says in refused(pytester, spec)


@pytest.mark.parametrize(("table", "says"), CONFIGURED, ids=[says for _, says in CONFIGURED])
def test_a_bad_configuration(pytester: pytest.Pytester, table: str, says: str) -> None:
    pytester.makeini("[pytest]\n")
    pytester.makepyprojecttoml(table)
    assert says in refused(pytester, "mine")


def test_toml_that_pytest_itself_cannot_read(pytester: pytest.Pytester) -> None:
    pytester.makepyprojecttoml("[tool.conformance\n")
    assert "pyproject.toml: " in refused(pytester, REFERENCE)


def test_an_instance_without_an_address(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(fixed="from acme import Fixed\nfixed = Fixed()")
    assert "is an instance of Fixed without a base_url to change: name its class" in refused(pytester, "fixed:fixed")


def test_a_model_string_of_a_host_that_is_missing(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "litellm", None)
    assert "cannot be used: there is no module 'litellm'; run" in refused(pytester, "litellm:openai/gpt-4o")


def test_one_bad_among_good_ones(pytester: pytest.Pytester) -> None:
    assert "acme has no 'Nobody'" in refused(pytester, "acme:Nobody", f"--provider={REFERENCE}", "-n", "2")


def test_a_report_that_cannot_be_written(pytester: pytest.Pytester) -> None:
    pytester.mkdir("reports")
    line = refused(pytester, REFERENCE, "--conformance-report=reports")
    assert "--conformance-report=reports is a folder; name a file in it" in line


# --- good --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "spec",
    [
        "acme:Acme",
        "acme:Strict",
        "acme:factory",
        "acme:instance",
        "acme:Space.Inner",
        "acme:InALoop",
        "acme:in_a_loop",
        "acme:called",
    ],
)
def test_a_good_provider(pytester: pytest.Pytester, spec: str) -> None:
    taken(pytester, spec, spec.partition(":")[2])


@pytest.mark.parametrize("spec", ["acme:InALoop", "acme:in_a_loop"])
def test_what_an_instance_declares_counts(pytester: pytest.Pytester, spec: str) -> None:
    result = judge(pytester, "-k", "REQ-010", provider=spec)
    assert set(words(result).values()) == {"UNSUPPORTED"}


def test_an_entry_point(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    info = pytester.mkdir("site") / "acme-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[conformance.providers]\nacme-cloud = acme:Acme\nold = acme:Gone\n")
    monkeypatch.setenv("PYTHONPATH", str(info.parent))
    taken(pytester, "acme-cloud", "acme-cloud")
    assert "acme:Gone (which 'old' names) cannot be used: acme has no 'Gone'" in refused(pytester, "old")
    assert "'acme-clowd'; did you mean acme-cloud?" in refused(pytester, "acme-clowd")


def test_a_configured_provider(pytester: pytest.Pytester) -> None:
    pytester.makepyprojecttoml(
        """
        [tool.conformance.providers.mine]
        provider = "acme:Needs"
        kwargs = { region = "eu" }
        unsupported = { tools = "the API has none" }
        """
    )
    taken(pytester, "mine", "mine")
    result = judge(pytester, "-k", "REQ-010", "--conformance-report=report.json", provider="mine")
    assert set(words(result).values()) == {"UNSUPPORTED"}
    assert result.ret == 0
    report = Report.model_validate_json((pytester.path / "report.json").read_text("utf-8"))
    reasons = {case.reason for rule in report.providers[0].requirements for case in rule.cases}
    assert reasons == {"configured as unsupported: the API has none"}


def test_one_that_is_made_for_some_vendors(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        lies="""
        from conformance.reference import OpenAIChat

        class Impatient(OpenAIChat):
            def retry_after(self, headers):
                return 2.0 if "x-ratelimit-reset-tokens" in headers else super().retry_after(headers)
        """
    )
    pytester.makepyprojecttoml(
        """
        [tool.conformance.providers.free]
        provider = "lies:Impatient"
        [tool.conformance.providers.bound]
        provider = "lies:Impatient"
        vendors = ["groq", "xai"]
        [tool.conformance.providers.elsewhere]
        provider = "lies:Impatient"
        vendors = ["xai"]
        """
    )
    args = ("--provider=bound", "--provider=elsewhere", "-k", "VEN-006 and rate", "--conformance-report=report.json")
    result = judge(pytester, *args, provider="free")
    assert result.ret == 1
    assert {id.partition("[")[2]: word for id, word in words(result).items()} == {
        "free/rate-limit]": "ADVICE",
        "bound/rate-limit]": "FAILED",
        "elsewhere/rate-limit]": "UNSUPPORTED",
    }
    shown = [line for line in result.outlines if line.startswith("  vendors ")]
    assert [line.split()[1:3] for line in shown] == [["groq,", "xai:"], ["xai:", "demanded,"]]
    report = Report.model_validate_json((pytester.path / "report.json").read_text("utf-8"))
    assert [row.vendors for row in report.providers] == [None, ["groq", "xai"], ["xai"]]
    levels = [next(r.level for r in row.requirements if r.id == "VEN-006") for row in report.providers]
    assert levels == ["SHOULD", "MUST", "SHOULD"]


@pytest.mark.parametrize("folder", [".", "below"])
def test_an_address_from_the_environment(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    pytester.makepyprojecttoml(
        """
        [tool.pytest.ini_options]
        [tool.conformance.providers.mine]
        provider = "acme:FromEnvironment"
        env = { ACME_URL = "{base_url}", ACME_TOKEN = "{key}" }
        """
    )
    (pytester.path / "below").mkdir()
    monkeypatch.chdir(folder)
    result = judge(pytester, "-k", "REQ-001", provider="mine")
    assert list(words(result).values()) == ["PASSED"]


def test_two_of_one_name(pytester: pytest.Pytester) -> None:
    result = judge(pytester, "-k", "REQ-001", "--provider=other:Acme", provider="acme:Acme")
    assert words(result) == dict.fromkeys(
        [PLAIN.replace("OpenAIChat", "acme.Acme"), PLAIN.replace("OpenAIChat", "other.Acme")], "PASSED"
    )


def test_one_that_is_named_twice_is_judged_once(pytester: pytest.Pytester) -> None:
    taken(pytester, "acme:Acme", "Acme", "--provider=acme:Acme")

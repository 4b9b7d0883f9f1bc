"""`[tool.conformance]` of a project's pyproject.toml: what cannot be guessed about its adapters.

[tool.conformance.providers.acme]
provider = "acme.llm:AcmeProvider"
kwargs = { region = "eu" }                       # constructor arguments of its own
env = { ACME_API_KEY = "{key}", ACME_URL = "{base_url}" }   # set while it is built and called
command = "node shim.mjs"                        # in place of a provider: a process, see docs/process-protocol.md
intercept = "https://api.acme.com"               # its fixed address: what httpx sends there comes to the kit's server
unsupported = { embeddings = "the API has none" }
vendors = ["groq", "openrouter"]     # it is made for these: their forms are demanded, no other vendor's is asked for
retries = "own"                      # it asks again itself, where the host leaves that to it

[tool.conformance.dialects.acme]                 # a wire protocol that the kit does not know
folder = "tests/acme"                            # dialect.yaml, schemas/chat.json, cassettes/
dialect = "tests.acme:Acme"                      # a class for what data cannot say; not needed

[tool.conformance.checklist]                     # of `conformance checklist`, docs/checklist.md
excused = { PKG-017 = "a package of the provider's own" }

[tool.conformance]
known_failures = "tests/known-failures.toml"     # failures that are known; by default conformance-known-failures.toml
set = "2026.1"                                   # the requirements that count, and how much
cassettes = "tests/cassettes"                    # one's own recordings, each of them a case
manifests = ["openclaw.plugin.json", "deploy"]   # judged with the adapter, as `conformance lint` does
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError


class BadConfig(Exception):
    """The configuration cannot be used; one sentence that names the file and the key."""


class ProviderConfig(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    provider: str | None = None  # module:attribute
    command: str | None = None  # that starts a process which speaks the kit's protocol
    host: str | None = None
    dialect: str | None = None
    mount: str | None = None  # path that its base URL ends with, such as "/v1"
    kwargs: dict[str, Any] = {}
    env: dict[str, str] = {}
    unsupported: dict[str, str] = {}  # capability -> reason
    intercept: str | None = None  # the fixed address of an adapter that takes none
    vendors: tuple[str, ...] | None = None  # None: made for nobody in particular
    retries: Literal["host", "own"] = "host"  # who asks again after a failure that may pass


class DialectConfig(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    folder: str
    dialect: str | None = None  # module:class, derived from conformance.dialects.Dialect


class ChecklistConfig(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    registry: str | None = None  # module:attribute, a mapping of ids to adapters that the host reads
    tests: dict[str, str] = {}  # requests, replies, auth, rate-limits, malformed or streaming -> tests of it
    excused: dict[str, str] = {}  # requirement -> why it does not hold here, for a person to judge


class Config(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    dialects: dict[str, DialectConfig] = {}
    providers: dict[str, ProviderConfig] = {}
    known_failures: str | None = None  # the file of failures that are known, docs/known-failures.md
    set: str | None = None  # the requirement set, such as "2026.1"; "next" for all that there is
    checklist: ChecklistConfig = ChecklistConfig()
    cassettes: str | None = None  # the folder of one's own recordings, as `conformance import` wrote them
    manifests: tuple[str, ...] = ()  # files, and folders of them


def load(folder: Path) -> Config:
    """The configuration of the project in `folder`; an empty one where there is none. Raises `BadConfig`."""
    path = folder / "pyproject.toml"
    if not path.is_file():
        return Config()
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise BadConfig(f"{path.name} cannot be read: {exc}") from None
    table = data.get("tool", {}).get("conformance", {})
    try:
        return Config.model_validate(table)
    except ValidationError as exc:
        first = exc.errors()[0]
        where = ".".join(map(str, ("tool", "conformance", *first["loc"])))
        known = {"extra_forbidden": "there is no such key"}.get(first["type"], first["msg"])
        raise BadConfig(f"{path.name}: {where}: {known}") from None

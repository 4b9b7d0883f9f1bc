"""What a contributor decides about a new adapter, and what follows from that."""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass

from conformance.scaffold.origins import ORIGINS

VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
OWNER = re.compile(r"@[\w.-]+(/[\w.-]+)?|[^\s@]+@[^\s@]+\.[^\s@]+")
PLAIN = re.compile(r"[\x20-\x7e]*")


class CannotBegin(Exception):
    """Nothing was written, and why; one sentence with the mend."""


@dataclass(frozen=True)
class Choices:
    name: str  # as people write it: Acme AI
    package: str = ""  # dotted
    dialect: str = "openai-chat"
    base_url: str | None = None
    model: str | None = None
    variables: tuple[str, ...] = ()
    owner: str | None = None
    sdk: str | None = None  # a distribution, such as acme-sdk

    @property
    def id(self) -> str:
        """acme-ai: under which it is registered, for good."""
        return re.sub(r"[^a-z0-9]+", "-", self.name.lower()).strip("-")

    @property
    def snake(self) -> str:
        return self.id.replace("-", "_")

    @property
    def module(self) -> str:
        return self.package or self.snake

    @property
    def folder(self) -> str:
        return self.module.replace(".", "/")

    @property
    def class_name(self) -> str:
        return "".join(part.capitalize() for part in self.id.split("-")) + "Provider"

    @property
    def target(self) -> str:
        return f"{self.module}.provider:{self.class_name}"

    @property
    def address(self) -> str:
        return self.base_url or ORIGINS[self.dialect].address.replace("{id}", self.id)

    @property
    def default_model(self) -> str:
        return self.model or f"{self.id}-1"

    @property
    def key_variables(self) -> tuple[str, ...]:
        return self.variables or (f"{self.snake.upper()}_API_KEY",)

    def check(self, dialects: list[str]) -> None:
        """Raises `CannotBegin`."""
        if not self.id or not self.id[0].isalpha():
            raise CannotBegin(f"--name {self.name!r} gives no id: it must begin with a letter, such as Acme")
        parts = self.module.split(".")
        if not all(part.isidentifier() and part.isascii() and not keyword.iskeyword(part) for part in parts):
            raise CannotBegin(f"--package {self.module!r} is no package: write one such as acme or mylib.acme")
        if self.dialect not in dialects or self.dialect not in ORIGINS:
            raise CannotBegin(f"there is no dialect {self.dialect!r}; there are {', '.join(ORIGINS)}")
        if self.base_url is not None and not re.fullmatch(r"https?://[^\s/\"'\\]+[^\s\"'\\]*", self.base_url):
            raise CannotBegin(f"--base-url {self.base_url!r} is no address: write one such as https://api.acme.com/v1")
        for variable in self.key_variables:
            if not VARIABLE.fullmatch(variable):
                raise CannotBegin(f"--env-var {variable!r} is no name of a variable: write one such as ACME_API_KEY")
        if self.owner is not None and not OWNER.fullmatch(self.owner):
            raise CannotBegin(f"--owner {self.owner!r} is no owner: write @user, @organisation/team or an address")
        if self.sdk is not None and not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?", self.sdk):
            raise CannotBegin(f"--sdk {self.sdk!r} is no name of a package: write one such as acme-sdk")
        for flag, text in (("--name", self.name), ("--model", self.default_model)):
            if not PLAIN.fullmatch(text) or '"' in text or "\\" in text:
                raise CannotBegin(f"{flag} {text!r} has characters that do not go into its files: use plain ones")

"""Profiles of the hosts: what each one's contract promises, and what it cannot say. Data under `fixtures/profiles/`.

A profile takes away from the catalogue, and adds nothing to it; every entry has its reason. The native
profile takes nothing away.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from conformance.case import Case
from conformance.catalogue import BrokenCatalogue
from conformance.contract import ErrorKind
from conformance.paths import FIXTURES
from conformance.requirement import Level, Requirement
from conformance.then import Action, Asked

# What an adapter throws by mistake, and never on purpose: no way to tell a host of a provider's failure.
OWN_FAULTS = {
    "AttributeError",
    "IndexError",
    "KeyError",
    "TypeError",
    "UnboundLocalError",
}

Reason = str
ReplyField = Literal["finish_reason", "tool_calls", "refusal", "reasoning", "usage", "model", "id", "one_end"]
ErrorField = Literal["status", "code", "retry_after", "provider"]


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Lowered(_Data):
    level: Level
    why: Reason


class Untold(_Data):
    """Fields that the host's types do not have; a case that names them is judged by the rest."""

    ask: dict[Asked, Reason] = {}
    reply: dict[ReplyField, Reason] = {}
    stream: dict[ReplyField, Reason] = {}
    error: dict[ErrorField, Reason] = {}


class Profile(_Data):
    host: str
    sources: list[str] = Field(min_length=1)
    errors: Literal["typed", "any", "classified"] = Field(
        "typed",
        description="what an error must be: of the contract's kinds; any exception but the adapter's own fault; "
        "or the same, of a kind that the host reads out of its text",
    )
    kinds: dict[ErrorKind, list[str]] = Field({}, description="where classified: the host's words for each kind")
    failover: dict[Action, list[Action]] = Field(
        {}, description="where the host does another thing than the catalogue wants: what is right then"
    )
    untold: Untold = Untold()
    optional: dict[ReplyField, Reason] = Field(
        {}, description="fields that a reply may lack; their own requirements, lowered, still ask for them"
    )
    unsupported: dict[str, Reason] = Field(
        {}, description="requirements (RSP-009), cases (RSP-009/refusal) and capabilities (tools) that say nothing"
    )
    levels: dict[str, Lowered] = Field({}, description="requirements of which less is demanded")

    def cannot(self, requirement: Requirement, case: Case, needs: Iterable[str]) -> Reason | None:
        """Why this case says nothing about adapters of this host; None when it does."""
        for key in (*needs, requirement.id, f"{requirement.id}/{case.case}"):
            if reason := self.unsupported.get(key):
                return f"host {self.host}: {reason}"
        if reason := self._untellable(case):
            return f"host {self.host}: {reason}"
        if missing := next((id for id in case.after if id in self.levels or id in self.unsupported), None):
            return f"host {self.host}: it builds on {missing}, which is not demanded here"
        return None

    def _untellable(self, case: Case) -> Reason | None:
        """Why there is nothing to compare, where a case compares fields of a reply alone."""
        untold: Mapping[ReplyField, Reason] = self.untold.stream if case.ask.op == "stream" else self.untold.reply
        names = case.then.reply.model_fields_set if case.then.reply else set()
        if not names or names - set(untold) or case.then.model_fields_set != {"reply"}:
            return None
        return next(reason for field, reason in untold.items() if field in names)

    def levelled(self, requirement: Requirement) -> Requirement:
        lowered = self.levels.get(requirement.id)
        return requirement.model_copy(update={"level": lowered.level}) if lowered else requirement

    def does(self, actions: Iterable[Action]) -> list[Action]:
        """What of these this host does at best; the same where nothing else is told."""
        return list(dict.fromkeys(does for action in actions for does in self.failover.get(action, [action])))

    def words(self, kinds: Iterable[ErrorKind]) -> list[str]:
        """What the host calls these kinds; the contract's own words where it has none of its own."""
        return list(dict.fromkeys(word for kind in kinds for word in self.kinds.get(kind, [kind])))


@cache
def load(host: str, given: str | None = None) -> Profile:
    """That of the host, or the one in the file that its driver names. Raises `BrokenCatalogue`."""
    path = Path(given) if given else FIXTURES / "profiles" / f"{host}.yaml"
    try:
        return Profile.model_validate(yaml.safe_load(path.read_text("utf-8")))
    except (OSError, yaml.YAMLError, ValidationError) as exc:
        raise BrokenCatalogue(f"profiles/{path.name} is broken: {exc}") from None

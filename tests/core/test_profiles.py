"""What the hosts' profiles take away from the catalogue exists, and what they leave says something."""

from __future__ import annotations

import pytest

from conformance import catalogue, drivers, profile
from conformance.case import Case
from conformance.contract import ERROR_KINDS
from conformance.paths import FIXTURES
from conformance.profile import Profile
from conformance.then import ReplyThen

NEEDS = {
    "streaming",
    "tools",
    "images",
    "embeddings",
    "model_listing",
    "structured_output",
    "opaque",
    "health",
    "timeout",
    "cancellation",
}


@pytest.fixture(params=drivers.judged_as())
def host(request: pytest.FixtureRequest) -> Profile:
    return profile.load(request.param)


def test_every_host_has_a_profile_and_every_profile_a_host() -> None:
    assert {p.stem for p in (FIXTURES / "profiles").glob("*.yaml")} == set(drivers.judged_as())


def test_the_native_profile_takes_nothing_away() -> None:
    native = profile.load("native")
    assert native == Profile(host="native", sources=native.sources)


def test_everything_named_exists(host: Profile) -> None:
    known = catalogue.load()
    cases = {f"{c.proves}/{c.case}" for c in known.cases}
    assert set(host.unsupported) <= {*known.requirements, *cases, *NEEDS}
    assert set(host.levels) <= set(known.requirements)
    assert not set(host.levels) & set(host.unsupported)


def test_levels_are_lowered_only(host: Profile) -> None:
    rank = ["MAY", "SHOULD", "MUST"]
    for id, lowered in host.levels.items():
        assert rank.index(lowered.level) < rank.index(catalogue.load().requirements[id].level), id


def test_what_is_demanded_builds_on_nothing_that_is_only_advised(host: Profile) -> None:
    rules = [host.levelled(r) for r in catalogue.load().requirements.values() if r.id not in host.unsupported]
    for rule in rules:
        assert rule.level != "MUST" or not set(rule.after) & set(host.levels), rule.id


def judged(host: Profile) -> list[Case]:
    known = catalogue.load()
    return [
        case
        for case in known.cases
        if not host.cannot(
            rule := known.requirements[case.proves], case, [*rule.needs, *case.needs, *rule.lacks, *case.lacks]
        )
    ]


def test_a_case_that_is_judged_asks_for_something_that_the_host_can_tell(host: Profile) -> None:
    for case in judged(host):
        untold = host.untold.stream if case.ask.op == "stream" else host.untold.reply
        wanted = case.then.reply or ReplyThen(text="")
        assert wanted.model_fields_set - set(untold), f"{case.proves}/{case.case}"
        told = [a for a in case.then.either if not a.reply or a.reply.model_fields_set - set(untold)]
        assert told or not case.then.either, f"{case.proves}/{case.case}"


def test_a_case_that_is_judged_asks_for_something_that_the_host_can_ask(host: Profile) -> None:
    for case in judged(host):
        same = set(case.then.sent.same) if case.then.sent else set()
        assert not same or same - set(host.untold.ask), f"{case.proves}/{case.case}"


def test_where_errors_are_classified_every_kind_has_a_word(host: Profile) -> None:
    assert set(host.kinds) == (set(ERROR_KINDS) if host.errors == "classified" else set())
    assert host.words(["auth"]) == host.kinds.get("auth", ["auth"])

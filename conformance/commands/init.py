"""`conformance init`"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from conformance.commands import USAGE, Commands
from conformance.scaffold import CannotBegin, Choices, Plan
from conformance.scaffold.origins import ORIGINS

EXAMPLES = """examples:
  conformance init                                          (asks)
  conformance init --name Acme --base-url https://api.acme.com/v1 --model acme-large --owner @ann
  conformance init --name Acme --package mylib.acme --dialect gemini --env-var ACME_KEY --sdk acme-sdk"""


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "init",
        help="a new adapter with its tests, workflow, documentation and owner",
        description="Writes a working adapter into the project: the kit's reference adapter of the dialect as code of "
        "your own, its registration and configuration in pyproject.toml, tests, a GitHub workflow, a page of "
        "documentation and an owner. It passes at once; what only you can say is listed. Asks for what no flag tells, "
        "on a terminal. Exit code 4, and nothing written, where a file is in the way.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--name", metavar="NAME", help="as people write it, such as Acme; its id is made of it")
    parser.add_argument(
        "--package", "--module", dest="package", metavar="PACKAGE", help="by default of the name; may be dotted"
    )
    parser.add_argument("--dialect", metavar="DIALECT", help=f"by default openai-chat; or {', '.join([*ORIGINS][1:])}")
    parser.add_argument("--base-url", metavar="URL", help="of the API")
    parser.add_argument("--model", metavar="MODEL", help="the default one")
    parser.add_argument(
        "--env-var", action="append", metavar="NAME", help="where a key is looked for; again for the next in order"
    )
    parser.add_argument("--owner", metavar="OWNER", help="@user, @organisation/team or an address, for CODEOWNERS")
    parser.add_argument("--sdk", metavar="DISTRIBUTION", help="a package that stays optional, loaded when it is used")
    parser.add_argument("--path", type=Path, default=Path(), metavar="FOLDER", help="of the project; by default here")
    parser.add_argument("--force", action="store_true", help="overwrite what is in the way")
    parser.add_argument("--dry-run", action="store_true", help="write nothing, and say what would be")
    parser.add_argument("--json", action="store_true", help="for a program; asks nothing")
    parser.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    try:
        if not given.json and sys.stdin is not None and sys.stdin.isatty():
            _ask(given, input)
        if not given.name:
            raise CannotBegin("a new adapter needs a name: conformance init --name Acme")
        plan = Plan.of(_choices(given), given.path)
        if given.dry_run:
            new, changed = [*plan.new], [*plan.changed]
        else:
            new, changed = plan.write(force=given.force)
    except (CannotBegin, OSError) as exc:
        print(f"conformance: {exc}", file=sys.stderr)
        return USAGE
    except (EOFError, KeyboardInterrupt):
        print("\nconformance: nothing was written", file=sys.stderr)
        return USAGE
    here = "" if given.path == Path() else f"cd {given.path} && "
    following = f"{here}pytest --provider={plan.choices.id}"
    told = {"id": plan.choices.id, "written": new, "changed": changed, "left": plan.left, "next": following}
    print(json.dumps(told, indent=2) if given.json else "\n".join(_lines(told, given.dry_run)))
    return 0


def _choices(given: argparse.Namespace) -> Choices:
    return Choices(
        given.name.strip(),
        given.package or "",
        given.dialect or "openai-chat",
        given.base_url or None,
        given.model or None,
        tuple(given.env_var or ()),
        given.owner or None,
        given.sdk or None,
    )


def _ask(given: argparse.Namespace, ask: Callable[[str], str]) -> None:
    """For what no flag told; an empty answer is what is proposed."""
    given.name = given.name or ask("Name of the provider, as people write it (such as Acme): ").strip()
    if not given.name:
        return
    made = Choices(given.name)
    given.package = given.package or ask(f"Package [{made.module}]: ").strip()
    given.dialect = given.dialect or ask(f"Protocol of its API, one of {', '.join(ORIGINS)} [{made.dialect}]: ").strip()
    if given.dialect and given.dialect not in ORIGINS:
        raise CannotBegin(f"there is no dialect {given.dialect!r}; there are {', '.join(ORIGINS)}")
    made = _choices(given)
    given.base_url = given.base_url or ask(f"Its address [{made.address}]: ").strip()
    given.model = given.model or ask(f"Default model [{made.default_model}]: ").strip()
    asked = f"Variables that hold its key, in order [{made.key_variables[0]}]: "
    given.env_var = given.env_var or ask(asked).replace(",", " ").split()
    given.owner = given.owner or ask("Who answers for it, such as @you [nobody yet]: ").strip()


def _lines(told: Mapping[str, Sequence[str]], dry: bool) -> list[str]:
    def rows(what: str, values: Sequence[str]) -> list[str]:
        return [f"{what:<9}{value}" for value in values]

    lines = rows("would write " if dry else "wrote", told["written"])
    lines += rows("would add to " if dry else "added to ", told["changed"])
    if not lines:
        lines = ["nothing to write: all of it is there"]
    return [*lines, *rows("left", told["left"]), *rows("next", [*map(str, [told["next"]])])]

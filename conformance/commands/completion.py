"""`conformance completion bash`: a script by which a shell completes commands, options and ids.

It is made of the parser, so that it knows what there is; the ids are those of this version.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from conformance import catalogue, requirement
from conformance.commands import Commands

EXAMPLES = """examples:
  conformance completion bash >> ~/.bashrc
  conformance completion zsh > ~/.zfunc/_conformance    (a folder of $fpath)
  conformance completion fish > ~/.config/fish/completions/conformance.fish"""

BASH = """\
_conformance() {{
    local words="" key=""
    local word; for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
        case "$key $word" in
            {starts}) key="${{key:+$key }}$word" ;;
        esac
    done
    case "$key" in
{cases}
    esac
    COMPREPLY=($(compgen -W "$words" -- "${{COMP_WORDS[COMP_CWORD]}}"))
    [ ${{#COMPREPLY[@]}} -gt 0 ] || COMPREPLY=($(compgen -f -- "${{COMP_WORDS[COMP_CWORD]}}"))
}}
complete -F _conformance conformance
"""
ZSH = """\
#compdef conformance
_conformance() {{
    local key="" word; local -a all
    for word in "${{(@)words[2,CURRENT-1]}}"; do
        case "$key $word" in
            {starts}) key="${{key:+$key }}$word" ;;
        esac
    done
    case "$key" in
{cases}
    esac
    compadd -- $all || _files
}}
if [ "$funcstack[1]" = _conformance ]; then _conformance "$@"; else compdef _conformance conformance; fi
"""


@dataclass(frozen=True)
class Option:
    name: str
    about: str
    takes: bool  # a value
    choices: list[str]


@dataclass(frozen=True)
class Command:
    """`path` is "known-failures update"; "" for the program itself."""

    path: str
    about: str
    below: list[str]  # commands
    words: list[str]  # what else may stand there
    options: list[Option]
    files: bool  # may stand there

    @property
    def all(self) -> list[str]:
        values = [value for option in self.options for value in option.choices]
        return [*self.below, *self.words, *values, *(option.name for option in self.options)]


def add(commands: Commands, whole: argparse.ArgumentParser) -> None:
    parser = commands.add_parser(
        "completion",
        help="a script for your shell, which then completes commands, options and ids",
        description="Prints a script by which a shell completes the commands, their options, and ids of requirements.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("shell", choices=[*SCRIPTS], help="which")
    parser.set_defaults(run=partial(run, whole))


def run(whole: argparse.ArgumentParser, given: argparse.Namespace) -> int:
    print(SCRIPTS[given.shell](list(told(whole))), end="")
    return 0


def told(parser: argparse.ArgumentParser, path: str = "", about: str = "") -> Iterator[Command]:
    """Of it and all commands below it."""
    made = Command(path, about, [], [], [], files=False)
    below: list[tuple[str, argparse.ArgumentParser, str]] = []
    for action in parser._actions:  # argparse has no other way to tell
        if isinstance(action, argparse._SubParsersAction):
            says = {choice.dest: choice.help or "" for choice in action._choices_actions}
            below = [(name, command, says.get(name, "")) for name, command in action.choices.items()]
        elif action.option_strings:
            takes, choices = action.nargs != 0, [str(choice) for choice in action.choices or ()]
            made.options.extend(Option(name, action.help or "", takes, choices) for name in action.option_strings)
        elif words := _words(action):
            made.words.extend(words)
        else:
            made = replace(made, files=True)
    made.below.extend(name for name, _, _ in below)
    yield made
    for name, command, says_of_it in below:
        yield from told(command, f"{path} {name}".strip(), says_of_it)


def _words(action: argparse.Action) -> list[str]:
    """Of an argument: what it may be, where that is known."""
    if action.dest in ("id", "ids"):
        return list(catalogue.load().requirements)
    if action.dest == "area":
        return list(requirement.AREAS.values())
    return [str(choice) for choice in action.choices or ()]


def _by_case(template: str, line: str, commands: list[Command]) -> str:
    starts = "|".join(f'"{parent} {name}"' for parent, _, name in (c.path.rpartition(" ") for c in commands) if name)
    cases = "\n".join(f'        "{c.path}") {line.format(" ".join(c.all))} ;;' for c in commands)
    return template.format(starts=starts, cases=cases)


def _fish(commands: list[Command]) -> str:
    abouts = {c.path: c.about for c in commands}
    lines = ["complete -c conformance -f"]
    for c in commands:
        here = f"complete -c conformance -n '{_seen(c)}'"
        lines += [f"{here} -a {name}{_about(abouts[f'{c.path} {name}'.strip()])}" for name in c.below]
        lines += [f"{here} -a '{' '.join(c.words)}'"] if c.words else []
        for option in c.options:
            kind = f"-l {option.name[2:]}" if option.name.startswith("--") else f"-s {option.name[1:]}"
            value = f" -x -a '{' '.join(option.choices)}'" if option.choices else " -r -F" if option.takes else ""
            lines.append(f"{here} {kind}{value}{_about(option.about)}")
        lines += [f"{here} -F"] if c.files else []
    return "\n".join([*lines, ""])


def _seen(command: Command) -> str:
    """Whether that is the command, and none below it."""
    if not command.path:
        return "__fish_use_subcommand"
    seen = f"__fish_seen_subcommand_from {command.path.split(' ')[-1]}"
    return f"{seen}; and not __fish_seen_subcommand_from {' '.join(command.below)}" if command.below else seen


def _about(text: str) -> str:
    quoted = text.replace("%%", "%").replace("\\", "\\\\").replace("'", "\\'")
    return f" -d '{quoted}'" if text else ""


SCRIPTS: dict[str, Callable[[list[Command]], str]] = {
    "bash": partial(_by_case, BASH, 'words="{}"'),
    "zsh": partial(_by_case, ZSH, "all=({})"),
    "fish": _fish,
}

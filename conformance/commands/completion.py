"""`conformance completion bash`: a script by which a shell completes commands, options and ids.

It is made of the parser, so that it knows what there is; the ids are those of this version.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
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
class Command:
    """`path` is "known-failures update"; "" for the program itself."""

    path: str
    about: str
    words: list[str]  # commands, options and choices
    options: list[tuple[str, str]]  # with what each says of itself


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
    words: list[str] = []
    options: list[tuple[str, str]] = []
    below: list[tuple[str, argparse.ArgumentParser, str]] = []
    for action in parser._actions:  # argparse has no other way to tell
        if isinstance(action, argparse._SubParsersAction):
            says = {choice.dest: choice.help or "" for choice in action._choices_actions}
            below = [(name, command, says.get(name, "")) for name, command in action.choices.items()]
        elif action.option_strings:
            options += [(option, action.help or "") for option in action.option_strings]
        elif action.dest in ("id", "ids"):
            words += catalogue.load().requirements
        elif action.dest == "area":
            words += requirement.AREAS.values()
        words += [str(choice) for choice in action.choices or ()]
    yield Command(path, about, [*words, *(option for option, _ in options)], options)
    for name, command, says_of_it in below:
        yield from told(command, f"{path} {name}".strip(), says_of_it)


def _by_case(template: str, line: str, commands: list[Command]) -> str:
    starts = "|".join(f'"{parent} {name}"' for parent, _, name in (c.path.rpartition(" ") for c in commands) if name)
    cases = "\n".join(f'        "{c.path}") {line.format(" ".join(c.words))} ;;' for c in commands)
    return template.format(starts=starts, cases=cases)


def _fish(commands: list[Command]) -> str:
    lines = ["complete -c conformance -f"]
    names = {c.path for c in commands}
    for c in commands:
        seen = f"__fish_seen_subcommand_from {c.path.split(' ')[-1]}" if c.path else "__fish_use_subcommand"
        says = {f"{c.path} {word}".strip() for word in c.words} & names
        for word in c.words:
            about = next((b.about for b in commands if b.path in says and b.path.split(" ")[-1] == word), "")
            if not word.startswith("-"):
                lines.append(f"complete -c conformance -n '{seen}' -a {word}" + _about(about))
        for option, about in c.options:
            kind = f"-l {option[2:]}" if option.startswith("--") else f"-s {option[1:]}"
            lines.append(f"complete -c conformance -n '{seen}' {kind}{_about(about)}")
        if c.path and not says:
            lines.append(f"complete -c conformance -n '{seen}' -F")
    return "\n".join([*lines, ""])


def _about(text: str) -> str:
    quoted = text.replace("%%", "%").replace("\\", "\\\\").replace("'", "\\'")
    return f" -d '{quoted}'" if text else ""


SCRIPTS: dict[str, Callable[[list[Command]], str]] = {
    "bash": partial(_by_case, BASH, 'words="{}"'),
    "zsh": partial(_by_case, ZSH, "all=({})"),
    "fish": _fish,
}

"""The adapter's package: the reference adapter of the dialect under the contributor's own names, and what is theirs."""

from __future__ import annotations

import ast
import re
from functools import partial
from pathlib import Path
from string import Template

import conformance
from conformance.scaffold.choices import Choices
from conformance.scaffold.origins import ORIGINS

OURS = Path(conformance.__file__).parent
TEMPLATES = Path(__file__).parent / "templates"
REFERENCE = "conformance.reference."
BY_SHAPE = {  # a host's messages are made of its own classes, and these are not the kit's any more
    r"isinstance\((\w+), Image\)": r'not hasattr(\1, "text")',
    r"isinstance\((\w+), Text\)": r'hasattr(\1, "text")',
}


def files(choices: Choices) -> dict[str, bytes]:
    """By path below the folder of sources."""
    origin = ORIGINS[choices.dialect]
    modules = _needed(f"{REFERENCE}{origin.module}.adapter")
    made = {f"{choices.folder}/{_place(m)}": _rewritten(m, choices) for m in sorted(modules)}
    made |= {f"{choices.folder}/__init__.py": template("package", choices)}
    made |= {f"{choices.folder}/provider.py": template("provider", choices)}
    made |= {f"{choices.folder}/sdk.py": template("sdk", choices)} if choices.sdk else {}
    return made


def template(name: str, choices: Choices, **more: str) -> bytes:
    """With `${…}` filled in; raises where one has no value, for that would be our mistake."""
    text = (TEMPLATES / f"{name}.txt").read_text("utf-8")
    return _ordered(Template(text).substitute(values(choices), **more), choices).encode()


def values(choices: Choices) -> dict[str, str]:
    origin = ORIGINS[choices.dialect]
    extra = dict(origin.keywords)
    return {
        "name": choices.name,
        "id": choices.id,
        "snake": choices.snake,
        "module": choices.module,
        "folder": choices.folder,
        "class_name": choices.class_name,
        "dialect": choices.dialect,
        "protocol": origin.module,
        "adapter": origin.adapter,
        "address": choices.address,
        "model": choices.default_model,
        "variables": ", ".join(f'"{name}"' for name in choices.key_variables) + ",",
        "first_variable": choices.key_variables[0],
        "variables_in_words": ", then ".join(choices.key_variables),
        "more_parameters": "".join(f"        {name}: {kind} = None,\n" for name, kind in extra.items()),
        "more_arguments": "".join(f", {name}={name}" for name in extra),
        "star": "        *,\n" if extra else "",
        "flags": "\n".join(f"        {name}={flag}," for name, flag in _capabilities(origin.module)),
        "sdk": choices.sdk or "",
        "sdk_module": re.sub(r"[-.]+", "_", choices.sdk or ""),
        "kit": conformance.__version__,
    }


def _needed(module: str) -> set[str]:
    """It, all of ours that it imports, and the packages around them."""
    found: set[str] = set()
    todo = [module]
    while todo:
        name = todo.pop()
        if name in found or not _file(name).is_file():
            continue
        found.add(name)
        tree = ast.parse(_file(name).read_text("utf-8"))
        imported = (n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.module)
        todo += [m for m in imported if m.startswith((REFERENCE, "conformance.contract"))]
        parent = name.rpartition(".")[0]
        todo += [parent] if parent.startswith(REFERENCE) else []
    return found


def _file(module: str) -> Path:
    path = OURS.joinpath(*module.split(".")[1:])
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def _place(module: str) -> str:
    return _file(module).relative_to(OURS).as_posix().removeprefix("reference/")


def _rewritten(module: str, choices: Choices) -> bytes:
    text = _file(module).read_text("utf-8")
    for old in (REFERENCE, "conformance."):
        text = re.sub(rf"\b(from|import) {re.escape(old)}", rf"\1 {choices.module}.", text)
    for pattern, by_shape in BY_SHAPE.items():
        text = re.sub(pattern, by_shape, text)
    text = re.sub(r"^from \S+\.contract import (.+)\n", partial(_only_used, text=text), text, flags=re.M)
    text = re.sub(r"^\n(?=\n\n\n)", "", text, flags=re.M)
    return _ordered(text, choices).replace("`conformance.contract`", f"`{choices.module}.contract`").encode()


def _ordered(text: str, choices: Choices) -> str:
    """Imports sorted by the new names."""
    return re.sub(rf"(^from {re.escape(choices.module)}\..*\n)+", _sorted, text, flags=re.M)


def _only_used(line: re.Match[str], text: str) -> str:
    head, names = line[0].partition(line[1])[0], line[1].split(", ")
    rest = text.replace(line[0], "")
    used = [name for name in names if re.search(rf"\b{name}\b", rest)]
    return f"{head}{', '.join(used)}\n" if used else ""


def _sorted(lines: re.Match[str]) -> str:
    return "".join(sorted(filter(str.strip, lines[0].splitlines(keepends=True))))


def _capabilities(module: str) -> list[tuple[str, bool]]:
    """As the reference adapter declares them."""
    from importlib import import_module  # noqa: PLC0415 - httpx is needed for it

    origin = next(o for o in ORIGINS.values() if o.module == module)
    declared = getattr(import_module(f"{REFERENCE}{module}.adapter"), origin.adapter).capabilities
    return list(vars(declared).items())

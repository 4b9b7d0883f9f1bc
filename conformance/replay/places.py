"""A YAML file with the line of each of its texts, so that a finding can say where it is."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

try:
    from yaml import CSafeLoader as _Loader
except ImportError:  # libyaml is optional
    from yaml import SafeLoader as _Loader  # type: ignore[assignment]

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Leaf:
    """One text of the file. `is_name`: it is the name of a member, which is the last part of its path."""

    path: Path
    value: str | bytes
    line: int  # of its first character
    column: int
    is_block: bool = False  # its lines are lines of the file
    is_name: bool = False

    def at(self, offset: int) -> tuple[int, int]:
        """The line and the column of a character of it; its beginning where that is not to be told."""
        if not self.is_block or isinstance(self.value, bytes):
            return self.line, self.column
        return self.line + self.value.count("\n", 0, offset), self.column


@dataclass(frozen=True)
class Marked:
    data: Any
    leaves: tuple[Leaf, ...]
    lines: dict[Path, int]  # of every node

    def line(self, path: Path) -> int:
        """The line of what is there, or of the nearest thing around it."""
        return self.lines[path] if path in self.lines else self.line(path[:-1]) if path else 1


def read(text: str) -> Marked:
    """Raises `yaml.YAMLError`, and ValueError for what cannot be a value."""
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return Marked(None, (), {(): 1})
        lines: dict[Path, int] = {}
        leaves = tuple(_leaves(node, (), lines, set()))
        return Marked(loader.construct_document(node), leaves, lines)
    except (IndexError, KeyError, AttributeError, OverflowError, TypeError):  # `!!int ''`, `!!bool x` and their like
        raise ValueError("a value is not what its tag says") from None
    except RecursionError:
        raise ValueError("it is nested too deeply, or holds itself") from None
    finally:
        loader.dispose()


def _leaves(node: yaml.Node, path: Path, lines: dict[Path, int], seen: set[int]) -> Iterator[Leaf]:
    """Each once, also where aliases make many of it."""
    lines[path] = node.start_mark.line + 1
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            if isinstance(name, yaml.ScalarNode):
                below = (*path, name.value)
                yield _leaf(name, below, is_name=True)
                yield from _leaves(value, below, lines, seen)
                lines[below] = name.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode):
        for n, value in enumerate(node.value):
            yield from _leaves(value, (*path, n), lines, seen)
    elif isinstance(node, yaml.ScalarNode):
        yield _leaf(node, path)


def _leaf(node: yaml.ScalarNode, path: Path, is_name: bool = False) -> Leaf:
    value: str | bytes = node.value
    if node.tag == "tag:yaml.org,2002:binary":
        try:
            value = base64.b64decode(node.value)
        except binascii.Error:
            raise ValueError("a body that is called binary is no base64") from None
    line, column, block = node.start_mark.line + 1, node.start_mark.column + 1, node.style == "|"
    return Leaf(path, value, line + block, 1 if block else column, block, is_name)

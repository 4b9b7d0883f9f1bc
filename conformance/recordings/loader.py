"""YAML as Python 2 and Ruby wrote it. No tag is obeyed that makes an object."""

from __future__ import annotations

import base64
import binascii
from typing import Any

import yaml

try:
    from yaml import CSafeLoader as _SafeLoader
except ImportError:  # libyaml is optional
    from yaml import SafeLoader as _SafeLoader  # type: ignore[assignment]


class Loader(_SafeLoader):
    """Texts as others wrote them are texts."""


def _text(loader: Any, node: yaml.Node) -> str:
    return str(node.value)


def _binary(loader: Any, node: yaml.Node) -> bytes:
    try:
        return base64.b64decode(str(node.value))
    except binascii.Error as exc:
        raise yaml.YAMLError(f"what is called binary is no base64: {exc}") from None


for _tag in (
    "tag:yaml.org,2002:python/unicode",
    "tag:yaml.org,2002:python/str",
    "!str",
    "!ruby/symbol",
    "!ruby/regexp",
):
    Loader.add_constructor(_tag, _text)
Loader.add_constructor("!binary", _binary)

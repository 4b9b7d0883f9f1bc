"""A tiny language model that llama.cpp loads and serves, and that says what we want. The same bytes everywhere.

It is a real Llama model with weights of our own: the embedding is one-hot, attention and feed-forward add nothing, and
the output matrix holds the wanted pairs of tokens plus a little seeded noise, so that the next token is a function of
the last one. A script is a chain of vocabulary pieces that no other script uses. The chat template ends the prompt with
the marker that starts a script, chosen from the conversation:

    tools given, last turn the user's      one call of get_weather(city="Paris")
    ... and its text holds "and Rome"      two calls, Paris and Rome
    ... and its text holds "first say"     some text, then the call
    ... and its text holds "broken"        a call whose JSON is cut short
    last turn a tool's                     "It is sunny in Paris."
    the user's text holds "think"          <think>…</think>, then the greeting
    ... "forever"                          tick tock tick tock … until max_tokens
    ... "nothing"                          an empty answer
    anything else                          a greeting with text beyond ASCII

Under a grammar (response_format, forced tools) single characters take over and write short valid JSON.
"""

from __future__ import annotations

import array
import random
import string
import struct
import sys
from enum import IntEnum
from itertools import pairwise
from pathlib import Path

SPACE = "\u2581"  # how a SentencePiece vocabulary writes a space
END = "<|im_end|>"

HELLO = [" Hello", "!", " I am", " a tiny", " model", " with", " café", " 日本", " 🦀", ".", END]
# What starts alike must not meet, for every piece is one state: the calls are cut at different places.
SCRIPTS = {
    "hello": HELLO,
    "think": ["<think>", " Let me", " see", " now", "</think>", *HELLO],
    "sunny": [" It is", " sunny", " in Paris", ".", END],
    "tool": [
        *("<tool_call>", '\n{"na', 'me": "get', "_weath", 'er", "argu', 'ments": {"ci', 'ty": "Par', 'is"}}\n'),
        *("</tool_call>", END),
    ],
    "tools": [
        *("<tool_call>\n{", '"name": "get_w', 'eather", "a', 'rguments": {"city": "Pari', 's"}}\n</tool_ca'),
        *('ll>\n<tool_call>\n{"', 'name": "get_we', 'ather", "ar', 'guments": {"city": "Rom', 'e"}}\n</tool_cal'),
        *("l>", END),
    ],
    "say": [" Looking", " that", " up", ".\n", "<tool_call>"],
    "broken": ["<tool_call>\n", '{"name": "get_', 'weather", "arguments": {"city": "Pa', END],
    "forever": [" tick", " tock", " tick"],
    "nothing": [END],
}

TEMPLATE = Path(__file__).with_suffix(".jinja").read_text("utf-8")

CONTEXT, HEADS, HEAD_SIZE, FEED_FORWARD, EPSILON = 4096, 2, 32, 64, 1e-5


class Kind(IntEnum):
    """Token types, as llama.cpp numbers them."""

    NORMAL = 1
    UNKNOWN = 2
    CONTROL = 3
    USER_DEFINED = 4
    UNUSED = 5
    BYTE = 6


class Value(IntEnum):
    """Types of metadata, as GGUF numbers them."""

    UINT32 = 4
    INT32 = 5
    FLOAT32 = 6
    BOOL = 7
    STRING = 8
    ARRAY = 9


def tiny_model() -> bytes:
    """The model as a GGUF file."""
    tokens = _vocabulary()
    return _gguf(_metadata(tokens), _tensors(len(tokens), _output_matrix(tokens)))


def _vocabulary() -> dict[str, Kind]:
    tokens = {"<unk>": Kind.UNKNOWN, "<s>": Kind.CONTROL, "</s>": Kind.CONTROL}
    tokens |= {f"<0x{byte:02X}>": Kind.BYTE for byte in range(256)}
    tokens |= {"<|im_start|>": Kind.CONTROL, END: Kind.CONTROL}
    tokens |= dict.fromkeys(["<tool_call>", "</tool_call>", "<think>", "</think>"], Kind.USER_DEFINED)
    tokens |= {f"<|s_{name}|>": Kind.CONTROL for name in SCRIPTS}
    tokens |= {SPACE: Kind.NORMAL}
    tokens |= {char: Kind.NORMAL for char in string.printable if char.isprintable() and char != " "}
    for piece in _pieces():
        tokens.setdefault(piece, Kind.NORMAL)
    while len(tokens) % 64:
        tokens[f"<unused_{len(tokens)}>"] = Kind.UNUSED
    return tokens


def _pieces() -> list[str]:
    return [piece.replace(" ", SPACE) for script in SCRIPTS.values() for piece in script]


def _output_matrix(tokens: dict[str, Kind]) -> array.array[float]:
    """How much each token (row) is wanted after each other (column)."""
    size, place = len(tokens), {token: i for i, token in enumerate(tokens)}
    noise = random.Random(7)
    matrix = array.array("f", (noise.uniform(-0.05, 0.05) for _ in range(size * size)))

    def want(first: str, then: str, much: float) -> None:
        matrix[place[then.replace(" ", SPACE)] * size + place[first.replace(" ", SPACE)]] += much

    pieces = set(_pieces())
    for row, (token, kind) in enumerate(tokens.items()):
        if reluctance := _reluctance(token, kind, token in pieces):
            for column in range(size):
                matrix[row * size + column] -= reluctance
    for name, script in SCRIPTS.items():
        for first, then in pairwise([f"<|s_{name}|>", *script]):
            want(first, then, 3.0)
    for token, kind in tokens.items():  # a script that a grammar has stopped ends its string
        if kind == Kind.NORMAL and token not in '{}[]:,"':
            want(token, '"', 0.4)
    for first, then, much in _json_habits():
        want(first, then, much)
    return matrix


def _reluctance(token: str, kind: Kind, scripted: bool) -> float:
    """What no script asks for comes last."""
    if kind in (Kind.UNUSED, Kind.UNKNOWN) or (kind == Kind.CONTROL and token != END):
        return 1.0
    if kind == Kind.BYTE or token == SPACE:
        return 0.6
    return 0.3 if scripted and kind == Kind.NORMAL and len(token) > 1 else 0.0


def _json_habits() -> list[tuple[str, str, float]]:
    """What follows what in short JSON such as {"ok": 42}."""
    newline = "<0x0A>"
    return [
        *((newline, HELLO[0], 1.5), (newline, "{", 1.0)),
        *((char, '"', 1.0) for char in "{,:["),
        *(('"', "o", 1.8), ("o", "k", 1.0), ("k", '"', 1.0)),
        *((char, "4", 0.8) for char in ":[,"),
        ("4", "2", 0.9),
        *((char, then, much) for char in "2]" for then, much in (("}", 1.0), (",", 0.7), ("]", 1.1))),
        *(('"', then, much) for then, much in (("}", 1.2), (",", 0.7), (":", 1.1), ("]", 1.3))),
        *(("}", then, much) for then, much in ((newline, 1.4), (END, 0.5), ("}", 0.6), ("</tool_call>", 0.7))),
    ]


def _metadata(tokens: dict[str, Kind]) -> list[bytes]:
    def score(token: str, kind: Kind) -> float:
        return 0.0 if kind != Kind.NORMAL else -100.0 if len(token) == 1 else -200.0

    return [
        _entry("general.architecture", Value.STRING, "llama"),
        _entry("general.name", Value.STRING, "tiny"),
        _entry("general.file_type", Value.UINT32, 0),
        _entry("general.description", Value.STRING, "scripted weights made for tests"),
        _entry("llama.vocab_size", Value.UINT32, len(tokens)),
        _entry("llama.context_length", Value.UINT32, CONTEXT),
        _entry("llama.embedding_length", Value.UINT32, len(tokens)),
        _entry("llama.block_count", Value.UINT32, 1),
        _entry("llama.feed_forward_length", Value.UINT32, FEED_FORWARD),
        _entry("llama.attention.head_count", Value.UINT32, HEADS),
        _entry("llama.attention.head_count_kv", Value.UINT32, HEADS),
        _entry("llama.attention.key_length", Value.UINT32, HEAD_SIZE),
        _entry("llama.attention.value_length", Value.UINT32, HEAD_SIZE),
        _entry("llama.rope.dimension_count", Value.UINT32, HEAD_SIZE),
        _entry("llama.attention.layer_norm_rms_epsilon", Value.FLOAT32, EPSILON),
        _entry("tokenizer.ggml.model", Value.STRING, "llama"),
        _entry("tokenizer.ggml.pre", Value.STRING, "default"),
        _entries("tokenizer.ggml.tokens", Value.STRING, list(tokens)),
        _entries("tokenizer.ggml.scores", Value.FLOAT32, [score(*token) for token in tokens.items()]),
        _entries("tokenizer.ggml.token_type", Value.INT32, list(tokens.values())),
        _entry("tokenizer.ggml.bos_token_id", Value.UINT32, 1),
        _entry("tokenizer.ggml.eos_token_id", Value.UINT32, list(tokens).index(END)),
        _entry("tokenizer.ggml.unknown_token_id", Value.UINT32, 0),
        _entry("tokenizer.ggml.add_bos_token", Value.BOOL, True),
        _entry("tokenizer.ggml.add_space_prefix", Value.BOOL, False),
        _entry("tokenizer.chat_template", Value.STRING, TEMPLATE),
    ]


def _entry(key: str, kind: Value, value: str | float) -> bytes:
    return _text(key) + struct.pack("<I", kind) + _packed(kind, value)


def _entries(key: str, kind: Value, values: list[str] | list[float] | list[Kind]) -> bytes:
    head = _text(key) + struct.pack("<IIQ", Value.ARRAY, kind, len(values))
    return head + b"".join(_packed(kind, value) for value in values)


def _packed(kind: Value, value: str | float) -> bytes:
    if isinstance(value, str):
        return _text(value)
    return struct.pack({Value.UINT32: "<I", Value.INT32: "<i", Value.FLOAT32: "<f", Value.BOOL: "<?"}[kind], value)


def _text(text: str) -> bytes:
    data = text.encode()
    return struct.pack("<Q", len(data)) + data


Tensor = tuple[str, tuple[int, ...], bytes]  # name, shape, little-endian float32


def _tensors(size: int, output: array.array[float]) -> list[Tensor]:
    def zeros(rows: int, columns: int) -> bytes:
        return bytes(4 * rows * columns)

    def floats(values: array.array[float]) -> bytes:
        if sys.byteorder == "big":
            values.byteswap()
        return values.tobytes()

    heads = HEADS * HEAD_SIZE
    one_hot = array.array("f", bytes(4 * size * size))
    one_hot[:: size + 1] = array.array("f", [1.0] * size)
    ones = floats(array.array("f", [1.0] * size))
    silent = {
        "attn_q": (heads, size),
        "attn_k": (heads, size),
        "attn_v": (heads, size),
        "attn_output": (size, heads),
        "ffn_gate": (FEED_FORWARD, size),
        "ffn_up": (FEED_FORWARD, size),
        "ffn_down": (size, FEED_FORWARD),
    }
    return [
        ("token_embd.weight", (size, size), floats(one_hot)),
        ("output_norm.weight", (size,), ones),
        ("output.weight", (size, size), floats(output)),
        ("blk.0.attn_norm.weight", (size,), ones),
        ("blk.0.ffn_norm.weight", (size,), ones),
        *((f"blk.0.{name}.weight", shape, zeros(*shape)) for name, shape in silent.items()),
    ]


def _gguf(metadata: list[bytes], tensors: list[Tensor]) -> bytes:
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(metadata)) + b"".join(metadata)
    offset, float32, blobs = 0, 0, []
    for name, shape, data in tensors:
        dimensions = struct.pack(f"<I{len(shape)}Q", len(shape), *reversed(shape))
        head += _text(name) + dimensions + struct.pack("<IQ", float32, offset)
        blobs.append(_aligned(data))
        offset += len(blobs[-1])
    return _aligned(head) + b"".join(blobs)


def _aligned(data: bytes) -> bytes:
    return data + bytes(-len(data) % 32)

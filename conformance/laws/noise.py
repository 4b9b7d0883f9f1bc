"""The law of anything at all: whatever a server sends, the host gets an answer or an error that it can read."""

from __future__ import annotations

import json

from hypothesis import strategies as st

from conformance.case import Case, Wire
from conformance.laws import Example, Scenes, Stage
from conformance.laws.answers import with_wire
from conformance.replay.breaking import ODD
from conformance.then import Then

TYPES = (
    "application/json",
    "text/event-stream",
    "text/html; charset=latin-1",
    "application/x-ndjson",
    "",
    "x;charset=utf-7",
)
HEADERS = {
    "retry-after": ("", "soon", "-1", "1e400", "nan", "99999999999999999999", "Wed, 99 Foo 2099 99:99:99 GMT", "½"),
    "x-request-id": ("", "\xff", "a, b", "x" * 5000),
    "retry-after-ms": ("", "x", "-5", "inf"),
    "x-ratelimit-reset-requests": ("", "1h61m", "-", "6m0s", "NaNs"),
}
STATUSES = (
    200,
    200,
    200,
    201,
    204,
    206,
    226,
    304,
    400,
    401,
    403,
    404,
    409,
    418,
    422,
    429,
    451,
    499,
    500,
    502,
    503,
    529,
    599,
)


def noises(_: Stage, __: Case) -> st.SearchStrategy[Example]:
    odd = st.sampled_from(ODD)
    spoilt = st.tuples(st.integers(0, 20), st.integers(0, 60), odd).map(lambda s: f"spoil@{json.dumps(s)}")
    other = st.integers(0, 5000).map("corrupt@{}".format) | st.sampled_from(("html", "error"))
    changed = st.lists(spoilt, min_size=1, max_size=4) | other.map(lambda one: [one])
    body = st.binary(max_size=40) | odd.map(lambda v: json.dumps(v).encode())
    framed = (
        body | body.map(lambda b: b"data: " + b + b"\n\n") | body.map(lambda b: b"event: error\ndata: " + b + b"\n\n")
    )
    header = st.sampled_from([(name, value) for name, values in HEADERS.items() for value in values])
    raw = st.fixed_dictionaries(
        {
            "status": st.sampled_from(STATUSES),
            "type": st.sampled_from(TYPES),
            "headers": st.lists(header, max_size=2).map(dict),
            "body": framed.map(lambda b: b.decode("latin-1")),
        }
    )
    return st.fixed_dictionaries({"transform": changed}) | raw


def heard(_: Stage, case: Case, example: Example) -> Scenes:
    """A good answer with something else in one place; or a status, headers and a body of any kind."""
    then = Then(sound=True)
    if "transform" in example:
        yield [with_wire(case, then=then, transform=example["transform"])]
        return
    body = "".join(f"\\x{byte:02x}" for byte in example["body"].encode("latin-1"))
    headers = {"content-type": example["type"], **example["headers"]}
    yield [with_wire(case, Wire(body=body, status=example["status"], headers=headers), then=then)]

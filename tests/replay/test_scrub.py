"""What is taken out of a recording, what is found in a text, and that nothing else is touched."""

from __future__ import annotations

import pytest

from conformance.cassettes import Interaction
from conformance.replay.scrub import find_secrets, scrub, values_of

# Put together here, so that no file of ours holds anything that looks like a key.
SECRETS = {
    "an sk- key": "sk-" + "proj-a1B2c3D4e5F6",
    "an sk-ant- key": "sk-" + "ant-api03-a1B2c3D4",
    "a gsk_ key": "gsk" + "_a1B2c3D4e5F6g7H8",
    "an AIza key": "AI" + "zaSyA1b2C3d4E5f6G7h8",
    "an xai- key": "xai" + "-a1B2c3D4e5F6g7H8",
    "an hf_ token": "hf" + "_a1B2c3D4e5F6g7H8",
    "a pplx- key": "pplx" + "-a1B2c3D4e5F6g7H8",
    "an nvapi- key": "nvapi" + "-a1B2c3D4e5F6g7H8",
    "an AWS access key": "AK" + "IAA1B2C3D4E5F6G7H8",
    "a GitHub token": "gh" + "p_a1B2c3D4e5F6g7H8",
    "a JSON web token": "ey" + "JhbGciOiJIUzI1.ey" + "JzdWIiOiIxMjM0.a1B2",
    "a Bearer token": "Bearer" + " a1B2c3D4e5F6",
}
HARMLESS = [
    "a risk-based task-list on disk-usage, sk-",
    "use Bearer auth (i.e. Authorization: Bearer YOUR_KEY)",
    "Bearer authentication",
    "hf_model_name, xai-sdk, pplx-7b-online, org-wide, user-friendly, gsk_x",
    "x-ratelimit-remaining-tokens: 149984",
    '{"id":"chatcmpl-D3rdKQmaAlwLRVv8yktP8zS21C5t7CwR"}',
]
every_secret = pytest.mark.parametrize(("kind", "secret"), SECRETS.items(), ids=SECRETS)


def interaction(*chunks: bytes, **more: object) -> Interaction:
    fields: dict[str, object] = {
        "method": "POST",
        "uri": "http://127.0.0.1/v1/chat/completions",
        "request_headers": (),
        "request_body": b"",
        "status": 200,
        "headers": (),
        "chunks": chunks,
    }
    return Interaction(**(fields | more))  # type: ignore[arg-type]


@every_secret
def test_keys_are_found_and_taken_out(kind: str, secret: str) -> None:
    text = f'{{"first": 1,\n "error": "Incorrect API key provided: {secret}."}}'
    assert find_secrets(text) == [f"{kind} at line 2, column {text.splitlines()[1].index(secret) + 1}"]
    clean = scrub(interaction(text.encode(), request_body=text.encode(), uri=f"http://127.0.0.1/v1?q={secret}"))
    for part in (clean.chunks[0].decode(), clean.request_body.decode(), clean.uri):
        assert find_secrets(part) == []
        assert secret.rsplit(maxsplit=1)[-1] not in part
        assert "SCRUBBED" in part


@pytest.mark.parametrize("before", ["\\n", "\\u0022", "%3D", '"', "=", "é"])
def test_a_key_is_found_after_an_escape(before: str) -> None:
    assert find_secrets(f"said{before}{SECRETS['an sk- key']}") != []


@pytest.mark.parametrize("text", HARMLESS)
def test_other_text_is_left_alone(text: str) -> None:
    assert find_secrets(text) == []
    assert scrub(interaction(text.encode())).chunks == (text.encode(),)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("on tokens per min in organization org-AbC123dEf456 on", "on tokens per min in organization org-SCRUBBED on"),
        ("project proj_AbC123dEf456", "project proj_SCRUBBED"),
        ("https://files.example/org-AbC123dEf456/user-AbC123dEf456/a.png", None),
        ("provided: sk-" + "ab*****wxyz. You", "provided: SCRUBBED. You"),
        ("GET /v1beta/models?key=a1B2c3&alt=sse", "GET /v1beta/models?key=SCRUBBED&alt=sse"),
        ("see http://localhost:8093/docs", "see http://localhost/docs"),
        ("provided: bad-key-*****test. You", "provided: bad-key-*****test. You"),
        ("API key provided: bad-key-*****test. You", "API key provided: SCRUBBED. You"),
        ("in acct_1A2b3C4d5E and team-a1b2c3d4", "in acct_SCRUBBED and team-SCRUBBED"),
        ("GET /v1/x?org_id=abc&project=p1", "GET /v1/x?org_id=SCRUBBED&project=SCRUBBED"),
        ('{"organization": "acme", "account_id": "1", "id": "2"}', None),
        ('{"a": "{\\"api_key\\": \\"abc\\"}"}', '{"a": "{\\"api_key\\": \\"SCRUBBED\\"}"}'),
        (
            '{"project_id": null, "password": {"type": "string"}}',
            '{"project_id": null, "password": {"type": "string"}}',
        ),
        ("arn:aws:bedrock:eu-1:123456789012:x/y", "arn:aws:bedrock:eu-1:SCRUBBED:x/y"),
        ("arn%3Aaws%3Abedrock%3Aeu-1%3A123456789012%3Ax", "arn%3Aaws%3Abedrock%3Aeu-1%3ASCRUBBED%3Ax"),
        ("/v1/projects/windmills/locations/eu", "/v1/projects/SCRUBBED/locations/eu"),
        ("/accounts/0123456789abcdef0123456789abcdef/ai", "/accounts/SCRUBBED/ai"),
        ("/accounts/fireworks/models/llama-v3", "/accounts/fireworks/models/llama-v3"),
        ("https://windmills.openai.azure.com/openai", "https://SCRUBBED.openai.azure.com/openai"),
        ("https://me:" + "hunter2@api.example/v1", "https://api.example/v1"),
    ],
)
def test_ids_masked_keys_and_parameters(text: str, clean: str | None) -> None:
    if clean is None and text.startswith("{"):
        clean = '{"organization": "SCRUBBED", "account_id": "SCRUBBED", "id": "2"}'
    clean = clean or "https://files.example/org-SCRUBBED/user-SCRUBBED/a.png"
    assert scrub(interaction(text.encode())).chunks == (clean.encode(),)


def test_headers() -> None:
    headers = (
        ("Content-Type", "application/json"),
        ("Authorization", "anything"),
        ("X-Api-Key", "anything"),
        ("OpenAI-Organization", "acme"),
        ("openai-project", "acme"),
        ("anthropic-organization-id", "acme"),
        ("X-Request-Id", "1234"),
        ("x-amzn-RequestId", "1234"),
        ("Set-Cookie", "session=1"),
        ("Cookie", "session=1"),
        ("x-ratelimit-remaining-requests", "42"),
        ("x-echo", SECRETS["an hf_ token"]),
    )
    clean = scrub(interaction(b"", headers=headers, request_headers=headers))
    assert clean.headers == clean.request_headers
    assert dict(clean.headers) == {
        "Content-Type": "application/json",
        "Authorization": "SCRUBBED",
        "X-Api-Key": "SCRUBBED",
        "OpenAI-Organization": "SCRUBBED",
        "openai-project": "SCRUBBED",
        "anthropic-organization-id": "SCRUBBED",
        "X-Request-Id": "SCRUBBED",
        "x-amzn-RequestId": "SCRUBBED",
        "x-ratelimit-remaining-requests": "42",
        "x-echo": "SCRUBBED",
    }


@every_secret
def test_a_secret_that_straddles_chunks(kind: str, secret: str) -> None:
    body = f"data: one\n\ndata: {secret}\n\ndata: two\n\n".encode()
    whole = b"".join(scrub(interaction(body)).chunks)
    assert secret.rsplit(maxsplit=1)[-1].encode() not in whole
    for cut in range(1, len(body)):
        chunks = scrub(interaction(body[:cut], body[cut:])).chunks
        assert b"".join(chunks) == whole, kind
        assert all(chunks)
        if body[:cut].endswith(b"\n\n"):  # outside of the secret: the events stay in their chunks
            assert chunks[0].endswith(b"\n\n")


def test_a_chunk_inside_a_secret_vanishes() -> None:
    secret = SECRETS["an sk- key"].encode()
    clean = scrub(interaction(b"a " + secret[:6], secret[6:9], secret[9:] + b" b", b"c"))
    assert clean.chunks == (b"a SCRUBBED", b" b", b"c")


def test_the_length_is_told_anew() -> None:
    body = f"key {SECRETS['an sk- key']}".encode()
    length = (("Content-Length", str(len(body))),)
    clean = scrub(interaction(body, headers=length, request_headers=length, request_body=body))
    assert clean.headers == clean.request_headers == (("Content-Length", str(len("key SCRUBBED"))),)


def test_it_is_done_once() -> None:
    dirty = interaction(" ".join(SECRETS.values()).encode(), headers=(("authorization", "x"),))
    assert scrub(scrub(dirty)) == scrub(dirty)


def test_values_are_taken_out_wherever_they_stand() -> None:
    odd = "vendor" + "_8f7e/6d5c+é3a"
    sent = (
        ("x-api-key", odd),
        ("cookie", "a=1; b=c0ffee5e551on"),
        ("x-acme-workspace", "wind-mills"),
        ("x-org", "abc"),
    )
    raw = interaction(
        f'{odd} "vendor_8f7e/6d5c+\\u00e93a" c0ffee5e551on wind-mills abc'.encode(),
        uri="http://127.0.0.1/v1?x=vendor_8f7e%2F6d5c%2B%C3%A93a",
        request_headers=sent,
        headers=(("x-echo", "c0ffee5e551on"), ("x-request-id", "request-12345")),
    )
    assert values_of([raw]) == (odd, "c0ffee5e551on", "wind-mills")
    clean = scrub(raw, values_of([raw]))
    assert clean.chunks == (b'SCRUBBED "SCRUBBED" SCRUBBED SCRUBBED abc',)
    assert clean.uri == "http://127.0.0.1/v1?x=SCRUBBED"
    assert clean.headers[0] == ("x-echo", "SCRUBBED")

"""The second scan: what it finds where the scrubber has nothing to say, what it leaves alone, what it tells."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import replace

import pytest

from conformance import event_stream
from conformance.cassettes import Interaction, Provenance
from conformance.replay import cassette_writer, second_scan
from conformance.replay.second_scan import Known, search
from tests.replay.test_scrub import HARMLESS, SECRETS, interaction

ORIGIN = Provenance(origin="recorded", source="a server", date="2026-11-21")
KEY = SECRETS["an sk- key"]
ODD = "vendor" + "_8f7e6d5c4b3a"  # of a form that no pattern knows
ACCOUNT = "7f3b9c1e-" + "44d2-4e0a-9b1c-0a1b2c3d4e5f"


def written(*each: Interaction) -> str:
    return cassette_writer.text(each, ORIGIN, "it")


def kinds(text: str, *known: Known) -> list[str]:
    return [str(found) for found in search(text, known)]


def events(*texts: str) -> bytes:
    return "".join(f"data: {json.dumps({'choices': [{'delta': {'content': t}}]})}\n\n" for t in texts).encode()


def coded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


HIDDEN = {
    "a body": interaction(f"your key is {KEY}".encode()),
    "an escape": interaction(f'{{"a": "{KEY[:3]}\\u0070{KEY[4:]}"}}'.encode()),
    "base64": interaction(f'{{"debug": "{coded(KEY)}"}}'.encode()),
    "base64 in base64": interaction(coded(f"<<{coded(f'the key {KEY} it is')}>>").encode()),
    "an event stream of AWS": interaction(
        event_stream.encode([f'contentBlockDelta {{"delta":{{"text":"{KEY}"}}}}'.encode()])
    ),
    "several events": interaction(events("It is ", KEY[:7], KEY[7:14], KEY[14:])),
    "the name of a header": interaction(b"", headers=((KEY, "1"),)),
    "a path": interaction(b"", uri=f"https://api.example/v1/{KEY}/chat"),
    "a parameter": interaction(b"", uri=f"https://api.example/v1/chat?access_token={ODD}"),
    "a percent-encoded parameter": interaction(b"", uri=f"https://api.example/v1?x={KEY.replace('-', '%2D')}"),
    "a password": interaction(b"see https://me:" + b"hunter2@api.example/"),
    "a header of no list": interaction(b"", headers=(("x-acme-account-ref", "acme"),)),
    "beside a placeholder": interaction(b"", request_headers=(("authorization", f"Bearer SCRUBBED, {ODD}"),)),
    "a token of no list": interaction(b"", request_headers=(("x-acme-token", ODD),)),
    "a member": interaction(json.dumps({"meta": {"workspaceId": ACCOUNT}}).encode()),
    "a member in JSON in JSON": interaction(json.dumps({"a": json.dumps({"account_id": "1234567890"})}).encode()),
    "an account in a sentence": interaction(f"for organization {ACCOUNT} on".encode()),
    "a number of AWS": interaction(b"arn:aws:bedrock:us-east-1:123456789012:inference-profile/x"),
    "a private key": interaction(b"-----BEGIN RSA " + b"PRIVATE KEY-----"),
}


@pytest.mark.parametrize("where", HIDDEN)
def test_it_finds(where: str) -> None:
    found = kinds(written(HIDDEN[where]))
    assert found
    assert KEY not in str(found)
    assert ODD not in str(found)


def test_it_says_where() -> None:
    text = written(interaction(f"one\ntwo {KEY}".encode()), interaction(b"", headers=(("x-auth", ODD),)))
    lines = text.splitlines()
    body, header = search(text)
    assert (body.kind, body.where) == ("what looks like a key", "the body of answer 1")
    assert KEY in lines[body.line - 1]
    assert (header.kind, header.where) == ("a credential", "header x-auth of answer 2")
    assert ODD in lines[header.line - 1]


@pytest.mark.parametrize("kind", SECRETS)
def test_what_the_scrubber_knows_it_sees_in_its_own_way(kind: str) -> None:
    assert kinds(written(interaction(f'{{"message": "Incorrect API key provided: {SECRETS[kind]}."}}'.encode())))


@pytest.mark.parametrize(
    "form",
    [
        ODD,
        ODD.upper(),
        ODD.encode().hex(),
        coded(ODD),
        coded(f"a{ODD}b"),
        coded(f"ab{ODD}"),
        coded(f"id={ODD}&x"),
        f"\\u0076{ODD[1:]}",
        f"%76{ODD[1:]}",
        f"&#118;{ODD[1:]}",
    ],
)
def test_a_value_that_was_a_credential_is_found_in_every_form(form: str) -> None:
    text = written(interaction(f"it says {form} there".encode()))
    assert kinds(text) == []
    (found,) = kinds(text, Known(ODD, "the value of a header"))
    assert found.startswith("the value of a header")


def test_credentials_are_known_by_their_place() -> None:
    uri = f"https://me:{ODD}1@api.example/v1?api_key={ODD}2"
    sent = (("Authorization", f"Token {ODD}3"), ("Cookie", f"a={ODD}4; b={ODD}5"), ("X-Team", "the-a-team"))
    told = (("Set-Cookie", f"session={ODD}6; Path=/; HttpOnly"), ("x-ratelimit-remaining-tokens", "14998400001"))
    known = second_scan.credentials(
        [interaction(b"", uri=uri, request_headers=sent, headers=told)],
        {"ACME_API_KEY": f"{ODD}7", "PATH": "/usr/bin:/bin1", "MY_KEY": "short"},
    )
    assert {each.value for each in known} == {"the-a-team", *(f"{ODD}{n}" for n in range(1, 8))}
    assert ODD not in " ".join(each.what for each in known)


PLACES = {
    "a header": lambda secret: {"headers": (("x-echo", secret),)},
    "the address": lambda secret: {"uri": f"https://api.example/v1/{secret}/chat"},
    "the request": lambda secret: {"request_body": json.dumps({"note": secret}).encode()},
    "the answer": lambda secret: {"chunks": (json.dumps({"said": f"it is {secret}."}).encode(),)},
    "an event": lambda secret: {"chunks": (events("it is ", secret, "."),)},
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", ["authorization", "x-api-key", "cookie", "openai-organization", "x-acme-workspace"])
def test_alone_it_finds_what_the_scrubber_takes_out(name: str, place: str) -> None:
    """Each secret of a session in each place, as if the scrubber had left it there."""
    value = f"session={ODD}; lang=en" if name == "cookie" else ODD
    raw = interaction(b"", request_headers=((name, value),))
    text = written(replace(interaction(b""), **PLACES[place](ODD)))
    (found,) = search(text, second_scan.credentials([raw]))
    assert found.kind == f"the value of the request's header {name}"


FINE = [
    *HARMLESS,
    '{"logprobs": {"content": [{"token": "Hello2", "bytes": [72]}]}}',
    '{"usage": {"total_tokens": 149984, "prompt_tokens": 12}}',
    '{"type": "thinking", "signature": "' + coded("x" * 90) + '"}',
    '{"id": "msg_01Aq9w938a90dw8q", "call_id": "call_abcDEF123456"}',
    '{"parameters": {"properties": {"account_id": {"type": "string"}, "password": {"type": "string"}}}}',
    '{"message": "Incorrect API key provided: SCRUBBED. See https://platform.openai.com/account/api-keys."}',
    '{"organization": "SCRUBBED", "project_id": null, "api_key": "<your key>"}',
    '{"image_url": "data:image/png;base64,' + coded("\x89PNG" + "abc" * 40) + '"}',
    "see https://www.good-news.org/events061026 and https://team.example/events061026",
    "models/accounts/fireworks/models/llama-v3p1-8b-instruct, gpt-4o-2024-08-06, meta-llama/Llama-3.3-70B",
]


@pytest.mark.parametrize("text", FINE)
def test_other_text_is_left_alone(text: str) -> None:
    assert kinds(written(interaction(text.encode(), request_body=text.encode()))) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("x-ratelimit-limit-tokens", "200000"),
        ("www-authenticate", 'Bearer realm="OpenAI API"'),
        ("access-control-allow-headers", "authorization, x-api-key"),
        ("access-control-allow-credentials", "true"),
        ("authorization", "SCRUBBED"),
        ("x-api-key", "<redacted>"),
        ("etag", 'W/"1a2b3c4d5e6f7a8b9c0d"'),
    ],
)
def test_other_headers_are_left_alone(name: str, value: str) -> None:
    assert kinds(written(interaction(b"", headers=((name, value),), request_headers=((name, value),)))) == []


def test_what_is_allowed_is_no_secret() -> None:
    text = written(interaction(f"{KEY} and account_id".encode()))
    assert search(text, (), re.compile(re.escape(KEY))) == []
    assert search(text, (), re.compile("nothing of it")) != []


@pytest.mark.parametrize("text", ["a: [", "a: !!binary x", "!!python/object:os.system {}"])
def test_what_is_no_yaml(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        search(text)


def test_what_holds_itself_is_read_once() -> None:
    laughs = "\n".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 9))
    assert search(f"a: &a [*a]\nl0: &l0 [ha]\n{laughs}") == []

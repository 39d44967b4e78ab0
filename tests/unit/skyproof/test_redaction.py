"""No form of a secret is left in a text, and nothing else is taken from it."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyproof.redaction import REDACTED, TRIVIAL, Redactor


def knowing(*secrets: object) -> Redactor:
    redactor = Redactor()
    for secret in secrets:
        redactor.learn(secret)
    return redactor


@given(
    # Letters of their own, so that no form of the secret is in the words round it.
    secret=st.text("QWXYZ0189/+='\"\\& é\n", min_size=8).filter(lambda text: len(text.strip()) > 7),
    form=st.sampled_from(
        [
            str,
            json.dumps,
            lambda text: json.dumps({"inner": [text]}, ensure_ascii=False),
            repr,
            quote,
            quote_plus,
            lambda text: quote(text, safe=""),
            lambda text: base64.b64encode(text.encode()).decode(),
            lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
        ]
    ),
)
def test_no_form_of_a_secret_is_left(secret: str, form: object) -> None:
    assert callable(form)
    carried: str = form(secret)
    redacted = knowing(secret).redact(f"before {carried} after")
    assert REDACTED in redacted
    assert secret not in redacted
    # Of base64 the last character, which also depends on what follows, may stay.
    assert carried.strip("\"'=")[:-1] not in redacted
    assert redacted.startswith("before ")
    assert redacted.endswith(" after")


@given(before=st.text("abc", max_size=5), after=st.text("xyz", max_size=5))
def test_base64_of_a_longer_text_is_found(before: str, after: str) -> None:
    secret = "correct-horse-battery"
    encoded = base64.b64encode(f"{before}{secret}{after}".encode()).decode()
    redacted = knowing(secret).redact(encoded)
    assert REDACTED in redacted
    left = redacted.replace(REDACTED, "")
    assert len(left) <= len(encoded) - len(secret), "only what holds no whole letter of it"


@pytest.mark.parametrize(
    "value", ["", "abc", "123", 12, 999, True, False, None, *TRIVIAL, "TRUE", [], {}, [None, "ab"]]
)
def test_short_and_trivial_values_are_no_secrets(value: object) -> None:
    text = f"true false 123 12 999 abc ab test {value}"
    assert knowing(value).redact(text) == text


def test_secrets_are_found_in_lists_and_mappings() -> None:
    redactor = knowing({"user": "someone1", "more": [{"pin": 123456}, ("tuple-secret",)]})
    assert redactor.redact("someone1 123456 tuple-secret x") == f"{REDACTED} " * 3 + "x"


def test_a_short_secret_is_replaced_where_it_stands_alone() -> None:
    redacted = knowing("prod").redact("product prod-1 reprod 'prod'")
    assert redacted == f"product {REDACTED}-1 reprod '{REDACTED}'"


def test_the_longer_of_two_secrets_goes_first() -> None:
    assert knowing("abcdefgh", "abcdefghijkl").redact("abcdefghijkl") == REDACTED


def test_lines_of_a_key_are_found_where_each_stands_alone() -> None:
    key = "-----BEGIN KEY-----\nAAAABBBBCCCC\nDDDDEEEEFFFF\n-----END KEY-----"
    shown = "\n".join(f"E   {line}" for line in key.splitlines())
    redacted = knowing(key).redact(shown)
    assert "AAAABBBBCCCC" not in redacted
    assert "DDDDEEEEFFFF" not in redacted
    assert "-----BEGIN KEY-----" in redacted


@pytest.mark.parametrize(
    ("name", "is_secret"),
    [
        ("AWS_SECRET_ACCESS_KEY", True),
        ("AWS_SESSION_TOKEN", True),
        ("DB_PASSWORD", True),
        ("GITHUB_TOKEN", True),
        ("STRIPE_APIKEY", True),
        ("secret", True),
        ("AWS_ACCESS_KEY_ID", False),
        ("AWS_WEB_IDENTITY_TOKEN_FILE", False),
        ("SSH_KEY_PATH", False),
        ("KEYBOARD", False),
        ("TOKENIZERS_PARALLELISM", False),
        ("HOME", False),
    ],
)
def test_variables_are_secret_by_their_names(name: str, is_secret: bool) -> None:
    redactor = Redactor()
    redactor.learn_environment({name: "what-it-holds"})
    assert redactor.redact("what-it-holds") == (REDACTED if is_secret else "what-it-holds")


# Put together here, so that no scanner takes them for real ones.
HUB = "ghp_" + "a1B2" * 9
FINE = "github_pat_" + "a1B2_" * 10
KEY = "wJalrXUtnFEMI/K7MDENG/" + "bPxRfiCYEXAMPLEKEY"
SIGNATURE = "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"token {HUB}.", f"token {REDACTED}."),
        (f"https://{FINE}@github.com", f"https://{REDACTED}@github.com"),
        (
            f"https://b.s3.amazonaws.com/k?X-Amz-Date=1&X-Amz-Signature={SIGNATURE}&x=1",
            f"https://b.s3.amazonaws.com/k?X-Amz-Date=1&X-Amz-Signature={REDACTED}&x=1",
        ),
        ("?X-Amz-Security-Token=abc%2Fdef&y", f"?X-Amz-Security-Token={REDACTED}&y"),
        (
            f"AWS4-HMAC-SHA256 Credential=AKIA/20260105, SignedHeaders=host, Signature={SIGNATURE}",
            f"AWS4-HMAC-SHA256 Credential=AKIA/20260105, SignedHeaders=host, Signature={REDACTED}",
        ),
        ("Authorization: Bearer abc.def-1", f"Authorization: Bearer {REDACTED}"),
        ("{'Authorization': 'Basic dTpw'}", f"{{'Authorization': 'Basic {REDACTED}'}}"),
        (f"aws_secret_access_key = {KEY}", f"aws_secret_access_key = {REDACTED}"),
        (f'{{"SecretAccessKey": "{KEY}"}}', f'{{"SecretAccessKey": "{REDACTED}"}}'),
        (f'\\"SessionToken\\": \\"{KEY}\\"', f'\\"SessionToken\\": \\"{REDACTED}\\"'),
        ("Authorization failed: no role", "Authorization failed: no role"),
        ("the bucket is not empty", "the bucket is not empty"),
    ],
)
def test_what_is_known_by_its_form_needs_not_be_learned(text: str, expected: str) -> None:
    assert Redactor().redact(text) == expected

"""Secrets are kept out of what is written or shown: those that were learned, and by their form.

State files and variable files of a stack must hold the real values, and do, for their owner alone.
"""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Iterator, Mapping
from urllib.parse import quote, quote_plus

REDACTED = "[redacted]"
SHORTEST = 4
# Shorter values are replaced only where they stand alone: "prod" is no part of "product".
STANDS_ALONE_BELOW = 8
# What is no secret whoever calls it one, and stands in every text. Emulators take any credentials.
TRIVIAL = frozenset({"true", "false", "null", "none", "test", "testing", "embedded", "localstack"})

SECRET_NAME = re.compile(
    r"(^|_)(SECRET|TOKEN|PASSWORD|PASSWD|PASSPHRASE|CREDENTIALS?|(API|ACCESS|PRIVATE)?KEY)S?(_|$)",
    re.IGNORECASE,
)
# Names of what is no secret itself: an access key's id, where a token is kept.
NO_SECRET_NAME = re.compile(r"_(ID|FILE|PATH|DIR|URI|URL|ARN|NAME)$", re.IGNORECASE)

# What is known by its form; the groups around the secret stay.
FORMS = (
    # https://github.blog/engineering/behind-githubs-new-authentication-token-formats/
    re.compile(r"()\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,})()"),
    # https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
    re.compile(r"(X-Amz-(?:Signature|Security-Token)(?:=|%3D))[^&\s\"'<>\\]+()", re.IGNORECASE),
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html
    re.compile(r"(AWS4-HMAC-SHA256[^\n]*?\bSignature=)[0-9a-f]{8,}()", re.IGNORECASE),
    re.compile(
        r"(\bAuthorization\b[\"']?\s*[:=]\s*[\"']?(?:Bearer|Basic|Token)\s+)[^\s\"',\\]+()",
        re.IGNORECASE,
    ),
    re.compile(
        r"(\b(?:aws_?secret_?access_?key|secret_?access_?key|(?:aws_?)?session_?token"
        r"|x-amz-security-token)\b\\?[\"']?\s*[:=]\s*\\?[\"']?)[A-Za-z0-9/+=]{16,}()",
        re.IGNORECASE,
    ),
)


class Redactor:
    """Replaces secrets in text; several threads may learn and redact at once.

    >>> redactor = Redactor()
    >>> redactor.learn("hunter22")
    >>> redactor.redact("the password is hunter22")
    'the password is [redacted]'
    """

    def __init__(self) -> None:
        self._forms: set[str] = set()
        self._pattern: re.Pattern[str] | None = None
        self._lock = threading.Lock()

    def learn(self, value: object) -> None:
        """Learn a secret, or those in a list or mapping; short and trivial values are none."""
        forms = {form for text in _texts(value) for form in _forms(text)}
        with self._lock:
            if not forms <= self._forms:
                self._forms |= forms
                # The longest first: a secret may be a part of another.
                longest_first = sorted(self._forms, key=lambda form: (-len(form), form))
                self._pattern = re.compile("|".join(map(_matching, longest_first)))

    def learn_environment(self, environ: Mapping[str, str]) -> None:
        """Learn the values of variables whose names say that they are secret."""
        for name, value in environ.items():
            if SECRET_NAME.search(name) and not NO_SECRET_NAME.search(name):
                self.learn(value)

    def redact(self, text: str) -> str:
        """The text without secrets."""
        pattern = self._pattern
        if pattern is not None:
            text = pattern.sub(REDACTED, text)
        for form in FORMS:
            text = form.sub(rf"\1{REDACTED}\2", text)
        return text


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
        # Reports put something before each line, of a private key for one.
        yield from (line.strip() for line in value.splitlines() if len(line) < len(value))
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list | tuple | set | frozenset):
        for inner in value:
            yield from _texts(inner)
    elif isinstance(value, int | float):
        yield str(value)


def _forms(text: str) -> Iterator[str]:
    """The value as it is, and as JSON, Python, URLs and base64 carry it."""
    if len(text) < SHORTEST or text.lower() in TRIVIAL or text.startswith("-----"):
        return
    yield text
    yield json.dumps(text)[1:-1]
    yield json.dumps(text, ensure_ascii=False)[1:-1]
    yield repr(text)[1:-1]
    yield quote(text)
    yield quote(text, safe="")
    yield quote_plus(text)
    yield from _base64(text.encode("utf-8", "surrogatepass"))


def _base64(raw: bytes) -> Iterator[str]:
    """What of it stays the same wherever it begins in what is encoded, as after ``user:``."""
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + raw).decode()
        whole = (before + len(raw)) * 8 // 6
        core = encoded[-(-before * 8 // 6) : whole]
        if len(core) >= STANDS_ALONE_BELOW:
            yield core
            yield core.translate(str.maketrans("+/", "-_"))


def _matching(form: str) -> str:
    exact = re.escape(form)
    alone = len(form) < STANDS_ALONE_BELOW
    return rf"(?<![^\W_]){exact}(?![^\W_])" if alone else exact

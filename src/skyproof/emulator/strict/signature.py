"""Whether a request was signed with a secret: Signature Version 4, computed anew by botocore.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from moto.core.request import Request

_HEADER = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[^/\s]+)/\d{8}/(?P<region>[^/]+)/(?P<service>[^/]+)"
    r"/aws4_request,\s*SignedHeaders=(?P<headers>[^,\s]+),\s*Signature=(?P<signature>\w+)"
)
_OF_QUERY = re.compile(r"[?&]X-Amz-Signature=[^&]*")
#: Headers whose names in WSGI do not begin with HTTP.
_BARE = ("CONTENT_TYPE", "CONTENT_LENGTH")


@dataclass(frozen=True)
class Signature:
    """What a request says of its signature.

    Attributes:
        service: the signing name.
        headers: those that are signed.
        time: as in ``X-Amz-Date``.
        token: the session's, empty without one.
    """

    key: str
    region: str
    service: str
    headers: tuple[str, ...]
    time: str
    value: str
    token: str
    is_presigned: bool

    def is_of(self, secret: str, request: Request) -> bool:
        """Whether the request, as it was sent, was signed with this secret."""
        url = f"http://{request.host}{request.environ['RAW_URI']}"
        signed = AWSRequest(
            request.method,
            _OF_QUERY.sub("", url) if self.is_presigned else url,
            {name: _header(request.environ, name) for name in self.headers},
            request.get_data(),
        )
        signed.context["timestamp"] = self.time
        signer = self._signer(secret)
        text = signer.string_to_sign(signed, signer.canonical_request(signed))
        return hmac.compare_digest(signer.signature(text, signed), self.value)

    def _signer(self, secret: str) -> Any:
        kind = SigV4Auth
        if self.service == "s3":
            kind = S3SigV4QueryAuth if self.is_presigned else S3SigV4Auth
        return kind(Credentials(self.key, secret), self.service, self.region)


def read(request: Request) -> Signature | None:
    """The signature that a request carries in its header or, presigned, in its query."""
    found = _HEADER.match(request.headers.get("Authorization", ""))
    if found is not None:
        return Signature(
            key=found["key"],
            region=found["region"],
            service=found["service"],
            headers=tuple(found["headers"].split(";")),
            time=request.headers.get("X-Amz-Date", ""),
            value=found["signature"],
            token=request.headers.get("X-Amz-Security-Token", ""),
            is_presigned=False,
        )
    query = {name: values[0] for name, values in parse_qs(_query(request)).items()}
    scope = query.get("X-Amz-Credential", "").split("/")
    if "X-Amz-Signature" not in query or len(scope) != 5:
        return None
    return Signature(
        key=scope[0],
        region=scope[2],
        service=scope[3],
        headers=tuple(query.get("X-Amz-SignedHeaders", "host").split(";")),
        time=query.get("X-Amz-Date", ""),
        value=query["X-Amz-Signature"],
        token=query.get("X-Amz-Security-Token", ""),
        is_presigned=True,
    )


def _query(request: Request) -> str:
    return urlsplit(request.environ.get("RAW_URI", "")).query


def _header(environ: dict[str, Any], name: str) -> str:
    key = name.upper().replace("-", "_")
    return str(environ.get(key if key in _BARE else f"HTTP_{key}", ""))

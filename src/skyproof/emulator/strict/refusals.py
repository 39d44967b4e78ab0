"""How each service says no: the code, status and words of what has no shape in its model.

* https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html (query)
* https://docs.aws.amazon.com/lambda/latest/api/CommonErrors.html (JSON)
* https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
* https://docs.aws.amazon.com/ec2/latest/devguide/errors-overview.html
"""

from __future__ import annotations

from typing import Literal

from botocore.exceptions import UnknownServiceError

from skyproof.emulator import wire
from skyproof.emulator.errors import AwsError

Kind = Literal[
    "missing", "unknown", "signature", "expired", "denied", "throttled", "failure", "unavailable"
]
_Refusal = tuple[str, int, str]

_INVALID = "The security token included in the request is invalid."
_EXPIRED = "The security token included in the request is expired"
_MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your "
    "AWS Secret Access Key and signing method. Consult the service documentation for details."
)
_QUERY: dict[Kind, _Refusal] = {
    "missing": ("MissingAuthenticationToken", 403, "Request is missing Authentication Token"),
    "unknown": ("InvalidClientTokenId", 403, _INVALID),
    "signature": ("SignatureDoesNotMatch", 403, _MISMATCH),
    "expired": ("ExpiredToken", 403, _EXPIRED),
    "denied": ("AccessDenied", 403, ""),
    "throttled": ("Throttling", 400, "Rate exceeded"),
    "failure": ("InternalFailure", 500, "The request processing has failed."),
    "unavailable": ("ServiceUnavailable", 503, "The request has failed due to a temporary failure"),
}
_JSON: dict[Kind, _Refusal] = _QUERY | {
    "missing": ("MissingAuthenticationTokenException", 400, "Missing Authentication Token"),
    "unknown": ("UnrecognizedClientException", 400, _INVALID),
    "signature": ("InvalidSignatureException", 400, _MISMATCH),
    "expired": ("ExpiredTokenException", 400, _EXPIRED),
    "denied": ("AccessDeniedException", 400, ""),
    "throttled": ("ThrottlingException", 400, "Rate exceeded"),
}
#: The same under REST, where a status says more than that the client is at fault.
_REST_JSON: dict[Kind, _Refusal] = {
    kind: (code, 429 if kind == "throttled" else max(status, 403), message)
    for kind, (code, status, message) in _JSON.items()
}
_S3: dict[Kind, _Refusal] = _QUERY | {
    "missing": ("AccessDenied", 403, "Access Denied"),
    "unknown": (
        *("InvalidAccessKeyId", 403),
        "The AWS Access Key Id you provided does not exist in our records.",
    ),
    "signature": (
        *("SignatureDoesNotMatch", 403),
        "The request signature we calculated does not match the signature you provided. "
        "Check your key and signing method.",
    ),
    "expired": ("ExpiredToken", 400, "The provided token has expired."),
    "throttled": ("SlowDown", 503, "Please reduce your request rate."),
    "failure": ("InternalError", 500, "We encountered an internal error. Please try again."),
    "unavailable": ("ServiceUnavailable", 503, "Service is unable to handle request."),
}
_EC2: dict[Kind, _Refusal] = _QUERY | {
    "unknown": (
        *("AuthFailure", 401),
        "AWS was not able to validate the provided access credentials",
    ),
    "expired": ("RequestExpired", 400, "Request has expired."),
    "denied": ("UnauthorizedOperation", 403, ""),
    "throttled": ("RequestLimitExceeded", 503, "Request limit exceeded."),
    "failure": ("InternalError", 500, "An internal error has occurred"),
    "unavailable": ("Unavailable", 503, "The service is unavailable. Please try again shortly."),
}
# SNS throttles in other words than its model's: https://github.com/amzn/smoke-aws/pull/149
_SNS: dict[Kind, _Refusal] = _QUERY | {"denied": ("AuthorizationError", 403, "")}

_OF_SERVICE = {"s3": _S3, "ec2": _EC2, "sns": _SNS}
_OF_PROTOCOL = {"json": _JSON, "rest-json": _REST_JSON}
#: How services name throttling in their models, those that do.
_THROTTLING = frozenset(
    (
        *("RequestThrottled", "Throttled", "ThrottledException", "ThrottlingException"),
        "TooManyRequestsException",
    )
)


def refusal(kind: Kind, service: str, message: str = "") -> AwsError:
    """A service's refusal of a kind, in the service's own words unless others are given."""
    code, status, words = _table(service)[kind]
    if kind == "throttled" and service not in _OF_SERVICE and (own := _own_throttling(service)):
        return AwsError(own, "Rate exceeded")
    return AwsError(code, message or words, status=status)


def _table(service: str) -> dict[Kind, _Refusal]:
    if service in _OF_SERVICE:
        return _OF_SERVICE[service]
    try:
        metadata = wire.service_model(service).metadata
    except UnknownServiceError:
        return _JSON
    # What once spoke query still tells its codes.
    if "awsQueryCompatible" in metadata:
        return _QUERY
    return _OF_PROTOCOL.get(metadata["protocol"], _QUERY)


def _own_throttling(service: str) -> str | None:
    try:
        shapes = wire.service_model(service).error_shapes
    except UnknownServiceError:
        return None
    codes = {str(shape.error_code) for shape in shapes}
    return min(codes & _THROTTLING, default=None)

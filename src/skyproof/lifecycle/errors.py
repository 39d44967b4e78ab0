"""What AWS's refusals mean to one who deletes: it is gone already, not yet, or never."""

from __future__ import annotations

import re

from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NoConnectionError

# ResourceNotFoundException, InvalidSubnetID.NotFound, NoSuchBucket, QueueDoesNotExist,
# AWS.SimpleQueueService.NonExistentQueue, StateMachineDoesNotExist.
_GONE = re.compile(r"NotFound|NoSuch|NonExistent|DoesNotExist")
# https://docs.aws.amazon.com/general/latest/gr/api-retries.html for what every service says, and
# the references of the services' delete operations for the rest.
_TRANSIENT = re.compile(
    r"Throttl|TooManyRequests|RequestLimitExceeded|SlowDown|RequestTimeout|InternalError|"
    r"InternalFailure|InternalServer|ServiceUnavailable|ServiceFailure|LimitExceededException|"
    r"Concurrent|OperationAborted|InProgress|"
    r"DependencyViolation|BucketNotEmpty|DeleteConflict|Conflict|ResourceInUse|\.InUse|"
    r"StillAttached|InvalidStateException|IncorrectState|ClusterContains|QueueDeletedRecently"
)
# The same, said with a code that is also used for mistakes.
_TRANSIENT_MESSAGE = re.compile(r"currently in use|is being deleted|has dependenc", re.IGNORECASE)


def code_of(error: ClientError) -> str:
    """The error's code, such as ``NoSuchBucket``."""
    return str(error.response.get("Error", {}).get("Code", ""))


def is_gone(error: ClientError) -> bool:
    """Whether what was asked for is not there."""
    if _GONE.search(code_of(error)):
        return True
    # CloudFormation and EC2 Auto Scaling have no code of its own for it.
    return code_of(error) == "ValidationError" and "does not exist" in str(error)


def is_denied(error: ClientError) -> bool:
    """Whether the caller may not ask."""
    return re.search(r"AccessDenied|Unauthorized|NotAuthorized", code_of(error)) is not None


def is_transient(error: Exception) -> bool:
    """Whether the same call may succeed later: throttled, still used, or AWS's own failure."""
    if isinstance(error, NoConnectionError | HTTPClientError):
        return True
    if not isinstance(error, ClientError):
        return False
    # 501 is an emulator's word for what it will never do.
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if status >= 500 and status != 501:
        return True
    return bool(_TRANSIENT.search(code_of(error)) or _TRANSIENT_MESSAGE.search(str(error)))

"""The permission that an operation takes: ``service:Operation``, but for these exceptions.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

import re

from botocore.exceptions import UnknownServiceError

from skyproof.emulator import wire
from skyproof.emulator.service import Params

#: Operations that nobody needs leave for.
#: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
FREE = frozenset((("sts", "GetCallerIdentity"), ("sts", "GetSessionToken")))

#: Services whose actions begin neither with their signing name nor with botocore's.
_PREFIXES = {
    "cloudcontrol": "cloudformation",
    "cloudwatch": "cloudwatch",
    "resourcegroupstaggingapi": "tag",
    "sso": "sso",
    "sso-oidc": "sso-oauth",
    "location": "geo",
}
#: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
_S3 = {
    "CompleteMultipartUpload": "PutObject",
    "CopyObject": "PutObject",
    "CreateMultipartUpload": "PutObject",
    "DeleteBucketCors": "PutBucketCORS",
    "DeleteBucketEncryption": "PutEncryptionConfiguration",
    "DeleteBucketLifecycle": "PutLifecycleConfiguration",
    "DeleteBucketOwnershipControls": "PutBucketOwnershipControls",
    "DeleteBucketReplication": "PutReplicationConfiguration",
    "DeleteBucketTagging": "PutBucketTagging",
    "DeleteObjects": "DeleteObject",
    "DeletePublicAccessBlock": "PutBucketPublicAccessBlock",
    "GetBucketAccelerateConfiguration": "GetAccelerateConfiguration",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "GetBucketLifecycle": "GetLifecycleConfiguration",
    "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
    "GetBucketNotificationConfiguration": "GetBucketNotification",
    "GetBucketReplication": "GetReplicationConfiguration",
    "GetObjectLockConfiguration": "GetBucketObjectLockConfiguration",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "HeadBucket": "ListBucket",
    "HeadObject": "GetObject",
    "ListBuckets": "ListAllMyBuckets",
    "ListMultipartUploads": "ListBucketMultipartUploads",
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "ListObjectVersions": "ListBucketVersions",
    "ListParts": "ListMultipartUploadParts",
    "PutBucketAccelerateConfiguration": "PutAccelerateConfiguration",
    "PutBucketEncryption": "PutEncryptionConfiguration",
    "PutBucketLifecycle": "PutLifecycleConfiguration",
    "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
    "PutBucketNotificationConfiguration": "PutBucketNotification",
    "PutBucketReplication": "PutReplicationConfiguration",
    "PutObjectLockConfiguration": "PutBucketObjectLockConfiguration",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
    "SelectObjectContent": "GetObject",
    "UploadPart": "PutObject",
    "UploadPartCopy": "PutObject",
}
#: Analytics, inventories, metrics and tiering of buckets: one permission to read, one to write.
_S3_CONFIGURATION = re.compile(
    r"(Get|List|Put|Delete)Bucket(Analytics|Inventory|Metrics|IntelligentTiering)Configurations?"
)
#: Reads and changes of one version of an object.
_S3_OF_VERSIONS = {
    "DeleteObject",
    "DeleteObjectTagging",
    "GetObject",
    "GetObjectAcl",
    "GetObjectTagging",
    "PutObjectAcl",
    "PutObjectTagging",
}
_S3_CONTROL = {
    "DeletePublicAccessBlock": "PutAccountPublicAccessBlock",
    "GetPublicAccessBlock": "GetAccountPublicAccessBlock",
    "PutPublicAccessBlock": "PutAccountPublicAccessBlock",
}
_EXCEPTIONS = {
    # https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html
    "lambda": {
        "GetLayerVersionByArn": "GetLayerVersion",
        "Invoke": "InvokeFunction",
        "InvokeWithResponseStream": "InvokeFunction",
    },
    "s3control": _S3_CONTROL,
    # https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-api-permissions-reference.html
    "sqs": {
        "ChangeMessageVisibilityBatch": "ChangeMessageVisibility",
        "DeleteMessageBatch": "DeleteMessage",
        "SendMessageBatch": "SendMessage",
    },
    # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsns.html
    "sns": {"PublishBatch": "Publish"},
}


def action(service: str, operation: str, params: Params, method: str) -> str:
    """What an operation asks leave for; ``method`` is the HTTP request's."""
    prefix = prefix_of(service)
    if prefix == "apigateway":
        # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonapigatewaymanagement.html
        return f"apigateway:{method}"
    if service == "s3":
        return f"s3:{_of_s3(operation, params)}"
    return f"{prefix}:{_EXCEPTIONS.get(service, {}).get(operation, operation)}"


def prefix_of(service: str) -> str:
    """The service's name in actions: mostly the one that it is signed for."""
    if service in _PREFIXES:
        return _PREFIXES[service]
    try:
        return str(wire.service_model(service).signing_name)
    except UnknownServiceError:
        return service


def _of_s3(operation: str, params: Params) -> str:
    if found := _S3_CONFIGURATION.fullmatch(operation):
        verb = "Get" if found[1] in ("Get", "List") else "Put"
        return f"{verb}{found[2]}Configuration"
    name = _S3.get(operation, operation)
    if "VersionId" in params and name in _S3_OF_VERSIONS:
        return name.replace("Object", "ObjectVersion")
    return name

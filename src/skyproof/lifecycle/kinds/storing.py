"""What keeps data: buckets, tables, streams, secrets, parameters."""

from __future__ import annotations

from skyproof.lifecycle.calls import Call, Each, Listing
from skyproof.lifecycle.kinds.kind import Kind

KINDS = (
    Kind(
        "s3",
        "bucket",
        Listing("list_buckets", "Buckets[]"),
        "Name",
        (
            # A bucket is deleted empty, with no version, marker or upload left in it:
            # https://docs.aws.amazon.com/AmazonS3/latest/userguide/delete-bucket.html
            Each(
                Listing("list_multipart_uploads", "Uploads[]", {"Bucket": "Name"}),
                (
                    Call(
                        "abort_multipart_upload",
                        {"Bucket": "of.Name", "Key": "it.Key", "UploadId": "it.UploadId"},
                    ),
                ),
            ),
            Each(
                # A page is a thousand at most, which is as many as one call deletes.
                Listing(
                    "list_object_versions",
                    "[[Versions, DeleteMarkers][][].{Key: Key, VersionId: VersionId}] | [?@]",
                    {"Bucket": "Name"},
                ),
                (
                    Call(
                        "delete_objects",
                        {"Bucket": "of.Name", "Delete": "{Objects: it, Quiet: `true`}"},
                        refusals="Errors[0].[Code, Message]",
                    ),
                ),
            ),
            Call("delete_bucket", {"Bucket": "Name"}),
        ),
        "arn:{partition}:s3:::{name}",
        tags=Listing("get_bucket_tagging", "TagSet", {"Bucket": "Name"}),
        regional=False,
    ),
    Kind(
        "dynamodb",
        "table",
        Listing("list_tables", "TableNames"),
        "@",
        (Call("delete_table", {"TableName": "item.name"}),),
        "arn:{partition}:dynamodb:{region}:{account}:table/{name}",
        tags=Listing("list_tags_of_resource", "Tags", {"ResourceArn": "item.arn"}),
    ),
    Kind(
        "kinesis",
        "stream",
        Listing("list_streams", "StreamNames"),
        "@",
        (Call("delete_stream", {"StreamName": "item.name", "EnforceConsumerDeletion": "`true`"}),),
        "arn:{partition}:kinesis:{region}:{account}:stream/{name}",
        tags=Listing("list_tags_for_stream", "Tags", {"StreamName": "item.name", "Limit": "`50`"}),
    ),
    Kind(
        "secretsmanager",
        "secret",
        # What another service made of it belongs to that service.
        Listing("list_secrets", "SecretList[?!OwningService && !DeletedDate]"),
        "ARN",
        (Call("delete_secret", {"SecretId": "ARN", "ForceDeleteWithoutRecovery": "`true`"}),),
        "arn:{partition}:secretsmanager:{region}:{account}:secret:{name}",
        title="Name",
        tags="Tags",
    ),
    Kind(
        "ssm",
        "parameter",
        Listing("describe_parameters", "Parameters[]"),
        "Name",
        (Call("delete_parameter", {"Name": "Name"}),),
        tags=Listing(
            "list_tags_for_resource",
            "TagList",
            {"ResourceType": "'Parameter'", "ResourceId": "Name"},
        ),
    ),
)

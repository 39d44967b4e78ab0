"""Log groups: functions, canaries and streams write late, and make them again."""

from __future__ import annotations

from skyproof.lifecycle.calls import Call, Listing
from skyproof.lifecycle.kinds.kind import Kind

KINDS = (
    Kind(
        "logs",
        "log group",
        Listing("describe_log_groups", "logGroups[]"),
        "logGroupName",
        (Call("delete_log_group", {"logGroupName": "logGroupName"}),),
        "arn:{partition}:logs:{region}:{account}:log-group:{name}",
        tags=Listing("list_tags_for_resource", "tags", {"resourceArn": "item.arn"}),
    ),
)

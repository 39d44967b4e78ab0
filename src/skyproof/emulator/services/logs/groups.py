"""Log groups. The base knows their names and tags, for its other services ask it for them.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
"""

from __future__ import annotations

import re
from typing import Any

from skyproof.emulator.errors import AwsError, OperationNotImplementedError
from skyproof.emulator.paging import page
from skyproof.emulator.service import Call, Params, Regional, Result
from skyproof.emulator.services.logs import keys
from skyproof.emulator.services.logs.lookup import group_identified, group_named, kept
from skyproof.emulator.services.logs.store import Group, Store
from skyproof.emulator.services.logs.validation import invalid, operation

RETENTIONS = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
)


class Groups:
    """The operations on log groups."""

    stores: Regional[Store]

    @operation("CreateLogGroup")
    def create_log_group(self, call: Call, params: Params) -> Result:
        name = params["logGroupName"]
        if name.lower().startswith("aws/"):
            # Recorded.
            raise invalid("Log groups starting with AWS/ are reserved for AWS.")
        arn = call.arn("logs", f"log-group:{name}")
        key = params.get("kmsKeyId")
        if key is not None:
            keys.check(call, key, arn)
        call.base().create_log_group(logGroupName=name, tags=params.get("tags", {}))
        self.stores.of(call).groups[name] = Group(
            name,
            arn,
            log_class=params.get("logGroupClass", "STANDARD"),
            kms_key=key,
            deletion_protected=params.get("deletionProtectionEnabled", False),
        )
        return {}

    @operation("DeleteLogGroup")
    def delete_log_group(self, call: Call, params: Params) -> Result:
        group = group_named(self.stores, call, params["logGroupName"])
        if group.deletion_protected:
            raise AwsError(
                "ValidationException", f"The log group {group.name} is protected from deletion."
            )
        base = call.base()
        # The base keeps the tags, and a group of the same name would have them again.
        tags = base.list_tags_for_resource(resourceArn=group.arn)["tags"]
        base.untag_resource(resourceArn=group.arn, tagKeys=list(tags))
        base.delete_log_group(logGroupName=group.name)
        del self.stores.of(call).groups[group.name]
        return {}

    @operation("DescribeLogGroups")
    def describe_log_groups(self, call: Call, params: Params) -> Result:
        if "logGroupNamePrefix" in params and "logGroupNamePattern" in params:
            raise invalid("LogGroup name prefix and LogGroup name pattern are mutually exclusive.")
        _refuse_linked_accounts(call, params)
        found, more = page(
            [one for one in self._all(call) if _is_asked_for(one, params)],
            params.get("limit", 50),
            params.get("nextToken"),
            code="InvalidParameterException",
            member="nextToken",
        )
        return {"logGroups": found, **more}

    @operation("ListLogGroups")
    def list_log_groups(self, call: Call, params: Params) -> Result:
        _refuse_linked_accounts(call, params)
        for member in ("dataSources", "fieldIndexNames", "logGroupTags"):
            if member in params:
                raise OperationNotImplementedError("logs", "ListLogGroups", f"with {member}")
        pattern = re.compile(params.get("logGroupNamePattern", ""))
        shown = ("logGroupName", "logGroupArn", "logGroupClass")
        found, more = page(
            [
                {name: one[name] for name in shown}
                for one in self._all(call)
                if pattern.search(one["logGroupName"])
                and params.get("logGroupClass") in (None, one["logGroupClass"])
            ],
            params.get("limit", 50),
            params.get("nextToken"),
            code="InvalidParameterException",
            member="nextToken",
        )
        return {"logGroups": found, **more}

    @operation("PutRetentionPolicy")
    def put_retention_policy(self, call: Call, params: Params) -> Result:
        days = params["retentionInDays"]
        if days not in RETENTIONS:
            allowed = ", ".join(map(str, RETENTIONS))
            raise invalid(
                f"1 validation error detected: Value '{days}' at 'retentionInDays' failed to "
                f"satisfy constraint: Member must satisfy enum value set: [{allowed}]"
            )
        group = group_named(self.stores, call, params["logGroupName"])
        if group.log_class == "DELIVERY":
            # "If you specify DELIVERY, the retention is one day and cannot be changed."
            raise invalid("The retention of a log group of class DELIVERY cannot be changed.")
        self._keep_for(call, group, days)
        return {}

    @operation("DeleteRetentionPolicy")
    def delete_retention_policy(self, call: Call, params: Params) -> Result:
        self._keep_for(call, group_named(self.stores, call, params["logGroupName"]), None)
        return {}

    @operation("PutLogGroupDeletionProtection")
    def put_log_group_deletion_protection(self, call: Call, params: Params) -> Result:
        group = group_identified(self.stores, call, params["logGroupIdentifier"])
        group.deletion_protected = params["deletionProtectionEnabled"]
        return {}

    @operation("AssociateKmsKey")
    def associate_kms_key(self, call: Call, params: Params) -> Result:
        group = self._group_of_key(call, params)
        keys.check(call, params["kmsKeyId"], group.arn)
        group.kms_key = params["kmsKeyId"]
        return {}

    @operation("DisassociateKmsKey")
    def disassociate_kms_key(self, call: Call, params: Params) -> Result:
        self._group_of_key(call, params).kms_key = None
        return {}

    def _keep_for(self, call: Call, group: Group, days: int | None) -> None:
        """Change the retention; what was past the one before does not come back."""
        group.forget_expired(call.world.clock.now())
        group.retention = days

    def _group_of_key(self, call: Call, params: Params) -> Group:
        if ("logGroupName" in params) == ("resourceIdentifier" in params):
            raise invalid("Specify either logGroupName or resourceIdentifier.")
        if "logGroupName" in params:
            return group_named(self.stores, call, params["logGroupName"])
        identifier = params["resourceIdentifier"]
        if ":query-result:" in identifier:
            raise OperationNotImplementedError("logs", call.operation, "for query results")
        return group_identified(self.stores, call, identifier)

    def _all(self, call: Call) -> list[dict[str, Any]]:
        pages = call.base().get_paginator("describe_log_groups").paginate()
        protected = any(
            policy.type == "DATA_PROTECTION_POLICY"
            for policy in self.stores.of(call).account_policies.values()
        )
        return [
            self._described(call, one, protected=protected)
            for found in pages
            for one in found["logGroups"]
        ]

    def _described(self, call: Call, of_base: dict[str, Any], *, protected: bool) -> dict[str, Any]:
        group = kept(self.stores, call.account, call.region, of_base)
        group.forget_expired(call.world.clock.now())
        told: dict[str, Any] = {
            "metricFilterCount": len(group.metric_filters),
            "retentionInDays": group.retention,
            "storedBytes": sum(stream.size for stream in group.streams.values()),
            "logGroupClass": group.log_class,
            "logGroupArn": group.arn,
            "deletionProtectionEnabled": group.deletion_protected,
            "kmsKeyId": group.kms_key,
            "dataProtectionStatus": group.data_protection_status,
            "inheritedProperties": ["ACCOUNT_DATA_PROTECTION"] if protected else None,
        }
        return of_base | {name: value for name, value in told.items() if value is not None}


def _is_asked_for(described: dict[str, Any], params: Params) -> bool:
    name = described["logGroupName"]
    arn = described["logGroupArn"]
    wanted = params.get("logGroupIdentifiers")
    return (
        name.startswith(params.get("logGroupNamePrefix", ""))
        and params.get("logGroupNamePattern", "").lower() in name.lower()
        and params.get("logGroupClass") in (None, described["logGroupClass"])
        and (wanted is None or name in wanted or arn in wanted or f"{arn}:*" in wanted)
    )


def _refuse_linked_accounts(call: Call, params: Params) -> None:
    if params.get("includeLinkedAccounts"):
        raise OperationNotImplementedError("logs", call.operation, "over linked accounts")

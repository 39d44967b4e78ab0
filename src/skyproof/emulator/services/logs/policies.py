"""Data protection, index and account policies.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutDataProtectionPolicy.html
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutIndexPolicy.html
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutAccountPolicy.html
"""

from __future__ import annotations

import json
from typing import Any

from skyproof.emulator.clock import milliseconds
from skyproof.emulator.errors import AwsError, OperationNotImplementedError
from skyproof.emulator.service import Call, Params, Regional, Result
from skyproof.emulator.services.logs import destinations
from skyproof.emulator.services.logs.lookup import group_identified
from skyproof.emulator.services.logs.store import AccountPolicy, Document, Group, Store
from skyproof.emulator.services.logs.validation import invalid, not_found, operation

MAX_DOCUMENT = 30_720
MAX_INDEXED_FIELDS = 20
#: How many policies of a type an account can have in a Region; those not here: any number.
MAX_OF_TYPE = {
    "DATA_PROTECTION_POLICY": 1,
    "SUBSCRIPTION_FILTER_POLICY": 1,
    "METRIC_EXTRACTION_POLICY": 1,
    "FIELD_INDEX_POLICY": 20,
    "TRANSFORMER_POLICY": 20,
}
_SELECTING = ("SUBSCRIPTION_FILTER_POLICY", "FIELD_INDEX_POLICY", "TRANSFORMER_POLICY")


class Policies:
    """The operations on policies of log groups and of accounts."""

    stores: Regional[Store]

    @operation("PutDataProtectionPolicy")
    def put_data_protection_policy(self, call: Call, params: Params) -> Result:
        identifier, text = params["logGroupIdentifier"], params["policyDocument"]
        group = group_identified(self.stores, call, identifier)
        _check_data_protection(text)
        group.data_protection = Document(text, call.world.clock.now())
        group.data_protection_status = "ACTIVATED"
        return _data_protection(identifier, group)

    @operation("GetDataProtectionPolicy")
    def get_data_protection_policy(self, call: Call, params: Params) -> Result:
        identifier = params["logGroupIdentifier"]
        return _data_protection(identifier, group_identified(self.stores, call, identifier))

    @operation("DeleteDataProtectionPolicy")
    def delete_data_protection_policy(self, call: Call, params: Params) -> Result:
        group = group_identified(self.stores, call, params["logGroupIdentifier"])
        if group.data_protection is None:
            raise not_found("The log group has no data protection policy.")
        group.data_protection = None
        group.data_protection_status = "DELETED"
        return {}

    @operation("PutIndexPolicy")
    def put_index_policy(self, call: Call, params: Params) -> Result:
        identifier, text = params["logGroupIdentifier"], params["policyDocument"]
        group = group_identified(self.stores, call, identifier)
        _check_index(text)
        group.index_policy = Document(text, call.world.clock.now())
        return {"indexPolicy": _index(identifier, group.index_policy)}

    @operation("DescribeIndexPolicies")
    def describe_index_policies(self, call: Call, params: Params) -> Result:
        found = [
            (identifier, group_identified(self.stores, call, identifier).index_policy)
            for identifier in params["logGroupIdentifiers"]
        ]
        return {"indexPolicies": [_index(name, policy) for name, policy in found if policy]}

    @operation("DeleteIndexPolicy")
    def delete_index_policy(self, call: Call, params: Params) -> Result:
        group = group_identified(self.stores, call, params["logGroupIdentifier"])
        if group.index_policy is None:
            raise not_found("The log group has no index policy.")
        group.index_policy = None
        return {}

    @operation("PutAccountPolicy")
    def put_account_policy(self, call: Call, params: Params) -> Result:
        if params.get("dryRun"):
            raise OperationNotImplementedError("logs", "PutAccountPolicy", "as a dry run")
        type_, name = params["policyType"], params["policyName"]
        _check_account_policy(call, params)
        policies = self.stores.of(call).account_policies
        others = sum(one.type == type_ and one.name != name for one in policies.values())
        if others >= MAX_OF_TYPE.get(type_, others + 1):
            raise AwsError("LimitExceededException", "Resource limit exceeded.")
        policies[type_, name] = AccountPolicy(
            name,
            type_,
            Document(params["policyDocument"], call.world.clock.now()),
            params.get("scope", "ALL"),
            params.get("selectionCriteria"),
        )
        return {"accountPolicy": _account_policy(call, policies[type_, name])}

    @operation("DescribeAccountPolicies")
    def describe_account_policies(self, call: Call, params: Params) -> Result:
        if set(params.get("accountIdentifiers", [])) - {call.account}:
            raise OperationNotImplementedError(
                "logs", "DescribeAccountPolicies", "of linked accounts"
            )
        return {
            "accountPolicies": [
                _account_policy(call, one)
                for one in self.stores.of(call).account_policies.values()
                if one.type == params["policyType"] and params.get("policyName") in (None, one.name)
            ]
        }

    @operation("DeleteAccountPolicy")
    def delete_account_policy(self, call: Call, params: Params) -> Result:
        policies = self.stores.of(call).account_policies
        if policies.pop((params["policyType"], params["policyName"]), None) is None:
            raise not_found("The specified account policy does not exist.")
        return {}


def _data_protection(identifier: str, group: Group) -> dict[str, Any]:
    told: dict[str, Any] = {"logGroupIdentifier": identifier}
    if group.data_protection is not None:
        told["policyDocument"] = group.data_protection.text
        told["lastUpdatedTime"] = milliseconds(group.data_protection.updated)
    return told


def _index(identifier: str, policy: Document) -> dict[str, Any]:
    return {
        "logGroupIdentifier": identifier,
        "policyDocument": policy.text,
        "lastUpdateTime": milliseconds(policy.updated),
        "source": "LOG_GROUP",
    }


def _account_policy(call: Call, policy: AccountPolicy) -> dict[str, Any]:
    criteria = {"selectionCriteria": policy.criteria} if policy.criteria else {}
    return {
        "policyName": policy.name,
        "policyType": policy.type,
        "policyDocument": policy.document.text,
        "lastUpdatedTime": milliseconds(policy.document.updated),
        "scope": policy.scope,
        "accountId": call.account,
        **criteria,
    }


def _document(text: str) -> dict[str, Any]:
    if len(text) > MAX_DOCUMENT:
        raise invalid(f"A policy document can have at most {MAX_DOCUMENT} characters.")
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise invalid(f"The policy document is not JSON: {error}") from error
    if not isinstance(document, dict):
        raise invalid("The policy document is not a JSON object.")
    return document


def _check_data_protection(text: str) -> None:
    """An audit and a de-identifying statement, over the same data identifiers."""
    document = _document(text)
    statements = document.get("Statement")
    if "Name" not in document or "Version" not in document:
        raise invalid("A data protection policy needs a Name and a Version.")
    if not isinstance(statements, list) or len(statements) != 2:
        raise invalid("A data protection policy needs exactly two statements.")
    audit, mask = statements
    operations = [list(one.get("Operation", {})) for one in statements]
    if operations != [["Audit"], ["Deidentify"]]:
        raise invalid(
            "The statements must have the operations Audit and Deidentify, in this order."
        )
    if "FindingsDestination" not in audit["Operation"]["Audit"]:
        raise invalid("The Audit operation needs a FindingsDestination.")
    if mask["Operation"]["Deidentify"] != {"MaskConfig": {}}:
        raise invalid("The Deidentify operation needs an empty MaskConfig.")
    identifiers = [sorted(one.get("DataIdentifier", []), key=str) for one in statements]
    if not identifiers[0] or identifiers[0] != identifiers[1]:
        raise invalid("Both statements must have the same DataIdentifier.")


def _check_index(text: str) -> None:
    document = _document(text)
    fields = document.get("Fields", document.get("FieldsV2"))
    if not fields or len(fields) > MAX_INDEXED_FIELDS:
        raise invalid(f"An index policy needs 1 to {MAX_INDEXED_FIELDS} Fields.")


def _check_account_policy(call: Call, params: Params) -> None:
    type_, text = params["policyType"], params["policyDocument"]
    if "selectionCriteria" in params and type_ not in _SELECTING:
        raise invalid(f"selectionCriteria cannot be used with {type_}.")
    if type_ == "DATA_PROTECTION_POLICY":
        _check_data_protection(text)
    elif type_ == "FIELD_INDEX_POLICY":
        _check_index(text)
    elif type_ == "SUBSCRIPTION_FILTER_POLICY":
        _check_subscription(call, _document(text))
    else:
        _document(text)


def _check_subscription(call: Call, document: dict[str, Any]) -> None:
    if "DestinationArn" not in document or "FilterPattern" not in document:
        raise invalid("A subscription filter policy needs a DestinationArn and a FilterPattern.")
    every_group = call.arn("logs", "*")
    destinations.check(call, every_group, document["DestinationArn"], document.get("RoleArn"))

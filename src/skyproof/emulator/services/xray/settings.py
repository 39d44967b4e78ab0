"""Encryption of traces, and resource policies."""

from __future__ import annotations

import json
from typing import Any

from botocore.exceptions import ClientError

from skyproof.emulator.errors import AwsError
from skyproof.emulator.paging import page
from skyproof.emulator.service import Call, Params, Regional, Result
from skyproof.emulator.services.xray.store import ResourcePolicy, Store
from skyproof.emulator.services.xray.validation import operation, refusal

# https://docs.aws.amazon.com/xray/latest/api/API_PutResourcePolicy.html
MAX_POLICIES = 5
MAX_POLICY_BYTES = 5 * 1024
PAGE = 100


class Settings:
    """The operations on an account's encryption configuration and resource policies."""

    stores: Regional[Store]

    @operation("GetEncryptionConfig")
    def get_encryption_config(self, call: Call, params: Params) -> Result:
        del params
        return {"EncryptionConfig": self.stores.of(call).encryption | {"Status": "ACTIVE"}}

    @operation("PutEncryptionConfig")
    def put_encryption_config(self, call: Call, params: Params) -> Result:
        encryption = {"Type": params["Type"]}
        if params["Type"] == "KMS":
            encryption["KeyId"] = _key_arn(call, params.get("KeyId"))
        elif "KeyId" in params:
            raise refusal("KeyId needs Type KMS")
        self.stores.of(call).encryption = encryption
        # On AWS it takes some minutes; the answer says so, and the next look finds it done.
        return {"EncryptionConfig": encryption | {"Status": "UPDATING"}}

    @operation("PutResourcePolicy")
    def put_resource_policy(self, call: Call, params: Params) -> Result:
        policies = self.stores.of(call).policies
        name, document = params["PolicyName"], params["PolicyDocument"]
        _check_document(document)
        present = policies.get(name)
        revision = present.revision if present else 0
        _check_revision(params, revision)
        if present is None and len(policies) >= MAX_POLICIES:
            raise AwsError(
                "PolicyCountLimitExceededException",
                f"The limit of {MAX_POLICIES} resource policies is reached",
            )
        policies[name] = ResourcePolicy(name, document, revision + 1, call.world.clock.now())
        return {"ResourcePolicy": _described(policies[name])}

    @operation("ListResourcePolicies")
    def list_resource_policies(self, call: Call, params: Params) -> Result:
        policies, more = page(
            list(self.stores.of(call).policies.values()),
            PAGE,
            params.get("NextToken"),
            code="InvalidRequestException",
        )
        return {"ResourcePolicies": [_described(policy) for policy in policies], **more}

    @operation("DeleteResourcePolicy")
    def delete_resource_policy(self, call: Call, params: Params) -> Result:
        policies = self.stores.of(call).policies
        present = policies.get(params["PolicyName"])
        if present is None:
            raise refusal(f"The resource policy {params['PolicyName']} does not exist")
        _check_revision(params, present.revision)
        del policies[present.name]
        return {}


def _key_arn(call: Call, key: str | None) -> str:
    if key is None:
        raise refusal("Type KMS needs a KeyId")
    try:
        found = call.client("kms").describe_key(KeyId=key)
    except ClientError as error:
        raise refusal(
            f"The key {key} cannot be used: {error.response['Error']['Message']}"
        ) from error
    return str(found["KeyMetadata"]["Arn"])


def _check_document(document: str) -> None:
    if len(document.encode()) > MAX_POLICY_BYTES:
        raise AwsError(
            "PolicySizeLimitExceededException",
            f"A resource policy can have at most {MAX_POLICY_BYTES} bytes",
        )
    try:
        policy = json.loads(document)
    except json.JSONDecodeError as error:
        raise AwsError(
            "MalformedPolicyDocumentException", f"The policy is not JSON: {error}"
        ) from error
    if not isinstance(policy, dict) or not policy.get("Statement"):
        raise AwsError("MalformedPolicyDocumentException", "The policy has no Statement")


def _check_revision(params: Params, revision: int) -> None:
    """Revision 0 stands for a policy that is not there yet."""
    if "PolicyRevisionId" in params and params["PolicyRevisionId"] != str(revision):
        raise AwsError(
            "InvalidPolicyRevisionIdException",
            f"The policy's revision is {revision}, not {params['PolicyRevisionId']}",
        )


def _described(policy: ResourcePolicy) -> dict[str, Any]:
    return {
        "PolicyName": policy.name,
        "PolicyDocument": policy.document,
        "PolicyRevisionId": str(policy.revision),
        "LastUpdatedTime": policy.updated,
    }

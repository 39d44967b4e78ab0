"""An account's encryption and resource policies."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

Client = Callable[..., Any]

POLICY = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*"}]}
)


def refused(call: Callable[[], Any]) -> str:
    with pytest.raises(ClientError) as caught:
        call()
    code: str = caught.value.response["Error"]["Code"]
    return code


def test_traces_are_encrypted_with_a_key_once_it_is_put(client: Client) -> None:
    xray = client("xray")
    assert xray.get_encryption_config()["EncryptionConfig"] == {"Type": "NONE", "Status": "ACTIVE"}
    key = client("kms").create_key()["KeyMetadata"]
    put = xray.put_encryption_config(Type="KMS", KeyId=key["KeyId"])["EncryptionConfig"]
    assert put == {"Type": "KMS", "KeyId": key["Arn"], "Status": "UPDATING"}
    got = xray.get_encryption_config()["EncryptionConfig"]
    assert got == {"Type": "KMS", "KeyId": key["Arn"], "Status": "ACTIVE"}
    assert xray.put_encryption_config(Type="NONE")["EncryptionConfig"]["Type"] == "NONE"


@pytest.mark.parametrize(
    "members",
    [{"Type": "KMS"}, {"Type": "NONE", "KeyId": "k"}, {"Type": "KMS", "KeyId": "alias/gone"}],
)
def test_type_and_key_go_together(client: Client, members: dict[str, str]) -> None:
    code = refused(lambda: client("xray").put_encryption_config(**members))
    assert code == "InvalidRequestException"


def test_a_policy_is_put_revised_and_deleted(client: Client) -> None:
    xray = client("xray")
    made = xray.put_resource_policy(PolicyName="p", PolicyDocument=POLICY)["ResourcePolicy"]
    assert (made["PolicyName"], made["PolicyDocument"]) == ("p", POLICY)
    again = xray.put_resource_policy(
        PolicyName="p", PolicyDocument=POLICY, PolicyRevisionId=made["PolicyRevisionId"]
    )["ResourcePolicy"]
    assert again["PolicyRevisionId"] != made["PolicyRevisionId"]
    listed = xray.list_resource_policies()["ResourcePolicies"]
    assert [one["PolicyName"] for one in listed] == ["p"]
    stale = made["PolicyRevisionId"]
    assert (
        refused(lambda: xray.delete_resource_policy(PolicyName="p", PolicyRevisionId=stale))
        == "InvalidPolicyRevisionIdException"
    )
    xray.delete_resource_policy(PolicyName="p")
    assert xray.list_resource_policies()["ResourcePolicies"] == []
    assert refused(lambda: xray.delete_resource_policy(PolicyName="p")) == "InvalidRequestException"


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("no json", "MalformedPolicyDocumentException"),
        ("{}", "MalformedPolicyDocumentException"),
        (json.dumps({"Statement": ["x" * 6000]}), "PolicySizeLimitExceededException"),
    ],
)
def test_a_document_that_is_no_policy_is_refused(client: Client, document: str, code: str) -> None:
    put = client("xray").put_resource_policy
    assert refused(lambda: put(PolicyName="p", PolicyDocument=document)) == code


def test_an_account_has_five_policies_at_most(client: Client) -> None:
    put = client("xray").put_resource_policy
    for number in range(5):
        put(PolicyName=f"p{number}", PolicyDocument=POLICY)
    assert (
        refused(lambda: put(PolicyName="one-more", PolicyDocument=POLICY))
        == "PolicyCountLimitExceededException"
    )

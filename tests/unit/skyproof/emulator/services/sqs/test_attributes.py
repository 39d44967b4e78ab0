from __future__ import annotations

import json
from typing import Any

import boto3
import pytest

from skyproof.emulator import Emulator


@pytest.mark.parametrize(
    ("name", "policy"),
    [
        ("RedrivePolicy", {"deadLetterTargetArn": "", "maxReceiveCount": 5}),
        ("RedriveAllowPolicy", {"redrivePermission": "allowAll"}),
    ],
)
def test_a_redrive_policy_comes_back_compact(
    client: Any, name: str, policy: dict[str, Any]
) -> None:
    sqs = client("sqs")
    sqs.create_queue(QueueName="dead")
    if "deadLetterTargetArn" in policy:
        policy = policy | {"deadLetterTargetArn": "arn:aws:sqs:us-east-1:123456789012:dead"}
    url = sqs.create_queue(QueueName="orders", Attributes={name: json.dumps(policy)})["QueueUrl"]
    got = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert got[name] == json.dumps(policy, separators=(",", ":"))


def test_other_attributes_are_the_bases(client: Any) -> None:
    sqs = client("sqs")
    url = sqs.create_queue(QueueName="orders", Attributes={"VisibilityTimeout": "77"})["QueueUrl"]
    got = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])
    assert got["Attributes"] == {"VisibilityTimeout": "77"}


def test_a_redrive_allow_policy_can_be_set_later_and_goes_with_its_queue(client: Any) -> None:
    sqs = client("sqs")
    url = sqs.create_queue(QueueName="orders")["QueueUrl"]
    policy = '{"redrivePermission":"denyAll"}'
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedriveAllowPolicy": policy})
    asked = {"QueueUrl": url, "AttributeNames": ["RedriveAllowPolicy"]}
    assert sqs.get_queue_attributes(**asked)["Attributes"] == {"RedriveAllowPolicy": policy}
    sqs.delete_queue(QueueUrl=url)
    sqs.create_queue(QueueName="orders")
    assert "RedriveAllowPolicy" not in sqs.get_queue_attributes(**asked)["Attributes"]


def test_setting_one_attribute_keeps_the_others(client: Any) -> None:
    sqs = client("sqs")
    url = sqs.create_queue(QueueName="orders")["QueueUrl"]
    statement = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    allow = {"RedriveAllowPolicy": '{"redrivePermission":"denyAll"}'}
    sqs.set_queue_attributes(QueueUrl=url, Attributes=allow)
    got = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert got["Policy"] == policy


def test_the_url_of_a_queue_leads_back_to_the_emulator() -> None:
    with Emulator() as emulator:
        sqs = boto3.client(
            "sqs",
            endpoint_url=emulator.endpoint,
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )
        url = sqs.create_queue(QueueName="orders")["QueueUrl"]
        assert url == f"{emulator.endpoint}/123456789012/orders"
        assert sqs.list_queues()["QueueUrls"] == [url]

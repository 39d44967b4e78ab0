"""Every named resource carries the suffix, so that two of them live in one account."""

from __future__ import annotations

from tests.integration.backends import ON_THE_PLATFORM
from tests.integration.platform import Platform

pytestmark = ON_THE_PLATFORM

NAME_ATTRIBUTES = (
    "name",
    "bucket",
    "function_name",
    "alarm_name",
    "dashboard_name",
    "cluster_name",
    "family",
    "group_name",
    "rule_name",
    "queue_name",
    "topic_name",
)
# Named after something else, or after nothing that two stacks could clash over.
UNNAMED = {
    "aws_default_security_group",  # it came with the VPC
    "aws_s3_object",  # a key inside a bucket that bears the suffix
    "aws_cloudwatch_log_stream",  # inside a log group that bears it
    "aws_iam_role_policy",  # inside a role that bears it
}


def test_every_named_resource_carries_it(platform: Platform) -> None:
    checked = 0
    missing = []
    for address, values in platform.state_values.items():
        kind = next(part for part in address.split(".") if part.startswith("aws_"))
        if ".data." in f".{address}" or kind in UNNAMED:
            continue
        for attribute in NAME_ATTRIBUTES:
            name = values.get(attribute)
            if isinstance(name, str) and name:
                checked += 1
                if platform.suffix not in name:
                    missing.append(f"{address}.{attribute} = {name!r}")
    assert checked > 50, f"only {checked} names were looked at"
    assert missing == []

"""Who made what Terraform never knew, as far as its name tells."""

from __future__ import annotations

import re
from dataclasses import dataclass

from skyproof.lifecycle.inventory import Item
from skyproof.lifecycle.tagging import Tags

# Synthetics keeps 21 characters of a canary's name: 64 are a function's at most.
_CANARY = r"cwsyn-(?P<name>.{1,21})-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_BY_CANARY = "made by canary {name}"


@dataclass(frozen=True)
class _Rule:
    service: str
    kind: str
    pattern: str
    maker: str


_RULES = (
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/synthetics_canaries_deletion.html
    _Rule("logs", "log group", f"/aws/lambda/{_CANARY}", _BY_CANARY),
    _Rule("lambda", "function", _CANARY, _BY_CANARY),
    _Rule("lambda", "layer", f"arn:.*:layer:{_CANARY}:\\d+", _BY_CANARY),
    # https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html
    _Rule("logs", "log group", "/aws/lambda/(?P<name>.+)", "made by function {name} when it ran"),
    # https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
    _Rule(
        "ec2",
        "network interface",
        r"AWS Lambda VPC ENI-(?P<name>.+?)(?:-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})?( .*)?",
        "made by function {name}, whose service removes it within 20 minutes of its end",
    ),
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cloudwatch-container-insights.html
    _Rule(
        "logs",
        "log group",
        "/aws/ecs/containerinsights/(?P<name>[^/]+)/performance",
        "made by Container Insights of cluster {name}",
    ),
    # https://docs.aws.amazon.com/firehose/latest/dev/monitoring-with-cloudwatch-logs.html
    _Rule(
        "logs",
        "log group",
        "/aws/kinesisfirehose/(?P<name>.+)",
        "made for the errors of delivery stream {name}",
    ),
    # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_LogAccess.Procedural.UploadtoCloudWatch.html
    _Rule(
        "logs",
        "log group",
        "/aws/rds/(?:instance|cluster)/(?P<name>[^/]+)/.+",
        "made by database {name}",
    ),
    # https://docs.aws.amazon.com/codebuild/latest/userguide/getting-started-output-console.html
    _Rule("logs", "log group", "/aws/codebuild/(?P<name>.+)", "made by build project {name}"),
    # https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
    _Rule(
        "logs",
        "log group",
        "API-Gateway-Execution-Logs_(?P<name>[^/]+)/.+",
        "made by REST API {name}",
    ),
)

# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-resource-tags.html
_STACK_TAG = "aws:cloudformation:stack-name"


def maker_of(item: Item, tags: Tags) -> str:
    """Who made it, as the end of a sentence; empty where nothing tells."""
    if _STACK_TAG in tags:
        return f"made by stack {tags[_STACK_TAG]}"
    for rule in _RULES:
        if (item.service, item.kind) != (rule.service, rule.kind):
            continue
        for called in (item.name, item.title):
            found = re.fullmatch(rule.pattern, called)
            if found:
                return rule.maker.format(name=found["name"])
    return ""

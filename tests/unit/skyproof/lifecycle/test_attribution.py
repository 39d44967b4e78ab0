from __future__ import annotations

import pytest

from skyproof.lifecycle.attribution import maker_of
from skyproof.lifecycle.inventory import Item

ID = "0b6d6c2c-1111-4222-8333-444455556666"


@pytest.mark.parametrize(
    ("service", "kind", "name", "title", "maker"),
    [
        ("logs", "log group", "/aws/lambda/orders", "", "made by function orders when it ran"),
        ("logs", "log group", f"/aws/lambda/cwsyn-api-{ID}", "", "made by canary api"),
        ("logs", "log group", f"/aws/lambda/cwsyn-a-b-{ID}", "", "made by canary a-b"),
        ("lambda", "function", f"cwsyn-api-{ID}", "", "made by canary api"),
        (
            "lambda",
            "layer",
            f"arn:aws:lambda:us-east-1:1:layer:cwsyn-api-{ID}:1",
            "",
            "made by canary api",
        ),
        (
            "ec2",
            "network interface",
            "eni-1",
            f"AWS Lambda VPC ENI-orders-{ID}",
            "made by function orders, whose service removes it within 20 minutes of its end",
        ),
        (
            "logs",
            "log group",
            "/aws/ecs/containerinsights/web/performance",
            "",
            "made by Container Insights of cluster web",
        ),
        (
            "logs",
            "log group",
            "/aws/kinesisfirehose/metrics",
            "",
            "made for the errors of delivery stream metrics",
        ),
        ("logs", "log group", "/aws/rds/instance/shop/error", "", "made by database shop"),
        ("logs", "log group", "/aws/codebuild/web", "", "made by build project web"),
        ("logs", "log group", "API-Gateway-Execution-Logs_a1b2/prod", "", "made by REST API a1b2"),
        ("logs", "log group", "orders", "", ""),
        ("lambda", "function", "orders", "", ""),
        ("lambda", "function", "cwsyn-orders", "", ""),
        ("sqs", "queue", "/aws/lambda/orders", "", ""),
        ("ec2", "network interface", "eni-1", "mine", ""),
    ],
)
def test_a_name_tells_who_made_it(
    service: str, kind: str, name: str, title: str, maker: str
) -> None:
    assert maker_of(Item("1", "us-east-1", service, kind, name, title=title), {}) == maker


def test_a_stack_says_so_in_a_tag() -> None:
    tags = {"aws:cloudformation:stack-name": "shop"}
    assert maker_of(Item("1", "r", "sqs", "queue", "q"), tags) == "made by stack shop"

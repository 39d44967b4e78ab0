"""A role and packages for functions."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "lambda.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
)


def package(source: str = "def handler(event, context): ...") -> bytes:
    """A zip archive with one module; the same bytes for the same source."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(zipfile.ZipInfo("main.py"), source)
    return content.getvalue()


@pytest.fixture
def create(client: Callable[..., Any]) -> Callable[..., dict[str, Any]]:
    """``create(name="orders", **members)``: a function with what CreateFunction requires.

    A member that is None is left out.
    """

    def make(name: str = "orders", **members: Any) -> dict[str, Any]:
        iam = client("iam")
        role = iam.create_role(RoleName=f"{name}-role", AssumeRolePolicyDocument=TRUST)["Role"]
        required = {
            "Runtime": "python3.12",
            "Handler": "main.handler",
            "Code": {"ZipFile": package()},
        }
        given = {key: value for key, value in (required | members).items() if value is not None}
        created: dict[str, Any] = client("lambda").create_function(
            FunctionName=name, Role=role["Arn"], **given
        )
        return created

    return make

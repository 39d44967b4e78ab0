"""What LocalStack takes and then does not do or forgets, which no read tells beforehand."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

Client = Callable[[str], Any]
NAME = "skyproof-check"
#: With Docker the runtime's image may have to be pulled first.
SECONDS = 120


def _runs_no_function(client: Client) -> str:
    """It does so in Docker alone, and says so late: the function fails."""
    functions = client("lambda")
    try:
        functions.create_function(
            FunctionName=NAME,
            Runtime="python3.12",
            Handler="main.handler",
            Role="arn:aws:iam::000000000000:role/skyproof-check",
            Code={"ZipFile": _package()},
        )
    except (BotoCoreError, ClientError) as error:
        return f"creates no function: {_in_short(error)}"
    state = _settled(functions)
    if state != "Active":
        # LocalStack cannot delete a function that failed ("Unable to find version manager"); Lambda
        # is ours then, and nobody sees it.
        return f"a function is {state}"
    functions.delete_function(FunctionName=NAME)
    return ""


def _settled(functions: Any) -> str:
    def look() -> str:
        return str(functions.get_function_configuration(FunctionName=NAME)["State"])

    waiting = Retrying(
        stop=stop_after_delay(SECONDS),
        wait=wait_fixed(0.2),
        retry=retry_if_result(lambda state: state == "Pending"),
        retry_error_callback=lambda state: state.outcome.result(),  # type: ignore[union-attr]
    )
    state: str = waiting(look)
    return state


def _package() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(zipfile.ZipInfo("main.py"), "def handler(event, context):\n    return 1\n")
    return content.getvalue()


def _forgets_policies(client: Client) -> str:
    """The policy of a VPC endpoint is not given back, and a second plan is not empty."""
    ec2, policy = client("ec2"), json.dumps({"Version": "2012-10-17", "Statement": []})
    region = ec2.meta.region_name
    try:
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/24")["Vpc"]["VpcId"]
        made = ec2.create_vpc_endpoint(
            VpcId=vpc, ServiceName=f"com.amazonaws.{region}.s3", PolicyDocument=policy
        )["VpcEndpoint"]["VpcEndpointId"]
        [found] = ec2.describe_vpc_endpoints(VpcEndpointIds=[made])["VpcEndpoints"]
        if json.loads(found.get("PolicyDocument") or "null") != json.loads(policy):
            # Not deleted: LocalStack fails at it. EC2 is ours then, and nobody sees it.
            return "forgets policies of VPC endpoints"
        ec2.delete_vpc_endpoints(VpcEndpointIds=[made])
        ec2.delete_vpc(VpcId=vpc)
    except (BotoCoreError, ClientError) as error:
        return f"makes no VPC endpoint: {_in_short(error)}"
    return ""


def _in_short(error: BotoCoreError | ClientError) -> str:
    told = error.response["Error"]["Code"] if isinstance(error, ClientError) else error
    return str(told)


#: Service → what is wrong with it, in words; empty when nothing is.
WRITES: Mapping[str, Callable[[Client], str]] = {
    "ec2": _forgets_policies,
    "lambda": _runs_no_function,
}

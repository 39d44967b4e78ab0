"""Which services LocalStack answers for, and which skyproof supplies, decided by asking."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from skyproof.backends.localstack.write_checks import WRITES
from skyproof.emulator.services import SERVICES
from skyproof.emulator.supply import Mode

Client = Callable[[str], Any]
#: A first call loads the service; more than this and it waits for something it would download.
SECONDS = 30
#: What LocalStack answers for an operation that it lacks: InternalFailure, with 501.
_LACKING = ("InternalFailure", "InternalError", "NotImplemented")

#: Reads that a whole service answers; who lacks one of them is no AWS for what we do with it. The
#: inventory of what is left behind lists all of these services.
CONTROLS: Mapping[str, tuple[str, ...]] = {
    "cloudformation": ("describe_stacks",),
    "cloudwatch": ("describe_alarms", "describe_anomaly_detectors", "list_metric_streams"),
    # It downloads its server, as Kinesis does.
    "dynamodb": ("list_tables",),
    "ecs": ("list_clusters",),
    "events": ("list_rules", "list_archives"),
    "firehose": ("list_delivery_streams",),
    "iam": ("list_roles",),
    "kinesis": ("list_streams",),
    "kms": ("list_keys",),
    "logs": ("describe_log_groups", "describe_query_definitions"),
    "oam": ("list_sinks",),
    "s3": ("list_buckets",),
    "scheduler": ("list_schedules",),
    "secretsmanager": ("list_secrets",),
    "sns": ("list_topics",),
    "sqs": ("list_queues",),
    "ssm": ("describe_parameters",),
    "stepfunctions": ("list_state_machines",),
    "synthetics": ("describe_canaries",),
    "xray": ("get_groups", "get_sampling_rules"),
}

#: What each must reach. LocalStack's services call one another inside it, past our gateway: one
#: that must reach a service of ours has to be ours as well.
REACHES: Mapping[str, tuple[str, ...]] = {
    "cloudformation": ("cloudwatch",),
    "cloudwatch": ("events", "oam"),
    "dynamodbstreams": ("dynamodb",),
    "events": ("lambda", "logs"),
    "firehose": ("kinesis", "lambda"),
    "lambda": ("kinesis", "logs"),
    "logs": ("cloudwatch", "firehose", "lambda", "oam"),
    "s3": ("events", "lambda"),
    "scheduler": ("events", "lambda"),
    "sns": ("firehose", "lambda"),
}

#: Whom moto asks within our process: what stands beneath a service of ours sees moto's roles and
#: none of LocalStack's. The keys of a role that is ours are ours to know.
LEANS_ON: Mapping[str, tuple[str, ...]] = {
    "iam": ("sts",),
    "lambda": ("iam",),
}


def decide(
    client: Client, available: frozenset[str], overrides: Mapping[str, Mode]
) -> tuple[dict[str, Mode], dict[str, str]]:
    """The mode of each service, and why those that are supplied are.

    Args:
        client: ``client(service)``: boto3 against LocalStack.
        available: the services that its health names.
        overrides: what the user wants; it is done without asking.
    """
    asked = sorted({*SERVICES, *CONTROLS, *WRITES} - overrides.keys())
    with ThreadPoolExecutor(max_workers=4) as pool:
        answers = pool.map(lambda name: _lacks(client, name, available), asked)
    reasons = {name: why for name, why in zip(asked, answers, strict=True) if why}
    ours = {*reasons, *(name for name, mode in overrides.items() if mode == "supplied")}
    known = available | SERVICES
    while more := {
        name: why for name in sorted(known - ours - overrides.keys()) if (why := _must(name, ours))
    }:
        reasons |= more
        ours |= more.keys()
    modes: dict[str, Mode] = {name: "supplied" if name in ours else "native" for name in known}
    return modes | dict(overrides), reasons


def _must(name: str, ours: set[str]) -> str:
    """Why a service has to be ours when these are; empty when it has not."""
    reached = [other for other in REACHES.get(name, ()) if other in ours]
    if reached:
        return f"must reach {', '.join(reached)}"
    leaning = [other for other in sorted(ours) if name in LEANS_ON.get(other, ())]
    return f"{', '.join(leaning)} leans on it" if leaning else ""


def _lacks(client: Client, name: str, available: frozenset[str]) -> str:
    """What LocalStack lacks of a service; empty when it lacks nothing that is asked for."""
    if name not in available:
        return "not there"
    for operation in CONTROLS.get(name, ()):
        if _is_lacking(client(name), operation):
            return f"no {operation}"
    return WRITES[name](client) if name in WRITES else ""


def _is_lacking(client: Any, operation: str) -> bool:
    try:
        getattr(client, operation)()
    except ClientError as error:
        code = error.response["Error"]["Code"]
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        return code in _LACKING or status >= 500
    except BotoCoreError:
        return True
    return False


def clients_of(url: str, account: str, region: str) -> Client:
    """boto3 against LocalStack itself, without retries."""
    made: dict[str, Any] = {}
    config = Config(
        retries={"total_max_attempts": 1},
        read_timeout=SECONDS,
        s3={"addressing_style": "path"},
        proxies={},
    )

    def client(service: str) -> Any:
        if service not in made:
            made[service] = boto3.session.Session().client(
                service,
                endpoint_url=url,
                region_name=region,
                aws_access_key_id=account,
                aws_secret_access_key="localstack",  # noqa: S106 (nothing verifies it)
                config=config,
            )
        return made[service]

    return client

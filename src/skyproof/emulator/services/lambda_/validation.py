"""``operation`` for Lambda's handlers: parameters are checked against the model first."""

from __future__ import annotations

import re

from skyproof.emulator.constraints import checked_operations
from skyproof.emulator.errors import AwsError
from skyproof.emulator.service import Params

operation = checked_operations("lambda")

_QUEUE_OR_TOPIC = re.compile(r"arn:aws[a-z-]*:(sqs|sns):[a-z0-9-]+:\d{12}:.+")


def invalid(message: str) -> AwsError:
    """Lambda's refusal of parameters that contradict its rules."""
    return AwsError("InvalidParameterValueException", message)


def check_dead_letter(params: Params) -> None:
    """Events that failed go to a queue or a topic; an empty ARN stands for nowhere.

    https://docs.aws.amazon.com/lambda/latest/api/API_DeadLetterConfig.html
    """
    arn = params.get("DeadLetterConfig", {}).get("TargetArn", "")
    if arn and not _QUEUE_OR_TOPIC.fullmatch(arn):
        raise invalid(f"Invalid dead letter ARN: {arn} names neither an SQS queue nor an SNS topic")

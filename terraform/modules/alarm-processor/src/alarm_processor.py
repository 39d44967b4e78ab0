"""Route alarm notifications to the topic of their severity, except inside maintenance windows.

CloudWatch sends alarms without message attributes, so subscriptions could not filter by severity:
this function reads it from the leading ``[critical]``, ``[warning]`` or ``[info]`` of the alarm's
description and publishes the notification, unchanged, with the attributes ``severity``, ``alarm``,
``state`` and ``environment``.
"""

import json
import os
import random
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import boto3
import maintenance
from botocore import exceptions
from botocore.config import Config
from settings import SettingsError, choice, integer, text
from structured_log import log

SEVERITIES = ("critical", "warning", "info")
STATES = ("ALARM", "OK", "INSUFFICIENT_DATA")
BACKOFF_BASE = 0.2
BACKOFF_CAP = 5.0
# Codes that botocore's own standard mode counts as throttling, and what SNS adds for its key.
# https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
THROTTLING = frozenset(
    {
        "KMSThrottling",
        "KMSThrottlingException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "Throttled",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)

_TOKEN = re.compile(rf"\s*\[({'|'.join(SEVERITIES)})\]", re.IGNORECASE)


class EventError(ValueError):
    """The function was invoked with something other than notifications from SNS."""


class AlarmMessageError(ValueError):
    """A notification is not one that CloudWatch sends for an alarm."""


@dataclass(frozen=True)
class Settings:
    """What the function is configured to do."""

    maintenance: maintenance.Maintenance
    topics: Mapping[str, str]
    default_severity: str
    publish_attempts: int


@dataclass(frozen=True)
class Notification:
    """An alarm's change of state as it came from a topic."""

    topic_arn: str
    published_at: datetime
    message: str
    alarm: str
    state: str
    description: str


def parse_settings(environment: Mapping[str, str]) -> Settings:
    """Read the settings from environment variables; raises SettingsError."""
    return Settings(
        maintenance=maintenance.from_environment(environment),
        topics={name: text(environment, f"{name.upper()}_TOPIC_ARN") for name in SEVERITIES},
        default_severity=choice(environment, "DEFAULT_SEVERITY", SEVERITIES),
        publish_attempts=integer(environment, "PUBLISH_ATTEMPTS", 1, 8),
    )


def parse_event(event: Mapping[str, Any]) -> list[Notification]:
    """Read the notifications of a Lambda event from SNS.

    Raises EventError and AlarmMessageError: the event then ends in the dead-letter queue.
    """
    try:
        envelopes = [record["Sns"] for record in event["Records"]]
        parts = [
            (sns["TopicArn"], datetime.fromisoformat(sns["Timestamp"]), sns["Message"])
            for sns in envelopes
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise EventError(f"not an event from SNS ({error!r}): {event!r:.200}") from error
    return [_notification(topic, at, message) for topic, at, message in parts]


def _notification(topic_arn: str, published_at: datetime, message: str) -> Notification:
    """Read an alarm from a message.

    Metric alarms carry Trigger, composite alarms AlarmRule.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions.html
    """
    try:
        body = json.loads(message)
    except (json.JSONDecodeError, TypeError) as error:
        raise AlarmMessageError(
            f"message from {topic_arn} is not JSON: {message!r:.200}"
        ) from error
    if not isinstance(body, dict) or not ("Trigger" in body or "AlarmRule" in body):
        raise AlarmMessageError(
            f"message from {topic_arn} has neither Trigger nor AlarmRule, so it is no alarm: "
            f"{message!r:.200}"
        )
    alarm, state = body.get("AlarmName"), body.get("NewStateValue")
    if not isinstance(alarm, str) or not alarm:
        raise AlarmMessageError(f"alarm from {topic_arn} has no AlarmName: {message!r:.200}")
    if state not in STATES:
        raise AlarmMessageError(
            f"alarm {alarm} from {topic_arn} has NewStateValue {state!r}: "
            f"expected one of {', '.join(STATES)}"
        )
    description = body.get("AlarmDescription") or ""
    if not isinstance(description, str):
        raise AlarmMessageError(f"alarm {alarm} from {topic_arn} has a description that is no text")
    return Notification(topic_arn, published_at, message, alarm, state, description)


def severity(description: str, default: str) -> str:
    """Return the severity that an alarm's description starts with, else ``default``."""
    token = _TOKEN.match(description)
    return token[1].lower() if token else default


def is_transient(error: Exception) -> bool:
    """Whether trying again can help: throttling, errors of the service, a broken connection."""
    if isinstance(error, exceptions.ClientError):
        code = error.response.get("Error", {}).get("Code", "")
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return code in THROTTLING or status == 429 or status >= 500
    return isinstance(error, (exceptions.ConnectionError, exceptions.HTTPClientError))


@dataclass(frozen=True)
class Backoff:
    """Exponential backoff with full jitter.

    https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
    """

    attempts: int
    sleep: Callable[[float], None] = time.sleep
    uniform: Callable[[float, float], float] = random.uniform

    def call(self, action: Callable[[], Any]) -> Any:
        """Return what ``action`` returns; after the last attempt its error is raised."""
        for attempt in range(1, self.attempts):
            try:
                return action()
            except (exceptions.ClientError, exceptions.BotoCoreError) as error:
                if not is_transient(error):
                    raise
                ceiling = min(BACKOFF_CAP, BACKOFF_BASE * 2 ** (attempt - 1))
                pause = self.uniform(0, ceiling)
                log("WARN", "publish refused", attempt=attempt, pause=pause, error=error)
            self.sleep(pause)
        return action()


def route(notification: Notification, settings: Settings, sns: Any, backoff: Backoff) -> str:
    """Publish one notification or keep it back, and return "published" or "suppressed".

    The window is asked about the time at which CloudWatch notified, so that a retry decides alike.
    Raises SettingsError where publishing would send the notification round in a loop.
    """
    level = severity(notification.description, settings.default_severity)
    topic_arn = settings.topics[level]
    facts = {
        "alarm": notification.alarm,
        "state": notification.state,
        "severity": level,
        "environment": settings.maintenance.environment,
        "notified_at": notification.published_at.isoformat(),
    }
    if settings.maintenance.active(notification.published_at):
        log("INFO", "alarm suppressed", decision="suppressed", reason="maintenance", **facts)
        return "suppressed"
    if topic_arn == notification.topic_arn:
        raise SettingsError(
            f"{level.upper()}_TOPIC_ARN is {topic_arn}, the topic that the alarm came from: "
            "publishing would loop"
        )
    answer = backoff.call(lambda: sns.publish(**_publication(notification, facts, topic_arn)))
    log("INFO", "alarm published", decision="published", message_id=answer["MessageId"], **facts)
    return "published"


def _publication(
    notification: Notification, facts: Mapping[str, str], topic_arn: str
) -> dict[str, Any]:
    subject = f"{facts['severity'].upper()}: {notification.alarm} is {notification.state}"
    return {
        "TopicArn": topic_arn,
        # At most 100 characters of ASCII: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
        "Subject": subject.encode("ascii", "replace").decode("ascii")[:100],
        "Message": notification.message,
        "MessageAttributes": {
            name: {"DataType": "String", "StringValue": facts[name]}
            for name in ("severity", "alarm", "state", "environment")
        },
    }


@cache
def _settings() -> Settings:
    return parse_settings(os.environ)


@cache
def _sns() -> Any:
    # One attempt: botocore's own retries would multiply with Backoff's.
    return boto3.client(
        "sns",
        config=Config(
            connect_timeout=2,
            read_timeout=5,
            retries={"mode": "standard", "total_max_attempts": 1},
        ),
    )


def handler(event: Mapping[str, Any], _context: object) -> list[str]:
    """Lambda's entry point, for topics that alarms notify."""
    settings = _settings()
    backoff = Backoff(settings.publish_attempts)
    return [route(item, settings, _sns(), backoff) for item in parse_event(event)]

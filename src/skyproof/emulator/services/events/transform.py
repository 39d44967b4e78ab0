"""What a target is told instead of the event: InputPath and InputTransformer.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

_PATH = re.compile(r"\$(\.[\w/-]+|\[\d{1,9}\])*", re.ASCII)
_STEP = re.compile(r"\.([\w/-]+)|\[(\d+)\]", re.ASCII)
_TOKEN = re.compile(r'\\.|"|<([\w.-]+)>|\s+|.', re.ASCII | re.DOTALL)


class TransformError(ValueError):
    """A path or template that AWS refuses, or that is not emulated; the text says which."""


class NotInEventError(LookupError):
    """A path that leads nowhere in this event."""


def pick(path: str, event: Mapping[str, Any]) -> Any:
    """What the event has at a JSON path such as ``$.detail.items[0].name``; ``$`` is all of it.

    Raises:
        TransformError: for a path that is none, or has a wildcard (which is not emulated).
        NotInEventError: when the event has nothing there.
    """
    value: Any = event
    for step in _steps(path):
        if not _leads(step, value):
            raise NotInEventError(f"{path} is not in the event")
        value = value[step]
    return value


def render(
    paths: Mapping[str, str],
    template: str,
    event: Mapping[str, Any],
    rule_arn: str,
    rule_name: str,
    now: datetime,
) -> str:
    """Fill an InputTransformer's template.

    A template is JSON, or text in quotes, which stay. In JSON, a variable outside quotes becomes
    JSON of its own; white space between tokens goes ("The JSON that is passed to the target is
    minified"). Inside quotes, text is put in as it is ("EventBridge doesn't escape values extracted
    by Input Path"), so that its quotes can break the JSON, as they do in AWS.

    Args:
        paths: InputPathsMap, a JSON path for each variable.
        template: InputTemplate, with ``<variable>`` for its value.
        event: as parsed from JSON.
        rule_arn: for ``<aws.events.rule-arn>``.
        rule_name: for ``<aws.events.rule-name>``.
        now: aware; when EventBridge received the event.

    Raises:
        TransformError: for an unknown variable, a bad path, or a template that is neither.
    """
    values = _reserved(event, rule_arn, rule_name, now) | _extracted(paths, event)
    return "".join(_filled(template, values, is_json=template.lstrip().startswith(("{", "["))))


def _filled(template: str, values: Mapping[str, Any], *, is_json: bool) -> Iterator[str]:
    quoted = False
    for token in _TOKEN.finditer(template):
        text, name = token[0], token[1]
        if text == '"':
            quoted = not quoted
        if name is not None:
            yield _filled_in(name, values, quoted=quoted)
        elif quoted or text == '"' or (is_json and not text.isspace()):
            yield text
        elif not is_json:
            yield _between_texts(text)
    if quoted:
        raise TransformError("InputTemplate has a quote that is not closed")


def _filled_in(name: str, values: Mapping[str, Any], *, quoted: bool) -> str:
    if name not in values:
        raise TransformError(f"InputTemplate contains invalid placeholder {name}.")
    value = values[name]
    return value if quoted and isinstance(value, str) else _json(value)


def _between_texts(text: str) -> str:
    """Lines of their own, each in quotes, are one message; "For Strings, quotes are required"."""
    if not text.isspace():
        raise TransformError("InputTemplate is neither JSON nor text in quotes")
    return text


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _extracted(paths: Mapping[str, str], event: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, path in paths.items():
        if name.lower().startswith("aws."):
            raise TransformError(f"InputPathsMap key {name} is reserved")
        try:
            found[name] = pick(path, event)
        except NotInEventError:
            # "that variable isn't created and won't appear in the output": in JSON, "" stays.
            found[name] = ""
    return found


def _reserved(
    event: Mapping[str, Any], rule_arn: str, rule_name: str, now: datetime
) -> dict[str, Any]:
    """The predefined variables, as AWS fills them.

    ``aws.events.event`` is the event "without the detail field", with ``detailType`` for
    ``detail-type``, and ``aws.events.event.json`` is all of it as it came.
    """
    envelope = {
        "detailType" if name == "detail-type" else name: value
        for name, value in event.items()
        if name != "detail"
    }
    return {
        "aws.events.rule-arn": rule_arn,
        "aws.events.rule-name": rule_name,
        "aws.events.event.ingestion-time": f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "aws.events.event": envelope,
        "aws.events.event.json": event,
    }


def _leads(step: str | int, value: object) -> bool:
    if isinstance(step, str):
        return isinstance(value, Mapping) and step in value
    return isinstance(value, list) and step < len(value)


def _steps(path: str) -> Iterator[str | int]:
    if "*" in path:
        raise TransformError(f"JSON path {path}: wildcards are not emulated")
    if not _PATH.fullmatch(path):
        raise TransformError(f"JSON path {path}: only $, names after dots and [index] are known")
    for step in _STEP.finditer(path):
        yield step[1] if step[1] is not None else int(step[2])

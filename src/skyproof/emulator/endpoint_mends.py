"""What another emulator answers wrongly in a native service, mended on its way back.

Each is in docs/upstream.md. Answers in JSON alone, which SDKs and Terraform speak.
"""

from __future__ import annotations

import json
from typing import Any

from moto.core.request import Request
from werkzeug.wrappers import Response

from skyproof.emulator.target import Target


def mended(request: Request, target: Target, answer: Response) -> Response:
    """The answer as AWS would give it; the same one where nothing is wrong."""
    operation = request.headers.get("X-Amz-Target", "").rpartition(".")[2]
    if (target.service, operation) == ("sqs", "GetQueueAttributes") and answer.status_code == 200:
        return _without_empty_attributes(answer)
    return answer


def _without_empty_attributes(answer: Response) -> Response:
    """LocalStack 4.9 keeps a redrive-allow policy that was cleared, as an empty text.

    AWS has no attribute then, which is what Terraform waits for when it deletes one.
    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html
    """
    body: dict[str, Any] = json.loads(answer.get_data())
    attributes = body.get("Attributes") or {}
    kept = {name: value for name, value in attributes.items() if value != ""}
    if kept != attributes:
        answer.set_data(json.dumps({**body, "Attributes": kept} if kept else {}))
    return answer

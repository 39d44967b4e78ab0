"""Whether LocalStack runs functions: it does so in Docker alone, and says so late."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

NAME = "skyproof-check"
#: With Docker the runtime's image may have to be pulled first.
SECONDS = 120


def runs_no_function(client: Callable[[str], Any]) -> str:
    """Why not; empty when it does."""
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
        return f"creates no function: {error}"
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

"""Functions that checks make."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from skyproof.probe.bench import Bench, Mismatch


def function(bench: Bench, what: str, source: str, **members: Any) -> str:
    """A function that is ready to be called; its name."""
    functions, name = bench.client("lambda"), bench.name(what)
    role = bench.role(f"{what}-role", "lambda.amazonaws.com")
    bench.undo(_delete_log, bench=bench, group=f"/aws/lambda/{name}")
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(zipfile.ZipInfo("main.py"), source)
    functions.create_function(
        FunctionName=name,
        Runtime="python3.12",
        Handler="main.handler",
        Role=role,
        Code={"ZipFile": content.getvalue()},
        **members,
    )
    bench.undo(functions.delete_function, FunctionName=name)

    def settled() -> dict[str, Any] | None:
        found: dict[str, Any] = functions.get_function_configuration(FunctionName=name)
        return found if found["State"] != "Pending" else None

    found = bench.until(settled, 60, "a function that is ready")
    if found["State"] != "Active":
        raise Mismatch(f"State: got {found['State']} ({found.get('StateReason')}), expected Active")
    return name


def _delete_log(bench: Bench, group: str) -> None:
    """The log that a function makes for itself when it runs, and that stays when it is deleted."""
    logs = bench.client("logs")
    for found in logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]:
        logs.delete_log_group(logGroupName=found["logGroupName"])

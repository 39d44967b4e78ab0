"""What became of a canary's runs."""

from __future__ import annotations

from typing import Any

from skyproof.emulator.errors import AwsError, OperationNotImplementedError
from skyproof.emulator.service import Call, Params, Regional, Result
from skyproof.emulator.services.oam.paging import page
from skyproof.emulator.services.synthetics.canaries import asked_for
from skyproof.emulator.services.synthetics.store import CanaryRun, Store
from skyproof.emulator.services.synthetics.validation import operation


class Runs:
    """The operations on runs, newest first."""

    stores: Regional[Store]

    @operation("GetCanaryRuns")
    def get_canary_runs(self, call: Call, params: Params) -> Result:
        if "DryRunId" in params or params.get("RunType") == "DRY_RUN":
            raise OperationNotImplementedError("synthetics", "GetCanaryRuns", "for dry runs")
        canary = self.stores.of(call).canaries.get(params["Name"])
        if canary is None:
            raise AwsError("ResourceNotFoundException", f"Canary {params['Name']} not found.")
        runs, more = page(
            canary.runs[::-1],
            params.get("MaxResults", 100),
            params.get("NextToken"),
            code="ValidationException",
        )
        return {"CanaryRuns": [_described(run) for run in runs], **more}

    @operation("DescribeCanariesLastRun")
    def describe_canaries_last_run(self, call: Call, params: Params) -> Result:
        canaries = [one for one in asked_for(self.stores.of(call), params) if one.runs]
        found, more = page(
            canaries,
            params.get("MaxResults", 100),
            params.get("NextToken"),
            code="ValidationException",
        )
        last = [
            {"CanaryName": canary.name, "LastRun": _described(canary.runs[-1])} for canary in found
        ]
        return {"CanariesLastRun": last, **more}


def _described(run: CanaryRun) -> dict[str, Any]:
    completed = {"Completed": run.completed} if run.completed else {}
    return {
        "Id": run.id,
        "Name": run.canary,
        "Status": {
            # Recorded: a run that passed has both reasons, empty.
            "State": run.state,
            "StateReason": run.reason or "",
            "StateReasonCode": run.reason_code or "",
        },
        "Timeline": {"Started": run.started, **completed},
        "ArtifactS3Location": run.artifacts,
    }

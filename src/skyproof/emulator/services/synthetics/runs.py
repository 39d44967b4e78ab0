"""What became of a canary's runs, for as long as it is kept.

https://docs.aws.amazon.com/AmazonSynthetics/latest/APIReference/API_CanaryRun.html
"""

from __future__ import annotations

from typing import Any

from skyproof.emulator.errors import AwsError, OperationNotImplementedError
from skyproof.emulator.paging import page
from skyproof.emulator.service import Call, Params, Regional, Result
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
            canary.kept(call.world.clock.now())[::-1],
            params.get("MaxResults", 100),
            params.get("NextToken"),
            code="ValidationException",
        )
        return {"CanaryRuns": [_described(run) for run in runs], **more}

    @operation("DescribeCanariesLastRun")
    def describe_canaries_last_run(self, call: Call, params: Params) -> Result:
        now = call.world.clock.now()
        canaries = asked_for(self.stores.of(call), params)
        kept_runs = [(canary.name, canary.kept(now)) for canary in canaries]
        found, more = page(
            [(name, runs[-1]) for name, runs in kept_runs if runs],
            params.get("MaxResults", 100),
            params.get("NextToken"),
            code="ValidationException",
        )
        last = [{"CanaryName": name, "LastRun": _described(run)} for name, run in found]
        return {"CanariesLastRun": last, **more}


def _described(run: CanaryRun) -> dict[str, Any]:
    completed = {"Completed": run.completed} if run.completed else {}
    return {
        "Id": run.id,
        "Name": run.canary,
        "Status": _status(run),
        "Timeline": {"Started": run.started, **completed},
        "ArtifactS3Location": run.artifacts,
    }


def _status(run: CanaryRun) -> dict[str, str]:
    """A run that passed has no reasons: AWS was seen to give empty ones, its model forbids them."""
    told = {
        "State": run.state,
        "StateReason": run.reason,
        "StateReasonCode": run.reason_code,
        "TestResult": run.test_result,
    }
    return {name: text for name, text in told.items() if text}

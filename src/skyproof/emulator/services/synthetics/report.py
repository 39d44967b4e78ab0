"""What a run leaves in S3: the report, the log, and the files that the script saved.

AWS does not document the report's members; these are the ones that its reports are known to have
and that have a meaning here.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Synthetics_Canaries_Artifacts.html
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from skyproof.emulator.acting import Principal, acting_as
from skyproof.emulator.clock import stamp
from skyproof.emulator.service import Call
from skyproof.emulator.services.synthetics.results import Results, Step
from skyproof.emulator.services.synthetics.store import Canary, CanaryRun
from skyproof.emulator.services.synthetics.verdict import Verdict


def location(call: Call, canary: Canary, started: datetime) -> str:
    """Bucket and prefix of a run's artifacts, which its time tells from all others'."""
    base = canary.settings["ArtifactS3Location"].rstrip("/")
    stamp = f"{started:%Y/%m/%d/%H/%M-%S}-{_milliseconds(started):03d}"
    return f"{base}/canary/{call.region}/{canary.name}/{stamp}"


def put(
    call: Call,
    canary: Canary,
    run: CanaryRun,
    completed: datetime,
    verdict: Verdict,
    results: Results,
    lines: tuple[str, ...],
) -> str | None:
    """Put everything as the canary's role; what was refused, or None.

    A run without a role's leave to write fails, but only once its script has passed or failed.
    """
    bucket, _, prefix = run.artifacts.partition("/")
    s3 = call.client("s3")
    seal = _encryption(canary)
    began = f"{run.started:%Y-%m-%dT%H-%M-%S}-{_milliseconds(run.started):03d}Z"
    files = [
        (
            f"SyntheticsReport-{verdict.state}.json",
            _report(call, canary, run, completed, verdict, results),
        ),
        (f"{began}-log.txt", _log(lines)),
        *results.files,
    ]
    role = canary.settings["ExecutionRoleArn"]
    try:
        with acting_as(Principal(role, call.account, canary.arn)):
            for name, body in files:
                s3.put_object(Bucket=bucket, Key=f"{prefix}/{name}", Body=body, **seal)
    except ClientError as error:
        call.world.tell(canary.arn, "put artifacts", f"s3://{run.artifacts}", "refused", str(error))
        return str(error)
    return None


def _encryption(canary: Canary) -> dict[str, str]:
    """https://docs.aws.amazon.com/AmazonSynthetics/latest/APIReference/API_S3EncryptionConfig.html"""
    config = canary.settings.get("ArtifactConfig", {}).get("S3Encryption", {})
    if config.get("EncryptionMode") == "SSE_S3":
        return {"ServerSideEncryption": "AES256"}
    if config.get("EncryptionMode") == "SSE_KMS":
        key = {"SSEKMSKeyId": config["KmsKeyArn"]} if "KmsKeyArn" in config else {}
        return {"ServerSideEncryption": "aws:kms", **key}
    return {}


def _report(
    call: Call,
    canary: Canary,
    run: CanaryRun,
    completed: datetime,
    verdict: Verdict,
    results: Results,
) -> bytes:
    report = {
        "canaryName": canary.name,
        "canaryRunId": run.id,
        "region": call.region,
        "runtimeVersion": canary.settings["RuntimeVersion"],
        "startTime": stamp(run.started),
        "endTime": stamp(completed),
        "result": verdict.state,
        "errorMessage": verdict.reason,
        "executionErrors": list(results.errors),
        "customerScript": {
            "result": verdict.test_result,
            "steps": [_step(step) for step in results.steps],
        },
    }
    # Not indented: that takes Python's own encoder, a sixth of what a virtual minute costs.
    return json.dumps(report).encode()


def _step(step: Step) -> dict[str, Any]:
    return {
        "name": step.name,
        "startTime": stamp(step.started),
        "endTime": stamp(step.ended),
        "result": "PASSED" if step.passed else "FAILED",
        "failureReason": step.reason,
    }


def _log(lines: tuple[str, ...]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def _milliseconds(moment: datetime) -> int:
    return moment.microsecond // 1000

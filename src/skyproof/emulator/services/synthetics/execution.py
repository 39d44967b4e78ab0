"""One run of a canary: the script in a subprocess, and what is kept and told of it.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Synthetics_Canaries_metrics.html
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from skyproof.emulator import holding
from skyproof.emulator.errors import AwsError
from skyproof.emulator.functions import (
    Begun,
    Definition,
    Outcome,
    PackageError,
    Pool,
    Unsupported,
)
from skyproof.emulator.service import Call
from skyproof.emulator.service_metrics import publish
from skyproof.emulator.services.lambda_ import function_logs
from skyproof.emulator.services.lambda_.definitions import Runnable, variables_of
from skyproof.emulator.services.synthetics import report, results, verdict
from skyproof.emulator.services.synthetics.results import Results
from skyproof.emulator.services.synthetics.runtimes import RUNTIMES
from skyproof.emulator.services.synthetics.store import Canary, CanaryRun, Engine
from skyproof.emulator.services.synthetics.verdict import Verdict
from skyproof.emulator.world import World

NAMESPACE = "CloudWatchSynthetics"
#: Where the library lies that canaries import; its name there is ``aws_synthetics``.
LIBRARY = Path(__file__).parents[2] / "canary_runtime"
#: Names the folder through which script and emulator speak.
FOLDER = "SKYPROOF_CANARY_FOLDER"
_EMPTY_ZIP = b"PK\x05\x06" + bytes(18)


def obstacle(canary: Canary) -> str:
    """Why a canary does not run here; empty for one that does."""
    runtime = canary.settings["RuntimeVersion"]
    if not RUNTIMES[runtime].engine.startswith("python"):
        return f"canaries of {runtime} do not run: only those of Python do"
    if not canary.handler:
        return "blueprints do not run: only canaries with a script of their own do"
    return ""


@dataclass(frozen=True)
class UnderWay:
    """A run whose script was begun.

    Attributes:
        begun: the script, or why it could not be.
    """

    call: Call
    canary: Canary
    run: CanaryRun
    found: Runnable
    begun: Begun | str


class Execution:
    """Runs scripts, each canary's in a process of its own that stays warm."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._pool = Pool()
        self._make_folders()
        world.at_close(self.close)
        world.at_renewal(self._pool.renew)
        world.at_renewal(self._make_folders)

    def _make_folders(self) -> None:
        self._folders = Path(tempfile.mkdtemp(prefix="skyproof-canaries-"))

    def close(self) -> None:
        """End all, also what runs."""
        self._pool.close()
        shutil.rmtree(self._folders, ignore_errors=True)

    def forget(self, canary: Canary) -> None:
        """Close what was kept warm for a canary that is changed or deleted."""
        if canary.engine is not None:
            self._pool.forget(canary.engine.function_arn)

    @property
    def is_crowded(self) -> bool:
        """Whether so many scripts run that another one would only take memory."""
        return self._pool.is_crowded

    def begin(self, call: Call, canary: Canary, run: CanaryRun) -> UnderWay:
        """Let the script run; what it asks of this world waits until :meth:`end` is called."""
        assert canary.engine is not None
        found = self._runnable(call, canary, canary.engine)
        try:
            begun = self._pool.begin(
                found.key,
                lambda: found.definition,
                b"{}",
                request_id=run.id,
                now=run.started,
                imported=lambda: self._world.holding.hold(_caller(canary)),
            )
        except (PackageError, Unsupported) as error:
            return UnderWay(call, canary, run, found, str(error))
        return UnderWay(call, canary, run, found, begun)

    def end(self, under_way: UnderWay) -> None:
        """Wait for the script and complete the record."""
        call, canary, run = under_way.call, under_way.canary, under_way.run
        self._world.holding.release(_caller(canary))
        outcome, left, judged = self._outcome(under_way)
        found = under_way.found
        completed = run.started + timedelta(seconds=outcome.duration if outcome else 0)
        lines = outcome.lines if outcome else ()
        refused = report.put(call, canary, run, completed, judged, left, lines)
        if refused is not None:
            judged = verdict.with_execution_failure(judged, f"Artifacts are not saved: {refused}")
        if outcome is not None:
            function_logs.write(call, found, outcome, run.id)
        with self._world.lock:
            run.state, run.completed, run.test_result = judged.state, completed, judged.test_result
            run.reason, run.reason_code = judged.reason, judged.code
        self._publish(call, canary, run, left)
        passed = judged.state == "PASSED"
        self._world.tell(canary.arn, "run", "", "done" if passed else "failed", judged.reason)

    def _outcome(self, under_way: UnderWay) -> tuple[Outcome | None, Results, Verdict]:
        if isinstance(under_way.begun, str):
            return None, Results(), verdict.failed(under_way.begun, "UNKNOWN")
        outcome = self._pool.end(under_way.begun)
        left = results.take(self._folders / under_way.canary.id)
        timeout = under_way.found.definition.timeout
        return outcome, left, verdict.judge(outcome, left, timeout)

    def _runnable(self, call: Call, canary: Canary, engine: Engine) -> Runnable:
        """The script is a layer, as on AWS: that is how ``python/`` is on its search path."""
        version = engine.function_arn.rpartition(":")[2]
        day, number = self._world.clock.now(), canary.id.replace("-", "")
        config, role = canary.settings["RunConfig"], canary.settings["ExecutionRoleArn"]
        definition = Definition(
            name=canary.function_name,
            arn=engine.function_arn,
            version=version,
            handler=canary.handler,
            package=_EMPTY_ZIP,
            layers=(canary.code,),
            search_paths=(LIBRARY,),
            is_canary=True,
            variables={
                **config.get("EnvironmentVariables", {}),
                **variables_of(call, role),
                **holding.named(_caller(canary)),
                FOLDER: str(self._folders / canary.id),
            },
            timeout=float(config["TimeoutInSeconds"]),
            memory=int(config["MemoryInMB"]),
            log_group=f"/aws/lambda/{canary.function_name}",
            log_stream=f"{day:%Y/%m/%d}/[{version}]{number}",
        )
        return Runnable(definition, engine.function_arn, role, "", None, json_logs=False)

    def _publish(self, call: Call, canary: Canary, run: CanaryRun, left: Results) -> None:
        assert run.completed is not None
        own = {"CanaryName": canary.name}
        succeeded = 100.0 if run.test_result == "PASSED" else 0.0
        duration = (run.completed - run.started).total_seconds() * 1000
        self._count(call, own, "SuccessPercent", succeeded, "Percent")
        self._count(call, own, "Duration", duration, "Milliseconds")
        self._count(call, own, "Failed", float(run.state == "FAILED"), "Count")
        for step in left.steps:
            of_step = {**own, "StepName": step.name}
            if step.success_metric:
                self._count(call, of_step, "SuccessPercent", 100.0 * step.passed, "Percent")
            if step.duration_metric:
                self._count(call, of_step, "Duration", step.milliseconds, "Milliseconds")

    def _count(
        self, call: Call, dimensions: dict[str, str], name: str, value: float, unit: str
    ) -> None:
        try:
            publish(
                self._world, call.account, call.region, NAMESPACE, name, dimensions, value, unit
            )
        except AwsError as error:
            # A step may have any name, a dimension may not.
            where = call.arn("synthetics", f"canary:{dimensions['CanaryName']}")
            self._world.tell(where, "publish", name, "refused", error.message)


def _caller(canary: Canary) -> str:
    """By what name its calls are held."""
    return canary.id.replace("-", "")

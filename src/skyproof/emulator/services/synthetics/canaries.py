"""Canaries: made, told, changed, started, stopped and deleted.

Changes of state that take AWS seconds to minutes happen at once: an answer may still say CREATING,
as AWS's does, and the next look finds the canary where it was to go.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import uuid4

from botocore.exceptions import ClientError

from skyproof.emulator.errors import AwsError
from skyproof.emulator.paging import page
from skyproof.emulator.service import Call, Params, Regional, Result
from skyproof.emulator.services.synthetics import code, engine
from skyproof.emulator.services.synthetics.running import Runner
from skyproof.emulator.services.synthetics.runtimes import RUNTIMES
from skyproof.emulator.services.synthetics.settings import merged
from skyproof.emulator.services.synthetics.store import Canary, Group, Status, Store, Timeline
from skyproof.emulator.services.synthetics.tags import check_tags
from skyproof.emulator.services.synthetics.validation import invalid, operation


class Canaries:
    """The operations on canaries and runtime versions."""

    stores: Regional[Store]
    runner: Runner

    @operation("CreateCanary")
    def create_canary(self, call: Call, params: Params) -> Result:
        canaries = self.stores.of(call).canaries
        name = params["Name"]
        if name in canaries:
            raise invalid(f"A canary with the name {name} already exists.")
        tags = dict(params.get("Tags", {}))
        check_tags(tags, "ValidationException")
        now = call.world.clock.now()
        settings = merged(call.operation, {}, params, now)
        script = code.load(call, params["Code"])
        canary = Canary(
            id=str(uuid4()),
            name=name,
            arn=call.arn("synthetics", f"canary:{name}"),
            settings=settings,
            handler=script.handler,
            code_settings=script.settings,
            code=script.zip,
            tags=tags,
            timeline=Timeline(now, now),
        )
        answer = described(canary)
        answer["Status"] = {"State": "CREATING", "StateReasonCode": "CREATE_PENDING"}
        canaries[name] = canary
        try:
            engine.provision(call, canary)
        except ClientError as error:
            # On AWS, too, CreateCanary succeeds and the state tells of the failure.
            message = error.response["Error"]["Message"]
            canary.status = Status("ERROR", message, "CREATE_FAILED")
        return {"Canary": answer}

    @operation("GetCanary")
    def get_canary(self, call: Call, params: Params) -> Result:
        return {"Canary": described(self._canary(call, params))}

    @operation("DescribeCanaries")
    def describe_canaries(self, call: Call, params: Params) -> Result:
        found, more = page(
            asked_for(self.stores.of(call), params),
            params.get("MaxResults", 20),
            params.get("NextToken"),
            code="ValidationException",
        )
        return {"Canaries": [described(canary) for canary in found], **more}

    @operation("UpdateCanary")
    def update_canary(self, call: Call, params: Params) -> Result:
        canary = self._canary(call, params)
        # The record of a run under way stays one, so both share it.
        changed = replace(canary, timeline=replace(canary.timeline))
        now = call.world.clock.now()
        changed.settings = merged(call.operation, canary.settings, params, now)
        if "Code" in params:
            script = code.load(call, params["Code"], canary.code)
            changed.code, changed.handler = script.zip, script.handler
            changed.code_settings = script.settings
        changed.timeline.modified = now
        try:
            if not engine.is_current(canary, changed):
                engine.provision(call, changed)
        except ClientError as error:
            message = error.response["Error"]["Message"]
            canary.status = Status(canary.status.state, message, "ROLLBACK_COMPLETE")
            return {}
        state = "READY" if canary.status.state == "ERROR" else canary.status.state
        changed.status = Status(state)
        self.stores.of(call).canaries[canary.name] = changed
        self.runner.change(call, canary, changed)
        return {}

    @operation("StartCanary")
    def start_canary(self, call: Call, params: Params) -> Result:
        canary = self._canary(call, params)
        if canary.status.state not in ("READY", "STOPPED"):
            # Recorded.
            raise AwsError("ConflictException", "Canary is not in a startable state")
        now = call.world.clock.now()
        canary.status = Status("RUNNING")
        canary.timeline.started = canary.timeline.modified = now
        self.runner.start(call, canary)
        return {}

    @operation("StopCanary")
    def stop_canary(self, call: Call, params: Params) -> Result:
        canary = self._canary(call, params)
        if canary.status.state != "RUNNING":
            raise AwsError("ConflictException", "Canary is not in a stoppable state")
        now = call.world.clock.now()
        canary.status = Status("STOPPED")
        canary.timeline.stopped = canary.timeline.modified = now
        self.runner.stop(canary)
        return {}

    @operation("DeleteCanary")
    def delete_canary(self, call: Call, params: Params) -> Result:
        """Artifacts, metrics and the log group stay, as on AWS, even where the function goes.

        https://docs.aws.amazon.com/AmazonSynthetics/latest/APIReference/API_DeleteCanary.html
        """
        canary = self._canary(call, params)
        if canary.status.state == "RUNNING":
            raise AwsError("ConflictException", "Canary is not in a deletable state")
        if (
            params.get("DeleteLambda")
            or canary.settings["ProvisionedResourceCleanup"] == "AUTOMATIC"
        ):
            engine.remove(call, canary)
        for group in self.groups(call).values():
            if canary.arn in group.canaries:
                group.canaries.remove(canary.arn)
        self.runner.delete(canary)
        del self.stores.of(call).canaries[canary.name]
        return {}

    @operation("DescribeRuntimeVersions")
    def describe_runtime_versions(self, call: Call, params: Params) -> Result:
        del call
        runtimes, more = page(
            list(RUNTIMES.values()),
            params.get("MaxResults", 100),
            params.get("NextToken"),
            code="ValidationException",
        )
        return {"RuntimeVersions": [runtime.described() for runtime in runtimes], **more}

    def groups(self, call: Call) -> dict[str, Group]:
        """The account's groups, by id."""
        raise NotImplementedError

    def _canary(self, call: Call, params: Params) -> Canary:
        name = params["Name"]
        canary = self.stores.of(call).canaries.get(name)
        if canary is None:
            raise AwsError("ResourceNotFoundException", f"Canary {name} not found.")
        return canary


def asked_for(store: Store, params: Params) -> list[Canary]:
    """The canaries of that region that ``Names`` asks for, or all of them."""
    names = params.get("Names")
    return [one for one in store.canaries.values() if names is None or one.name in names]


def described(canary: Canary) -> dict[str, Any]:
    """A ``Canary`` of the API; environment variables are not told, as on AWS."""
    settings = {k: v for k, v in canary.settings.items() if k != "ResourcesToReplicateTags"}
    run_config = dict(settings["RunConfig"])
    run_config.pop("EnvironmentVariables", None)
    if "VpcConfig" in settings:
        vpc_id = {"VpcId": canary.vpc_id} if canary.vpc_id else {}
        settings["VpcConfig"] = settings["VpcConfig"] | vpc_id
    return settings | {
        "Id": canary.id,
        "Name": canary.name,
        "Code": _code(canary),
        "RunConfig": run_config,
        "Status": _status(canary.status),
        "Timeline": _timeline(canary.timeline),
        "Tags": canary.tags,
        **_engine(canary),
    }


def _code(canary: Canary) -> dict[str, Any]:
    code = dict(canary.code_settings)
    if canary.handler:
        code["Handler"] = canary.handler
    if canary.engine:
        code["SourceLocationArn"] = canary.engine.layer_arn
    return code


def _engine(canary: Canary) -> dict[str, Any]:
    if canary.engine is None:
        return {}
    arn = canary.engine.function_arn
    browser = canary.settings.get("BrowserConfigs", [{"BrowserType": "CHROME"}])
    has_browser = RUNTIMES[canary.settings["RuntimeVersion"]].has_browser
    configs = [{"EngineArn": arn, **(one if has_browser else {})} for one in browser]
    return {"EngineArn": arn, "EngineConfigs": configs}


def _status(status: Status) -> dict[str, str]:
    told = {
        "State": status.state,
        "StateReason": status.reason,
        "StateReasonCode": status.reason_code,
    }
    return {name: text for name, text in told.items() if text is not None}


def _timeline(timeline: Timeline) -> dict[str, Any]:
    told = {
        "Created": timeline.created,
        "LastModified": timeline.modified,
        "LastStarted": timeline.started,
        "LastStopped": timeline.stopped,
    }
    return {name: moment for name, moment in told.items() if moment is not None}

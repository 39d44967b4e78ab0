"""When AWS updates the runtime under a function.

https://docs.aws.amazon.com/lambda/latest/dg/runtime-management-configure-settings.html
"""

from __future__ import annotations

from typing import Any

from skyproof.emulator.errors import AwsError
from skyproof.emulator.service import Call, Params, Regional, Result
from skyproof.emulator.services.lambda_.store import Store, Version, split
from skyproof.emulator.services.lambda_.validation import invalid, operation


class Runtime:
    stores: Regional[Store]

    @operation("PutRuntimeManagementConfig")
    def put_runtime_management_config(self, call: Call, params: Params) -> Result:
        if (params["UpdateRuntimeOn"] == "Manual") != bool(params.get("RuntimeVersionArn")):
            raise invalid("RuntimeVersionArn goes with UpdateRuntimeOn Manual, and with no other.")
        version = self._qualified(call, params)
        kept = ("UpdateRuntimeOn", "RuntimeVersionArn")
        version.runtime = {name: params[name] for name in kept if name in params}
        return self._answer(call, params, version)

    @operation("GetRuntimeManagementConfig")
    def get_runtime_management_config(self, call: Call, params: Params) -> Result:
        return self._answer(call, params, self._qualified(call, params))

    def _qualified(self, call: Call, params: Params) -> Version:
        name, qualifier = split(params["FunctionName"], params.get("Qualifier"))
        versions = self.stores.of(call).function(call, name).versions
        if qualifier not in versions:
            arn = call.arn("lambda", f"function:{name}:{qualifier}")
            raise AwsError("ResourceNotFoundException", f"Function not found: {arn}", status=404)
        return versions[qualifier]

    def _answer(self, call: Call, params: Params, version: Version) -> dict[str, Any]:
        name, qualifier = split(params["FunctionName"], params.get("Qualifier"))
        arn = call.arn("lambda", f"function:{name}:{qualifier}")
        return {"UpdateRuntimeOn": "Auto", **(version.runtime or {}), "FunctionArn": arn}

"""Code signing configurations, and which function has which.

https://docs.aws.amazon.com/lambda/latest/dg/configuration-codesigning.html
"""

from __future__ import annotations

import uuid
from typing import Any

from skyproof.emulator.errors import AwsError
from skyproof.emulator.service import Call, Params, Regional, Result, operation
from skyproof.emulator.services.lambda_.store import Store, split

_CHANGEABLE = ("Description", "AllowedPublishers", "CodeSigningPolicies")


class CodeSigning:
    stores: Regional[Store]

    @operation("CreateCodeSigningConfig")
    def create_code_signing_config(self, call: Call, params: Params) -> Result:
        # "csc-" and 17 hexadecimal digits.
        identifier = f"csc-{uuid.uuid4().hex[:17]}"
        arn = call.arn("lambda", f"code-signing-config:{identifier}")
        config = {
            "CodeSigningConfigId": identifier,
            "CodeSigningConfigArn": arn,
            "CodeSigningPolicies": {"UntrustedArtifactOnDeployment": "Warn"},
            "LastModified": _stamp(call),
            **{name: params[name] for name in _CHANGEABLE if name in params},
        }
        self.stores.of(call).code_signing[arn] = config
        return {"CodeSigningConfig": config}

    @operation("GetCodeSigningConfig")
    def get_code_signing_config(self, call: Call, params: Params) -> Result:
        return {"CodeSigningConfig": self._config(call, params)}

    @operation("UpdateCodeSigningConfig")
    def update_code_signing_config(self, call: Call, params: Params) -> Result:
        config = self._config(call, params)
        config |= {name: params[name] for name in _CHANGEABLE if name in params}
        config["LastModified"] = _stamp(call)
        return {"CodeSigningConfig": config}

    @operation("ListCodeSigningConfigs")
    def list_code_signing_configs(self, call: Call, _params: Params) -> Result:
        return {"CodeSigningConfigs": list(self.stores.of(call).code_signing.values())}

    @operation("DeleteCodeSigningConfig")
    def delete_code_signing_config(self, call: Call, params: Params) -> Result:
        arn = self._config(call, params)["CodeSigningConfigArn"]
        if self._users(call, arn):
            raise AwsError(
                "ResourceConflictException",
                "Cannot delete a CodeSigningConfig that is attached to a function.",
                status=409,
            )
        del self.stores.of(call).code_signing[arn]
        return None

    @operation("ListFunctionsByCodeSigningConfig")
    def list_functions_by_code_signing_config(self, call: Call, params: Params) -> Result:
        names = self._users(call, self._config(call, params)["CodeSigningConfigArn"])
        return {"FunctionArns": [call.arn("lambda", f"function:{name}") for name in names]}

    @operation("PutFunctionCodeSigningConfig")
    def put_function_code_signing_config(self, call: Call, params: Params) -> Result:
        function = self.stores.of(call).function(call, params["FunctionName"])
        config = self._config(call, params, "CodeSigningConfigNotFoundException")
        function.code_signing = config["CodeSigningConfigArn"]
        return self.get_function_code_signing_config(call, params)

    @operation("GetFunctionCodeSigningConfig")
    def get_function_code_signing_config(self, call: Call, params: Params) -> Result:
        function = self.stores.of(call).function(call, params["FunctionName"])
        name, _ = split(params["FunctionName"])
        return {"FunctionName": name, "CodeSigningConfigArn": function.code_signing}

    @operation("DeleteFunctionCodeSigningConfig")
    def delete_function_code_signing_config(self, call: Call, params: Params) -> Result:
        self.stores.of(call).function(call, params["FunctionName"]).code_signing = ""
        return None

    def _config(
        self, call: Call, params: Params, code: str = "ResourceNotFoundException"
    ) -> dict[str, Any]:
        arn = params["CodeSigningConfigArn"]
        found = self.stores.of(call).code_signing.get(arn)
        if found is None:
            said = f"The code signing configuration {arn} does not exist."
            raise AwsError(code, said, status=404)
        return found

    def _users(self, call: Call, arn: str) -> list[str]:
        functions = self.stores.of(call).functions
        return [name for name, one in functions.items() if one.code_signing == arn]


def _stamp(call: Call) -> str:
    return call.world.clock.now().strftime("%Y-%m-%dT%H:%M:%S.%f")[:23] + "+0000"

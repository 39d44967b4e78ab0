"""Code signing configurations, and which function has which.

https://docs.aws.amazon.com/lambda/latest/dg/configuration-codesigning.html
"""

from __future__ import annotations

import uuid

from skyproof.emulator.errors import AwsError
from skyproof.emulator.service import Call, Params, Regional, Result
from skyproof.emulator.services.lambda_.store import SigningConfig, Store, split, stamp
from skyproof.emulator.services.lambda_.validation import operation

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
            "LastModified": stamp(call),
            **{name: params[name] for name in _CHANGEABLE if name in params},
        }
        made = SigningConfig(config, dict(params.get("Tags", {})))
        self.stores.of(call).code_signing[arn] = made
        return {"CodeSigningConfig": config}

    @operation("GetCodeSigningConfig")
    def get_code_signing_config(self, call: Call, params: Params) -> Result:
        found = self.stores.of(call).signing_config(params["CodeSigningConfigArn"])
        return {"CodeSigningConfig": found.config}

    @operation("UpdateCodeSigningConfig")
    def update_code_signing_config(self, call: Call, params: Params) -> Result:
        config = self.stores.of(call).signing_config(params["CodeSigningConfigArn"]).config
        config |= {name: params[name] for name in _CHANGEABLE if name in params}
        config["LastModified"] = stamp(call)
        return {"CodeSigningConfig": config}

    @operation("ListCodeSigningConfigs")
    def list_code_signing_configs(self, call: Call, _params: Params) -> Result:
        kept = self.stores.of(call).code_signing.values()
        return {"CodeSigningConfigs": [one.config for one in kept]}

    @operation("DeleteCodeSigningConfig")
    def delete_code_signing_config(self, call: Call, params: Params) -> Result:
        arn = params["CodeSigningConfigArn"]
        self.stores.of(call).signing_config(arn)
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
        arn = params["CodeSigningConfigArn"]
        self.stores.of(call).signing_config(arn)
        names = self._users(call, arn)
        return {"FunctionArns": [call.arn("lambda", f"function:{name}") for name in names]}

    @operation("PutFunctionCodeSigningConfig")
    def put_function_code_signing_config(self, call: Call, params: Params) -> Result:
        function = self.stores.of(call).function(call, params["FunctionName"])
        self.stores.of(call).require_signing_config(params["CodeSigningConfigArn"])
        function.code_signing = params["CodeSigningConfigArn"]
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

    def _users(self, call: Call, arn: str) -> list[str]:
        functions = self.stores.of(call).functions
        return [name for name, one in functions.items() if one.code_signing == arn]

"""How functions are invoked asynchronously, and whether they may invoke themselves in a loop.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-configuring.html
https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
"""

from __future__ import annotations

from typing import Any

from skyproof.emulator.errors import AwsError
from skyproof.emulator.service import Call, Params, Regional, Result
from skyproof.emulator.services.lambda_.store import Store, split
from skyproof.emulator.services.lambda_.validation import operation

_SETTINGS = ("MaximumRetryAttempts", "MaximumEventAgeInSeconds", "DestinationConfig")


class Invocation:
    stores: Regional[Store]

    @operation("PutFunctionEventInvokeConfig")
    def put_function_event_invoke_config(self, call: Call, params: Params) -> Result:
        return self._set(call, params, {})

    @operation("UpdateFunctionEventInvokeConfig")
    def update_function_event_invoke_config(self, call: Call, params: Params) -> Result:
        return self._set(call, params, self._existing(call, params))

    @operation("GetFunctionEventInvokeConfig")
    def get_function_event_invoke_config(self, call: Call, params: Params) -> Result:
        return self._existing(call, params)

    @operation("ListFunctionEventInvokeConfigs")
    def list_function_event_invoke_configs(self, call: Call, params: Params) -> Result:
        configs = self._configs(call, params)
        return {"FunctionEventInvokeConfigs": list(configs.values())}

    @operation("DeleteFunctionEventInvokeConfig")
    def delete_function_event_invoke_config(self, call: Call, params: Params) -> Result:
        self._existing(call, params)
        del self._configs(call, params)[_qualifier(params)]
        return None

    @operation("DeleteAlias")
    def delete_alias(self, call: Call, params: Params) -> Result:
        """With it goes how it was invoked."""
        call.base().delete_alias(**params)
        name, _ = split(params["FunctionName"])
        function = self.stores.of(call).functions.get(name)
        if function is not None:
            function.invocation.pop(params["Name"], None)
        return None

    @operation("PutFunctionRecursionConfig")
    def put_function_recursion_config(self, call: Call, params: Params) -> Result:
        function = self.stores.of(call).function(call, params["FunctionName"])
        function.recursive_loop = params["RecursiveLoop"]
        return {"RecursiveLoop": function.recursive_loop}

    @operation("GetFunctionRecursionConfig")
    def get_function_recursion_config(self, call: Call, params: Params) -> Result:
        function = self.stores.of(call).function(call, params["FunctionName"])
        return {"RecursiveLoop": function.recursive_loop}

    def _configs(self, call: Call, params: Params) -> dict[str, dict[str, Any]]:
        return self.stores.of(call).function(call, params["FunctionName"]).invocation

    def _set(self, call: Call, params: Params, before: dict[str, Any]) -> dict[str, Any]:
        # Asking the base proves that the function and the qualifier exist.
        where = {name: params[name] for name in ("FunctionName", "Qualifier") if name in params}
        arn = _qualified(call.base().get_function_configuration(**where)["FunctionArn"], params)
        settings = {name: params[name] for name in _SETTINGS if name in params}
        # Both sides are answered, also where a request names one or none.
        sides = {"OnSuccess": {}, "OnFailure": {}, **settings.get("DestinationConfig", {})}
        if "DestinationConfig" in settings or not before:
            settings["DestinationConfig"] = sides
        config = {
            **before,
            **settings,
            "FunctionArn": arn,
            "LastModified": call.world.clock.now(),
        }
        self._configs(call, params)[_qualifier(params)] = config
        return config

    def _existing(self, call: Call, params: Params) -> dict[str, Any]:
        config = self._configs(call, params).get(_qualifier(params))
        if config is None:
            name, _ = split(params["FunctionName"])
            arn = _qualified(call.arn("lambda", f"function:{name}"), params)
            raise AwsError(
                "ResourceNotFoundException",
                f"The function {arn} doesn't have an EventInvokeConfig",
                status=404,
            )
        return config


def _qualifier(params: Params) -> str:
    return split(params["FunctionName"], params.get("Qualifier"))[1]


def _qualified(arn: str, params: Params) -> str:
    """The ARN with the qualifier that was asked for: an alias is not its version."""
    return f"{':'.join(arn.split(':')[:7])}:{_qualifier(params)}"

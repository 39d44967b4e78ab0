"""Functions and their versions: the base's, with the fields and packages that it forgets."""

from __future__ import annotations

from typing import Any

from skyproof.emulator.service import Call, Params, Regional, Result, operation
from skyproof.emulator.services.lambda_ import fields, packages
from skyproof.emulator.services.lambda_.store import LATEST, Function, Store, Version, split


class Functions:
    stores: Regional[Store]

    @operation("CreateFunction")
    def create_function(self, call: Call, params: Params) -> Result:
        created = call.base().create_function(**params)
        name = created["FunctionName"]
        version = Version(fields.of(name, params), packages.stored(call, name, params["Code"]))
        function = Function({LATEST: version}, code_signing=params.get("CodeSigningConfigArn", ""))
        self.stores.of(call).functions[name] = function
        if created["Version"] != LATEST:  # Publish: the answer is of the version
            self._publish(function, created["Version"])
        return self._mended(call, created)

    @operation("UpdateFunctionConfiguration")
    def update_function_configuration(self, call: Call, params: Params) -> Result:
        updated = call.base().update_function_configuration(**params)
        name, _ = split(params["FunctionName"])
        latest = self.stores.of(call).function(call, name).versions[LATEST]
        latest.fields = fields.of(name, params, latest.fields)
        return self._mended(call, updated)

    @operation("UpdateFunctionCode")
    def update_function_code(self, call: Call, params: Params) -> Result:
        updated = call.base().update_function_code(**params)
        name, _ = split(params["FunctionName"])
        function = self.stores.of(call).function(call, name)
        if not params.get("DryRun"):
            before = _packages(function)
            function.versions[LATEST].package = packages.stored(call, name, params)
            packages.removed(call, before - _packages(function))
        if updated["Version"] != LATEST:
            self._publish(function, updated["Version"])
        return self._mended(call, updated)

    @operation("PublishVersion")
    def publish_version(self, call: Call, params: Params) -> Result:
        published = call.base().publish_version(**params)
        name, _ = split(params["FunctionName"])
        function = self.stores.of(call).function(call, name)
        self._publish(function, published["Version"])
        return self._mended(call, published)

    @operation("GetFunction")
    def get_function(self, call: Call, params: Params) -> Result:
        answer = _plain(call.base().get_function(**params))
        configuration = answer["Configuration"]
        answer["Configuration"] = self._mended(call, configuration)
        package = self._version(call, configuration).package
        if package is not None:
            where = packages.location(call, package)
            answer["Code"] = {"RepositoryType": "S3", "Location": where}
        reserved = call.base().get_function_concurrency(FunctionName=configuration["FunctionName"])
        if "ReservedConcurrentExecutions" in reserved:
            answer["Concurrency"] = _plain(reserved)
        return answer

    @operation("GetFunctionConfiguration")
    def get_function_configuration(self, call: Call, params: Params) -> Result:
        return self._mended(call, call.base().get_function_configuration(**params))

    @operation("ListFunctions")
    def list_functions(self, call: Call, params: Params) -> Result:
        answer = _plain(call.base().list_functions(**params))
        answer["Functions"] = [self._mended(call, one) for one in answer["Functions"]]
        return answer

    @operation("ListVersionsByFunction")
    def list_versions_by_function(self, call: Call, params: Params) -> Result:
        answer = _plain(call.base().list_versions_by_function(**params))
        answer["Versions"] = [self._mended(call, one) for one in answer["Versions"]]
        return answer

    @operation("DeleteFunction")
    def delete_function(self, call: Call, params: Params) -> Result:
        call.base().delete_function(**params)
        functions = self.stores.of(call).functions
        name, qualifier = split(params["FunctionName"], params.get("Qualifier"))
        before = _packages(functions[name])
        if qualifier == LATEST:
            packages.removed(call, _packages(functions.pop(name)))
        else:
            functions[name].versions.pop(qualifier, None)
            packages.removed(call, before - _packages(functions[name]))
        return None

    def _publish(self, function: Function, number: str) -> None:
        """A version keeps what its function was; one that exists already is not made anew."""
        latest = function.versions[LATEST]
        published = Version(dict(latest.fields), latest.package)
        if published.fields.get("SnapStart", {}).get("ApplyOn") == "PublishedVersions":
            snap_start = {"ApplyOn": "PublishedVersions", "OptimizationStatus": "On"}
            published.fields["SnapStart"] = snap_start
        function.versions.setdefault(number, published)

    def _version(self, call: Call, configuration: dict[str, Any]) -> Version:
        function = self.stores.of(call).function(call, configuration["FunctionName"])
        return function.versions[configuration["Version"]]

    def _mended(self, call: Call, configuration: dict[str, Any]) -> dict[str, Any]:
        kept = self._version(call, configuration).fields
        return fields.overlaid(_plain(configuration), kept)


def _packages(function: Function) -> set[str]:
    return {one.package for one in function.versions.values() if one.package is not None}


def _plain(answer: dict[str, Any]) -> dict[str, Any]:
    return {member: value for member, value in answer.items() if member != "ResponseMetadata"}

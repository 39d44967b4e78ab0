"""Functions and their versions: the base's, with the fields and packages that it forgets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from skyproof.emulator.service import Call, Params, Regional, Result, without_metadata
from skyproof.emulator.services.lambda_ import fields, network, packages
from skyproof.emulator.services.lambda_.store import (
    LATEST,
    Function,
    Store,
    Version,
    split,
)
from skyproof.emulator.services.lambda_.validation import check_dead_letter, invalid, operation

_OF_BUCKETS = ("S3Bucket", "S3Key", "S3ObjectVersion")


class Functions:
    stores: Regional[Store]
    check_layers: Callable[[Call, Sequence[str], bytes | None], None]

    @operation("CreateFunction")
    def create_function(self, call: Call, params: Params) -> Result:
        signing = params.get("CodeSigningConfigArn", "")
        if signing:
            self.stores.of(call).require_signing_config(signing)
        ours = _checked(call, params)
        content = packages.fetched(call, params["Code"])
        self.check_layers(call, params.get("Layers", []), content)
        code = _as_upload(params["Code"], content)
        created = call.base().create_function(**{**_for_base(params), "Code": code})
        name = created["FunctionName"]
        kept = fields.of(name, ours) | fields.changed(call)
        version = Version(kept, packages.stored(call, name, content))
        function = Function({LATEST: version}, code_signing=signing)
        self.stores.of(call).functions[name] = function
        if created["Version"] != LATEST:  # Publish: the answer is of the version
            self._publish(function, created["Version"])
        return self._mended(call, created)

    @operation("UpdateFunctionConfiguration")
    def update_function_configuration(self, call: Call, params: Params) -> Result:
        ours = _checked(call, params)
        name, _ = split(params["FunctionName"])
        function = self.stores.of(call).function(call, name)
        function.require_revision(params.get("RevisionId"))
        latest = function.versions[LATEST]
        if params.get("Layers"):
            package = packages.read(call, latest.package) if latest.package is not None else None
            self.check_layers(call, params["Layers"], package)
        updated = call.base().update_function_configuration(**_for_base(params))
        latest.fields = fields.of(name, ours, latest.fields) | fields.changed(call)
        return self._mended(call, updated)

    @operation("UpdateFunctionCode")
    def update_function_code(self, call: Call, params: Params) -> Result:
        name, _ = split(params["FunctionName"])
        function = self.stores.of(call).function(call, name)
        function.require_revision(params.get("RevisionId"))
        content = packages.fetched(call, params)
        updated = call.base().update_function_code(**_as_upload(params, content))
        if not params.get("DryRun"):
            before = _packages(function)
            function.versions[LATEST].package = packages.stored(call, name, content)
            function.versions[LATEST].fields |= fields.changed(call)
            packages.removed(call, before - _packages(function))
        if updated["Version"] != LATEST:
            self._publish(function, updated["Version"])
        return self._mended(call, updated)

    @operation("PublishVersion")
    def publish_version(self, call: Call, params: Params) -> Result:
        name, _ = split(params["FunctionName"])
        function = self.stores.of(call).function(call, name)
        function.require_revision(params.get("RevisionId"))
        published = call.base().publish_version(**params)
        self._publish(function, published["Version"])
        return self._mended(call, published)

    @operation("GetFunction")
    def get_function(self, call: Call, params: Params) -> Result:
        answer = without_metadata(call.base().get_function(**params))
        configuration = answer["Configuration"]
        answer["Configuration"] = self._mended(call, configuration)
        package = self._version(call, configuration).package
        if package is not None:
            where = packages.location(call, package)
            answer["Code"] = {"RepositoryType": "S3", "Location": where}
        reserved = call.base().get_function_concurrency(FunctionName=configuration["FunctionName"])
        if "ReservedConcurrentExecutions" in reserved:
            answer["Concurrency"] = without_metadata(reserved)
        return answer

    @operation("GetFunctionConfiguration")
    def get_function_configuration(self, call: Call, params: Params) -> Result:
        return self._mended(call, call.base().get_function_configuration(**params))

    @operation("ListFunctions")
    def list_functions(self, call: Call, params: Params) -> Result:
        answer = without_metadata(call.base().list_functions(**params))
        answer["Functions"] = [self._mended(call, one) for one in answer["Functions"]]
        return answer

    @operation("ListVersionsByFunction")
    def list_versions_by_function(self, call: Call, params: Params) -> Result:
        answer = without_metadata(call.base().list_versions_by_function(**params))
        answer["Versions"] = [self._mended(call, one) for one in answer["Versions"]]
        return answer

    @operation("DeleteFunction")
    def delete_function(self, call: Call, params: Params) -> Result:
        name, qualifier = split(params["FunctionName"], params.get("Qualifier"))
        if LATEST in (params.get("Qualifier"), params["FunctionName"].rpartition(":")[2]):
            raise invalid("$LATEST version cannot be deleted without deleting the function.")
        if qualifier != LATEST and not qualifier.isdecimal():
            raise invalid("Deletion of aliases is not currently supported.")
        call.base().delete_function(**params)
        functions = self.stores.of(call).functions
        before = _packages(functions[name])
        if qualifier == LATEST:
            packages.removed(call, _packages(functions.pop(name)))
        else:
            functions[name].versions.pop(qualifier)
            functions[name].invocation.pop(qualifier, None)
            packages.removed(call, before - _packages(functions[name]))
        return None

    def _publish(self, function: Function, number: str) -> None:
        """A version keeps what its function was; one that exists already is not made anew."""
        latest = function.versions[LATEST]
        published = Version(latest.fields | fields.revision(), latest.package)
        if published.fields.get("SnapStart", {}).get("ApplyOn") == "PublishedVersions":
            snap_start = {"ApplyOn": "PublishedVersions", "OptimizationStatus": "On"}
            published.fields["SnapStart"] = snap_start
        function.versions.setdefault(number, published)

    def _version(self, call: Call, configuration: dict[str, Any]) -> Version:
        function = self.stores.of(call).function(call, configuration["FunctionName"])
        return function.versions[configuration["Version"]]

    def _mended(self, call: Call, configuration: dict[str, Any]) -> dict[str, Any]:
        kept = self._version(call, configuration).fields
        return fields.overlaid(without_metadata(configuration), kept)


def _checked(call: Call, params: Params) -> Params:
    """The request with what Lambda checks and finds out itself."""
    check_dead_letter(params)
    if "VpcConfig" not in params:
        return params
    return {**params, "VpcConfig": network.attached(call, params["VpcConfig"])}


def _for_base(params: Params) -> Params:
    """The base fails on a VPC without security groups and on an environment without variables."""
    rest = {name: value for name, value in params.items() if name != "VpcConfig"}
    if "Environment" in rest:
        rest["Environment"] = {"Variables": {}, **rest["Environment"]}
    return rest


def _as_upload(code: Params, content: bytes | None) -> Params:
    """The base reads no object's version, so it gets the package itself."""
    if content is None:
        return code
    rest = {name: value for name, value in code.items() if name not in _OF_BUCKETS}
    return {**rest, "ZipFile": content}


def _packages(function: Function) -> set[str]:
    return {one.package for one in function.versions.values() if one.package is not None}

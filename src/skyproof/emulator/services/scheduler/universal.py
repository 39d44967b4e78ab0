"""Universal targets: any operation that changes something, of any service.

https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-universal.html
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from typing import Any

import botocore.session
from botocore import xform_name
from botocore.exceptions import UnknownServiceError
from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape
from botocore.validate import ParamValidator

from skyproof.emulator import wire
from skyproof.emulator.errors import AwsError
from skyproof.emulator.service import Call

_ARN = re.compile(r"arn:aws[a-z-]*:scheduler:::aws-sdk:([a-zA-Z0-9-]+):([a-zA-Z0-9]+)")
#: "EventBridge Scheduler does not support read-only API actions … that begin with" these.
_READS = (
    "get", "describe", "list", "poll", "receive", "search", "scan", "query", "select", "read",
    "lookup", "discover", "validate", "batchGet", "batchDescribe", "batchRead", "transactGet",
    "adminGet", "adminList", "testMigration", "retrieve", "testConnection", "translateDocument",
    "isAuthorized", "invokeModel",
)  # fmt: skip
#: Services are named by their ids in the AWS SDKs; all others are botocore's names without hyphens.
_NAMES = {
    "applicationdiscoveryservice": "discovery",
    "cloudwatchlogs": "logs",
    "cognitoidentityprovider": "cognito-idp",
    "configservice": "config",
    "costandusagereportservice": "cur",
    "costexplorer": "ce",
    "databasemigrationservice": "dms",
    "directoryservice": "ds",
    "directoryservicedata": "ds-data",
    "elasticloadbalancing": "elb",
    "elasticloadbalancingv2": "elbv2",
    "elasticsearchservice": "es",
    "eventbridge": "events",
    "iotdataplane": "iot-data",
    "iotjobsdataplane": "iot-jobs-data",
    "lexmodelbuildingservice": "lex-models",
    "lexmodelsv2": "lexv2-models",
    "lexruntimeservice": "lex-runtime",
    "lexruntimev2": "lexv2-runtime",
    "marketplaceentitlementservice": "marketplace-entitlement",
    "marketplacemetering": "meteringmarketplace",
    "migrationhub": "mgh",
    "pinpointsmsvoice": "sms-voice",
    "serverlessapplicationrepository": "serverlessrepo",
    "sfn": "stepfunctions",
    "simpledb": "sdb",
}


@dataclass(frozen=True)
class ApiCall:
    """An operation, by botocore's names, and its parameters."""

    service: str
    operation: str
    params: dict[str, Any]

    def make(self, call: Call) -> None:
        """In the schedule's account and region.

        Raises:
            ClientError: it is refused.
        """
        getattr(call.client(self.service), xform_name(self.operation))(**self.params)


def is_universal(arn: str) -> bool:
    return arn.split(":")[2] == "scheduler" and ":aws-sdk:" in arn


def read(arn: str, text: str) -> ApiCall:
    """The call that a target's ARN and input stand for.

    Raises:
        AwsError: ValidationException.
    """
    found = _ARN.fullmatch(arn)
    if found is None:
        raise _invalid("Provided Arn is not in correct format.")
    name, action = found[1], found[2]
    if action.startswith(_READS):
        raise _invalid(f"{action} only reads: it is not a supported API action for a target.")
    service = _service(name)
    model = _operation(service, name, action)
    return ApiCall(service, model.name, _parameters(model, text))


@cache
def _service(name: str) -> str:
    if name in _NAMES:
        return _NAMES[name]
    services = botocore.session.get_session().get_available_services()
    found: str | None = {known.replace("-", ""): known for known in services}.get(name)
    if found is None or found in _NAMES.values():
        raise _invalid(f"{name} is not a supported service for a target.")
    return found


def _operation(service: str, name: str, action: str) -> OperationModel:
    """By its name in camel case, as in ``sendMessage``."""
    try:
        model = wire.service_model(service)
    except UnknownServiceError as error:
        raise _invalid(f"{name} is not a supported service for a target.") from error
    wanted = action[:1].upper() + action[1:]
    if not action[:1].islower() or wanted not in model.operation_names:
        raise _invalid(f"{action} is not a supported API action of {name} for a target.")
    found: OperationModel = model.operation_model(wanted)
    return found


def _parameters(model: OperationModel, text: str) -> dict[str, Any]:
    try:
        given = json.loads(text)
    except ValueError as error:
        raise _invalid(f"Invalid RequestJson provided. Reason {error}") from error
    if not isinstance(given, dict):
        raise _invalid("Invalid RequestJson provided. Reason It is no JSON object.")
    if model.input_shape is None:
        return {}
    params: dict[str, Any] = _renamed(model.input_shape, given)
    report = ParamValidator().validate(params, model.input_shape)
    if report.has_errors():
        raise _invalid(f"Invalid RequestJson provided. Reason {report.generate_report()}")
    return params


def _renamed(shape: Shape, value: Any) -> Any:
    """With members as botocore spells them: the SDK that Scheduler uses writes ``DbClusterId``."""
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        known = {name.lower(): name for name in shape.members}
        names = {name: known.get(name.lower()) for name in value}
        for name, member in names.items():
            if member is None:
                raise _invalid(
                    f"Invalid RequestJson provided. Reason The field '{name}' is not supported."
                )
        return {
            member: _renamed(shape.members[member], value[name])
            for name, member in names.items()
            if member is not None
        }
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [_renamed(shape.member, item) for item in value]
    if isinstance(shape, MapShape) and isinstance(value, dict):
        return {key: _renamed(shape.value, item) for key, item in value.items()}
    return value


def _invalid(message: str) -> AwsError:
    return AwsError("ValidationException", message)

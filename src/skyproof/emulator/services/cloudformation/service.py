"""Stacks: made, changed, rolled back and removed at once, with the events of the real thing."""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError, ParamValidationError

from skyproof.emulator.errors import AwsError
from skyproof.emulator.service import Call, Params, Regional, Result, Service, operation
from skyproof.emulator.services.cloudformation import template as templates
from skyproof.emulator.services.cloudformation.store import Event, Resource, Stack, Store
from skyproof.emulator.services.cloudformation.template import Template, invalid
from skyproof.emulator.services.cloudformation.types import TYPES
from skyproof.emulator.tags import as_dict, as_pairs

STACK_TYPE = "AWS::CloudFormation::Stack"
_NAME = re.compile(r"[a-zA-Z][-a-zA-Z0-9]{0,127}")


class CloudFormation(Service):
    """Stacks of a few resource types; see ``types.TYPES``."""

    name = "cloudformation"
    fidelity = (
        "Stacks with parameters, outputs, tags, events and rollback, at once instead of over "
        "minutes; the types are those of skyproof's table, others are refused. Conditions, "
        "mappings, transforms, nested stacks and change sets are absent."
    )

    def __init__(self, world: Any) -> None:
        super().__init__(world)
        self._stores: Regional[Store] = Regional(Store)

    @operation("ValidateTemplate")
    def validate_template(self, _call: Call, params: Params) -> Result:
        """Form alone, as on AWS: resource types are looked at when a stack is made."""
        template = templates.read(_body(params))
        return {
            **({"Description": template.description} if template.description else {}),
            "Parameters": [
                {
                    "ParameterKey": name,
                    "NoEcho": bool(declared.get("NoEcho", False)),
                    **({"DefaultValue": str(declared["Default"])} if "Default" in declared else {}),
                }
                for name, declared in template.parameters.items()
            ],
            "Capabilities": [],
        }

    @operation("CreateStack")
    def create_stack(self, call: Call, params: Params) -> Result:
        """A failing resource rolls the stack back, unless OnFailure says otherwise."""
        store = self._stores.of(call)
        name = params["StackName"]
        if not _NAME.fullmatch(name):
            raise invalid(
                f"1 validation error detected: Value '{name}' at 'stackName' failed to satisfy "
                "constraint: Member must satisfy regular expression pattern: "
                "[a-zA-Z][-a-zA-Z0-9]*"
            )
        if store.find(name) is not None:
            raise AwsError("AlreadyExistsException", f"Stack [{name}] already exists")
        template, values = self._checked(params, {})
        stack = Stack(
            id=call.arn("cloudformation", f"stack/{name}/{uuid.uuid4()}"),
            name=name,
            created=self.world.clock.now(),
            template=_body(params),
            parameters=values,
            tags=_tags(params),
            capabilities=params.get("Capabilities", []),
            notification_arns=params.get("NotificationARNs", []),
            on_failure=_on_failure(params),
            timeout=params.get("TimeoutInMinutes"),
            policy=params.get("StackPolicyBody"),
            role_arn=params.get("RoleARN"),
            termination_protection=params.get("EnableTerminationProtection", False),
        )
        store.stacks[stack.id] = stack
        self._event(stack, "CREATE_IN_PROGRESS", "User Initiated")
        self._create(call, stack, template)
        return {"StackId": stack.id}

    @operation("UpdateStack")
    def update_stack(self, call: Call, params: Params) -> Result:
        """A failing resource brings the former template back."""
        stack = self._existing(call, params["StackName"])
        given = dict(params)
        if params.get("UsePreviousTemplate"):
            given["TemplateBody"] = stack.template
        template, values = self._checked(given, stack.parameters)
        tags = _tags(params) if "Tags" in params else stack.tags
        if (_body(given), values, tags) == (stack.template, stack.parameters, stack.tags):
            raise invalid("No updates are to be performed.")
        former = (stack.template, stack.parameters, stack.tags)
        stack.template, stack.parameters, stack.tags = _body(given), values, tags
        stack.updated = self.world.clock.now()
        self._event(stack, "UPDATE_IN_PROGRESS", "User Initiated")
        failure = self._bring_to(call, stack, template)
        if failure is None:
            stack.outputs = self._outputs(call, stack, template)
            self._event(stack, "UPDATE_COMPLETE")
            return {"StackId": stack.id}
        stack.template, stack.parameters, stack.tags = former
        self._event(stack, "UPDATE_ROLLBACK_IN_PROGRESS", failure)
        again = self._bring_to(call, stack, templates.read(stack.template))
        done = "UPDATE_ROLLBACK_FAILED" if again else "UPDATE_ROLLBACK_COMPLETE"
        self._event(stack, done, again or "")
        return {"StackId": stack.id}

    @operation("DeleteStack")
    def delete_stack(self, call: Call, params: Params) -> Result:
        """Deleting what does not exist is no error."""
        stack = self._stores.of(call).find(params["StackName"])
        if stack is None or stack.deleted is not None:
            return None
        if stack.termination_protection:
            raise invalid(
                f"Stack [{stack.name}] cannot be deleted while TerminationProtection is enabled"
            )
        self._event(stack, "DELETE_IN_PROGRESS", "User Initiated")
        failure = self._remove(call, stack, list(stack.resources))
        if failure is None:
            self._event(stack, "DELETE_COMPLETE")
            stack.deleted = self.world.clock.now()
        else:
            self._event(stack, "DELETE_FAILED", failure)
        return None

    @operation("DescribeStacks")
    def describe_stacks(self, call: Call, params: Params) -> Result:
        if "StackName" in params:
            return {"Stacks": [_description(self._existing(call, params["StackName"]))]}
        living = (s for s in self._stores.of(call).stacks.values() if s.deleted is None)
        return {"Stacks": [_description(stack) for stack in living]}

    @operation("ListStacks")
    def list_stacks(self, call: Call, params: Params) -> Result:
        wanted = params.get("StackStatusFilter")
        return {
            "StackSummaries": [
                _summary(stack)
                for stack in self._stores.of(call).stacks.values()
                if not wanted or stack.status in wanted
            ]
        }

    @operation("DescribeStackEvents")
    def describe_stack_events(self, call: Call, params: Params) -> Result:
        """The newest first."""
        stack = self._existing(call, params["StackName"])
        return {"StackEvents": [_event(stack, event) for event in reversed(stack.events)]}

    @operation("DescribeStackResources")
    def describe_stack_resources(self, call: Call, params: Params) -> Result:
        stack = self._existing(call, params["StackName"])
        wanted = params.get("LogicalResourceId")
        return {
            "StackResources": [
                {"StackId": stack.id, "StackName": stack.name, **_resource(resource, "Timestamp")}
                for resource in stack.resources.values()
                if wanted in (None, resource.logical_id)
            ]
        }

    @operation("DescribeStackResource")
    def describe_stack_resource(self, call: Call, params: Params) -> Result:
        stack = self._existing(call, params["StackName"])
        logical_id = params["LogicalResourceId"]
        if logical_id not in stack.resources:
            raise invalid(f"Resource {logical_id} does not exist for stack {stack.name}")
        detail = _resource(stack.resources[logical_id], "LastUpdatedTimestamp")
        return {"StackResourceDetail": {"StackId": stack.id, "StackName": stack.name, **detail}}

    @operation("ListStackResources")
    def list_stack_resources(self, call: Call, params: Params) -> Result:
        stack = self._existing(call, params["StackName"])
        return {
            "StackResourceSummaries": [
                _resource(resource, "LastUpdatedTimestamp") for resource in stack.resources.values()
            ]
        }

    @operation("GetTemplate")
    def get_template(self, call: Call, params: Params) -> Result:
        stack = self._existing(call, params["StackName"])
        return {"TemplateBody": stack.template, "StagesAvailable": ["Original", "Processed"]}

    @operation("GetStackPolicy")
    def get_stack_policy(self, call: Call, params: Params) -> Result:
        policy = self._existing(call, params["StackName"]).policy
        return {"StackPolicyBody": policy} if policy else {}

    @operation("SetStackPolicy")
    def set_stack_policy(self, call: Call, params: Params) -> Result:
        self._existing(call, params["StackName"]).policy = params.get("StackPolicyBody")
        return None

    @operation("UpdateTerminationProtection")
    def update_termination_protection(self, call: Call, params: Params) -> Result:
        stack = self._existing(call, params["StackName"])
        stack.termination_protection = params["EnableTerminationProtection"]
        return {"StackId": stack.id}

    def _existing(self, call: Call, name: str) -> Stack:
        stack = self._stores.of(call).find(name)
        if stack is None:
            raise invalid(f"Stack with id {name} does not exist")
        return stack

    def _checked(
        self, params: Params, previous: Mapping[str, str]
    ) -> tuple[Template, dict[str, str]]:
        template = templates.read(_body(params))
        unknown = sorted({r["Type"] for r in template.resources.values()} - set(TYPES))
        if unknown:
            raise invalid(
                f"Template format error: Unrecognized resource types: [{', '.join(unknown)}]"
            )
        given = {
            one["ParameterKey"]: previous.get(one["ParameterKey"], "")
            if one.get("UsePreviousValue")
            else one.get("ParameterValue", "")
            for one in params.get("Parameters", [])
        }
        values = templates.parameter_values(template, given)
        templates.order(template, set(values))
        return template, values

    def _create(self, call: Call, stack: Stack, template: Template) -> None:
        failure = self._bring_to(call, stack, template)
        if failure is None:
            stack.outputs = self._outputs(call, stack, template)
            self._event(stack, "CREATE_COMPLETE")
            return
        if stack.on_failure == "DO_NOTHING":
            self._event(stack, "CREATE_FAILED", failure)
            return
        made = [r.logical_id for r in stack.resources.values() if r.physical_id]
        verb = "ROLLBACK" if stack.on_failure == "ROLLBACK" else "DELETE"
        self._event(stack, f"{verb}_IN_PROGRESS", failure)
        again = self._remove(call, stack, made)
        self._event(stack, f"{verb}_FAILED" if again else f"{verb}_COMPLETE", again or "")
        if verb == "DELETE" and not again:
            stack.deleted = self.world.clock.now()

    def _bring_to(self, call: Call, stack: Stack, template: Template) -> str | None:
        """Make, change and remove resources until they are the template's; the first failure."""
        for logical_id in templates.order(template, set(stack.parameters)):
            failure = self._place(call, stack, template, logical_id)
            if failure is not None:
                return failure
        superfluous = [name for name in stack.resources if name not in template.resources]
        return self._remove(call, stack, superfluous, forget=True)

    def _place(self, call: Call, stack: Stack, template: Template, logical_id: str) -> str | None:
        declared = template.resources[logical_id]
        kind = TYPES[declared["Type"]]
        old = stack.resources.get(logical_id)
        resource = Resource(logical_id, declared["Type"], {})
        verb = "CREATE"
        try:
            resource.properties = self._resolved(call, stack, declared.get("Properties", {}))
            if old is not None and old.physical_id:
                if old.properties == resource.properties and old.type == resource.type:
                    return None
                verb = "UPDATE"
                if old.type != resource.type or kind.replaced_by(
                    old.properties, resource.properties
                ):
                    TYPES[old.type].delete(call, old)
                else:
                    resource.physical_id = old.physical_id
            self._resource_event(stack, resource, f"{verb}_IN_PROGRESS")
            stack.resources[logical_id] = resource
            kind.create(call, resource, _generated(stack, logical_id))
        except (ClientError, ParamValidationError, AwsError, KeyError) as error:
            reason = _reason(error)
            stack.resources[logical_id] = resource
            self._resource_event(stack, resource, f"{verb}_FAILED", reason)
            return f"The following resource(s) failed to {verb.lower()}: [{logical_id}]. "
        self._resource_event(stack, resource, f"{verb}_COMPLETE")
        return None

    def _remove(
        self, call: Call, stack: Stack, logical_ids: list[str], *, forget: bool = False
    ) -> str | None:
        for logical_id in reversed(logical_ids):
            resource = stack.resources[logical_id]
            self._resource_event(stack, resource, "DELETE_IN_PROGRESS")
            try:
                if resource.physical_id:
                    TYPES[resource.type].delete(call, resource)
            except ClientError as error:
                self._resource_event(stack, resource, "DELETE_FAILED", _reason(error))
                return f"The following resource(s) failed to delete: [{logical_id}]. "
            resource.physical_id = ""
            self._resource_event(stack, resource, "DELETE_COMPLETE")
            if forget:
                del stack.resources[logical_id]
        return None

    def _resolved(self, call: Call, stack: Stack, value: Any) -> Any:
        pseudo = {
            "AWS::AccountId": call.account,
            "AWS::Region": call.region,
            "AWS::Partition": call.partition,
            "AWS::StackName": stack.name,
            "AWS::StackId": stack.id,
            "AWS::URLSuffix": "amazonaws.com",
            "AWS::NotificationARNs": stack.notification_arns,
        }

        def ref(name: str) -> Any:
            if name in pseudo:
                return pseudo[name]
            if name in stack.parameters:
                return stack.parameters[name]
            return stack.resources[name].physical_id

        def get_att(name: str, attribute: str) -> Any:
            attributes = stack.resources[name].attributes
            if attribute not in attributes:
                kind = stack.resources[name].type
                raise invalid(
                    f"Template error: resource {name} does not support attribute type {attribute} "
                    f"in Fn::GetAtt (a {kind})"
                )
            return attributes[attribute]

        return templates.resolve(value, ref, get_att)

    def _outputs(self, call: Call, stack: Stack, template: Template) -> list[dict[str, str]]:
        return [
            {
                "OutputKey": name,
                "OutputValue": str(self._resolved(call, stack, declared["Value"])),
                **({"Description": declared["Description"]} if "Description" in declared else {}),
            }
            for name, declared in template.outputs.items()
        ]

    def _event(self, stack: Stack, status: str, reason: str = "") -> None:
        stack.status, stack.reason = status, reason
        self._append(stack, stack.name, stack.id, STACK_TYPE, status, reason)

    def _resource_event(
        self, stack: Stack, resource: Resource, status: str, reason: str = ""
    ) -> None:
        resource.status, resource.reason = status, reason
        resource.updated = self.world.clock.now()
        self._append(
            stack, resource.logical_id, resource.physical_id, resource.type, status, reason
        )

    def _append(
        self, stack: Stack, logical: str, physical: str, kind: str, status: str, reason: str
    ) -> None:
        now = self.world.clock.now()
        stack.events.append(Event(str(uuid.uuid4()), now, logical, physical, kind, status, reason))


def _body(params: Params) -> str:
    if "TemplateURL" in params:
        raise invalid("TemplateURL is not supported by this emulator: give a TemplateBody")
    if not params.get("TemplateBody"):
        raise invalid("Either Template URL or Template Body must be specified.")
    return str(params["TemplateBody"])


def _on_failure(params: Params) -> str:
    if params.get("DisableRollback"):
        if "OnFailure" in params:
            raise invalid("You may specify either DisableRollback or OnFailure, but not both")
        return "DO_NOTHING"
    return str(params.get("OnFailure", "ROLLBACK"))


def _tags(params: Params) -> dict[str, str]:
    return as_dict(params.get("Tags"))


def _generated(stack: Stack, logical_id: str) -> str:
    """AWS appends random letters; ours come from the stack's id, so that runs are repeatable."""
    digest = hashlib.sha256(f"{stack.id}/{logical_id}".encode()).hexdigest()[:12].upper()
    return f"{stack.name}-{logical_id}-{digest}"


def _reason(error: Exception) -> str:
    if isinstance(error, ClientError):
        detail = error.response["Error"]
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        return f"{detail['Message']} (Status Code: {status}; Error Code: {detail['Code']})"
    if isinstance(error, KeyError):
        return f"Properties validation failed: required key [{error.args[0]}] not found"
    return error.message if isinstance(error, AwsError) else str(error)


def _known(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, "")}


def _description(stack: Stack) -> dict[str, Any]:
    return _known(
        {
            "StackId": stack.id,
            "StackName": stack.name,
            "Description": templates.read(stack.template).description,
            "Parameters": [
                {"ParameterKey": name, "ParameterValue": value}
                for name, value in stack.parameters.items()
            ],
            "CreationTime": stack.created,
            "LastUpdatedTime": stack.updated,
            "DeletionTime": stack.deleted,
            "RollbackConfiguration": {"RollbackTriggers": []},
            "StackStatus": stack.status,
            "StackStatusReason": stack.reason,
            "DisableRollback": stack.on_failure == "DO_NOTHING",
            "NotificationARNs": stack.notification_arns,
            "TimeoutInMinutes": stack.timeout,
            "Capabilities": stack.capabilities,
            "Outputs": stack.outputs,
            "RoleARN": stack.role_arn,
            "Tags": as_pairs(stack.tags),
            "EnableTerminationProtection": stack.termination_protection,
            "DriftInformation": {"StackDriftStatus": "NOT_CHECKED"},
        }
    )


def _summary(stack: Stack) -> dict[str, Any]:
    return _known(
        {
            "StackId": stack.id,
            "StackName": stack.name,
            "CreationTime": stack.created,
            "LastUpdatedTime": stack.updated,
            "DeletionTime": stack.deleted,
            "StackStatus": stack.status,
            "StackStatusReason": stack.reason,
            "DriftInformation": {"StackDriftStatus": "NOT_CHECKED"},
        }
    )


def _resource(resource: Resource, when: str) -> dict[str, Any]:
    return _known(
        {
            "LogicalResourceId": resource.logical_id,
            "PhysicalResourceId": resource.physical_id,
            "ResourceType": resource.type,
            when: resource.updated,
            "ResourceStatus": resource.status,
            "ResourceStatusReason": resource.reason,
            "DriftInformation": {"StackResourceDriftStatus": "NOT_CHECKED"},
        }
    )


def _event(stack: Stack, event: Event) -> dict[str, Any]:
    return _known(
        {
            "StackId": stack.id,
            "StackName": stack.name,
            "EventId": event.id,
            "Timestamp": event.at,
            "LogicalResourceId": event.logical_id,
            "PhysicalResourceId": event.physical_id,
            "ResourceType": event.type,
            "ResourceStatus": event.status,
            "ResourceStatusReason": event.reason,
        }
    )

"""Templates: read, checked and resolved.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from skyproof.emulator.errors import AwsError

PSEUDO_PREFIX = "AWS::"
_SUB = re.compile(r"\$\{(!?)([^}]+)\}")
_SECTIONS = {
    "AWSTemplateFormatVersion",
    "Description",
    "Metadata",
    "Parameters",
    "Resources",
    "Outputs",
}
LONGEST = 51_200


def invalid(message: str) -> AwsError:
    """CloudFormation's one code for whatever is wrong with a request."""
    return AwsError("ValidationError", message)


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short tags, e.g. ``!Ref x``."""


def _short_tag(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
        if suffix == "GetAtt":
            value = value.split(".", 1)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        assert isinstance(node, yaml.MappingNode)
        value = loader.construct_mapping(node, deep=True)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _short_tag)
# A date stays text: "2010-09-09" is a version.
_Loader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in found if tag != "tag:yaml.org,2002:timestamp"]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@dataclass(frozen=True)
class Template:
    """A template whose form is right.

    Attributes:
        parameters: name → declaration.
        resources: logical id → declaration with at least ``Type``.
        outputs: name → declaration with ``Value``.
    """

    description: str
    parameters: Mapping[str, Mapping[str, Any]]
    resources: Mapping[str, Mapping[str, Any]]
    outputs: Mapping[str, Mapping[str, Any]]


def read(body: str) -> Template:
    """Parse JSON or YAML. Raises AwsError (ValidationError) in CloudFormation's words."""
    if len(body.encode()) > LONGEST:
        raise invalid(f"1 validation error detected: templateBody is longer than {LONGEST} bytes")
    try:
        raw = json.loads(body) if body.lstrip().startswith("{") else yaml.load(body, _Loader)  # noqa: S506 (a SafeLoader)
    except (ValueError, yaml.YAMLError) as error:
        raise invalid(
            f"Template format error: {_syntax(body)} not well-formed. ({error})"
        ) from None
    if not isinstance(raw, dict):
        raise invalid("Template format error: unsupported structure.")
    unknown = sorted(set(raw) - _SECTIONS)
    if unknown:
        # Conditions, Mappings, Rules and Transform are AWS's and not ours: refused, not ignored.
        raise invalid(f"Invalid template property or properties {unknown}")
    resources = raw.get("Resources") or {}
    if not resources:
        raise invalid("Template format error: At least one Resources member must be defined.")
    for name, resource in resources.items():
        if not isinstance(resource, dict) or "Type" not in resource:
            raise invalid(
                f"Template format error: [/Resources/{name}] Every Resources object must contain "
                "a Type member."
            )
    return Template(
        raw.get("Description", ""),
        raw.get("Parameters") or {},
        resources,
        raw.get("Outputs") or {},
    )


def _syntax(body: str) -> str:
    return "JSON" if body.lstrip().startswith("{") else "YAML"


def parameter_values(template: Template, given: Mapping[str, str]) -> dict[str, str]:
    """The value of each declared parameter: given or default. Raises AwsError for the rest."""
    extra = sorted(set(given) - set(template.parameters))
    if extra:
        raise invalid(f"Parameters: [{', '.join(extra)}] do not exist in the template")
    values = {
        name: given.get(name, declared.get("Default"))
        for name, declared in template.parameters.items()
    }
    missing = sorted(name for name, value in values.items() if value is None)
    if missing:
        raise invalid(f"Parameters: [{', '.join(missing)}] must have values")
    for name, declared in template.parameters.items():
        allowed = declared.get("AllowedValues")
        if allowed and str(values[name]) not in [str(one) for one in allowed]:
            raise invalid(
                f"Parameter '{name}' must be one of AllowedValues: "
                f"[{', '.join(str(one) for one in allowed)}]"
            )
    return {name: str(value) for name, value in values.items()}


def references(value: Any) -> set[str]:
    """Every name that a value refers to by Ref, Fn::GetAtt or Fn::Sub."""
    if isinstance(value, list):
        return {name for one in value for name in references(one)}
    if not isinstance(value, dict):
        return set()
    found: set[str] = set()
    for key, inner in value.items():
        if key == "Ref":
            found.add(str(inner))
        elif key == "Fn::GetAtt":
            found.add(str(inner[0]) if isinstance(inner, list) else str(inner).split(".")[0])
        elif key == "Fn::Sub":
            text, own = (inner[0], set(inner[1])) if isinstance(inner, list) else (inner, set())
            names = {m[2].split(".")[0] for m in _SUB.finditer(text) if not m[1]}
            found |= names - own
            found |= references(inner[1]) if isinstance(inner, list) else set()
        else:
            found |= references(inner)
    return found


def order(template: Template, known: set[str]) -> list[str]:
    """The resources, each after what it refers to or depends on.

    Raises:
        AwsError: a reference leads nowhere, or in a circle.
    """
    needs: dict[str, set[str]] = {}
    for name, resource in template.resources.items():
        depends = resource.get("DependsOn", [])
        depends = {depends} if isinstance(depends, str) else set(depends)
        needs[name] = references(resource.get("Properties", {})) | depends
    outputs = {name for one in template.outputs.values() for name in references(one.get("Value"))}
    lost = sorted(
        name
        for name in set().union(outputs, *needs.values()) - known - set(template.resources)
        if not name.startswith(PSEUDO_PREFIX)
    )
    if lost:
        raise invalid(
            "Template format error: Unresolved resource dependencies "
            f"[{', '.join(lost)}] in the Resources block of the template"
        )
    placed: list[str] = []
    while len(placed) < len(needs):
        ready = [
            name for name in needs if name not in placed and needs[name] & set(needs) <= set(placed)
        ]
        if not ready:
            circle = sorted(set(needs) - set(placed))
            raise invalid(f"Circular dependency between resources: [{', '.join(circle)}]")
        placed += ready
    return placed


Lookup = Callable[[str], Any]
GetAtt = Callable[[str, str], Any]


def resolve(value: Any, ref: Lookup, get_att: GetAtt) -> Any:
    """A value with its intrinsic functions carried out.

    Raises:
        AwsError: a function that is not one of Ref, Fn::GetAtt, Fn::Sub, Fn::Join, Fn::Select,
            Fn::Split and Fn::Base64.
    """
    if isinstance(value, list):
        return [
            one for one in (resolve(inner, ref, get_att) for inner in value) if one is not NO_VALUE
        ]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        key, inner = next(iter(value.items()))
        if key == "Ref":
            return NO_VALUE if inner == "AWS::NoValue" else ref(inner)
        if key.startswith("Fn::"):
            return _function(key, inner, ref, get_att)
    resolved = {key: resolve(inner, ref, get_att) for key, inner in value.items()}
    return {key: inner for key, inner in resolved.items() if inner is not NO_VALUE}


NO_VALUE = object()


def _function(name: str, argument: Any, ref: Lookup, get_att: GetAtt) -> Any:
    if name == "Fn::GetAtt":
        resource, attribute = argument if isinstance(argument, list) else argument.split(".", 1)
        return get_att(resource, attribute)
    if name == "Fn::Sub":
        return _substitute(argument, ref, get_att)
    inner = resolve(argument, ref, get_att)
    if name == "Fn::Join":
        return str(inner[0]).join(str(one) for one in inner[1])
    if name == "Fn::Select":
        return inner[1][int(inner[0])]
    if name == "Fn::Split":
        return str(inner[1]).split(inner[0])
    if name == "Fn::Base64":
        from base64 import b64encode

        return b64encode(str(inner).encode()).decode()
    raise invalid(f"Template error: the function {name} is not supported by this emulator")


def _substitute(argument: Any, ref: Lookup, get_att: GetAtt) -> str:
    text, own = argument if isinstance(argument, list) else (argument, {})

    def value(match: re.Match[str]) -> str:
        literal, name = match.groups()
        if literal:
            return f"${{{name}}}"
        if name in own:
            return str(resolve(own[name], ref, get_att))
        if "." in name:
            return str(get_att(*name.split(".", 1)))
        return str(ref(name))

    return _SUB.sub(value, text)

"""What of a stack is secret: what its configuration or its state says is sensitive."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from skyproof.terraform.hcl import module_blocks

TF_VAR = "TF_VAR_"


def given(
    folder: Path, variables: Mapping[str, Any], environ: Mapping[str, str]
) -> Iterator[object]:
    """The values that a stack is given for variables declared ``sensitive = true``.

    https://developer.hashicorp.com/terraform/language/block/variable#sensitive
    """
    for block in module_blocks(folder):
        if block.kind == "variable" and block.text("sensitive") == "true":
            (name,) = block.labels
            yield variables.get(name)
            yield environ.get(f"{TF_VAR}{name}")
            yield block.text("default")


def in_state(file: Path) -> Iterator[object]:
    """The sensitive values in a state file: of outputs and of attributes, random passwords too.

    The file is read itself: ``terraform show`` takes a second, and a failure needs them at once.
    """
    try:
        state = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return
    for output in state.get("outputs", {}).values():
        if output.get("sensitive"):
            yield output.get("value")
    for resource in state.get("resources", ()):
        for instance in resource.get("instances", ()):
            for path in instance.get("sensitive_attributes", ()):
                yield _at(instance.get("attributes"), path)


def _at(value: Any, path: Sequence[Mapping[str, Any]]) -> Any:
    """What stands at a path such as ``[{"type": "get_attr", "value": "password"}]``."""
    for step in path:
        key = step["value"]
        if isinstance(key, Mapping):  # an index: {"value": 0, "type": "number"}
            key = key["value"]
        if isinstance(value, Mapping) and value.keys() == {"type", "value"} and key not in value:
            value = value["value"]  # an attribute of any type carries its type along
        try:
            value = value[key]
        except (KeyError, IndexError, TypeError):
            return None
    return value

"""Typed views of what Terraform planned and holds: every instance by its full address."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Values = Mapping[str, Any]
MASKED = "(sensitive value)"


@dataclass(frozen=True)
class Change:
    """What a plan would do to one instance.

    Attributes:
        actions: e.g. ``("create",)``, ``("delete", "create")``, ``("update",)``.
        before, after: attribute values; ``None`` where the instance does not exist.
        unknown: attribute → true where the value is known only after apply.
        type: e.g. ``aws_sqs_queue``.
    """

    address: str
    actions: tuple[str, ...]
    before: Values | None
    after: Values | None
    unknown: Mapping[str, Any]
    type: str = ""

    def __str__(self) -> str:
        return f"{'/'.join(self.actions)} {self.address}{self._differences()}"

    @property
    def differing(self) -> list[str]:
        """The attributes whose value changes or is yet unknown; null and empty are one."""
        before, after = self.before or {}, self.after or {}
        return sorted(
            name
            for name in {*before, *after, *self.unknown}
            if _without_nothing(before.get(name)) != _without_nothing(after.get(name))
            or self.unknown.get(name)
        )

    def _differences(self) -> str:
        if self.before is None or self.after is None:
            return ""
        return f" ({', '.join(self.differing)})" if self.differing else ""


class Plan:
    """A plan, over ``terraform show -json``.

    https://developer.hashicorp.com/terraform/internals/json-format#plan-representation
    """

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self._raw = raw

    @property
    def resources(self) -> dict[str, Values]:
        """Address → planned values, ``count`` and ``for_each`` instances and nested modules too."""
        return dict(_instances(self._raw.get("planned_values", {}).get("root_module", {})))

    @property
    def changes(self) -> dict[str, Change]:
        """Address → change, for whatever would be created, changed or destroyed."""
        return {
            raw["address"]: _change(raw)
            for raw in self._raw.get("resource_changes", ())
            if raw["change"]["actions"] not in (["no-op"], ["read"])
        }

    @property
    def drift(self) -> dict[str, Change]:
        """Address → what was found changed outside Terraform, where the plan would set it right.

        Terraform also lists what providers read back in other words (null as empty) and what one
        resource shows of another (a bucket of its policy). It plans nothing for those.
        """
        found = (_change(raw) for raw in self._raw.get("resource_drift", ()))
        return {one.address: one for one in found if one.address in self.changes}

    @property
    def output_changes(self) -> list[str]:
        """The names of the outputs that would change."""
        changes: Mapping[str, Any] = self._raw.get("output_changes", {})
        return sorted(name for name, raw in changes.items() if raw["actions"] != ["no-op"])

    @property
    def is_empty(self) -> bool:
        """Whether applying it would change nothing, outputs included."""
        return not self.changes and not self.output_changes

    @property
    def variables(self) -> dict[str, Any]:
        """Root variable → value."""
        return {name: raw.get("value") for name, raw in self._raw.get("variables", {}).items()}

    def __str__(self) -> str:
        lines = [str(change) for change in self.changes.values()]
        lines += [f"change output {name}" for name in self.output_changes]
        return "\n".join(lines) or "no changes"

    __repr__ = __str__


class State:
    """What Terraform holds, over ``terraform show -json``."""

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self._raw = raw

    @property
    def resources(self) -> dict[str, Values]:
        """Address → values, for managed resources and data sources of every module."""
        return dict(_instances((self._raw.get("values") or {}).get("root_module", {})))

    @property
    def managed(self) -> dict[str, Values]:
        """The same for managed resources alone."""
        root = (self._raw.get("values") or {}).get("root_module", {})
        return dict(_instances(root, mode="managed"))

    def __len__(self) -> int:
        return len(self.managed)


class Outputs(Mapping[str, Any]):
    """Output name → value; sensitive ones are masked wherever the mapping is printed."""

    def __init__(self, raw: Mapping[str, Mapping[str, Any]]) -> None:
        self._values = {name: one["value"] for name, one in raw.items()}
        self.sensitive = frozenset(name for name, one in raw.items() if one.get("sensitive"))

    def __getitem__(self, name: str) -> Any:
        try:
            return self._values[name]
        except KeyError:
            raise KeyError(f"no output {name!r}; there are: {', '.join(self._values)}") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return repr({n: MASKED if n in self.sensitive else v for n, v in self._values.items()})


def _instances(module: Mapping[str, Any], mode: str = "") -> Iterator[tuple[str, Values]]:
    for resource in module.get("resources", ()):
        if not mode or resource["mode"] == mode:
            yield resource["address"], resource.get("values", {})
    for child in module.get("child_modules", ()):
        yield from _instances(child, mode)


def _without_nothing(value: Any) -> Any:
    """A value without nulls and empty collections and strings, at any depth; None for nothing."""
    if isinstance(value, Mapping):
        kept = {name: _without_nothing(inner) for name, inner in value.items()}
        return {name: inner for name, inner in kept.items() if inner is not None} or None
    if isinstance(value, list):
        items = [_without_nothing(inner) for inner in value]
        return items if any(item is not None for item in items) else None
    return None if value == "" else value


def _change(raw: Mapping[str, Any]) -> Change:
    change = raw["change"]
    return Change(
        raw["address"],
        tuple(change["actions"]),
        change.get("before"),
        change.get("after"),
        change.get("after_unknown") or {},
        raw["type"],
    )

"""What is read of Terraform's provider protocol, versions 5 and 6: method names and a few fields.

https://developer.hashicorp.com/terraform/plugin/terraform-plugin-protocol
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from skyproof.terraform.pool import wire

VERSIONS = (5, 6)
SERVICES = tuple(f"/tfplugin{version}.Provider/" for version in VERSIONS)
# Terraform lets a provider send as much (its internal/plugin/grpc_provider.go: maxRecvSize).
MOST_BYTES = 256 << 20

# The three kinds of calls whose answers are remembered: the last one's while nothing is configured.
SCHEMA = frozenset({"GetSchema", "GetProviderSchema"})
CHECK_CONFIGURATION = frozenset({"PrepareProviderConfig", "ValidateProviderConfig"})
VALIDATE = frozenset(
    {
        "ValidateResourceTypeConfig",
        "ValidateResourceConfig",
        "ValidateDataSourceConfig",
        "ValidateDataResourceConfig",
        "ValidateEphemeralResourceConfig",
    }
)
CONFIGURE = frozenset({"Configure", "ConfigureProvider"})
# The field in which each answer carries diagnostics, and where those say how bad they are.
DIAGNOSTICS = (
    dict.fromkeys(SCHEMA, 4)
    | dict.fromkeys(CHECK_CONFIGURATION, 2)
    | dict.fromkeys(VALIDATE | CONFIGURE, 1)
)
SEVERITY, ERROR = 1, 1

STOP = frozenset({"Stop", "StopProvider"})

# What a call does, and to which type: the first field of these requests is the type's name.
PHASES = dict.fromkeys(VALIDATE, "validate") | {
    "UpgradeResourceState": "read",
    "ReadResource": "read",
    "ReadDataSource": "read",
    "ImportResourceState": "read",
    "OpenEphemeralResource": "read",
    "PlanResourceChange": "plan",
    "ApplyResourceChange": "apply",
}
TYPE_NAME = 1
# One request, one answer; a method that is not named here may stream.
UNARY = frozenset(PHASES) | SCHEMA | CHECK_CONFIGURATION | CONFIGURE | STOP

# The maps of a schema answer by type: resources, data sources, ephemeral resources, lists.
RESOURCES, DATA_SOURCES, EPHEMERAL, LISTS = 2, 3, 8, 9
BY_TYPE = frozenset({RESOURCES, DATA_SOURCES, EPHEMERAL, LISTS})
MAP_KEY = 1


def method_of(path: str) -> str:
    """The provider's method that a gRPC path names; "" for another service's."""
    service, _, method = path.rpartition("/")
    return method if f"{service}/" in SERVICES else ""


def has_errors(method: str, answer: bytes) -> bool:
    """Whether an answer of the methods above carries an error among its diagnostics."""
    found = (f.value for f in wire.fields(answer) if f.number == DIAGNOSTICS[method])
    return any(
        field.number == SEVERITY and field.value == ERROR
        for diagnostic in found
        if isinstance(diagnostic, bytes)
        for field in wire.fields(diagnostic)
    )


def type_name(request: bytes) -> str:
    """The type that a request of a phase is about."""
    return next(wire.texts(request, TYPE_NAME), "")


@dataclass(frozen=True)
class Schema:
    """A schema answer, taken apart once so that it can be cut to some types quickly.

    Attributes:
        types: every type, of resources, data sources and ephemeral resources alike.
    """

    whole: bytes
    types: frozenset[str]
    _parts: tuple[tuple[str | None, bytes], ...]

    @classmethod
    def read(cls, answer: bytes) -> Schema:
        """Take an answer apart. Raises Malformed."""
        parts = []
        for field in wire.fields(answer):
            by_type = field.number in BY_TYPE and isinstance(field.value, bytes)
            name = next(wire.texts(field.value, MAP_KEY), "") if by_type else None  # type: ignore[arg-type]
            parts.append((name, field.raw))
        return cls(answer, frozenset(name for name, _ in parts if name), tuple(parts))

    def cut_to(self, words: Iterable[str]) -> bytes:
        """The same answer with those types alone that are among the words."""
        kept = self.types.intersection(words)
        return b"".join(raw for name, raw in self._parts if name is None or name in kept)

"""The services that the emulator provides itself: a package each, under botocore's name."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from skyproof.emulator.service import Service

#: botocore's names of the services that we have; a package ``a_b`` here is the service ``a-b``.
#: What is not here is wholly the base's.
SERVICES = frozenset(module.name.replace("_", "-") for module in iter_modules(__path__))


def load(name: str) -> type[Service]:
    """The class of a service of ours, imported on first use: its package's ``SERVICE``."""
    package = import_module(f"{__name__}.{name.replace('-', '_')}")
    service: type[Service] = package.SERVICE
    return service

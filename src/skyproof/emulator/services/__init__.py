"""The services that the emulator provides itself: a package each, under botocore's name."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from skyproof.emulator.service import Service

#: botocore's names of the services that we have → our package of each: ``a_b`` is the service
#: ``a-b``, and ``a_`` is ``a``, which Python keeps for itself. What is not here is the base's.
_PACKAGES = {
    found.name.removesuffix("_").replace("_", "-"): found.name for found in iter_modules(__path__)
}
SERVICES = frozenset(_PACKAGES)


def load(name: str) -> type[Service]:
    """The class of a service of ours, imported on first use: its package's ``SERVICE``."""
    package = import_module(f"{__name__}.{_PACKAGES[name]}")
    service: type[Service] = package.SERVICE
    return service

"""How seldom the Go programs look for garbage: Terraform, and the providers that are kept warm.

https://pkg.go.dev/runtime#hdr-Environment_Variables
"""

from __future__ import annotations

from collections.abc import Mapping

# How much the heap may grow before garbage is collected, and how large it may be.
GROWTH, LIMIT = "GOGC", "GOMEMLIMIT"
# With Go's own 100 per cent a third of Terraform's processor time on a plan of 206 resources is
# collecting: 2.9 s in all, 144 MB; with 400 it is 2.2 s and 211 MB, with 800 2.1 s and 324 MB.
LAVISH = "400"
# Beyond it a provider collects as it must: there are up to 17 of them. To start takes 0.15 s of
# processor time, 0.24 with 100 per cent, and every alias of a command starts one.
MOST_OF_A_PROVIDER = "160MiB"


def for_terraform(environment: Mapping[str, str]) -> dict[str, str]:
    """What is added to Terraform's environment: nothing where the user has a say in it."""
    return {} if _is_set(environment) else {GROWTH: LAVISH}


def for_provider(environment: Mapping[str, str]) -> dict[str, str]:
    """The same of a provider's."""
    return {} if _is_set(environment) else {GROWTH: LAVISH, LIMIT: MOST_OF_A_PROVIDER}


def _is_set(environment: Mapping[str, str]) -> bool:
    return GROWTH in environment or LIMIT in environment

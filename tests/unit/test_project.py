"""The project's own files agree with each other."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PINS = dict(
    line.split("==")
    for line in (ROOT / "constraints.txt").read_text().splitlines()
    if line and not line.startswith("#")
)


def requirements() -> list[Requirement]:
    groups = PROJECT["dependency-groups"].values()
    named = [entry for group in groups for entry in group if isinstance(entry, str)]
    return [Requirement(text) for text in (*PROJECT["project"]["dependencies"], *named)]


def imported_packages() -> set[str]:
    """The top-level packages that the sources import, the standard library and skyproof aside."""
    found: set[str] = set()
    for path in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
    return found - sys.stdlib_module_names - {"skyproof"}


def test_everything_that_is_imported_is_a_declared_dependency() -> None:
    declared = {
        canonicalize_name(Requirement(text).name) for text in PROJECT["project"]["dependencies"]
    }
    distributions = packages_distributions()
    missing = {
        package
        for package in imported_packages()
        if not declared & {canonicalize_name(name) for name in distributions.get(package, [])}
    }
    assert missing == set(), "imported, but not in pyproject's dependencies"


@pytest.mark.parametrize("requirement", requirements(), ids=str)
def test_every_pin_satisfies_its_range(requirement: Requirement) -> None:
    pins = {canonicalize_name(name): version for name, version in PINS.items()}
    pinned = pins.get(canonicalize_name(requirement.name))
    assert pinned is not None, f"{requirement.name} is not pinned: run tox -e lock"
    assert requirement.specifier.contains(pinned), f"{requirement} is pinned to {pinned}"


def test_the_lock_names_nothing_but_versions() -> None:
    odd = {name: version for name, version in PINS.items() if not re.fullmatch(r"[\w.+]+", version)}
    assert odd == {}


def test_localstack_is_reachable_from_this_machine_alone() -> None:
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    ports = {port for service in services.values() for port in service["ports"]}
    assert {port for port in ports if not port.startswith("127.0.0.1:")} == set()
    assert len(ports) == len(services), f"both can run side by side: {ports}"


def test_the_localstack_that_starts_by_default_needs_no_token() -> None:
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    by_default = {name: one["image"] for name, one in services.items() if "profiles" not in one}
    assert by_default == {"localstack": "localstack/localstack:4.14.0"}
    [with_token] = [one for one in services.values() if "profiles" in one]
    assert "LOCALSTACK_AUTH_TOKEN" in with_token["environment"]


def test_groups_of_workers_still_need_our_own_scheduler(pytester: pytest.Pytester) -> None:
    """docs/upstream.md, pytest-xdist: fails when upstream is mended, and our scheduler may go."""
    pytester.makepyfile(
        """
        import os, pytest

        @pytest.mark.xdist_group("one")
        @pytest.mark.parametrize("number", range(8))
        def test_it(number, request):
            assert "@" not in request.node.nodeid
        """
    )
    done = pytester.runpytest_subprocess("-n", "2", "--dist", "loadgroup", "-p", "no:randomly")
    done.assert_outcomes(passed=8)

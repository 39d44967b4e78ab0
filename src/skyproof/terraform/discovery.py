"""Where Terraform is, and where providers come from when the registry cannot be reached."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from skyproof.errors import ExitCode, SkyproofError

OLDEST = (1, 11)
INSTALL = "Install it from https://developer.hashicorp.com/terraform/install"
REGISTRY_HOST = "registry.terraform.io"
# Add-on software that did not come with the system stands under these (FHS 3.0, 3.13 and 4.9).
ADD_ON_PREFIXES = (Path("/opt"), Path("/usr/local/share"), Path("/usr/share"), Path("/srv"))
# prefix/<name>/registry.terraform.io is as deep as any mirror known; a full walk of /opt is slow.
MIRROR_DEPTH = 2
LEFT_OUT = (
    *("TF_LOG", "TF_CLI_ARGS", "TF_VAR_", "TF_DATA_DIR", "TF_WORKSPACE"),
    "PYTEST_CURRENT_TEST",
)


@dataclass(frozen=True)
class Binary:
    """A Terraform that may be used.

    Attributes:
        path: the executable.
        version: e.g. ``1.11.4``.
    """

    path: Path
    version: str


def find_terraform(wanted: Path | None = None, environ: Mapping[str, str] | None = None) -> Binary:
    """The binary asked for, or the first on PATH.

    Raises:
        SkyproofError: none is there, it does not run, or it is older than 1.11.
    """
    environ = os.environ if environ is None else environ
    where = str(wanted) if wanted else "terraform"
    found = shutil.which(where, path=environ.get("PATH", ""))
    if found is None:
        place = f"at {wanted}" if wanted else "on PATH"
        raise SkyproofError(
            f"There is no Terraform {place}.",
            f"{INSTALL}, or name one with SKYPROOF_TERRAFORM or --skyproof-terraform.",
            ExitCode.ENVIRONMENT,
        )
    version = _version(Path(found))
    if tuple(int(part) for part in version.split("-")[0].split(".")[:2]) < OLDEST:
        raise SkyproofError(
            f"Terraform {version} at {found} is too old: skyproof needs 1.11 or newer.",
            f"{INSTALL}, or name another with SKYPROOF_TERRAFORM or --skyproof-terraform.",
            ExitCode.ENVIRONMENT,
        )
    return Binary(Path(found), version)


def _version(path: Path) -> str:
    try:
        done = subprocess.run(
            [str(path), "version", "-json"],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
            env=terraform_environment(os.environ),
        )
        return str(json.loads(done.stdout)["terraform_version"])
    except (OSError, subprocess.SubprocessError, ValueError, KeyError) as error:
        raise SkyproofError(
            f"{path} does not answer as Terraform does: {error}", INSTALL, ExitCode.ENVIRONMENT
        ) from error


def terraform_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment for Terraform: non-interactive, silent to HashiCorp, without traps.

    TF_LOG would fill stderr, TF_DATA_DIR and TF_WORKSPACE would leave the workspace, TF_CLI_ARGS
    would change every command, and a TF_CLI_CONFIG_FILE that names a missing file makes Terraform
    warn on each of them. PYTEST_CURRENT_TEST is another in each test, and a provider that is kept
    warm has one environment.
    """
    kept = {name: value for name, value in environ.items() if not name.startswith(LEFT_OUT)}
    config = kept.get("TF_CLI_CONFIG_FILE")
    if config is not None and not Path(config).is_file():
        del kept["TF_CLI_CONFIG_FILE"]
    return kept | {"TF_IN_AUTOMATION": "1", "TF_INPUT": "0", "CHECKPOINT_DISABLE": "1"}


def find_mirror(
    wanted: Path | None = None,
    prefixes: Iterable[Path] = ADD_ON_PREFIXES,
    depth: int = MIRROR_DEPTH,
) -> Path | None:
    """A folder that holds ``registry.terraform.io/<namespace>/<type>/``, or ``None``.

    Terraform's implied mirrors need no help and are not looked into.
    https://developer.hashicorp.com/terraform/cli/config/config-file#implied-local-mirror-directories

    Raises:
        SkyproofError: the folder asked for is none.
    """
    if wanted is not None:
        if not list(providers_in(wanted)):
            raise SkyproofError(
                f"{wanted} is no provider mirror: it has no {REGISTRY_HOST}/<namespace>/<type>.",
                "Make one with: terraform providers mirror DIR",
                ExitCode.ENVIRONMENT,
            )
        return wanted
    for prefix in prefixes:
        for candidate in _folders(prefix, depth):
            if next(providers_in(candidate), None):
                return candidate
    return None


def providers_in(mirror: Path) -> Iterator[str]:
    """The providers that a mirror holds, e.g. ``registry.terraform.io/hashicorp/aws``."""
    for folder in sorted((mirror / REGISTRY_HOST).glob("*/*")):
        if folder.is_dir():
            yield f"{REGISTRY_HOST}/{folder.parent.name}/{folder.name}"


def _folders(top: Path, depth: int) -> Iterator[Path]:
    if not top.is_dir() or not os.access(top, os.R_OK | os.X_OK):
        return
    yield top
    if depth > 0:
        for child in sorted(top.iterdir()):
            if child.is_dir() and not child.is_symlink():
                yield from _folders(child, depth - 1)


def cli_config(mirror: Path) -> str:
    """A Terraform CLI configuration: the mirror for what it has, the registry for the rest."""
    held = json.dumps(list(providers_in(mirror)))
    return (
        "provider_installation {\n"
        "  filesystem_mirror {\n"
        f"    path    = {json.dumps(str(mirror))}\n"
        f"    include = {held}\n"
        "  }\n"
        f"  direct {{\n    exclude = {held}\n  }}\n"
        "}\n"
    )


def has_own_cli_config(environ: Mapping[str, str], home: Path) -> bool:
    """Whether the user already tells Terraform where providers come from."""
    named = environ.get("TF_CLI_CONFIG_FILE")
    file = Path(named) if named else home / ".terraformrc"
    return file.is_file() and "provider_installation" in file.read_text(errors="replace")

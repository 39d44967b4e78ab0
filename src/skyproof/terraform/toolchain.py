"""What runs Terraform: the binary, where it gets providers from, and the limits."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from skyproof.settings import Settings
from skyproof.terraform import disk
from skyproof.terraform.discovery import (
    Binary,
    cli_config,
    find_mirror,
    find_terraform,
    has_own_cli_config,
    terraform_environment,
)
from skyproof.terraform.transient import Patience

CLI_CONFIG = "terraform.rc"


@dataclass(frozen=True)
class Toolchain:
    """The same for all stacks of a run.

    Attributes:
        mirror: of providers, if one is needed.
        timeout: seconds for one command.
        patience: how often an apply or destroy is tried again after errors that pass by themselves.
    """

    binary: Binary
    mirror: Path | None = None
    parallelism: int = 10
    timeout: float = 1800
    patience: Patience = field(default_factory=Patience)

    @classmethod
    def found(cls, settings: Settings) -> Toolchain:
        """What this machine has, after what the settings name.

        Raises:
            SkyproofError: there is no Terraform, or no mirror where one was named.
        """
        return cls(
            find_terraform(settings.terraform),
            find_mirror(settings.provider_mirror),
            settings.parallelism,
            settings.timeout,
        )

    def environment(self, folder: Path) -> dict[str, str]:
        """The process's own, with the mirror where the user names no source of providers.

        Args:
            folder: where a configuration of Terraform may be written.
        """
        own = terraform_environment(os.environ)
        if self.mirror is not None and not has_own_cli_config(own, Path.home()):
            config = folder / CLI_CONFIG
            with disk.writing("Terraform's configuration", config):
                config.write_text(cli_config(self.mirror))
            own["TF_CLI_CONFIG_FILE"] = str(config)
        return own

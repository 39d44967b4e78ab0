"""The provider binaries of an initialised folder: what its lock file chose and init installed."""

from __future__ import annotations

from pathlib import Path

from skyproof.terraform.hcl import blocks

LOCK_FILE = ".terraform.lock.hcl"
INSTALLED = Path(".terraform") / "providers"


def locked_providers(folder: Path) -> dict[str, str]:
    """Provider address → version, for each provider that init chose.

    https://developer.hashicorp.com/terraform/language/files/dependency-lock
    """
    lock = folder / LOCK_FILE
    chosen = [block for block in blocks(lock) if block.kind == "provider"] if lock.exists() else []
    return {block.labels[0]: block.text("version") or "" for block in chosen}


def provider_binaries(folder: Path) -> dict[str, Path]:
    """Provider address → binary, for each that stands where init puts it.

    That is ``.terraform/providers/HOST/NAMESPACE/TYPE/VERSION/OS_ARCH/terraform-provider-TYPE…``.
    """
    found = {}
    for address, version in locked_providers(folder).items():
        name = f"terraform-provider-{address.rpartition('/')[2]}*"
        binaries = list((folder / INSTALLED / address / version).glob(f"*/{name}"))
        if len(binaries) == 1:
            found[address] = binaries[0].resolve()
    return found

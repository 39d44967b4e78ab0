"""What a stack hard-codes that would lead it past the backend, overridden in its copy.

A provider that names its own endpoints, profile or keys would reach another cloud than the one that
the environment points to; a remote state would be written to. Terraform's override files replace
such settings without touching the rest.
https://developer.hashicorp.com/terraform/language/files/override

Where only some accounts may be entered, each provider is told so, and then refuses by itself what
its assume_role would lead it into.
https://registry.terraform.io/providers/hashicorp/aws/latest/docs#allowed_account_ids-1
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from skyproof.errors import SkyproofError
from skyproof.terraform.hcl import Block, json_provider_keys, module_blocks

# The last override file in lexical order wins, so that a stack's own cannot undo ours.
OVERRIDE_FILE = "zz_skyproof_override.tf"
CREDENTIALS = (
    "access_key",
    "secret_key",
    "token",
    "profile",
    "shared_config_files",
    "shared_credentials_files",
)
ENDPOINTS = "endpoints"
ALLOWED = "allowed_account_ids"
# What would keep a provider from looking at its account, or from knowing those it is told.
AGAINST_ALLOWED = {"forbidden_account_ids": "null", "skip_requesting_account_id": "false"}
ASSUMING = ("assume_role", "assume_role_with_web_identity")


def hard_coded(folder: Path) -> list[str]:
    """What a module folder hard-codes, each as ``file:line: what``, without the values."""
    found = []
    for block in module_blocks(folder):
        if block.kind == "provider" and block.labels == ("aws",):
            found += [
                f"{block.file}:{block.attributes[name].line}: {name}"
                for name in CREDENTIALS
                if name in block.attributes
            ]
            found += [
                f"{b.file}:{b.line}: {ENDPOINTS}" for b in block.blocks if b.kind == ENDPOINTS
            ]
        found += [f"{b.file}:{b.line}: {_state(b)}" for b in _remote_states(block)]
    return found


def write_override(folder: Path, accounts: Sequence[str] = ()) -> Path | None:
    """Override what a module folder hard-codes; the file written, or ``None`` for nothing to do.

    Args:
        accounts: the only accounts that providers may enter; empty for any.

    Raises:
        SkyproofError: a ``.tf.json`` file hard-codes it, which is refused with the file's name.
    """
    _refuse_json(folder, {*CREDENTIALS, ENDPOINTS, *(ASSUMING if accounts else ())})
    parts: list[str] = []
    for block in module_blocks(folder):
        if block.kind == "provider" and block.labels == ("aws",):
            parts += _provider_override(block, accounts)
        if list(_remote_states(block)):
            parts.append('terraform {\n  backend "local" {}\n}\n')
    if not parts:
        return None
    file = folder / OVERRIDE_FILE
    file.write_text("\n".join(parts))
    return file


def _provider_override(block: Block, accounts: Sequence[str]) -> Iterator[str]:
    lines = [f"  {name} = null" for name in CREDENTIALS if name in block.attributes]
    if any(nested.kind == ENDPOINTS for nested in block.blocks):
        lines.append(f"  {ENDPOINTS} {{}}")
    if accounts:
        lines.append(f"  {ALLOWED} = {json.dumps(list(accounts))}")
        lines += [
            f"  {name} = {value}"
            for name, value in AGAINST_ALLOWED.items()
            if name in block.attributes
        ]
    if lines:
        alias = block.attributes.get("alias")
        head = [f"  alias = {alias.text}"] if alias else []
        yield "\n".join(['provider "aws" {', *head, *lines, "}", ""])


def _remote_states(block: Block) -> Iterator[Block]:
    if block.kind == "terraform":
        for nested in block.blocks:
            remote = nested.kind == "backend" and nested.labels != ("local",)
            if nested.kind == "cloud" or remote:
                yield nested


def _state(block: Block) -> str:
    return " ".join((block.kind, *block.labels))


def _refuse_json(folder: Path, names: set[str]) -> None:
    for file in sorted(folder.glob("*.tf.json")):
        bad = sorted(set(json_provider_keys(file)) & names)
        if bad:
            raise SkyproofError(
                f"{file} hard-codes {', '.join(bad)} of a provider, which would lead the stack "
                "past the backend.",
                "Move that provider block into a .tf file, or take the settings out.",
            )

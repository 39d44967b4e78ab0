"""`terraform fmt -check`, then `validate` for the root, each module and each example.

Every folder is tried, in a copy as the harness makes them; the exit code is 1 if any fails. One per
core at a time, with warm providers: a validation of its own takes Terraform some 5 s of processor
time, nearly all of it the provider's start and its schema.
"""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path

from skyproof.errors import SkyproofError
from skyproof.settings import resolve
from skyproof.terraform import Stack
from skyproof.terraform.discovery import find_mirror, find_terraform
from skyproof.terraform.pool import ProviderPool
from skyproof.terraform.toolchain import Toolchain

ROOT = Path(__file__).resolve().parent.parent / "terraform"


def folders(root: Path) -> list[Path]:
    """The root and every folder of modules and examples that holds Terraform files."""
    parts = (root, *sorted((root / "modules").iterdir()), *sorted((root / "examples").iterdir()))
    return [folder for folder in parts if any(folder.glob("*.tf"))]


def provide_aliases(module: Path) -> None:
    """Give a module's copy the provider aliases that its caller would pass.

    Without them `validate` takes every module for a root (hashicorp/terraform#28490).
    """
    declared = (file.read_text() for file in module.glob("*.tf"))
    aliases = {
        alias
        for text in declared
        for listed in re.findall(r"configuration_aliases\s*=\s*\[(.*?)\]", text, re.DOTALL)
        for alias in re.findall(r"\w+\.(\w+)", listed)
    }
    blocks = (f'provider "aws" {{\n  alias = "{alias}"\n}}\n' for alias in sorted(aliases))
    (module / "zz_aliases.tf").write_text("\n".join(blocks))


def validate(toolchain: Toolchain, warm: ProviderPool, folder: Path) -> str:
    """What is wrong with the folder; empty if it is valid."""
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch, "copy")
        stack = Stack.copy_of(folder, toolchain, {}, into=copy, override=False, pool=warm)
        provide_aliases(stack.workspace.folder)
        try:
            stack.init()
            stack.validate()
        except SkyproofError as error:
            return str(error)
        finally:
            warm.forget(copy)
    return ""


def problems(root: Path, toolchain: Toolchain) -> Iterator[str]:
    formatting = subprocess.run(
        [toolchain.binary.path, "fmt", "-check", "-recursive", "-no-color", root],
        capture_output=True,
        text=True,
        check=False,
    )
    if formatting.returncode:
        yield f"terraform fmt would change:\n{formatting.stdout}{formatting.stderr}"
    found, warm = folders(root), ProviderPool(tell=print)
    with closing(warm), ThreadPoolExecutor(os.cpu_count()) as threads:
        for folder, problem in zip(
            found, threads.map(partial(validate, toolchain, warm), found), strict=True
        ):
            name = folder.relative_to(root.parent)
            print("invalid" if problem else "valid  ", name, flush=True)
            if problem:
                yield f"{name}: {problem}"


def main() -> None:
    settings = resolve()
    try:
        toolchain = Toolchain(
            find_terraform(settings.terraform), find_mirror(settings.provider_mirror)
        )
    except SkyproofError as error:
        sys.exit(str(error))
    sys.exit("\n\n".join(problems(ROOT, toolchain)) or 0)


if __name__ == "__main__":
    main()

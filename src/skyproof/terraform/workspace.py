"""An isolated copy of a stack: the user's tree is read and never written to."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from skyproof.errors import SkyproofError
from skyproof.terraform import disk
from skyproof.terraform.hcl import local_modules
from skyproof.terraform.overrides import OVERRIDE_FILE, write_override

VARIABLES_FILE = "zz_skyproof.auto.tfvars.json"
# A tree is copied whole, for functions read files beside it, but for what tools make in it.
LEFT_OUT = shutil.ignore_patterns(
    ".terraform",
    "*.tfstate",
    "*.tfstate.*",
    ".git",
    ".venv",
    "venv",
    "node_modules",
    "__pycache__",
    ".tox",
    ".nox",
    "*.tfplan",
)


@dataclass(frozen=True)
class Workspace:
    """A copy of a stack in which Terraform runs.

    Attributes:
        source: the user's folder.
        top: the copy of everything that the stack reaches.
        folder: the copy of ``source`` inside ``top``: Terraform's working directory.
        log: where every command and its output is written.
    """

    source: Path
    top: Path
    folder: Path
    log: Path

    @property
    def state(self) -> Path:
        return self.folder / "terraform.tfstate"

    def set_variables(self, variables: Mapping[str, Any]) -> None:
        """Give the stack its variables, readable by this user alone: they may hold secrets."""
        file = self.folder / VARIABLES_FILE
        with disk.writing("The variables", file):
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w") as out:
                json.dump(dict(variables), out, indent=2, default=str)

    def variables(self) -> dict[str, Any]:
        """The variables as they were given."""
        given: dict[str, Any] = json.loads((self.folder / VARIABLES_FILE).read_text())
        return given

    def to_json(self) -> dict[str, str]:
        """Where it is, as plain data; folder and log stand relative to the top."""
        return {
            "source": str(self.source),
            "top": str(self.top),
            "folder": str(self.folder.relative_to(self.top)),
            "log": str(self.log.relative_to(self.top)),
        }

    @classmethod
    def from_json(cls, raw: Mapping[str, str], top: Path | None = None) -> Workspace:
        """What :meth:`to_json` told of, in another process too.

        Args:
            top: where it is now, if it was moved.
        """
        top = top or Path(raw["top"])
        return cls(Path(raw["source"]), top, top / raw["folder"], top / raw["log"])

    @property
    def root(self) -> Path:
        """The copy of the folder that holds all modules of the stack."""
        return next(one for one in (self.folder, *self.folder.parents) if one.parent == self.top)

    def take_over(self, files: Collection[str]) -> None:
        """Copy these files from the source once more; those that are gone there, go here too.

        Args:
            files: paths below the folder that holds all modules.
        """
        if not files:
            return
        modules = local_modules(self.source)
        common = common_folder(modules)
        with disk.writing(f"A copy of {common}", self.top):
            for name in files:
                ours, theirs = self.root / name, common / name
                if ours.is_symlink() or ours.is_file():
                    ours.unlink()
                if theirs.is_symlink() or theirs.is_file():
                    ours.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy2(theirs, ours, follow_symlinks=False)
            for module in modules:
                copy = self.root / module.relative_to(common)
                (copy / OVERRIDE_FILE).unlink(missing_ok=True)
                write_override(copy)

    def fork(self, into: Path) -> Workspace:
        """A copy of this copy, its state included; ``into`` must not exist.

        Providers, of 700 MB and more where they come from the registry, are linked to.
        """
        with disk.writing(f"A copy of {self.top}", into):
            shutil.copytree(self.top, into, symlinks=True, copy_function=_copy_or_link)
        folder = into / self.folder.relative_to(self.top)
        return Workspace(self.source, into, folder, into / self.log.name)


def common_folder(modules: Iterable[Path]) -> Path:
    """The folder that is copied for a stack: it holds all modules that the stack reaches."""
    return Path(os.path.commonpath(list(modules)))


def _copy_or_link(source: str, target: str) -> None:
    """Providers are linked, for they are large (700 MB) and nobody writes to them."""
    if f"{os.sep}.terraform{os.sep}providers{os.sep}" in source:
        with contextlib.suppress(OSError):  # another file system, or one without links
            os.link(source, target)
            return
    shutil.copy2(source, target, follow_symlinks=False)


def check_stack(source: Path) -> None:
    """Refuse a folder that is no stack.

    Raises:
        SkyproofError: it does not exist, is no folder, or holds no ``.tf``.
    """
    if not source.exists():
        raise SkyproofError(f"There is no stack at {source}: the folder does not exist.")
    if not source.is_dir():
        raise SkyproofError(f"{source} is a file.", "A stack is a folder that holds .tf files.")
    if not any(source.glob("*.tf")) and not any(source.glob("*.tf.json")):
        raise SkyproofError(
            f"{source} holds no .tf file.", "Name the folder of the root module itself."
        )


def check_workspace(workspace: Workspace) -> None:
    """Refuse what is no workspace any more.

    Raises:
        SkyproofError: its folder or its variables are gone.
    """
    if not (workspace.folder / VARIABLES_FILE).is_file():
        raise SkyproofError(
            f"There is no copy of the stack {workspace.source} in {workspace.folder} any more.",
            "What the stack made must be looked for by its tags.",
        )


def make(
    source: Path, into: Path, *, override: bool = True, accounts: Sequence[str] = ()
) -> Workspace:
    """Copy a stack and all that it reaches by relative module sources.

    The lock file comes along; caches, states and version control stay. With ``override``, what the
    modules hard-code (endpoints, credentials, remote states) is overridden in the copy.

    Args:
        source: the stack's folder.
        into: a folder that does not exist yet.
        accounts: the only accounts that providers may enter; empty for any.

    Raises:
        SkyproofError: ``source`` is no stack, or hard-codes what cannot be overridden.
    """
    check_stack(source)
    source = source.resolve()
    modules = local_modules(source)
    common = common_folder(modules)
    top = into / common.name
    with disk.writing(f"A copy of {common}", into):
        # State and variables may hold secrets.
        into.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.copytree(common, top, ignore=LEFT_OUT, symlinks=True)
        if override:
            for module in modules:
                write_override(top / module.relative_to(common), accounts)
    return Workspace(source, into, top / source.relative_to(common), into / "terraform.log")

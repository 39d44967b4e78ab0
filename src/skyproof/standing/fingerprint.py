"""What a stack was applied from, by content: another run can tell what has changed since."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import skyproof
from skyproof.terraform import workspace as workspaces
from skyproof.terraform.discovery import Binary
from skyproof.terraform.hcl import local_modules, module_blocks
from skyproof.terraform.pool.binaries import LOCK_FILE, locked_providers, provider_binaries
from skyproof.terraform.workspace import Workspace

EMULATOR = Path(skyproof.__file__).parent / "emulator"
#: What the emulator's answers are made of besides its own code.
LIBRARIES = ("moto", "botocore")

Digests = Mapping[str, str]


@dataclass(frozen=True)
class Difference:
    """What has changed between two fingerprints, by name."""

    files: Sequence[str] = ()
    variables: Sequence[str] = ()
    requirements: bool = False
    tools: Sequence[str] = ()

    def __bool__(self) -> bool:
        return bool(self.files or self.variables or self.requirements or self.tools)

    @property
    def configuration(self) -> list[str]:
        """Files and variables, as a reader would name them."""
        return [*self.files, *(f"variable {name}" for name in self.variables)]


@dataclass(frozen=True)
class Fingerprint:
    """A stack's configuration and what would apply it; names → digests.

    Attributes:
        files: each that a copy of the stack takes, by its path below the copy.
        variables: those given, by name.
        requirements: modules and providers, for which Terraform needs an init.
        tools: Terraform, the emulator, each provider that init chose, and the copied folder.
    """

    files: Digests = field(default_factory=dict)
    variables: Digests = field(default_factory=dict)
    requirements: str = ""
    tools: Digests = field(default_factory=dict)

    def to(self, newer: Fingerprint) -> Difference:
        """What has changed in a newer one."""
        return Difference(
            _differing(self.files, newer.files),
            _differing(self.variables, newer.variables),
            self.requirements != newer.requirements,
            _differing(self.tools, newer.tools),
        )

    def forgotten(self, newer: Fingerprint) -> Fingerprint:
        """That of what came out between the two: every file and variable of either may differ."""
        return Fingerprint(
            dict.fromkeys({*self.files, *newer.files}, ""),
            dict.fromkeys({*self.variables, *newer.variables}, ""),
            tools=self.tools,
        )

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Fingerprint:
        return cls(**raw)


def of(source: Path, variables: Mapping[str, Any], tools: Digests) -> Fingerprint:
    """The fingerprint of a stack as it is now.

    Raises:
        SkyproofError: ``source`` is no stack.
    """
    workspaces.check_stack(source)
    modules = local_modules(source)
    top = workspaces.common_folder(modules)
    return Fingerprint(
        files_of(top),
        {name: _digest(_as_json(value)) for name, value in variables.items()},
        requirements_of(modules),
        {**tools, "folder": str(top)},
    )


def files_of(top: Path) -> dict[str, str]:
    """Every file that a copy takes: path → digest of its content, mode or link."""
    return {path.relative_to(top).as_posix(): _of_file(path) for path in _walk(top)}


def requirements_of(modules: set[Path]) -> str:
    """What init looks at: the lock files, and the blocks that call modules or require providers."""
    lines = []
    for folder in sorted(modules):
        lock = folder / LOCK_FILE
        lines.append(lock.read_text(errors="replace") if lock.is_file() else "")
        for block in module_blocks(folder):
            if block.kind == "module":
                lines.append(f"{block.labels} {block.text('source')} {block.text('version')}")
            if block.kind == "terraform":
                lines.append(_without_places(block.file, block.line))
        # Of JSON the whole: who writes it does so rarely, and an init too many does no harm.
        lines += [file.read_text(errors="replace") for file in sorted(folder.glob("*.tf.json"))]
    return _digest("\n".join(lines).encode())


def tools_of(terraform: Binary, workspace: Workspace | None = None) -> dict[str, str]:
    """What applies a stack, and in an initialised workspace its providers too."""
    tools = {
        "terraform": f"{terraform.version} at {terraform.path}",
        "emulator": f"{skyproof.__version__} {_digest_of_code(EMULATOR)}",
        **{name: importlib.metadata.version(name) for name in LIBRARIES},
    }
    return tools | (providers_of(workspace.folder) if workspace is not None else {})


def providers_of(folder: Path) -> dict[str, str]:
    """Provider → version and binary. By size and time, for one binary has 700 MB."""
    binaries = provider_binaries(folder)
    found = {}
    for address, version in locked_providers(folder).items():
        binary = binaries.get(address)
        known = binary.stat() if binary is not None else None
        what = f"{binary} {known.st_size} {known.st_mtime_ns}" if known else "not installed"
        found[f"provider {address}"] = f"{version} {what}"
    return found


def _walk(top: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(top):
        left_out = workspaces.LEFT_OUT(folder, [*folders, *files])
        # Links to folders are copied as links, and not entered.
        links = [name for name in folders if Path(folder, name).is_symlink()]
        folders[:] = sorted(set(folders) - left_out - set(links))
        yield from (Path(folder, name) for name in sorted({*files, *links} - left_out))


def _of_file(path: Path) -> str:
    if path.is_symlink():
        return _digest(f"→ {path.readlink()}".encode())
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        is_program = os.fstat(file.fileno()).st_mode & 0o100
    return f"{digest} x" if is_program else digest


def _digest_of_code(folder: Path) -> str:
    total = hashlib.sha256()
    for file in sorted(folder.rglob("*.py")):
        total.update(f"{file.relative_to(folder)}\n".encode() + file.read_bytes())
    return total.hexdigest()


def _without_places(file: Path, line: int) -> str:
    """A block's text from its first line to the brace that closes it at the margin."""
    text: list[str] = []
    for one in file.read_text(errors="replace").splitlines()[line - 1 :]:
        text.append(one)
        if one.startswith("}"):
            break
    return "\n".join(text)


def _differing(before: Digests, after: Digests) -> list[str]:
    return sorted(name for name in {*before, *after} if before.get(name) != after.get(name))


def _as_json(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, default=str).encode()


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()

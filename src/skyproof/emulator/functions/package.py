"""Unpacks deployment packages and layers, which come from strangers."""

from __future__ import annotations

import shutil
import stat
import zipfile
import zlib
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path, PurePosixPath

from skyproof.emulator.functions import limits


class PackageError(ValueError):
    """A zip that is damaged, too large, or reaches out of its folder."""


def unpack(archives: Sequence[bytes], folder: Path, *, allowance: int) -> int:
    """Unpack zips over each other, later ones on top, and answer how many bytes they took.

    :param allowance: bytes that all of them may take together.
    :raises PackageError: for what Lambda refuses, and for links, which lead out of the folder.
    """
    folder.mkdir()
    taken = 0
    for archive in archives:
        try:
            with zipfile.ZipFile(BytesIO(archive)) as zipped:
                taken += _admit(zipped.infolist(), allowance - taken)
                for entry in zipped.infolist():
                    _extract(zipped, entry, folder)
        # zipfile raises RuntimeError for encrypted entries; OSError: a file where a folder must be.
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, OSError) as error:
            raise PackageError(f"Could not unzip uploaded file: {error}") from error
    return taken


def _admit(entries: Sequence[zipfile.ZipInfo], allowance: int) -> int:
    if len(entries) > limits.MAX_ENTRIES:
        raise PackageError(f"The package has more than {limits.MAX_ENTRIES} entries")
    # zipfile never reads more from an entry than its header states, so the headers bind.
    size = sum(entry.file_size for entry in entries)
    if size > allowance:
        raise PackageError(f"Unzipped size must be smaller than {limits.MAX_UNZIPPED} bytes")
    for entry in entries:
        _admit_entry(entry)
    return size


def _admit_entry(entry: zipfile.ZipInfo) -> None:
    path = PurePosixPath(entry.filename)
    if path.is_absolute() or ".." in path.parts:
        raise PackageError(f"The package has an entry outside of its folder: {entry.filename}")
    kind = stat.S_IFMT(_mode(entry))
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise PackageError(f"The package has a link or special file: {entry.filename}")


def _extract(zipped: zipfile.ZipFile, entry: zipfile.ZipInfo, folder: Path) -> None:
    target = folder / entry.filename
    if entry.is_dir():
        target.mkdir(parents=True, exist_ok=True)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipped.open(entry) as source, target.open("wb") as copy:
        shutil.copyfileobj(source, copy)
    # Programs in a package run; nothing else of its permissions matters to its one user.
    target.chmod(0o644 | (_mode(entry) & 0o111))


def _mode(entry: zipfile.ZipInfo) -> int:
    return entry.external_attr >> 16

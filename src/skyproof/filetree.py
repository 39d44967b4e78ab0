"""Write a set of files below a folder, safely named, all of them or none."""

from __future__ import annotations

import re
import tempfile
import unicodedata
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path, PurePosixPath

from skyproof.errors import SkyproofError

# learn.microsoft.com/windows/win32/fileio/naming-a-file: reserved with any suffix.
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)


def safe_path(name: str) -> PurePosixPath:
    """The relative path that `name` spells, fit for every file system.

    Raises `ValueError` with the reason if it leaves the folder it is meant for, is not portable, or
    reaches into a repository's `.git`, whose hooks git runs.
    """
    parts = name.split("/")
    reasons = {
        "it is empty": not name.strip(),
        "it holds a control or formatting character": any(
            unicodedata.category(character).startswith("C") for character in name
        ),
        "it has a backslash: write / between folders": "\\" in name,
        "it is an absolute path": name.startswith(("/", "~")) or re.match(r"[A-Za-z]:", name),
        'it holds one of : " < > | ? *': set(name) & set(':"<>|?*'),
        "it has an empty, . or .. part": {"", ".", ".."} & set(parts),
        "a part begins or ends with a space, or ends with a dot": any(
            part != part.strip() or part.endswith(".") for part in parts
        ),
        "Windows reserves one of its parts": any(map(_RESERVED.fullmatch, parts)),
        "it reaches into a .git folder": ".git" in map(str.casefold, parts),
        "a part is longer than 255 bytes": any(
            len(part.encode(errors="surrogatepass")) > 255 for part in parts
        ),
    }
    for reason, holds in reasons.items():
        if holds:
            raise ValueError(reason)
    return PurePosixPath(name)


def file_key(path: PurePosixPath) -> str:
    """Equal for paths that a file system may take for one: case or composition alone differs."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", str(path)).casefold())


def write_files(files: Mapping[PurePosixPath, bytes], into: Path, *, force: bool = False) -> None:
    """Write `files` below `into`, which is made if need be; on any failure nothing has changed.

    A file that is there with the same content stays as it is. Raises `SkyproofError` for one with
    other content (unless `force`), for a symbolic link on the way, a file where a folder is needed
    or the other way round, and whatever else the system refuses.
    """
    _refuse_obstacles(files, into, force=force)
    # Beside or in the target, so that the last step is a rename within one file system.
    home = next(folder for folder in (into, *into.absolute().parents) if folder.is_dir())
    try:
        with tempfile.TemporaryDirectory(prefix=".skyproof-", dir=home) as scratch:
            staged, replaced = Path(scratch, "new"), Path(scratch, "old")
            for path, content in files.items():
                _write(staged / path, content)
            _move_all(files, staged, into, replaced)
    except OSError as error:
        raise SkyproofError(
            f"{into}: cannot be written: {error.strerror}", "Name a folder that you may write to."
        ) from error


def _write(target: Path, content: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)


def _refuse_obstacles(files: Mapping[PurePosixPath, bytes], into: Path, *, force: bool) -> None:
    if into.exists() and not into.is_dir():
        raise SkyproofError(f"{into}: is a file", "Name a folder to write into.")
    for path, content in files.items():
        for part in (*reversed(path.parents[:-1]), path):
            there, wanted = into / part, "file" if part == path else "folder"
            if there.is_symlink():
                raise SkyproofError(
                    f"{there}: is a symbolic link", "Remove it, or use another folder."
                )
            if there.exists() and there.is_dir() is (wanted == "file"):
                raise SkyproofError(f"{there}: is no {wanted}", "Use an empty folder.")
        there = into / path
        if there.exists() and there.read_bytes() != content and not force:
            raise SkyproofError(
                f"{there}: exists with other content",
                "Use an empty folder, or --force to overwrite.",
            )


def _move_all(
    files: Mapping[PurePosixPath, bytes], staged: Path, into: Path, replaced: Path
) -> None:
    """Move each staged file into place; if one fails, take back those that went before it."""
    with ExitStack() as undo:
        for number, (path, content) in enumerate(files.items()):
            target = into / path
            for parent in reversed(target.parents):
                if not parent.exists():
                    parent.mkdir()
                    undo.callback(parent.rmdir)
            if target.exists():
                if target.read_bytes() == content:
                    continue
                replaced.mkdir(exist_ok=True)
                kept = replaced / str(number)
                target.replace(kept)
                undo.callback(kept.replace, target)
            (staged / path).replace(target)
            undo.callback(target.unlink)
        undo.pop_all()

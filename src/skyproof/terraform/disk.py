"""A disk that is full, read-only or not ours: one message with the place and the way out."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from skyproof.errors import ExitCode, SkyproofError

_ELSEWHERE = "or name another folder (TMPDIR, --skyproof-home)"
HINTS = {
    errno.ENOSPC: f"Free some space there, {_ELSEWHERE}.",
    errno.EDQUOT: f"Free some space there, {_ELSEWHERE}.",
    errno.EFBIG: f"Raise the limit of file sizes (`ulimit -f`), {_ELSEWHERE}.",
    errno.EROFS: f"Make the file system writable, {_ELSEWHERE}.",
    errno.EACCES: f"Let this user write there, {_ELSEWHERE}.",
    errno.EPERM: f"Let this user write there, {_ELSEWHERE}.",
}


@contextmanager
def writing(what: str, where: Path) -> Iterator[None]:
    """Around whatever writes files.

    Args:
        what: as in "The log cannot be written".
        where: the file or folder.

    Raises:
        SkyproofError: the system refused it.
    """
    try:
        yield
    except OSError as error:
        number, said = _cause(error)
        raise SkyproofError(
            f"{what} cannot be written to {where}: {said}.",
            HINTS.get(number, ""),
            ExitCode.ENVIRONMENT,
        ) from error


def _cause(error: OSError) -> tuple[int, str]:
    """Number and text; shutil gathers the errors of a whole tree as texts without numbers."""
    if isinstance(error, shutil.Error) and error.args and error.args[0]:
        source, _, said = error.args[0][0]
        numbers = [number for number in HINTS if f"[Errno {number}]" in str(said)]
        return (numbers[0] if numbers else 0), f"{source}: {said}"
    return error.errno or 0, error.strerror or str(error)

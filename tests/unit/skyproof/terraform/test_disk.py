"""Where nothing can be written, one message says so."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

import pytest

from skyproof.errors import ExitCode, SkyproofError
from skyproof.terraform.disk import HINTS, writing


@pytest.mark.parametrize("number", [*HINTS, errno.EIO])
def test_a_refusal_is_one_message(number: int) -> None:
    with pytest.raises(SkyproofError) as caught, writing("The log", Path("/x/log")):
        raise OSError(number, os.strerror(number), "/x/log")
    assert caught.value.what == f"The log cannot be written to /x/log: {os.strerror(number)}."
    assert caught.value.hint == HINTS.get(number, "")
    assert caught.value.exit_code == ExitCode.ENVIRONMENT


def test_a_tree_that_cannot_be_copied_names_the_first_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "tree"
    source.mkdir()
    (source / "main.tf").write_text("x")

    def no_space(*_arguments: object, **_options: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(shutil, "copy2", no_space)
    with pytest.raises(SkyproofError) as caught, writing("A copy", tmp_path / "copy"):
        shutil.copytree(source, tmp_path / "copy", copy_function=shutil.copy2)
    assert f"{source / 'main.tf'}: [Errno 28] No space left on device" in caught.value.what
    assert "Free some space" in caught.value.hint


def test_other_errors_are_none_of_ours() -> None:
    with pytest.raises(KeyError), writing("The log", Path("/x")):
        raise KeyError

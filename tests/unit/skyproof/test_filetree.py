from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyproof.errors import SkyproofError
from skyproof.filetree import file_key, safe_path, write_files


def tree(folder: Path) -> dict[str, bytes | str | None]:
    """Every path below `folder`: a file's bytes, a link's target, None for a folder."""
    return {
        path.relative_to(folder).as_posix(): (
            str(path.readlink())
            if path.is_symlink()
            else path.read_bytes()
            if path.is_file()
            else None
        )
        for path in folder.rglob("*")
    }


def files(**contents: bytes) -> dict[PurePosixPath, bytes]:
    """`a__b_tf=b"x"` is the file a/b.tf."""
    return {
        PurePosixPath(name.replace("__", "/").replace("_", ".")): content
        for name, content in contents.items()
    }


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "empty"),
        ("  ", "empty"),
        ("a\0b.tf", "control"),
        ("a\nb.tf", "control"),
        ("\u202efdp.tf", "control or formatting"),
        ("a\\b.tf", "backslash"),
        ("\\\\host\\share\\a.tf", "backslash"),
        ("/a.tf", "absolute"),
        ("//host/a.tf", "absolute"),
        ("~/a.tf", "absolute"),
        ("~root/a.tf", "absolute"),
        ("C:a.tf", "absolute"),
        ("c:/a.tf", "absolute"),
        ("aa:stream", "holds one of"),
        ("a?.tf", "holds one of"),
        ("..", "part"),
        (".", "part"),
        ("../a.tf", "part"),
        ("a/../b.tf", "part"),
        ("a/./b.tf", "part"),
        ("a//b.tf", "part"),
        ("a/", "part"),
        ("a /b.tf", "space"),
        ("a/b.tf.", "dot"),
        ("aux.tf", "Windows"),
        ("a/COM1", "Windows"),
        (".git/hooks/pre-commit", ".git"),
        ("a/.GIT/config", ".git"),
        ("é" * 128, "255 bytes"),
    ],
)
def test_an_unsafe_name_is_refused_with_its_reason(name: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        safe_path(name)


@pytest.mark.parametrize(
    "name",
    [
        "main.tf",
        "a/b/c.py",
        ".gitignore",
        ".github/x.yml",
        "a..b/c",
        "..a/b",
        "auxiliary.tf",
        "ä b.tf",
    ],
)
def test_a_safe_name_is_kept_as_it_is(name: str) -> None:
    assert str(safe_path(name)) == name


@given(st.text(st.sampled_from("./\\~:aC \0\u0301gitGIT"), max_size=12))
def test_no_name_leads_out_of_the_folder(name: str) -> None:
    try:
        path = safe_path(name)
    except ValueError:
        return
    assert Path(os.path.normpath(Path("/target", path))).is_relative_to("/target/")
    assert str(path) == name
    assert ".git" not in {part.casefold() for part in path.parts}


@given(st.text(max_size=12))
def test_names_that_differ_in_case_or_composition_share_a_key(name: str) -> None:
    path = PurePosixPath(name)
    assert file_key(path) == file_key(PurePosixPath(name.casefold()))
    assert file_key(PurePosixPath("caf\u00e9")) == file_key(PurePosixPath("CAFE\u0301"))


def test_files_and_folders_are_made_with_their_parents(tmp_path: Path) -> None:
    write_files(files(a__b_tf=b"x", c_tf=b""), tmp_path / "new" / "er")
    assert tree(tmp_path / "new" / "er") == {"a": None, "a/b.tf": b"x", "c.tf": b""}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new"]


def test_a_folder_made_is_as_open_as_any_other(tmp_path: Path) -> None:
    (tmp_path / "usual").mkdir()
    write_files(files(a_tf=b"x"), tmp_path / "new")
    assert (tmp_path / "new").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_other_files_stay_and_identical_ones_are_not_touched(tmp_path: Path) -> None:
    (tmp_path / "other.tf").write_bytes(b"mine")
    (tmp_path / "a.tf").write_bytes(b"x")
    before = (tmp_path / "a.tf").stat().st_mtime_ns
    write_files(files(a_tf=b"x", b_tf=b"y"), tmp_path)
    assert tree(tmp_path) == {"other.tf": b"mine", "a.tf": b"x", "b.tf": b"y"}
    assert (tmp_path / "a.tf").stat().st_mtime_ns == before


def test_a_file_with_other_content_is_overwritten_only_by_force(tmp_path: Path) -> None:
    (tmp_path / "b.tf").write_bytes(b"mine")
    with pytest.raises(SkyproofError, match=r"b\.tf: exists with other content"):
        write_files(files(a_tf=b"x", b_tf=b"y"), tmp_path)
    assert tree(tmp_path) == {"b.tf": b"mine"}
    write_files(files(a_tf=b"x", b_tf=b"y"), tmp_path, force=True)
    assert tree(tmp_path) == {"a.tf": b"x", "b.tf": b"y"}


@pytest.mark.parametrize("force", [False, True])
def test_symbolic_links_are_not_followed(tmp_path: Path, *, force: bool) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir()
    outside.mkdir()
    (inside / "folder").symlink_to(outside)
    (inside / "file.tf").symlink_to(outside / "file.tf")
    before = tree(tmp_path)
    for wanted in (files(ok_tf=b"x", folder__a_tf=b"x"), files(ok_tf=b"x", file_tf=b"x")):
        with pytest.raises(SkyproofError, match="is a symbolic link"):
            write_files(wanted, inside, force=force)
    assert tree(tmp_path) == before


@pytest.mark.parametrize("force", [False, True])
def test_a_file_never_takes_a_folders_place_nor_a_folder_a_files(
    tmp_path: Path, *, force: bool
) -> None:
    (tmp_path / "a.tf").mkdir()
    (tmp_path / "b").write_bytes(b"mine")
    before = tree(tmp_path)
    with pytest.raises(SkyproofError, match=r"a\.tf: is no file"):
        write_files(files(ok_tf=b"x", a_tf=b"x"), tmp_path, force=force)
    with pytest.raises(SkyproofError, match="b: is no folder"):
        write_files(files(ok_tf=b"x", b__c_tf=b"x"), tmp_path, force=force)
    assert tree(tmp_path) == before


def test_a_target_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_bytes(b"mine")
    for into in (tmp_path / "out", tmp_path / "out" / "deeper"):
        with pytest.raises(SkyproofError, match="out"):
            write_files(files(a_tf=b"x"), into)
    assert tree(tmp_path) == {"out": b"mine"}


def test_what_was_moved_is_taken_back_when_a_later_move_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.tf").write_bytes(b"mine")
    before = tree(tmp_path)
    move = Path.replace

    def full(self: Path, target: Path) -> Path:
        if Path(target).name == "last.tf":
            raise OSError(28, "No space left on device")
        return move(self, target)

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(SkyproofError, match="No space left on device"):
        write_files(files(a_tf=b"x", d__e__b_tf=b"y", d__last_tf=b"z"), tmp_path, force=True)
    assert tree(tmp_path) == before

"""Unpacking what strangers packed."""

from __future__ import annotations

import io
import stat
import zipfile
from pathlib import Path

import pytest

from skyproof.emulator.functions import limits
from skyproof.emulator.functions.package import PackageError, unpack


def archive(*entries: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as zipped:
        for entry, data in entries:
            zipped.writestr(entry, data)
    return buffer.getvalue()


def with_mode(name: str, mode: int) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.external_attr = mode << 16
    return entry


def test_files_and_folders_are_unpacked(tmp_path: Path) -> None:
    data = archive(("empty/", b""), ("deep/er/app.py", b"code"), ("top.py", b""))
    assert unpack([data], tmp_path / "task", allowance=10) == 4
    assert (tmp_path / "task/empty").is_dir()
    assert (tmp_path / "task/deep/er/app.py").read_bytes() == b"code"


def test_later_archives_lie_on_top(tmp_path: Path) -> None:
    unpack([archive(("a", b"1"), ("b", b"1")), archive(("b", b"2"))], tmp_path / "o", allowance=9)
    assert [(tmp_path / "o" / name).read_bytes() for name in "ab"] == [b"1", b"2"]


def test_programs_stay_programs_and_no_more_is_kept_of_permissions(tmp_path: Path) -> None:
    regular = stat.S_IFREG
    data = archive(
        (with_mode("run", regular | 0o4777), b""), (with_mode("read", regular | 0o400), b"")
    )
    unpack([data], tmp_path / "task", allowance=0)
    modes = [stat.S_IMODE((tmp_path / "task" / name).stat().st_mode) for name in ("run", "read")]
    assert modes == [0o755, 0o644]


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"PK no zip", id="no zip"),
        pytest.param(archive(("a.py", b"x" * 99))[:60], id="cut"),
        pytest.param(archive(("/etc/passwd", b"")), id="absolute path"),
        pytest.param(archive(("../outside", b"")), id="parent folder"),
        pytest.param(archive(("a/../../outside", b"")), id="parent folder on the way"),
        pytest.param(archive((with_mode("link", stat.S_IFLNK | 0o777), b"/etc")), id="symlink"),
        pytest.param(archive((with_mode("pipe", stat.S_IFIFO | 0o777), b"")), id="named pipe"),
        pytest.param(archive(("a", b""), ("a/b", b"")), id="file as a folder"),
        pytest.param(archive(("x" * 300, b"")), id="name too long"),
        pytest.param(archive(("big", b"x" * 1001)), id="too large"),
        pytest.param(archive(("a", b"x" * 600), ("b", b"x" * 600)), id="too large together"),
    ],
)
def test_what_is_damaged_too_large_or_leads_outside_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(PackageError):
        unpack([data], tmp_path / "task", allowance=1000)
    assert [path.name for path in tmp_path.iterdir()] == ["task"]


def test_archives_share_their_allowance(tmp_path: Path) -> None:
    data = archive(("a", b"x" * 600))
    with pytest.raises(PackageError, match="262144000 bytes"):
        unpack([data, data], tmp_path / "task", allowance=1000)


def test_damage_inside_an_entry_is_refused(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as zipped:
        zipped.writestr("app.py", b"print(1)")
    with pytest.raises(PackageError, match="CRC"):
        unpack([buffer.getvalue().replace(b"print", b"paint")], tmp_path / "task", allowance=99)


def test_too_many_entries_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_ENTRIES", 2)
    unpack([archive(("a", b""), ("b", b""))], tmp_path / "two", allowance=0)
    with pytest.raises(PackageError, match="more than 2 entries"):
        unpack([archive(("a", b""), ("b", b""), ("c", b""))], tmp_path / "three", allowance=0)

"""Byte code that stays between runs where Python is told to write none into source trees.

Images for containers often set ``PYTHONDONTWRITEBYTECODE``. pytest then rewrites and compiles every
plugin in each run anew, which is a third of a run that has nothing to apply.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

#: https://docs.python.org/3/using/cmdline.html#envvar-PYTHONDONTWRITEBYTECODE
NONE, ELSEWHERE = "PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX"


def kept(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment with a folder of the user's for byte code, where it may be written nowhere.

    Source trees stay as clean as they were asked to be.
    https://specifications.freedesktop.org/basedir-spec/latest/
    """
    if not environment.get(NONE) or environment.get(ELSEWHERE):
        return dict(environment)
    others = {name: value for name, value in environment.items() if name != NONE}
    cache = Path(environment.get("XDG_CACHE_HOME") or "~/.cache").expanduser()
    return others | {ELSEWHERE: str(cache / "skyproof" / "bytecode")}

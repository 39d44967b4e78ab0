"""Write constraints.txt: every package that tox and its environments install, pinned.

Resolves the project and its `dev` group into a throw-away environment and freezes that. The file
holds names and versions alone, so that it says nothing of the index it was made from.
"""

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEADER = "# Written by `tox -e lock`. Pins what tox and its environments install.\n"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True, upgrade_deps=True)
        pip = [str(Path(folder) / "bin" / "python"), "-m", "pip"]
        group = f"{ROOT / 'pyproject.toml'}:dev"
        subprocess.run([*pip, "install", "--quiet", str(ROOT), "--group", group], check=True)
        frozen = subprocess.run(
            [*pip, "freeze", "--exclude", "skyproof"], check=True, capture_output=True, text=True
        ).stdout
    if "@" in frozen or "://" in frozen:
        sys.exit("constraints.txt not written: a package came from a path, not from an index")
    (ROOT / "constraints.txt").write_text(HEADER + frozen)


if __name__ == "__main__":
    main()

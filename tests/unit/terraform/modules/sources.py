"""Load the platform's Python as its packages hold it: with the shared sources beside it."""

import importlib
import sys
from pathlib import Path
from typing import Any

MODULES = Path(__file__).parents[4] / "terraform" / "modules"
SHARED = (MODULES / "function" / "src", MODULES / "maintenance" / "src")


def load(folder: Path, name: str) -> Any:
    """Import ``name`` from ``folder``, each time anew and without traces.

    The packages' own names (``settings``, ``maintenance``, …) are too plain to stay importable.
    """
    path, modules, bytecode = sys.path[:], set(sys.modules), sys.dont_write_bytecode
    sys.path[:0] = [str(folder), *map(str, SHARED)]
    sys.dont_write_bytecode = True
    importlib.invalidate_caches()
    try:
        return importlib.import_module(name)
    finally:
        sys.path[:], sys.dont_write_bytecode = path, bytecode
        here = {str(directory) for directory in (folder, *SHARED)}
        for added in set(sys.modules) - modules:
            file = getattr(sys.modules[added], "__file__", None)
            if file is not None and str(Path(file).parent) in here:
                del sys.modules[added]

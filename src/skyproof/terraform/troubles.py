"""What Terraform says in many words, or wrongly, in one message with the way out."""

from __future__ import annotations

import re
from pathlib import Path

from skyproof.errors import ExitCode
from skyproof.terraform import statefile
from skyproof.terraform.runner import Diagnostic, TerraformError

LOCKED = "Error acquiring the state lock"
NOT_SAVED = re.compile(r"^(Failed to (save|write|persist) state|Failed to create local state file)")
LOCK_INFO = re.compile(r"^  (ID|Operation|Who|Created): +(\S.*)$", re.MULTILINE)
NO_SPACE = re.compile(r"no space left on device|file too large|read-only file system", re.I)


def explained(error: TerraformError, folder: Path) -> TerraformError:
    """The same failure, told so that one knows what to do; most are told well enough.

    A state that Terraform could not save is saved as far as it can be.
    """
    for one in error.diagnostics:
        if one.summary == LOCKED and LOCK_INFO.search(one.detail):
            return _locked(error, one, folder)
    if any(NOT_SAVED.match(one.summary) for one in error.diagnostics):
        return _not_saved(error, folder)
    return error


def _locked(error: TerraformError, told: Diagnostic, folder: Path) -> TerraformError:
    lock = dict(LOCK_INFO.findall(told.detail))
    what = lock.get("Operation", "").removeprefix("OperationType").lower()
    return TerraformError(
        f"The state in {folder} is locked by {lock.get('Who', 'somebody')} since "
        f"{lock.get('Created', 'an unknown time')} ({what or 'an unknown command'}).",
        "Wait until that command has ended. If it is gone for sure: "
        f"terraform -chdir={folder} force-unlock {lock.get('ID', 'ID')}",
        ExitCode.FAILED,
        error.diagnostics,
    )


def _not_saved(error: TerraformError, folder: Path) -> TerraformError:
    saved: Path | None = folder / statefile.ERRORED
    if error.dump is not None:
        saved = statefile.rescue(error.dump, folder)
    text = "\n".join(f"{one.summary}\n{one.detail}" for one in error.diagnostics)
    cause = NO_SPACE.search(text)
    why = f": {cause[0].lower()}" if cause else ""
    if saved is None:
        way_out = "It could be written nowhere: what the stack made must be looked for."
    elif saved.parent == folder:
        way_out = f"{saved} holds the newest state; the next command of this stack uses it."
    else:
        way_out = f"The newest state is in {saved}: mv {saved} {folder / statefile.ERRORED}"
    others = [one for one in error.diagnostics if not _is_about_state(one)]
    causes = "".join(f"\n{one}" for one in others[:3])
    return TerraformError(
        f"Terraform could not save the state in {folder}{why}.{causes}",
        f"Free some space there and destroy the stack. {way_out}",
        ExitCode.ENVIRONMENT,
        error.diagnostics,
    )


def _is_about_state(one: Diagnostic) -> bool:
    return bool(NOT_SAVED.match(one.summary)) or one.summary == "Unsupported state file format"

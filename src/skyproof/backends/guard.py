"""Which accounts may be entered: those on a list."""

from __future__ import annotations

from skyproof.errors import ExitCode, SkyproofError
from skyproof.settings import OPTIONS, Settings

_OPTION = {option.name: option for option in OPTIONS}


def require_allowed(account: str, settings: Settings) -> None:
    """Refuse an account that is not on the list.

    Raises:
        SkyproofError: it is not among ``sandbox_accounts``.
    """
    if account in settings.sandbox_accounts:
        return
    option = _OPTION["sandbox_accounts"]
    listed = ", ".join(settings.sandbox_accounts) or "none"
    raise SkyproofError(
        f"Account {account} is not on the list of sandboxes, and nothing is done there; "
        f"listed: {listed}.",
        f"If it may be filled and emptied by tests, list it: {option.flag}={account}, "
        f"{option.env} or {option.ini}.",
        ExitCode.USAGE,
    )

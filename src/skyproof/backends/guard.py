"""Which accounts may be entered: those on a list, and none that is named as production is."""

from __future__ import annotations

import re
from typing import Any

from botocore.exceptions import ClientError

from skyproof.errors import ExitCode, SkyproofError
from skyproof.settings import OPTIONS, Settings

# Words of an account's alias, which is lower-case letters and digits between single hyphens.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/console_account-alias.html
PRODUCTION = re.compile(r"(?:^|(?<!\bnon)-)(?:prod|production|prd|live)\d*(?=-|$)")

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


def require_expected(account: str, settings: Settings) -> None:
    """Refuse another account than the one that ``account`` names, where it names one.

    Raises:
        SkyproofError: the credentials lead into another account.
    """
    option = _OPTION["account"]
    if settings.account in (account, option.default):
        return
    raise SkyproofError(
        f"The credentials lead into account {account}, and {option.flag} names {settings.account}.",
        "Choose other credentials (AWS_PROFILE, --skyproof-role), or name that account.",
        ExitCode.USAGE,
    )


def require_no_production(account: str, iam: Any) -> None:
    """Refuse an account whose alias reads as production's, or whose alias may not be read.

    Raises:
        SkyproofError: it is production by its name, or nobody can tell.
    """
    try:
        aliases = iam.list_account_aliases()["AccountAliases"]
    except ClientError as error:
        raise SkyproofError(
            f"Whether account {account} is production cannot be told: {error}",
            "Allow iam:ListAccountAliases to the role that tests run with.",
            ExitCode.ENVIRONMENT,
        ) from error
    for alias in aliases:
        if PRODUCTION.search(alias):
            raise SkyproofError(
                f"Account {account} is called {alias!r}, which is the name of a production "
                "account, and nothing is done there.",
                "Take another account. If this one is a sandbox, give it an alias that says so.",
                ExitCode.USAGE,
            )

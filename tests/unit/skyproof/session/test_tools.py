"""Providers are kept warm for all stacks of a run."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest

from skyproof.backends import Backend
from skyproof.redaction import Redactor
from skyproof.session.tally import Tally
from skyproof.session.tools import Tools
from skyproof.settings import Settings


@pytest.mark.parametrize(
    ("wanted", "is_local", "pooled"),
    [
        ("auto", True, True),
        ("auto", False, False),
        ("on", False, True),
        ("off", True, False),
    ],
)
def test_providers_are_kept_warm_where_settings_and_backend_want_it(
    wanted: str, is_local: bool, pooled: bool
) -> None:
    backend = cast(Backend, SimpleNamespace(is_local=is_local))
    settings = Settings(provider_pool=wanted)
    tools = Tools(settings, lambda: backend, None, Redactor(), Tally())
    assert (tools.pool is not None) == pooled
    assert tools.pool is tools.pool, "one for all stacks"
    tools.close_pool()

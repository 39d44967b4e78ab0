"""What all tests of this repository share."""

from __future__ import annotations

from hypothesis import settings

# pytest inside pytest: the plugin is tested as its users run it.
pytest_plugins = ["pytester"]

# Shared machines stall for longer than any deadline that would still find a slow rule.
settings.register_profile("skyproof", deadline=None)
settings.load_profile("skyproof")

"""Why a policy cannot be decided upon."""

from __future__ import annotations


class PolicyError(ValueError):
    """The text is not a policy; AWS would refuse it too."""


class UnsupportedPolicyError(ValueError):
    """A policy that AWS may accept and that is not decided upon here; the text names the part."""

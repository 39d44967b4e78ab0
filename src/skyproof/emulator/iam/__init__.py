"""Decides as IAM does whether policies allow a request. It knows nothing of the emulator.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from skyproof.emulator.iam.errors import PolicyError, UnsupportedPolicyError
from skyproof.emulator.iam.policy import Decision, Request, decide, decided
from skyproof.emulator.iam.statement import Statement, statements

__all__ = [
    "Decision",
    "PolicyError",
    "Request",
    "Statement",
    "UnsupportedPolicyError",
    "decide",
    "decided",
    "statements",
]

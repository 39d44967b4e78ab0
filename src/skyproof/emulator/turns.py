"""Whose turn it is at moto, which has no locks of its own (docs/upstream.md)."""

from __future__ import annotations

import threading
from collections import defaultdict

# One moto in a process, as :class:`skyproof.emulator.base.MotoBase` has it.
_turns: defaultdict[str, threading.RLock] = defaultdict(threading.RLock)


def turn(service: str) -> threading.RLock:
    """The lock of one of moto's services: for its calls, and for who reaches past them."""
    return _turns[service]

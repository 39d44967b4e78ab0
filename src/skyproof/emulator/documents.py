"""Documents that callers give as text, in any service."""

from __future__ import annotations

import json


def is_json(text: str) -> bool:
    """Whether a text is well-formed JSON."""
    try:
        json.loads(text)
    except ValueError:
        return False
    return True

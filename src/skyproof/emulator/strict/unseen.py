"""A request for what is not there yet: the same one, about a name that nobody has.

So the answer is the service's own, be it an error or an empty list.
"""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from io import BytesIO
from typing import Any
from urllib.parse import quote

#: Where requests hold names: in the URL, in the host (buckets), and in the body.
_PLACES = ("HTTP_HOST", "PATH_INFO", "QUERY_STRING", "RAW_URI", "REQUEST_URI")
#: Every letter moved on by 13: as long as the name, of the same letters, and reversible.
_MOVED = str.maketrans(
    string.ascii_letters,
    string.ascii_lowercase[13:] + string.ascii_lowercase[:13]
    + string.ascii_uppercase[13:] + string.ascii_uppercase[:13],
)  # fmt: skip


def name_of(resource: str) -> str:
    """The part of an ARN that requests name the resource by."""
    return re.split(r"[:/]", resource.partition(":log-stream:")[0])[-1]


def asked(environ: Mapping[str, Any], body: bytes, name: str) -> dict[str, Any]:
    """The request, about another name."""
    changed = {place: _renamed(environ[place], name) for place in _PLACES if place in environ}
    text = _renamed(body.decode("latin-1"), name).encode("latin-1")
    return {**environ, **changed, "wsgi.input": BytesIO(text)}


def answered(body: bytes, name: str) -> bytes:
    """An answer about the other name, about the one that was asked for."""
    moved = name.translate(_MOVED)
    return body.replace(moved.encode(), name.encode())


def _renamed(text: str, name: str) -> str:
    """A name is renamed where it stands alone, plain or encoded for a URL."""
    moved = name.translate(_MOVED)
    for old, new in {name: moved, quote(name, safe=""): quote(moved, safe="")}.items():
        text = re.sub(rf"(?:(?<![\w.%-])|(?<=%2F)|(?<=%3A)){re.escape(old)}(?![\w.-])", new, text)
    return text

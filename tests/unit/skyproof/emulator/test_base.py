from __future__ import annotations

import pytest

from skyproof.emulator.base import as_sent


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("/bucket/a%2Fb%20c?x=/y", "/bucket/a/b c"),
        ("//bucket//key", "//bucket//key"),
        ("http://127.0.0.1:80/bucket//key?x", "/bucket//key"),
        ("http://127.0.0.1", "/"),
    ],
)
def test_a_path_is_the_requests_whether_the_uri_has_a_host_or_not(uri: str, path: str) -> None:
    sent = as_sent(uri, ())
    assert (sent["RAW_URI"], sent["PATH_INFO"]) == (uri, path)

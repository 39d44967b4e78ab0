"""Which endpoints can and may be probed: emulators, and nobody's real account."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

import urllib3

from skyproof.errors import ExitCode, SkyproofError

#: Paths that only emulators have: ours, LocalStack's, moto's.
PROOFS = ("/_skyproof/health", "/_localstack/health", "/moto-api/data.json")
_AWS = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws")


def require_emulator(url: str) -> None:
    """Let an endpoint on this machine, or one that proves to be an emulator, be probed.

    Raises:
        SkyproofError: it is AWS, no URL, or somewhere else without a proof.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or not host:
        raise SkyproofError(f"{url} is no URL of an endpoint.", "Write http://127.0.0.1:4566.")
    if f".{host}".endswith(_AWS):
        raise SkyproofError(
            f"{url} is AWS itself, which is not probed.",
            "Probes make and delete things; name an emulator, such as http://127.0.0.1:4566.",
        )
    if not _is_loopback(host) and not any(_has(url, path) for path in PROOFS):
        raise SkyproofError(
            f"{url} is not on this machine and does not prove to be an emulator.",
            f"An emulator answers one of {', '.join(PROOFS)}.",
        )


def require_answer(url: str) -> None:
    """Raise SkyproofError when nobody answers there, whatever it would be."""
    try:
        urllib3.request("HEAD", url, timeout=10, retries=False, redirect=False)
    except urllib3.exceptions.HTTPError:
        raise SkyproofError(
            f"Nobody answers at {url}.",
            "Start the emulator there, or name the one that runs.",
            ExitCode.ENVIRONMENT,
        ) from None


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _has(url: str, path: str) -> bool:
    try:
        answer = urllib3.request("GET", url.rstrip("/") + path, timeout=5, retries=False)
    except urllib3.exceptions.HTTPError:
        return False
    return answer.status == 200 and "json" in answer.headers.get("Content-Type", "")

"""Which endpoints may be probed."""

from __future__ import annotations

import pytest
import urllib3

from skyproof.errors import SkyproofError
from skyproof.probe import require_emulator


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:4566", "http://localhost:5000/", "https://[::1]:4566"]
)
def test_this_machine_is_let_pass_unasked(url: str) -> None:
    require_emulator(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://sqs.us-east-1.amazonaws.com",
        "https://amazonaws.com",
        "https://SNS.cn-north-1.amazonaws.com.cn",
        "https://logs.us-east-1.api.aws",
    ],
)
def test_aws_is_refused(url: str) -> None:
    with pytest.raises(SkyproofError, match="is AWS itself, which is not probed"):
        require_emulator(url)


@pytest.mark.parametrize("url", ["127.0.0.1:4566", "ftp://127.0.0.1", "http://", ""])
def test_what_is_no_url_is_refused(url: str) -> None:
    with pytest.raises(SkyproofError, match="is no URL of an endpoint"):
        require_emulator(url)


def answering(proof: str, content_type: str = "application/json") -> object:
    def request(method: str, url: str, **_: object) -> urllib3.HTTPResponse:
        status = 200 if proof and url.endswith(proof) else 404
        return urllib3.HTTPResponse(b"{}", {"Content-Type": content_type}, status)

    return request


@pytest.mark.parametrize("proof", ["/_localstack/health", "/moto-api/data.json"])
def test_elsewhere_an_emulator_proves_itself(proof: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(urllib3, "request", answering(proof))
    require_emulator("http://localstack:4566")


@pytest.mark.parametrize(
    ("proof", "content_type"), [("", "application/json"), ("/_localstack/health", "text/html")]
)
def test_without_a_proof_it_is_refused(
    proof: str, content_type: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(urllib3, "request", answering(proof, content_type))
    with pytest.raises(SkyproofError, match="does not prove to be an emulator"):
        require_emulator("http://example.com")

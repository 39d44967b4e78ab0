"""The backend whole: LocalStack, or what answers like it, behind the gateway."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from skyproof.backends import create
from skyproof.backends.localstack import Localstack
from skyproof.backends.localstack.backend import find_source
from skyproof.errors import ExitCode, SkyproofError
from skyproof.run import begin
from skyproof.settings import Settings
from tests.unit.skyproof.backends.localstack.conftest import FakeLocalStack


def test_it_forwards_what_localstack_has_and_answers_the_rest(
    fake: FakeLocalStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOCALSTACK_ENDPOINT", fake.url)
    backend = create(Settings(backend="localstack"), begin(timedelta(hours=1)))
    assert isinstance(backend, Localstack)
    assert backend.describe() == "localstack, not started"
    backend.start()
    try:
        backend.start()
        assert (backend.version, backend.modes["sqs"]) == ("4.9.2", "native")
        [url] = backend.client("sqs").list_queues()["QueueUrls"]
        assert url.endswith("/native")
        topic = backend.client("sns").create_topic(Name="ours")["TopicArn"]
        assert topic == "arn:aws:sns:us-east-1:123456789012:ours"
        assert "CreateTopic" not in fake.asked
        said = backend.describe()
        assert said.startswith("localstack 4.9.2, already running, http://127.0.0.1:")
        assert "native: sqs; supplied: cloudformation (not there), " in said
        assert backend.environment()["AWS_ENDPOINT_URL"] == backend.endpoint
        assert backend.failure() is None
    finally:
        backend.stop()
    assert backend.endpoint is None


def test_without_any_localstack_all_ways_to_one_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LOCALSTACK_ENDPOINT", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SkyproofError) as caught:
        find_source()
    assert caught.value.exit_code == ExitCode.ENVIRONMENT
    for way in ("LOCALSTACK_ENDPOINT", "docker-compose.yml", "`skyproof localstack install`"):
        assert way in caught.value.hint


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sqs", "'sqs' is not SERVICE=MODE"),
        ("eventbridge=absent", "there is no service eventbridge"),
    ],
)
def test_an_override_that_cannot_be_names_its_option(text: str, said: str) -> None:
    with pytest.raises(SkyproofError, match=f"^--skyproof-localstack-services: {said}"):
        Localstack(Settings(localstack_services=text))

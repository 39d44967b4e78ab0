"""A LocalStack that runs already: on this machine alone."""

from __future__ import annotations

import pytest

from skyproof.backends.localstack.running import is_loopback, named_in
from skyproof.errors import ExitCode, SkyproofError
from tests.unit.skyproof.backends.localstack.conftest import FakeLocalStack

NOBODY = "http://127.0.0.1:9"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:4566", True),
        ("http://127.1.2.3:4566", True),
        ("http://[::1]:4566", True),
        ("https://localhost:4566", True),
        ("http://localhost.example.com:4566", False),
        ("http://localhost.localstack.cloud:4566", False),
        ("http://10.0.0.1:4566", False),
        ("http://127.0.0.1@example.com", False),
        ("https://sqs.us-east-1.amazonaws.com", False),
        ("ftp://127.0.0.1", False),
        ("127.0.0.1:4566", False),
    ],
)
def test_only_this_machine_is_loopback(url: str, expected: bool) -> None:
    assert is_loopback(url) is expected


def test_the_environment_names_it_its_own_variable_first(fake: FakeLocalStack) -> None:
    found = named_in({"AWS_ENDPOINT_URL": NOBODY, "LOCALSTACK_ENDPOINT": f"{fake.url}/"})
    assert found is not None
    assert found.start() == fake.url


@pytest.mark.parametrize("environ", [{}, {"LOCALSTACK_ENDPOINT": ""}])
def test_an_environment_may_name_none(environ: dict[str, str]) -> None:
    assert named_in(environ) is None


def test_another_machine_is_refused_by_the_variable_that_names_it() -> None:
    with pytest.raises(SkyproofError) as caught:
        named_in({"AWS_ENDPOINT_URL": "https://sns.eu-west-1.amazonaws.com"})
    said = str(caught.value)
    assert said.startswith("AWS_ENDPOINT_URL: https://sns.eu-west-1.amazonaws.com is not on this")


def test_nobody_there_is_said_at_once() -> None:
    found = named_in({"LOCALSTACK_ENDPOINT": NOBODY})
    assert found is not None
    with pytest.raises(SkyproofError, match=f"LOCALSTACK_ENDPOINT: nobody answers at {NOBODY}"):
        found.start()


def test_it_is_missed_when_it_ends(fake: FakeLocalStack) -> None:
    found = named_in({"LOCALSTACK_ENDPOINT": fake.url})
    gone = named_in({"LOCALSTACK_ENDPOINT": NOBODY})
    assert found is not None
    assert gone is not None
    assert found.failure() is None
    failure = gone.failure()
    assert failure is not None
    assert failure.exit_code == ExitCode.ENVIRONMENT
    assert failure.what == f"LocalStack at {NOBODY} does not answer any more."

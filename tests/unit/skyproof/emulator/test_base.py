from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from skyproof.emulator.base import as_sent
from tests.unit.skyproof.emulator.conftest import ClientFixture


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


@pytest.mark.usefixtures("hurry")
def test_nobody_walks_over_what_another_call_adds_to(client: ClientFixture) -> None:
    sns = client("sns")
    topic = sns.create_topic(Name="crowded")["TopicArn"]

    def subscribe(number: int) -> str:
        endpoint = f"arn:aws:sqs:us-east-1:123456789012:queue-{number}"
        made = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=endpoint)
        return str(made["SubscriptionArn"])

    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(subscribe, range(200)))) == 200


@pytest.mark.usefixtures("hurry")
def test_a_call_that_waits_holds_nobody_up(client: ClientFixture) -> None:
    sqs = client("sqs")
    queue = sqs.create_queue(QueueName="empty")["QueueUrl"]
    with ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(sqs.receive_message, QueueUrl=queue, WaitTimeSeconds=20)
        sqs.send_message(QueueUrl=queue, MessageBody="at last")
        assert [one["Body"] for one in waiting.result(10)["Messages"]] == ["at last"]

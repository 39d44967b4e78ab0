"""Another emulator beneath: what is sent on to it, and what is said when it is gone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError
from moto.sqs.models import sqs_backends

from skyproof.backends.embedded import Embedded
from skyproof.emulator import __main__ as command
from skyproof.emulator.admin import health
from skyproof.emulator.endpoint import Endpoint
from skyproof.emulator.errors import AwsError
from skyproof.emulator.server import Emulator
from skyproof.emulator.services.sqs.service import Sqs
from skyproof.emulator.split_base import SplitBase
from skyproof.emulator.supply import Mode
from skyproof.emulator.world import World
from skyproof.settings import Settings

ACCOUNT, OTHER, REGION = "123456789012", "111122223333", "us-east-1"
MODES: dict[str, Mode] = {"sqs": "native", "s3": "native", "events": "absent"}
POLICY = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*"}]}'


@pytest.fixture(scope="module")
def beneath() -> Iterator[Embedded]:
    """The other emulator, in a process of its own."""
    backend = Embedded(Settings())
    backend.start()
    yield backend
    backend.stop()


@pytest.fixture
def split(beneath: Embedded) -> Iterator[World]:
    world = World(lambda: SplitBase(Endpoint(str(beneath.endpoint)), MODES))
    yield world
    world.close()


def make_queue(split: World, name: str) -> tuple[str, str]:
    sqs = split.client("sqs", REGION, ACCOUNT)
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": POLICY})
    return url, arn


def test_a_native_service_is_the_other_emulators(split: World, beneath: Embedded) -> None:
    make_queue(split, "orders")
    assert beneath.client("sqs").get_queue_url(QueueName="orders")["QueueUrl"].endswith("/orders")
    assert sqs_backends[ACCOUNT][REGION].queues == {}, "moto beneath ours has it too"


def test_a_service_of_ours_reaches_a_native_one(split: World) -> None:
    url, arn = make_queue(split, "alarms")
    sns = split.client("sns", REGION, ACCOUNT)
    topic = sns.create_topic(Name="alarms")["TopicArn"]
    sns.subscribe(
        TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"}
    )
    split.clock.set(mode="manual")
    sns.publish(TopicArn=topic, Message="hello")
    split.clock.advance(1)
    messages = split.client("sqs", REGION, ACCOUNT).receive_message(QueueUrl=url)["Messages"]
    assert [message["Body"] for message in messages] == ["hello"]


def test_keys_and_bytes_of_objects_arrive_as_they_were_sent(split: World) -> None:
    s3 = split.client("s3", REGION, ACCOUNT)
    s3.create_bucket(Bucket="split-objects")
    key, body = "a b/ü+c%2F.txt", bytes(range(256))
    s3.put_object(Bucket="split-objects", Key=key, Body=body, Metadata={"with_line": "1"})
    found = s3.get_object(Bucket="split-objects", Key=key)
    assert (found["Body"].read(), found["Metadata"]) == (body, {"with_line": "1"})
    assert s3.head_object(Bucket="split-objects", Key=key)["ContentLength"] == 256


def test_an_absent_service_is_refused_with_501(split: World) -> None:
    with pytest.raises(ClientError) as caught:
        split.client("events", REGION, ACCOUNT).list_rules()
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert "it is switched off" in str(caught.value)


def test_a_key_that_ours_gave_out_is_an_account_to_the_other(split: World) -> None:
    with Emulator(base=lambda: split.base) as served:
        visitor = Embedded(Settings(account=OTHER))
        visitor._endpoint = served.endpoint
        role = visitor.client("iam").create_role(
            RoleName="visitor", AssumeRolePolicyDocument=POLICY
        )["Role"]["Arn"]
        answer = visitor.client("sts").assume_role(RoleArn=role, RoleSessionName="probe")
        key = answer["Credentials"]["AccessKeyId"]
        visitor.client("sqs", account=key).create_queue(QueueName="visited")
        assert visitor.client("sqs").list_queues()["QueueUrls"][0].endswith(f"/{OTHER}/visited")


def test_a_key_of_the_others_is_asked_for_its_account(beneath: Embedded) -> None:
    iam = beneath.client("iam", account=OTHER)
    iam.create_user(UserName="ada")
    key = iam.create_access_key(UserName="ada")["AccessKey"]["AccessKeyId"]
    assert Endpoint(str(beneath.endpoint)).account_of_key(key) == OTHER


def test_what_asks_more_of_a_service_than_clients_can_says_that_it_is_not_ours() -> None:
    world = World(lambda: SplitBase(Endpoint("http://127.0.0.1:9"), MODES))
    with pytest.raises(AwsError, match="it needs sqs of the same emulator, and here that is moto"):
        Sqs.of(world)
    world.close()


def test_a_base_that_is_gone_is_refused_at_once_and_not_retried() -> None:
    world = World(lambda: SplitBase(Endpoint("http://127.0.0.1:9"), MODES))
    with pytest.raises(ClientError) as caught:
        world.client("sqs", REGION, ACCOUNT).list_queues()
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert "http://127.0.0.1:9 does not answer" in str(caught.value)
    world.close()


def test_the_health_report_tells_whose_each_service_is(split: World, beneath: Embedded) -> None:
    services = health(split)["services"]
    assert services["sns"]["provider"] == "skyproof over base"
    assert services["sqs"]["provider"] == f"moto beside {beneath.endpoint}"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--services", "sqs=native"], "--base, which is not given"),
        (["--base", "http://127.0.0.1:9", "--services", "sqs=ours"], "'sqs=ours' is not SERVICE="),
    ],
)
def test_the_command_line_says_what_is_wrong(
    arguments: list[str],
    said: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.argv", ["emulator", *arguments])
    with pytest.raises(SystemExit) as caught:
        command.main()
    assert caught.value.code == 2
    assert said in capsys.readouterr().err

from __future__ import annotations

import gzip
from typing import Any

import pytest
from botocore.exceptions import ClientError
from werkzeug.test import Client

from skyproof.emulator import services as registry
from skyproof.emulator.errors import AwsError
from skyproof.emulator.gateway import Gateway
from skyproof.emulator.service import Call, Params, Regional, Service, operation
from skyproof.emulator.world import World


def refusal(call: Any, **params: Any) -> tuple[int, str, str]:
    with pytest.raises(ClientError) as caught:
        call(**params)
    response = caught.value.response
    error = response["Error"]
    return response["ResponseMetadata"]["HTTPStatusCode"], error["Code"], error["Message"]


class Sts(Service):
    """Stands over the base's STS: one operation ours, the others left to the base."""

    name = "sts"
    complete = False

    @operation("GetCallerIdentity")
    def get_caller_identity(self, call: Call, params: Params) -> dict[str, Any]:
        del params
        answer: dict[str, Any] = call.base().get_caller_identity()
        return {"Account": call.account, "UserId": "mended", "Arn": answer["Arn"]}

    @operation("GetAccessKeyInfo")
    def get_access_key_info(self, call: Call, params: Params) -> dict[str, Any]:
        raise ZeroDivisionError("our own defect")

    @operation("GetSessionToken")
    def get_session_token(self, call: Call, params: Params) -> dict[str, Any]:
        raise AwsError("RegionDisabledException", "not here", status=403)

    @operation("DecodeAuthorizationMessage")
    def decode_authorization_message(self, call: Call, params: Params) -> dict[str, Any]:
        call.client("sqs").get_queue_url(QueueName="none")
        return {}


@pytest.fixture
def sts(world: World, monkeypatch: pytest.MonkeyPatch, client: Any) -> Any:
    monkeypatch.setattr("skyproof.emulator.world.SERVICES", registry.SERVICES | {"sts"})
    monkeypatch.setattr("skyproof.emulator.world.load", lambda _: Sts)
    return client("sts", account="111122223333")


def test_an_operation_of_ours_can_mend_what_the_base_answers(sts: Any) -> None:
    got = sts.get_caller_identity()
    assert (got["Account"], got["UserId"]) == ("111122223333", "mended")
    assert "111122223333" in got["Arn"]


def test_what_a_service_leaves_out_goes_to_the_base(sts: Any) -> None:
    role = "arn:aws:iam::444455556666:role/reader"
    got = sts.assume_role(RoleArn=role, RoleSessionName="session")
    assert got["AssumedRoleUser"]["Arn"].startswith("arn:aws:sts::444455556666:")


def test_a_defect_of_ours_is_501_with_its_name_and_not_a_retried_500(sts: Any) -> None:
    status, code, message = refusal(sts.get_access_key_info, AccessKeyId="A" * 16)
    assert (status, code) == (501, "EmulatorDefect")
    assert "sts:GetAccessKeyInfo" in message
    assert "our own defect" in message


def test_a_refusal_keeps_its_status_and_code(sts: Any) -> None:
    assert refusal(sts.get_session_token) == (403, "RegionDisabledException", "not here")


def test_a_refusal_by_another_service_is_passed_on(sts: Any) -> None:
    _, code, _ = refusal(sts.decode_authorization_message, EncodedMessage="m")
    assert code == "AWS.SimpleQueueService.NonExistentQueue"


def test_a_service_that_nobody_has_is_501_with_its_name(client: Any) -> None:
    status, code, message = refusal(client("wickr").list_networks)
    assert (status, code) == (501, "NotImplemented")
    assert "wickr:ListNetworks" in message


def test_an_operation_that_the_base_lacks_is_501_with_its_name(client: Any) -> None:
    status, code, message = refusal(client("sts").decode_authorization_message, EncodedMessage="m")
    assert (status, code) == (501, "NotImplemented")
    assert "sts:DecodeAuthorizationMessage" in message


def test_credentials_of_an_assumed_role_act_in_its_account(world: World, client: Any) -> None:
    issued = client("sts").assume_role(
        RoleArn="arn:aws:iam::111122223333:role/reader", RoleSessionName="session"
    )["Credentials"]
    assert world.base.account_of_key(issued["AccessKeyId"]) == "111122223333"


def test_accounts_and_regions_of_the_base_are_isolated(client: Any) -> None:
    client("sqs").create_queue(QueueName="orders")
    assert len(client("sqs").list_queues()["QueueUrls"]) == 1
    for other in (client("sqs", region="eu-west-1"), client("sqs", account="111122223333")):
        assert "QueueUrls" not in other.list_queues()


def test_the_base_is_reached_through_cbor_as_well(client: Any) -> None:
    queue = client("sqs").create_queue(QueueName="tagged", tags={"team": "a"})["QueueUrl"]
    assert queue.endswith("/tagged")
    found = client("resourcegroupstaggingapi").get_resources(
        TagFilters=[{"Key": "team", "Values": ["a"]}]
    )["ResourceTagMappingList"]
    assert [one["Tags"] for one in found] == [[{"Key": "team", "Value": "a"}]]


def test_health_names_every_service_and_who_provides_it(world: World) -> None:
    got = Client(Gateway(world)).get("/_skyproof/health").get_json()
    assert got["status"] == "running"
    assert got["services"]["sts"] == {"provider": "moto"}
    for name in registry.SERVICES:
        assert got["services"][name]["implemented"], name


def test_an_unknown_admin_page_is_404(world: World) -> None:
    assert Client(Gateway(world)).get("/_skyproof/nothing").status_code == 404


def test_a_regional_store_is_made_once_for_each_account_and_region(world: World) -> None:
    stores: Regional[list[str]] = Regional(list)
    stores.at("1", "us-east-1").append("a")
    stores.at("2", "us-east-1").append("b")
    assert list(stores) == [("1", "us-east-1", ["a"]), ("2", "us-east-1", ["b"])]


@pytest.mark.parametrize(
    ("region", "partition"),
    [("us-east-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")],
)
def test_arns_carry_the_partition_of_the_region(world: World, region: str, partition: str) -> None:
    from skyproof.emulator.target import Target

    call = Call(world, Target("1", region, "sns"), "Publish")
    assert call.arn("sns", "t") == f"arn:{partition}:sns:{region}:1:t"
    assert call.arn("iam", "role/r", region="") == f"arn:{partition}:iam::1:role/r"


def test_a_gzipped_body_is_unpacked(client: Any) -> None:
    cloudwatch = client("cloudwatch")
    data = [{"MetricName": f"m{number}", "Value": 1.0} for number in range(500)]
    cloudwatch.put_metric_data(Namespace="Shop", MetricData=data)
    pages = cloudwatch.get_paginator("list_metrics").paginate(Namespace="Shop")
    assert sum(len(page["Metrics"]) for page in pages) == 500


def test_a_gzipped_object_stays_as_it_was_put(client: Any) -> None:
    s3 = client("s3")
    body = gzip.compress(b"metrics")
    s3.create_bucket(Bucket="archive")
    s3.put_object(Bucket="archive", Key="k", Body=body, ContentEncoding="gzip")
    assert s3.get_object(Bucket="archive", Key="k")["Body"].read() == body

"""Offerings of instance types are moto's, though it does not keep them."""

from __future__ import annotations

import gzip
import json
from pathlib import PurePosixPath
from typing import Any

import boto3
import pytest
from moto.utilities import utils

from skyproof.emulator import Emulator
from skyproof.emulator.offerings import Offerings


@pytest.fixture(scope="module")
def ec2() -> Any:
    with Emulator() as emulator:
        yield boto3.client(
            "ec2",
            endpoint_url=emulator.endpoint,
            region_name="us-west-2",
            aws_access_key_id="123456789012",
            aws_secret_access_key="x",
        )


def test_they_are_those_of_motos_files(ec2: Any) -> None:
    file = "ec2/resources/instance_type_offerings/region/us-west-2.json.gz"
    written = json.loads(gzip.decompress(utils.load_resource_as_bytes(file)))
    assert list(Offerings(PurePosixPath(file))) == [
        one | {"LocationType": "region"} for one in written
    ]
    only = [{"Name": "instance-type", "Values": ["m5.large"]}]
    found = ec2.describe_instance_type_offerings(LocationType="region", Filters=only)
    assert found["InstanceTypeOfferings"] == [
        {"InstanceType": "m5.large", "LocationType": "region", "Location": "us-west-2"}
    ]


def test_they_are_not_kept(ec2: Any) -> None:
    from moto.ec2.models.instance_types import INSTANCE_TYPE_OFFERINGS

    assert ec2.describe_vpcs()["Vpcs"]
    kept = [lists for regions in INSTANCE_TYPE_OFFERINGS.values() for lists in regions.values()]
    assert {type(one) for one in kept} == {Offerings}


def test_an_instance_is_of_a_type_that_is_offered(ec2: Any) -> None:
    image = ec2.register_image(Name="image")["ImageId"]
    made = ec2.run_instances(
        ImageId=image,
        InstanceType="m5.large",
        MinCount=1,
        MaxCount=1,
        Placement={"AvailabilityZone": "us-west-2a"},
    )["Instances"]
    assert [one["InstanceType"] for one in made] == ["m5.large"]

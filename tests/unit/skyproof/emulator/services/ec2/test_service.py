"""What a NAT gateway had of a network ends with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError


@pytest.fixture
def ec2(client: Callable[..., Any]) -> Any:
    return client("ec2")


@pytest.fixture
def subnet(ec2: Any) -> str:
    found: str = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    return found


def interfaces(ec2: Any) -> list[str]:
    found = ec2.describe_network_interfaces()["NetworkInterfaces"]
    return [one["NetworkInterfaceId"] for one in found]


def gateway(ec2: Any, subnet: str) -> str:
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    made = ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address)
    made_id: str = made["NatGateway"]["NatGatewayId"]
    return made_id


def test_the_interface_of_a_gateway_goes_with_it(ec2: Any, subnet: str) -> None:
    gone, stays = gateway(ec2, subnet), gateway(ec2, subnet)
    assert len(interfaces(ec2)) == 2
    assert ec2.delete_nat_gateway(NatGatewayId=gone)["NatGatewayId"] == gone
    [left] = ec2.describe_nat_gateways(NatGatewayIds=[stays])["NatGateways"]
    assert interfaces(ec2) == [left["NatGatewayAddresses"][0]["NetworkInterfaceId"]]


def test_a_gateway_that_is_not_there_is_refused(ec2: Any) -> None:
    with pytest.raises(ClientError, match="NatGatewayNotFound"):
        ec2.delete_nat_gateway(NatGatewayId="nat-0123456789abcdef0")

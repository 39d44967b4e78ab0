"""Network interfaces that go with the NAT gateway they were made for; moto keeps them."""

from __future__ import annotations

from typing import ClassVar

from skyproof.emulator.errors import AwsError
from skyproof.emulator.service import Call, Params, Result, Service, operation, without_metadata


class Ec2(Service):
    """moto's EC2; what a NAT gateway had of a network ends with it."""

    name: ClassVar[str] = "ec2"
    complete: ClassVar[bool] = False
    fidelity: ClassVar[str] = (
        "moto's; the network interface of a NAT gateway goes with it, at once. That of a "
        "terminated instance stays. Nothing runs and nothing is routed."
    )

    @operation("DeleteNatGateway")
    def delete_nat_gateway(self, call: Call, params: Params) -> Result:
        """https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-working-with.html

        What there is not is refused as in
        https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
        """
        ec2, gateway = call.base(), params["NatGatewayId"]
        found = ec2.describe_nat_gateways(NatGatewayIds=[gateway])["NatGateways"]
        if not found:
            raise AwsError("NatGatewayNotFound", f"The Nat Gateway {gateway} was not found")
        answer = ec2.delete_nat_gateway(**params)
        for address in found[0]["NatGatewayAddresses"]:
            ec2.delete_network_interface(NetworkInterfaceId=address["NetworkInterfaceId"])
        return without_metadata(answer)

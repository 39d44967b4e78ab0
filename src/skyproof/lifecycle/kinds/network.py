"""What a VPC is made of, and the VPC last.

https://docs.aws.amazon.com/vpc/latest/userguide/delete-vpc.html says in which order.
"""

from __future__ import annotations

from skyproof.lifecycle.calls import Call, Each, Listing
from skyproof.lifecycle.kinds.kind import Kind

_NAME_TAG = "Tags[?Key=='Name'].Value | [0]"

KINDS = (
    Kind(
        "ec2",
        "network interface",
        # Those of endpoints and gateways go with them, and a machine's first with the machine:
        # https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-eni.html
        Listing(
            "describe_network_interfaces",
            "NetworkInterfaces[?(InterfaceType=='interface' || InterfaceType=='lambda') "
            "&& !(Attachment.DeleteOnTermination) "
            "&& !(Attachment.InstanceId && Attachment.DeviceIndex==`0`)]",
        ),
        "NetworkInterfaceId",
        (
            Call(
                "detach_network_interface",
                {"AttachmentId": "Attachment.AttachmentId", "Force": "`true`"},
                when="Attachment.AttachmentId && !RequesterManaged",
            ),
            Call("delete_network_interface", {"NetworkInterfaceId": "NetworkInterfaceId"}),
        ),
        "arn:{partition}:ec2:{region}:{account}:network-interface/{name}",
        title="[Description, TagSet[?Key=='Name'].Value | [0]]",
        tags="TagSet",
    ),
    Kind(
        "ec2",
        "VPC endpoint",
        Listing("describe_vpc_endpoints", "VpcEndpoints[?State!='deleted' && State!='deleting']"),
        "VpcEndpointId",
        (
            Call(
                "delete_vpc_endpoints",
                {"VpcEndpointIds": "[VpcEndpointId]"},
                refusals="Unsuccessful[0].Error.[Code, Message]",
            ),
        ),
        "arn:{partition}:ec2:{region}:{account}:vpc-endpoint/{name}",
        title=_NAME_TAG,
        tags="Tags",
    ),
    Kind(
        "ec2",
        "NAT gateway",
        Listing("describe_nat_gateways", "NatGateways[?State!='deleted' && State!='deleting']"),
        "NatGatewayId",
        (Call("delete_nat_gateway", {"NatGatewayId": "NatGatewayId"}),),
        "arn:{partition}:ec2:{region}:{account}:natgateway/{name}",
        title=_NAME_TAG,
        tags="Tags",
    ),
    Kind(
        "ec2",
        "Elastic IP address",
        Listing("describe_addresses", "Addresses[?AllocationId]"),
        "AllocationId",
        (Call("release_address", {"AllocationId": "AllocationId"}),),
        "arn:{partition}:ec2:{region}:{account}:elastic-ip/{name}",
        title=_NAME_TAG,
        tags="Tags",
    ),
    Kind(
        "ec2",
        "internet gateway",
        Listing("describe_internet_gateways", "InternetGateways[]"),
        "InternetGatewayId",
        (
            Each(
                Listing(
                    "describe_internet_gateways",
                    "InternetGateways[].Attachments[].VpcId",
                    {"InternetGatewayIds": "[InternetGatewayId]"},
                ),
                (
                    Call(
                        "detach_internet_gateway",
                        {"InternetGatewayId": "of.InternetGatewayId", "VpcId": "it"},
                    ),
                ),
            ),
            Call("delete_internet_gateway", {"InternetGatewayId": "InternetGatewayId"}),
        ),
        "arn:{partition}:ec2:{region}:{account}:internet-gateway/{name}",
        title=_NAME_TAG,
        tags="Tags",
    ),
    Kind(
        "ec2",
        "VPC peering connection",
        Listing(
            "describe_vpc_peering_connections",
            'VpcPeeringConnections[?contains(`["active","pending-acceptance"]`, Status.Code)]',
        ),
        "VpcPeeringConnectionId",
        (
            Call(
                "delete_vpc_peering_connection",
                {"VpcPeeringConnectionId": "VpcPeeringConnectionId"},
            ),
        ),
        "arn:{partition}:ec2:{region}:{account}:vpc-peering-connection/{name}",
        title=_NAME_TAG,
        tags="Tags",
    ),
    Kind(
        "ec2",
        "subnet",
        Listing("describe_subnets", "Subnets[]"),
        "SubnetId",
        (Call("delete_subnet", {"SubnetId": "SubnetId"}),),
        "arn:{partition}:ec2:{region}:{account}:subnet/{name}",
        title=_NAME_TAG,
        tags="Tags",
    ),
    # The default ones, and a VPC's main route table, go with their VPC.
    Kind(
        "ec2",
        "security group",
        Listing("describe_security_groups", "SecurityGroups[?GroupName!='default']"),
        "GroupId",
        (
            # Two groups that let each other in hold each other.
            Call(
                "revoke_security_group_ingress",
                {"GroupId": "GroupId", "IpPermissions": "IpPermissions"},
                when="IpPermissions",
            ),
            Call(
                "revoke_security_group_egress",
                {"GroupId": "GroupId", "IpPermissions": "IpPermissionsEgress"},
                when="IpPermissionsEgress",
            ),
            Call("delete_security_group", {"GroupId": "GroupId"}),
        ),
        "arn:{partition}:ec2:{region}:{account}:security-group/{name}",
        title="[GroupName, Tags[?Key=='Name'].Value | [0]]",
        tags="Tags",
    ),
    Kind(
        "ec2",
        "route table",
        Listing("describe_route_tables", "RouteTables[?!(Associations[?Main])]"),
        "RouteTableId",
        (
            Each(
                Listing(
                    "describe_route_tables",
                    "RouteTables[].Associations[].RouteTableAssociationId",
                    {"RouteTableIds": "[RouteTableId]"},
                ),
                (Call("disassociate_route_table", {"AssociationId": "it"}),),
            ),
            Call("delete_route_table", {"RouteTableId": "RouteTableId"}),
        ),
        "arn:{partition}:ec2:{region}:{account}:route-table/{name}",
        title=_NAME_TAG,
        tags="Tags",
    ),
    Kind(
        "ec2",
        "network ACL",
        Listing("describe_network_acls", "NetworkAcls[?!IsDefault]"),
        "NetworkAclId",
        (Call("delete_network_acl", {"NetworkAclId": "NetworkAclId"}),),
        "arn:{partition}:ec2:{region}:{account}:network-acl/{name}",
        title=_NAME_TAG,
        tags="Tags",
    ),
    Kind(
        "ec2",
        "VPC",
        Listing("describe_vpcs", "Vpcs[]"),
        "VpcId",
        (Call("delete_vpc", {"VpcId": "VpcId"}),),
        "arn:{partition}:ec2:{region}:{account}:vpc/{name}",
        title=_NAME_TAG,
        tags="Tags",
    ),
)

"""EC2: moto's, with the end of what NAT gateways held."""

from skyproof.emulator.services.ec2.service import Ec2

SERVICE = Ec2

"""CloudFormation: stacks of the few resource types that Terraform has no resource for, and kin."""

from skyproof.emulator.services.cloudformation.service import CloudFormation

SERVICE = CloudFormation

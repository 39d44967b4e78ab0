"""Prove Terraform: apply a stack to an AWS that is always there, assert on the real resources, leave nothing."""

__version__ = "0.1.0"

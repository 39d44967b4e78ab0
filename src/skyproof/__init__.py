"""Prove Terraform: apply a stack to an AWS that is always there, and assert on what is real."""

__version__ = "0.1.0"

"""The Terraform loop: find the binary, copy the stack, run, and read what it did."""

from skyproof.terraform.runner import TerraformError
from skyproof.terraform.stack import Applied, Stack
from skyproof.terraform.views import Change, Outputs, Plan, State

__all__ = ["Applied", "Change", "Outputs", "Plan", "Stack", "State", "TerraformError"]

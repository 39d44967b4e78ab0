"""A pool of warm providers: Terraform's commands about ten times faster, with the same results.

docs/decisions/0008-warm-providers.md says why and how.
"""

from skyproof.terraform.pool.client import ProviderPool, Usage

__all__ = ["ProviderPool", "Usage"]

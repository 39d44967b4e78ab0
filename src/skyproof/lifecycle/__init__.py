"""What a run makes and what it leaves: inventories of accounts."""

from skyproof.lifecycle.inventory import Inventory, take

__all__ = ["Inventory", "take"]

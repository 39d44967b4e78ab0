"""What a run makes and what it leaves: inventories of accounts, the leak check, the removal."""

from skyproof.lifecycle.inventory import Inventory, Item, take
from skyproof.lifecycle.leaks import Leftover, check
from skyproof.lifecycle.removal import Removed, remove

__all__ = ["Inventory", "Item", "Leftover", "Removed", "check", "remove", "take"]

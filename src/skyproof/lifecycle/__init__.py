"""A run's traces in the world: what it may make, what it writes down of it, and that nothing stays.

Before: ``ceiling`` refuses too much, ``lock`` holds the account. Meanwhile: ``journal`` and
``chronicle`` write down what is done, ``watching`` waits for a sudden end. Afterwards:
``inventory`` lists what there is, ``leaks`` says whose it is, ``removal`` removes it, ``proof``
does all three. For others: ``reaper`` finishes a run that died, ``sweep`` removes what is past its
time.
"""

from skyproof.lifecycle.inventory import Inventory, Item, take
from skyproof.lifecycle.leaks import Leftover, check
from skyproof.lifecycle.removal import Removed, remove

__all__ = ["Inventory", "Item", "Leftover", "Removed", "check", "remove", "take"]

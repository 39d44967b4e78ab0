"""One apply for all workers of a run: the controller applies, and each worker has a copy.

docs/decisions/0017-one-apply-for-all-workers.md says why and how.
"""

from skyproof.sharing.guest import Guest, Sharing
from skyproof.sharing.host import Host

__all__ = ["Guest", "Host", "Sharing"]

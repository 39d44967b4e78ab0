"""A strict emulator: it stands in for a real account, with callers, permissions and bad days.

What calls it from outside is authenticated and judged by its policies, is throttled and cut off as
often as its file says, and reads what was written a little later. Services that call one another
go past all this, as they do without.
"""

from skyproof.emulator.strict.gateway import StrictGateway
from skyproof.emulator.strict.settings import Settings, read

__all__ = ["Settings", "StrictGateway", "read"]

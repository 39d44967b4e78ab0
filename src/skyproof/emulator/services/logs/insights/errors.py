"""The one way in which a query is refused."""

from __future__ import annotations


class QueryError(ValueError):
    """A query that AWS refuses, or that this emulator does not implement.

    The text is that of AWS's MalformedQueryException: a problem "at line 1 and position 12". Lines
    are counted from 1, the characters of a line from 0.
    """

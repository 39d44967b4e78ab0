"""One run: where it works, the stacks that it applies, each in one of four ways, and their end.

A way is a class with ``apply``: :class:`~skyproof.session.plain.Plain` copies a stack and applies
it; :class:`~skyproof.session.reused.Reused` takes a copy of what stands;
:class:`~skyproof.session.shared.Shared` has the controller apply it once for all workers;
:class:`~skyproof.session.staged.Staged` is one stage alone. :class:`Session` chooses.
"""

from skyproof.session.session import Session

__all__ = ["Session"]

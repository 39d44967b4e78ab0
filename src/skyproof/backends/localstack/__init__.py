"""LocalStack as a backend, with services of ours for what it lacks."""

from skyproof.backends.localstack.backend import Localstack

__all__ = ["Localstack"]

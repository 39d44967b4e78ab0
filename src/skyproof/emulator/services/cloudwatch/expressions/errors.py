"""What is wrong with an expression."""

from __future__ import annotations


class ExpressionError(ValueError):
    """An expression that does not parse or can not be evaluated.

    The text completes AWS's "Error in expression 'e1': …", e.g. (recorded) "Function
    'ANOMALY_DETECTOR' not found". ``position`` counts characters from 0; it is None for errors of
    evaluation.
    """

    def __init__(self, text: str, position: int | None = None) -> None:
        super().__init__(text if position is None else f"{text} at position {position}")
        self.position = position


def not_implemented(what: str) -> ExpressionError:
    """For what AWS knows and this package does not."""
    return ExpressionError(f"{what} is not implemented")

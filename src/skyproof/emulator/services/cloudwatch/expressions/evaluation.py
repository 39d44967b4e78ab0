"""The evaluation of an expression, and the order in which to evaluate several."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from graphlib import CycleError, TopologicalSorter

from skyproof.emulator.services.cloudwatch.expressions.arguments import Argument, Arguments
from skyproof.emulator.services.cloudwatch.expressions.errors import ExpressionError
from skyproof.emulator.services.cloudwatch.expressions.functions import FUNCTIONS
from skyproof.emulator.services.cloudwatch.expressions.operators import negated, operate
from skyproof.emulator.services.cloudwatch.expressions.tree import (
    Array,
    Call,
    Chain,
    Expression,
    Keyword,
    Negation,
    Number,
    Power,
    Reference,
    Text,
    references,
)
from skyproof.emulator.services.cloudwatch.expressions.values import (
    Environment,
    Series,
    Value,
    kind,
)


def evaluate(expression: Expression, environment: Environment) -> Value:
    """The value of an expression; a scalar that is not defined is NaN.

    AWS returns time series alone: "The final result of any math expression must be a single time
    series or an array of time series." Whether the value is one is for the caller to check.

    Raises:
        ExpressionError: for an id that there is not, types that do not fit, what is not
            implemented.
    """
    match expression:
        case Number(value) | Text(value):
            return value
        case Reference(id):
            return _value(id, environment)
        case Keyword(name):
            raise ExpressionError(f"'{name}' is not a value")
        case Array(members):
            return [s for member in members for s in _series(evaluate(member, environment))]
        case Call(name, parts):
            arguments = tuple(_argument(part, environment) for part in parts)
            return FUNCTIONS[name].body(Arguments(name, arguments, environment))
        case Power(base, exponent):
            return operate("^", evaluate(base, environment), evaluate(exponent, environment))
        case Negation(term):
            return negated(evaluate(term, environment))
        case Chain(first, rest):
            result = evaluate(first, environment)
            for operator, operand in rest:
                result = operate(operator, result, evaluate(operand, environment))
            return result


def order(queries: Mapping[str, Expression], metrics: Collection[str] = ()) -> list[str]:
    """The ids of the expressions so that each comes after those that it uses.

    Args:
        queries: the expressions by id.
        metrics: the ids in the request that are no expressions.

    Raises:
        ExpressionError: for an id that is neither, and for expressions that rest on themselves.
    """
    known = {*queries, *metrics}
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for user, expression in queries.items():
        sorter.add(user)
        for used in references(expression):
            if used not in known:
                raise ExpressionError(f"Error in expression '{user}': Id '{used}' not found")
            if used in queries:
                sorter.add(user, used)
    try:
        return list(sorter.static_order())
    except CycleError as error:
        # The cycle is told from what is used to what uses it; readers expect the other way.
        path = " -> ".join(reversed(error.args[1]))
        raise ExpressionError(f"Expressions depend on themselves: {path}") from error


def _value(id: str, environment: Environment) -> Value:
    try:
        return environment.value(id)
    except KeyError as error:
        raise ExpressionError(f"Id '{id}' not found") from error


def _series(value: Value) -> list[Series]:
    """The time series in the member of an array; arrays in arrays are one long array."""
    match value:
        case Series():
            return [value]
        case list():
            return value
    raise ExpressionError(f"An array holds time series, not a {kind(value)}")


def _argument(expression: Expression, environment: Environment) -> Argument:
    match expression:
        case Keyword(name):
            return Argument(keyword=name)
        case Reference(id):
            return Argument(_value(id, environment), id=id)
    return Argument(evaluate(expression, environment))

"""CloudWatch metric math: expressions over the queries of a GetMetricData request or an alarm.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html

`parse` reads an expression, `references` and `order` tell what rests on what, `evaluate` computes.
Not implemented are INSIGHT_RULE_METRIC, SERVICE_QUOTA, DB_PERF_INSIGHTS and LAMBDA, which need
other services, and Metrics Insights queries.
"""

from __future__ import annotations

from skyproof.emulator.services.cloudwatch.expressions.errors import ExpressionError
from skyproof.emulator.services.cloudwatch.expressions.evaluation import evaluate, order
from skyproof.emulator.services.cloudwatch.expressions.syntax import parse
from skyproof.emulator.services.cloudwatch.expressions.tree import Expression, references, unparse
from skyproof.emulator.services.cloudwatch.expressions.values import (
    Environment,
    Points,
    Scalar,
    Series,
    Value,
)

__all__ = [
    "Environment",
    "Expression",
    "ExpressionError",
    "Points",
    "Scalar",
    "Series",
    "Value",
    "evaluate",
    "order",
    "parse",
    "references",
    "unparse",
]

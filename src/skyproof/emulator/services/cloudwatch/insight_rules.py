"""Contributor Insights rules, one's own and managed.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/ContributorInsights-RuleSyntax.html
"""

from __future__ import annotations

import json
from typing import Any

from skyproof.emulator.errors import AwsError
from skyproof.emulator.service import Call, Params, Regional, Result
from skyproof.emulator.services.cloudwatch import refusals
from skyproof.emulator.services.cloudwatch.paging import page
from skyproof.emulator.services.cloudwatch.store import InsightRule, Store
from skyproof.emulator.services.cloudwatch.tags import check_tags
from skyproof.emulator.services.cloudwatch.validation import operation
from skyproof.emulator.tags import as_dict

PAGE = 500
MAX_RULES = 100
MAX_KEYS = 4
MAX_FILTERS = 4
_SCHEMAS = ("CloudWatchLogRule/1", "CloudWatchLogRule/2")
_FORMATS = ("JSON", "CLF")
_AGGREGATES = ("Count", "Sum")


class InsightRules:
    """The insight rule operations, over the stores of a CloudWatch service."""

    stores: Regional[Store]

    @operation("PutInsightRule")
    def put_insight_rule(self, call: Call, params: Params) -> Result:
        name, definition = params["RuleName"], params["RuleDefinition"]
        state = params.get("RuleState", "ENABLED")
        if state not in ("ENABLED", "DISABLED"):
            raise refusals.invalid("RuleState must be ENABLED or DISABLED")
        schema = _schema(definition)
        check_tags(params.get("Tags"))
        store = self.stores.of(call)
        rule = store.insight_rules.get(name)
        if rule is None:
            if len(store.insight_rules) >= MAX_RULES:
                raise AwsError("LimitExceededException", f"At most {MAX_RULES} rules are allowed")
            arn = call.arn("cloudwatch", f"insight-rule/{name}")
            rule = store.insight_rules[name] = InsightRule(name, arn, definition, schema)
            store.tags[arn] = as_dict(params.get("Tags"))
        if rule.template is not None:
            raise refusals.invalid(f"Managed rule {name} cannot be edited")
        rule.definition, rule.schema, rule.enabled = definition, schema, state == "ENABLED"
        rule.on_transformed_logs = params.get("ApplyOnTransformedLogs")
        return {}

    @operation("DescribeInsightRules")
    def describe_insight_rules(self, call: Call, params: Params) -> Result:
        found = sorted(self.stores.of(call).insight_rules.values(), key=lambda rule: rule.name)
        rules, next_token = page(found, params.get("MaxResults", PAGE), params.get("NextToken"))
        return {"InsightRules": [_describe(rule) for rule in rules], **next_token}

    @operation("DeleteInsightRules")
    def delete_insight_rules(self, call: Call, params: Params) -> Result:
        store = self.stores.of(call)
        failures = _missing(store, params["RuleNames"])
        for name in params["RuleNames"]:
            rule = store.insight_rules.pop(name, None)
            if rule is not None:
                store.tags.pop(rule.arn, None)
        return {"Failures": failures}

    @operation("EnableInsightRules")
    def enable_insight_rules(self, call: Call, params: Params) -> Result:
        return self._switch(call, params["RuleNames"], enabled=True)

    @operation("DisableInsightRules")
    def disable_insight_rules(self, call: Call, params: Params) -> Result:
        return self._switch(call, params["RuleNames"], enabled=False)

    @operation("PutManagedInsightRules")
    def put_managed_insight_rules(self, call: Call, params: Params) -> Result:
        store = self.stores.of(call)
        for managed in params["ManagedRules"]:
            check_tags(managed.get("Tags"))
            template, resource = managed["TemplateName"], managed["ResourceARN"]
            known = _managed(store, resource)
            if template in known:
                # "If a previously created managed rule is currently disabled, a subsequent call …
                # will re-enable it."
                known[template].enabled = True
                continue
            name = _managed_name(template, resource)
            arn = call.arn("cloudwatch", f"insight-rule/{name}")
            # What a managed rule says is AWS's own affair; it is shown without a log group.
            definition = json.dumps({"Schema": {"Name": "CloudWatchLogRule", "Version": 1}})
            store.insight_rules[name] = InsightRule(
                name, arn, definition, _SCHEMAS[0], template=template, resource=resource
            )
            store.tags[arn] = as_dict(managed.get("Tags"))
        return {"Failures": []}

    @operation("ListManagedInsightRules")
    def list_managed_insight_rules(self, call: Call, params: Params) -> Result:
        found = sorted(_managed(self.stores.of(call), params["ResourceARN"]).items())
        rules, next_token = page(found, params.get("MaxResults", PAGE), params.get("NextToken"))
        return {
            "ManagedRules": [
                {
                    "TemplateName": template,
                    "ResourceARN": rule.resource,
                    "RuleState": {"RuleName": rule.name, "State": _state(rule)},
                }
                for template, rule in rules
            ],
            **next_token,
        }

    def _switch(self, call: Call, names: list[str], *, enabled: bool) -> Result:
        store = self.stores.of(call)
        for name in names:
            if name in store.insight_rules:
                store.insight_rules[name].enabled = enabled
        return {"Failures": _missing(store, names)}


def _schema(text: str) -> str:
    """The schema that a definition names, e.g. ``CloudWatchLogRule/1``.

    Raises:
        AwsError: InvalidParameterValue, for a definition that Contributor Insights would not take.
    """
    try:
        definition = json.loads(text)
    except ValueError as error:
        raise refusals.invalid(f"RuleDefinition is not valid JSON: {error}") from error
    if not isinstance(definition, dict):
        raise refusals.invalid("RuleDefinition must be a JSON object")
    named = definition.get("Schema")
    schema = (
        f"{named.get('Name')}/{named.get('Version')}" if isinstance(named, dict) else str(named)
    )
    if schema not in _SCHEMAS:
        raise refusals.invalid(f"RuleDefinition.Schema must be one of {', '.join(_SCHEMAS)}")
    groups = [k for k in ("LogGroupNames", "LogGroupARNs") if definition.get(k)]
    if not groups or not all(isinstance(definition[k], list) for k in groups):
        raise refusals.invalid("RuleDefinition needs a list of LogGroupNames or LogGroupARNs")
    if definition.get("LogFormat") not in _FORMATS:
        raise refusals.invalid(f"RuleDefinition.LogFormat must be one of {', '.join(_FORMATS)}")
    if definition["LogFormat"] == "CLF" and not isinstance(definition.get("Fields"), dict):
        raise refusals.invalid("RuleDefinition.Fields is required when LogFormat is CLF")
    _check_contribution(definition)
    return schema


def _check_contribution(definition: dict[str, Any]) -> None:
    contribution = definition.get("Contribution")
    if not isinstance(contribution, dict):
        raise refusals.invalid("RuleDefinition.Contribution is required")
    keys, filters = contribution.get("Keys"), contribution.get("Filters", [])
    if not isinstance(keys, list) or not 1 <= len(keys) <= MAX_KEYS:
        raise refusals.invalid(
            f"RuleDefinition.Contribution.Keys must have 1 to {MAX_KEYS} entries"
        )
    if not isinstance(filters, list) or len(filters) > MAX_FILTERS:
        raise refusals.invalid(
            f"RuleDefinition.Contribution.Filters must have at most {MAX_FILTERS} entries"
        )
    aggregate = definition.get("AggregateOn", "Count")
    if aggregate not in _AGGREGATES:
        raise refusals.invalid(
            f"RuleDefinition.AggregateOn must be one of {', '.join(_AGGREGATES)}"
        )
    if aggregate == "Sum" and not contribution.get("ValueOf"):
        raise refusals.invalid(
            "RuleDefinition.Contribution.ValueOf is required when AggregateOn is Sum"
        )


def _missing(store: Store, names: list[str]) -> list[dict[str, Any]]:
    return [
        {
            "FailureResource": name,
            "ExceptionType": "ResourceNotFoundException",
            "FailureCode": "404",
            "FailureDescription": f"Rule {name} does not exist",
        }
        for name in names
        if name not in store.insight_rules
    ]


def _managed(store: Store, resource: str) -> dict[str, InsightRule]:
    """The managed rules of a resource by template."""
    return {
        r.template: r for r in store.insight_rules.values() if r.template and r.resource == resource
    }


def _managed_name(template: str, resource: str) -> str:
    """Like AWS's, e.g. ``DynamoDBContributorInsights-PKC-table-1234``: template and resource."""
    return f"{template}-{resource.rpartition(':')[2].rpartition('/')[2]}"[:128]


def _state(rule: InsightRule) -> str:
    return "ENABLED" if rule.enabled else "DISABLED"


def _describe(rule: InsightRule) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "Name": rule.name,
        "State": _state(rule),
        "Schema": rule.schema,
        "Definition": rule.definition,
        "ManagedRule": rule.template is not None,
    }
    if rule.on_transformed_logs is not None:
        shown["ApplyOnTransformedLogs"] = rule.on_transformed_logs
    return shown

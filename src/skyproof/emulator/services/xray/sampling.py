"""Sampling rules, and the targets that SDKs ask for.

https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sampling.html
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

from skyproof.emulator.errors import AwsError
from skyproof.emulator.paging import page
from skyproof.emulator.service import Call, Params, Regional, Result
from skyproof.emulator.services.xray.store import SamplingReport, SamplingRule, Store
from skyproof.emulator.services.xray.tags import tag_dict
from skyproof.emulator.services.xray.validation import one_of, operation, refusal

DEFAULT = "Default"
MAX_RULES = 25
PAGE = 100
#: How often an SDK reports, in seconds; a client that was silent for longer has no share.
INTERVAL = 10
_EPOCH = datetime.fromtimestamp(0, UTC)
_OF_THE_DEFAULT_RULE = frozenset({"RuleName", "RuleARN", "FixedRate", "ReservoirSize"})


class Sampling:
    """The operations on sampling rules, statistics and targets."""

    stores: Regional[Store]

    @operation("CreateSamplingRule")
    def create_sampling_rule(self, call: Call, params: Params) -> Result:
        rules = self._rules(call)
        settings = params["SamplingRule"]
        if "RuleName" not in settings or "RuleARN" in settings:
            raise refusal("A new sampling rule needs a RuleName and no RuleARN")
        if settings["Version"] != 1:
            raise refusal("The version of a sampling rule must be 1")
        name = settings["RuleName"]
        if name in rules:
            raise refusal("Sampling rule already exists.")
        if len(rules) > MAX_RULES:
            raise AwsError(
                "RuleLimitExceededException", f"The limit of {MAX_RULES} rules is reached"
            )
        tags = tag_dict(params.get("Tags", []))
        arn = call.arn("xray", f"sampling-rule/{name}")
        now = call.world.clock.now()
        rules[name] = SamplingRule({"Attributes": {}, **settings, "RuleARN": arn}, now, now)
        self.stores.of(call).tags[arn] = tags
        return {"SamplingRuleRecord": _record(rules[name])}

    @operation("GetSamplingRules")
    def get_sampling_rules(self, call: Call, params: Params) -> Result:
        by_priority = sorted(
            self._rules(call).values(),
            key=lambda rule: (rule.settings["Priority"], rule.settings["RuleName"]),
        )
        rules, more = page(
            by_priority, PAGE, params.get("NextToken"), code="InvalidRequestException"
        )
        return {"SamplingRuleRecords": [_record(rule) for rule in rules], **more}

    @operation("UpdateSamplingRule")
    def update_sampling_rule(self, call: Call, params: Params) -> Result:
        change = params["SamplingRuleUpdate"]
        rule = self._rule(call, change)
        _check_change(rule, change)
        kept = {k: v for k, v in change.items() if k not in ("RuleName", "RuleARN")}
        rule.settings = rule.settings | kept
        rule.modified = call.world.clock.now()
        return {"SamplingRuleRecord": _record(rule)}

    @operation("DeleteSamplingRule")
    def delete_sampling_rule(self, call: Call, params: Params) -> Result:
        rule = self._rule(call, params)
        name = rule.settings["RuleName"]
        if name == DEFAULT:
            raise refusal("The Default sampling rule cannot be deleted.")
        del self._rules(call)[name]
        del self.stores.of(call).tags[rule.settings["RuleARN"]]
        return {"SamplingRuleRecord": _record(rule)}

    @operation("GetSamplingTargets")
    def get_sampling_targets(self, call: Call, params: Params) -> Result:
        rules = self._rules(call)
        store = self.stores.of(call)
        now = call.world.clock.now()
        documents = params["SamplingStatisticsDocuments"]
        known = [document for document in documents if document["RuleName"] in rules]
        store.reports.extend(_report(document) for document in known)
        return {
            "SamplingTargetDocuments": [
                _target(rules[one["RuleName"]], one["ClientID"], store.reports, now)
                for one in known
            ],
            "LastRuleModification": max(rule.modified for rule in rules.values()),
            "UnprocessedStatistics": [
                {
                    "RuleName": document["RuleName"],
                    "ErrorCode": "404",
                    "Message": "Sampling rule does not exist.",
                }
                for document in documents
                if document["RuleName"] not in rules
            ],
        }

    @operation("GetSamplingStatisticSummaries")
    def get_sampling_statistic_summaries(self, call: Call, params: Params) -> Result:
        reports = sorted(self.stores.of(call).reports, key=_of_summary)
        summaries = [
            _summary(rule, moment, list(group))
            for (rule, moment), group in groupby(reports, key=_of_summary)
        ]
        shown, more = page(summaries, PAGE, params.get("NextToken"), code="InvalidRequestException")
        return {"SamplingStatisticSummaries": shown, **more}

    def _rules(self, call: Call) -> dict[str, SamplingRule]:
        rules = self.stores.of(call).rules
        if DEFAULT not in rules:
            arn = call.arn("xray", f"sampling-rule/{DEFAULT}")
            rules[DEFAULT] = SamplingRule(_default_settings(arn), _EPOCH, _EPOCH)
            self.stores.of(call).tags[arn] = {}
        return rules

    def _rule(self, call: Call, params: Params) -> SamplingRule:
        wanted = one_of(params, "RuleName", "RuleARN")
        for rule in self._rules(call).values():
            if wanted in (rule.settings["RuleName"], rule.settings["RuleARN"]):
                return rule
        raise refusal("Sampling rule does not exist.")


def _default_settings(arn: str) -> dict[str, Any]:
    """One request a second and five per cent of the rest.

    https://docs.aws.amazon.com/xray/latest/devguide/xray-console-sampling.html
    """
    anything = ("ResourceARN", "ServiceName", "ServiceType", "Host", "HTTPMethod", "URLPath")
    return {
        "RuleName": DEFAULT,
        "RuleARN": arn,
        "Priority": 10000,
        "FixedRate": 0.05,
        "ReservoirSize": 1,
        "Version": 1,
        "Attributes": {},
        **dict.fromkeys(anything, "*"),
    }


def _check_change(rule: SamplingRule, change: dict[str, Any]) -> None:
    """The limits that the model states for a new rule alone, and those of the Default rule."""
    if rule.settings["RuleName"] == DEFAULT:
        fixed = sorted(
            name
            for name, value in change.items()
            if name not in _OF_THE_DEFAULT_RULE and value != rule.settings[name]
        )
        if fixed:
            raise refusal(f"{', '.join(fixed)} of the Default sampling rule cannot be changed.")
    elif not 1 <= change.get("Priority", 1) <= 9999:
        raise refusal("Priority must be between 1 and 9999")
    if not 0 <= change.get("FixedRate", 0) <= 1:
        raise refusal("FixedRate must be between 0 and 1")
    if change.get("ReservoirSize", 0) < 0:
        raise refusal("ReservoirSize must not be negative")


def _record(rule: SamplingRule) -> dict[str, Any]:
    return {
        "SamplingRule": rule.settings,
        "CreatedAt": rule.created,
        "ModifiedAt": rule.modified,
    }


def _report(document: dict[str, Any]) -> SamplingReport:
    return SamplingReport(
        document["RuleName"],
        document["ClientID"],
        document["Timestamp"],
        document["RequestCount"],
        document["SampledCount"],
        document.get("BorrowCount", 0),
    )


def _target(
    rule: SamplingRule, client: str, reports: list[SamplingReport], now: datetime
) -> dict[str, Any]:
    """A client's share of the rule's reservoir: an equal one; the first clients get the rest."""
    interval = timedelta(seconds=INTERVAL)
    active = sorted(
        {client}
        | {
            report.client
            for report in reports
            if report.rule == rule.settings["RuleName"] and report.timestamp > now - interval
        }
    )
    share, rest = divmod(rule.settings["ReservoirSize"], len(active))
    return {
        "RuleName": rule.settings["RuleName"],
        "FixedRate": rule.settings["FixedRate"],
        "ReservoirQuota": share + (active.index(client) < rest),
        "ReservoirQuotaTTL": now + interval,
        "Interval": INTERVAL,
    }


def _of_summary(report: SamplingReport) -> tuple[str, datetime]:
    return report.rule, report.timestamp.replace(second=0, microsecond=0)


def _summary(rule: str, moment: datetime, reports: list[SamplingReport]) -> dict[str, Any]:
    return {
        "RuleName": rule,
        "Timestamp": moment,
        "RequestCount": sum(report.requests for report in reports),
        "SampledCount": sum(report.sampled for report in reports),
        "BorrowCount": sum(report.borrowed for report in reports),
    }

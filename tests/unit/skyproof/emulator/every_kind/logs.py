"""Log groups, and what Logs keeps about and around them."""

from __future__ import annotations

import json

from tests.unit.skyproof.emulator.every_kind.kind import Fields, Kind, Tagged


class LogGroup(Tagged):
    service = "logs"

    @property
    def arn(self) -> str:
        return self.aws.arn("logs", "log-group:/shop")

    def first(self) -> Fields:
        return {"logGroupClass": "STANDARD"}

    def change(self) -> Fields:
        return {"retentionInDays": 400}

    def create(self, fields: Fields) -> None:
        self.client.create_log_group(logGroupName="/shop", **fields)

    def update(self, change: Fields) -> None:
        self.client.put_retention_policy(logGroupName="/shop", **change)

    def read(self) -> Fields | None:
        found = self.client.describe_log_groups(logGroupNamePrefix="/shop")["logGroups"]
        return dict(found[0]) if found else None

    def delete(self) -> None:
        self.client.delete_log_group(logGroupName="/shop")


class OfALogGroup(Kind):
    service = "logs"

    def prepare(self) -> None:
        self.client.create_log_group(logGroupName="/shop")


class QueryDefinition(Kind):
    service = "logs"

    def first(self) -> Fields:
        return {
            "name": "errors",
            "queryString": "fields @message | filter level = 'ERROR'",
            "logGroupNames": ["/shop", "/billing"],
            "queryLanguage": "CWLI",
        }

    def change(self) -> Fields:
        return {"name": "shop/errors", "queryString": "stats count()", "logGroupNames": ["/shop"]}

    def create(self, fields: Fields) -> None:
        self.made = self.client.put_query_definition(**fields)["queryDefinitionId"]

    def update(self, change: Fields) -> None:
        self.client.put_query_definition(queryDefinitionId=self.made, **self.first() | change)

    def read(self) -> Fields | None:
        found = self.client.describe_query_definitions()["queryDefinitions"]
        return dict(found[0]) if found else None

    def delete(self) -> None:
        assert self.client.delete_query_definition(queryDefinitionId=self.made)["success"]


class MetricFilter(OfALogGroup):
    def first(self) -> Fields:
        transformation = {
            "metricName": "Latency",
            "metricNamespace": "Shop",
            "metricValue": "$.ms",
            "dimensions": {"Path": "$.path", "Method": "$.method"},
            "unit": "Milliseconds",
        }
        return {
            "filterPattern": '{ $.ms = * && $.level != "DEBUG" }',
            "metricTransformations": [transformation],
            "applyOnTransformedLogs": True,
        }

    def change(self) -> Fields:
        transformation = {
            "metricName": "Errors",
            "metricNamespace": "Shop",
            "metricValue": "1",
            "defaultValue": 0.0,
            "unit": "Count",
        }
        return {"filterPattern": "?ERROR ?FATAL", "metricTransformations": [transformation]}

    def create(self, fields: Fields) -> None:
        self.client.put_metric_filter(logGroupName="/shop", filterName="f", **fields)

    def read(self) -> Fields | None:
        found = self.client.describe_metric_filters(logGroupName="/shop")["metricFilters"]
        return dict(found[0]) if found else None

    def delete(self) -> None:
        self.client.delete_metric_filter(logGroupName="/shop", filterName="f")


class LogAnomalyDetector(OfALogGroup, Tagged):
    gone = "ResourceNotFoundException"

    def first(self) -> Fields:
        return {
            "detectorName": "odd",
            "logGroupArnList": [LogGroup(self.aws).arn],
            "evaluationFrequency": "FIVE_MIN",
            "filterPattern": "ERROR",
            "anomalyVisibilityTime": 30,
        }

    def change(self) -> Fields:
        return {
            "evaluationFrequency": "ONE_HOUR",
            "filterPattern": "?ERROR ?WARN",
            "anomalyVisibilityTime": 90,
        }

    def create(self, fields: Fields) -> None:
        self.made = self.client.create_log_anomaly_detector(**fields)["anomalyDetectorArn"]

    def update(self, change: Fields) -> None:
        self.client.update_log_anomaly_detector(
            anomalyDetectorArn=self.made, enabled=False, **change
        )

    def read(self) -> Fields | None:
        told: Fields = self.client.get_log_anomaly_detector(anomalyDetectorArn=self.made)
        return told

    def delete(self) -> None:
        self.client.delete_log_anomaly_detector(anomalyDetectorArn=self.made)


def data_protection(identifier: str) -> str:
    identifiers = [f"arn:aws:dataprotection::aws:data-identifier/{identifier}"]
    audit: Fields = {"Audit": {"FindingsDestination": {}}}
    mask: Fields = {"Deidentify": {"MaskConfig": {}}}
    statements = [
        {"Sid": "audit", "DataIdentifier": identifiers, "Operation": audit},
        {"Sid": "mask", "DataIdentifier": identifiers, "Operation": mask},
    ]
    return json.dumps({"Name": "private", "Version": "2021-06-01", "Statement": statements})


class DataProtectionPolicy(OfALogGroup):
    def first(self) -> Fields:
        return {"policyDocument": data_protection("CreditCardNumber")}

    def change(self) -> Fields:
        return {"policyDocument": data_protection("EmailAddress")}

    def create(self, fields: Fields) -> None:
        self.client.put_data_protection_policy(logGroupIdentifier="/shop", **fields)

    def read(self) -> Fields | None:
        told: Fields = self.client.get_data_protection_policy(logGroupIdentifier="/shop")
        return told if "policyDocument" in told else None

    def delete(self) -> None:
        self.client.delete_data_protection_policy(logGroupIdentifier="/shop")


class AccountPolicy(Kind):
    """Of data protection; the other types are below."""

    service = "logs"
    type = "DATA_PROTECTION_POLICY"

    def first(self) -> Fields:
        return {"policyDocument": data_protection("CreditCardNumber"), "scope": "ALL"}

    def change(self) -> Fields:
        return {"policyDocument": data_protection("EmailAddress")}

    def create(self, fields: Fields) -> None:
        self.client.put_account_policy(policyName="p", policyType=self.type, **fields)

    def read(self) -> Fields | None:
        found = self.client.describe_account_policies(policyType=self.type)["accountPolicies"]
        return dict(found[0]) if found else None

    def delete(self) -> None:
        self.client.delete_account_policy(policyName="p", policyType=self.type)


class FieldIndexAccountPolicy(AccountPolicy):
    type = "FIELD_INDEX_POLICY"

    def first(self) -> Fields:
        return {
            "policyDocument": json.dumps({"Fields": ["RequestId"]}),
            "selectionCriteria": 'LogGroupNamePrefix == "/shop"',
        }

    def change(self) -> Fields:
        return {"policyDocument": json.dumps({"Fields": ["RequestId", "SessionId"]})}


class SubscriptionAccountPolicy(AccountPolicy):
    type = "SUBSCRIPTION_FILTER_POLICY"

    def prepare(self) -> None:
        self.aws("kinesis").create_stream(StreamName="all", ShardCount=1)

    def first(self) -> Fields:
        return {
            "policyDocument": self.document("ERROR"),
            "selectionCriteria": 'LogGroupName NOT IN ["/shop"]',
        }

    def change(self) -> Fields:
        return {"policyDocument": self.document("?ERROR ?FATAL")}

    def document(self, pattern: str) -> str:
        return json.dumps(
            {
                "DestinationArn": self.aws.arn("kinesis", "stream/all"),
                "RoleArn": self.aws.arn("iam", "role/all", region=""),
                "FilterPattern": pattern,
                "Distribution": "Random",
            }
        )


KINDS: tuple[type[Kind], ...] = (
    LogGroup,
    QueryDefinition,
    MetricFilter,
    LogAnomalyDetector,
    DataProtectionPolicy,
    AccountPolicy,
    FieldIndexAccountPolicy,
    SubscriptionAccountPolicy,
)

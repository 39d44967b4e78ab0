"""What exists in some accounts and regions, by the services' own list calls.

The tagging API alone would miss what Terraform never knew and what carries no tag: log groups that
a function made, metric filters, alarm detectors, policies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import jmespath

ClientFactory = Callable[[str, str, str], Any]
"""``(service, region, account)`` → boto3 client."""


@dataclass(frozen=True)
class Listing:
    """One list call and where in its answer the names are.

    Attributes:
        names: a JMESPath expression that yields a list of strings.
        regional: false for services that answer the same in every region.
    """

    service: str
    operation: str
    names: str
    arguments: dict[str, Any] = field(default_factory=dict)
    regional: bool = True

    def read(self, client: Any) -> Iterator[str]:
        """The names that one client sees, over all pages."""
        for page in _pages(client, self.operation, self.arguments):
            yield from jmespath.search(self.names, page) or ()


LISTINGS = (
    Listing(
        "cloudwatch",
        "describe_alarms",
        "[MetricAlarms[].AlarmArn, CompositeAlarms[].AlarmArn][]",
        {"AlarmTypes": ["MetricAlarm", "CompositeAlarm"]},
    ),
    Listing(
        "cloudwatch",
        "describe_anomaly_detectors",
        "AnomalyDetectors[].to_string(@)",
        {"AnomalyDetectorTypes": ["SINGLE_METRIC", "METRIC_MATH"]},
    ),
    Listing("cloudwatch", "list_dashboards", "DashboardEntries[].DashboardArn"),
    Listing("cloudwatch", "list_metric_streams", "Entries[].Arn"),
    Listing("cloudwatch", "describe_insight_rules", "InsightRules[].Name"),
    Listing("cloudformation", "describe_stacks", "Stacks[].StackId"),
    Listing("ec2", "describe_vpcs", "Vpcs[].VpcId"),
    Listing("ec2", "describe_subnets", "Subnets[].SubnetId"),
    Listing("ec2", "describe_security_groups", "SecurityGroups[].GroupId"),
    Listing("ec2", "describe_route_tables", "RouteTables[].RouteTableId"),
    Listing("ec2", "describe_vpc_endpoints", "VpcEndpoints[?State!='deleted'].VpcEndpointId"),
    Listing("ecs", "list_clusters", "clusterArns"),
    Listing("ecs", "list_task_definitions", "taskDefinitionArns", {"status": "ACTIVE"}),
    Listing("events", "list_rules", "Rules[].Arn"),
    Listing("events", "list_event_buses", "EventBuses[].Arn"),
    Listing("firehose", "list_delivery_streams", "DeliveryStreamNames"),
    Listing("iam", "list_roles", "Roles[].Arn", regional=False),
    Listing("iam", "list_policies", "Policies[].Arn", {"Scope": "Local"}, regional=False),
    Listing("iam", "list_users", "Users[].Arn", regional=False),
    Listing("kms", "list_aliases", "Aliases[?!starts_with(AliasName, 'alias/aws/')].AliasArn"),
    Listing("lambda", "list_functions", "Functions[].FunctionArn"),
    Listing("lambda", "list_event_source_mappings", "EventSourceMappings[].UUID"),
    Listing("logs", "describe_log_groups", "logGroups[].arn"),
    Listing("logs", "describe_metric_filters", "metricFilters[].[logGroupName, filterName][]"),
    Listing("logs", "describe_query_definitions", "queryDefinitions[].name"),
    Listing("logs", "list_log_anomaly_detectors", "anomalyDetectors[].anomalyDetectorArn"),
    Listing("oam", "list_sinks", "Items[].Arn"),
    Listing("oam", "list_links", "Items[].Arn"),
    Listing("s3", "list_buckets", "Buckets[].Name", regional=False),
    Listing("scheduler", "list_schedules", "Schedules[].Arn"),
    Listing("scheduler", "list_schedule_groups", "ScheduleGroups[?Name!='default'].Arn"),
    Listing("sns", "list_topics", "Topics[].TopicArn"),
    Listing("sns", "list_subscriptions", "Subscriptions[].SubscriptionArn"),
    Listing("sqs", "list_queues", "QueueUrls"),
    Listing("synthetics", "describe_canaries", "Canaries[].Name"),
    Listing("synthetics", "list_groups", "Groups[].Arn"),
    Listing("xray", "get_groups", "Groups[].GroupARN"),
    Listing("xray", "get_sampling_rules", "SamplingRuleRecords[].SamplingRule.RuleARN"),
)


@dataclass(frozen=True, order=True)
class Item:
    """One thing that exists: where, of which service and kind, and its name or ARN."""

    account: str
    region: str
    service: str
    kind: str
    name: str

    def __str__(self) -> str:
        where = f"{self.account} {self.region}"
        return f"{self.service} {self.kind.removeprefix('describe_')} {self.name} ({where})"


@dataclass(frozen=True)
class Inventory:
    """Everything that the list calls saw."""

    items: frozenset[Item]

    def __sub__(self, earlier: Inventory) -> list[Item]:
        """What is here and was not there before, sorted."""
        return sorted(self.items - earlier.items)

    def __len__(self) -> int:
        return len(self.items)


def take(
    client: ClientFactory,
    accounts: Iterable[str],
    regions: Sequence[str],
    listings: Iterable[Listing] = LISTINGS,
) -> Inventory:
    """List everything in the given accounts and regions.

    KMS keys that wait for their deletion do not count: AWS keeps a deleted key for 7 to 30 days.
    https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html

    Raises:
        botocore.exceptions.ClientError: a list call was refused.
    """
    found: set[Item] = set()
    listings = tuple(listings)
    for account in accounts:
        for region in regions:
            for listing in listings:
                if not listing.regional and region != regions[0]:
                    continue
                reader = client(listing.service, region, account)
                where = region if listing.regional else "global"
                found.update(
                    Item(account, where, listing.service, listing.operation, name)
                    for name in listing.read(reader)
                )
            keys = _living_keys(client("kms", region, account))
            found.update(Item(account, region, "kms", "list_keys", key) for key in keys)
    return Inventory(frozenset(found))


def _living_keys(kms: Any) -> Iterator[str]:
    for page in _pages(kms, "list_keys", {}):
        for key in page["Keys"]:
            described = kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
            if described["KeyState"] != "PendingDeletion":
                yield described["Arn"]


def _pages(client: Any, operation: str, arguments: dict[str, Any]) -> Iterable[dict[str, Any]]:
    if client.can_paginate(operation):
        pages: Iterable[dict[str, Any]] = client.get_paginator(operation).paginate(**arguments)
        return pages
    return [getattr(client, operation)(**arguments)]

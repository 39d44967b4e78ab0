"""Groups of traces, and sampling rules."""

from __future__ import annotations

from tests.unit.skyproof.emulator.every_kind.kind import Fields, Kind, Tagged


class TraceGroup(Tagged):
    service = "xray"
    #: "Group not found"
    gone = "InvalidRequestException"

    def first(self) -> Fields:
        return {
            "FilterExpression": "fault = true",
            "InsightsConfiguration": {"InsightsEnabled": True, "NotificationsEnabled": True},
        }

    def change(self) -> Fields:
        return {
            "FilterExpression": "responsetime > 5",
            "InsightsConfiguration": {"InsightsEnabled": True, "NotificationsEnabled": False},
        }

    def create(self, fields: Fields) -> None:
        self.made = self.client.create_group(GroupName="shop", **fields)["Group"]["GroupARN"]

    def update(self, change: Fields) -> None:
        self.client.update_group(GroupName="shop", **change)

    def read(self) -> Fields | None:
        told: Fields = self.client.get_group(GroupName="shop")["Group"]
        return told

    def delete(self) -> None:
        self.client.delete_group(GroupName="shop")


class SamplingRule(Tagged):
    service = "xray"

    def first(self) -> Fields:
        return {
            "Priority": 10,
            "FixedRate": 0.5,
            "ReservoirSize": 7,
            "ServiceName": "shop",
            "ServiceType": "AWS::ECS::Container",
            "Host": "shop.example",
            "HTTPMethod": "POST",
            "URLPath": "/orders/*",
            "ResourceARN": "*",
            "Version": 1,
            "Attributes": {"tenant": "gold"},
        }

    def change(self) -> Fields:
        return {"Priority": 20, "FixedRate": 0.1, "ReservoirSize": 0, "Attributes": {}}

    def create(self, fields: Fields) -> None:
        tags = {name: fields[name] for name in ("Tags",) if name in fields}
        rule = {name: value for name, value in fields.items() if name not in tags}
        answer = self.client.create_sampling_rule(
            SamplingRule={"RuleName": "orders", **rule}, **tags
        )
        self.made = answer["SamplingRuleRecord"]["SamplingRule"]["RuleARN"]

    def update(self, change: Fields) -> None:
        self.client.update_sampling_rule(SamplingRuleUpdate={"RuleName": "orders", **change})

    def read(self) -> Fields | None:
        records = self.client.get_sampling_rules()["SamplingRuleRecords"]
        rules: list[Fields] = [record["SamplingRule"] for record in records]
        return next((rule for rule in rules if rule["RuleName"] == "orders"), None)

    def delete(self) -> None:
        self.client.delete_sampling_rule(RuleName="orders")


KINDS: tuple[type[Kind], ...] = (TraceGroup, SamplingRule)

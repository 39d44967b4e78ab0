"""What a monitoring account sees of others, for the services that read across accounts.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-Unified-Cross-Account.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from skyproof.emulator.service import Regional
from skyproof.emulator.services.oam import filters
from skyproof.emulator.services.oam.store import Link, Store

Shared = Literal["AWS::CloudWatch::Metric", "AWS::Logs::LogGroup"]
_FILTERS: dict[str, tuple[str, filters.Term]] = {
    "AWS::CloudWatch::Metric": ("MetricConfiguration", "Namespace"),
    "AWS::Logs::LogGroup": ("LogGroupConfiguration", "LogGroupName"),
}


class Sharing:
    """Asked by other services, not by clients."""

    stores: Regional[Store]

    def shared_with(
        self, account: str, region: str, kind: Shared
    ) -> dict[str, Callable[[str], bool]]:
        """Source account → whether a namespace or log group of it is shared with the account."""
        sinks = self.stores.at(account, region).sinks
        return {
            source: _passes(link, kind)
            for source, where, store in self.stores
            if where == region and source != account
            for link in store.links.values()
            if link.sink_arn in sinks and kind in link.resource_types
        }

    def watching(self, account: str, region: str) -> list[str]:
        """The monitoring accounts that a source account's links lead to."""
        links = self.stores.at(account, region).links.values()
        return sorted({link.sink_arn.split(":")[4] for link in links})


def _passes(link: Link, kind: Shared) -> Callable[[str], bool]:
    member, term = _FILTERS[kind]
    text = link.configuration.get(member, {}).get("Filter")
    if not text or text == filters.EVERYTHING:
        return lambda _: True
    return filters.parse(text, term).matches

"""Reading metrics, also those that linked accounts share.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-Unified-Cross-Account.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from skyproof.emulator.errors import AwsError
from skyproof.emulator.service import Regional
from skyproof.emulator.services.cloudwatch import retention
from skyproof.emulator.services.cloudwatch.metrics import Distribution, MetricId, MetricStore
from skyproof.emulator.services.cloudwatch.store import Store

if TYPE_CHECKING:
    from skyproof.emulator.world import World

Params = dict[str, Any]


class Reader:
    """Reads metrics as one account and region sees them."""

    def __init__(self, world: World, stores: Regional[Store], account: str, region: str) -> None:
        self.world = world
        self.account = account
        self.region = region
        self._stores = stores

    @property
    def own(self) -> Store:
        """The account's own store."""
        return self._stores.at(self.account, self.region)

    def metrics_of(self, owner: str | None, namespace: str) -> MetricStore:
        """The account's metrics, or those of a source account that shares the namespace with it.

        Raises:
            AwsError: ValidationError, when no link shares it.
        """
        if owner in (None, self.account):
            return self.own.metrics
        assert owner is not None
        shares = self.shared().get(owner)
        if shares is None or not shares(namespace):
            raise AwsError(
                "ValidationError",
                f"Account {owner} does not share metrics of {namespace} "
                f"with account {self.account}",
            )
        return self._stores.at(owner, self.region).metrics

    def shared(self) -> dict[str, Callable[[str], bool]]:
        """Source account → whether a namespace of its metrics is shared."""
        from skyproof.emulator.services.oam import Oam

        oam = Oam.of(self.world)
        return oam.shared_with(self.account, self.region, "AWS::CloudWatch::Metric")

    def visible(self, *, linked: bool) -> Iterator[tuple[str, MetricId, MetricStore]]:
        """Every metric with its account, in a fixed order; with ``linked`` those shared as well."""
        for metric in sorted(self.own.metrics.series):
            yield self.account, metric, self.own.metrics
        if linked:
            for owner, shares in sorted(self.shared().items()):
                store = self._stores.at(owner, self.region).metrics
                for metric in sorted(store.series):
                    if shares(metric.namespace):
                        yield owner, metric, store

    def distributions(
        self, query: Params, start: int, end: int
    ) -> tuple[dict[int, Distribution], list[str]]:
        """The samples of a ``MetricStat`` query by period, and all units that there are.

        Where there are several units and none is asked for, the first in the alphabet is read.
        """
        stat = query["MetricStat"]
        metric = MetricId.of(stat["Metric"])
        store = self.metrics_of(query.get("AccountId"), metric.namespace)
        wanted = stat.get("Unit")
        start = retention.readable(start, stat["Period"], self.world.clock.now().timestamp())
        units = [wanted] if wanted else store.units(metric, start, end)
        found: dict[int, Distribution] = {}
        for unit in units[:1]:
            found = dict(store.periods(metric, unit, start, end, stat["Period"]))
        return found, units

"""The proof that a run left nothing: inventories of every account and region that it used."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_exponential

from skyproof.backends import Backend
from skyproof.errors import ExitCode, SkyproofError
from skyproof.lifecycle import leaks, places
from skyproof.lifecycle.inventory import Inventory, Item, take
from skyproof.lifecycle.leaks import Leftover
from skyproof.lifecycle.removal import remove
from skyproof.run import Run

# Lists tell for a while of what is deleted: S3 and IAM are eventually consistent.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/Welcome.html#ConsistencyModel
PATIENCE_SECONDS = 60.0

Place = tuple[str, str]


class LeftBehind(SkyproofError):
    """Terraform's destroy had left something, and it is removed."""


@dataclass
class Proof:
    """Looks before a run makes something, and after it destroyed it.

    Attributes:
        tell: takes a line for what is new and may be somebody else's.
        patience: seconds in which what is left may still go by itself.
    """

    backend: Backend
    run: Run
    tell: Callable[[str], None]
    patience: float = PATIENCE_SECONDS
    _before: dict[Place, frozenset[Item]] = field(default_factory=dict)

    def look_before(self, top: Path) -> None:
        """Remember what there is where a stack is going to be applied.

        Args:
            top: the top folder of its workspace.

        Raises:
            SkyproofError: it cannot be seen.
        """
        new = [
            one for one in _pairs(places.of_stacks([top], self.backend)) if one not in self._before
        ]
        try:
            for account, region in new:
                seen = take(self.backend.client, [account], [region])
                self._before[account, region] = seen.items
        except (BotoCoreError, ClientError) as error:
            raise SkyproofError(
                f"What there is in the account cannot be listed, so nothing is applied: {error}",
                "docs/sandbox.md names the policy that allows it.",
                ExitCode.ENVIRONMENT,
            ) from error

    def check(self) -> None:
        """Remove what is left of the run, and fail; name what is new and not known to be the run's.

        Raises:
            LeftBehind: it names everything that was left and is removed now, one a line.
            SkyproofError: something could not be removed, or seen; the message has the way out.
        """
        if not self._before:
            return
        waiting = Retrying(
            retry=retry_if_result(bool),
            stop=stop_after_delay(self.patience),
            wait=wait_exponential(min=1, max=10),
            retry_error_callback=lambda state: state.outcome.result() if state.outcome else [],
        )
        try:
            left: list[Leftover] = waiting(self._left)
        except (BotoCoreError, ClientError) as error:
            raise SkyproofError(
                f"Whether anything of run {self.run.id} is left cannot be seen: {error}",
                f"Its journal is kept; look again with: skyproof reap --run {self.run.id}",
                ExitCode.FAILED,
            ) from error
        if left:
            self._remove(left)

    def _remove(self, left: list[Leftover]) -> None:
        """Nothing stays, and nothing is hidden: what was left is removed, and fails the run."""
        removed = remove(self.backend.client, left)
        lines = [f"  {one}: removed" for one in removed.done]
        lines += [f"  {one}" for one in removed.failed]
        way_out = f"Try again what could not be removed: skyproof reap --run {self.run.id}"
        error = LeftBehind if not removed.failed else SkyproofError
        raise error(
            f"Terraform's destroy left of run {self.run.id}:\n" + "\n".join(lines),
            way_out if removed.failed else "",
            ExitCode.FAILED,
        )

    def _left(self) -> list[Leftover]:
        before = Inventory(frozenset().union(*self._before.values()))
        after = merged(
            take(self.backend.client, [account], [region]) for account, region in self._before
        )
        left = leaks.of_run(self.backend.client, self.run.id, after, before)
        ours = {one.item for one in left}
        for item in after - before:
            if item not in ours and not left:
                self.tell(f"new, and not known to be this run's: {item}")
        return left


def merged(inventories: Iterable[Inventory]) -> Inventory:
    """What several inventories saw, as one."""
    seen = tuple(inventories)
    return Inventory(
        frozenset().union(*(one.items for one in seen)),
        tuple(dict.fromkeys(account for one in seen for account in one.accounts)),
        tuple(dict.fromkeys(region for one in seen for region in one.regions)),
    )


def _pairs(found: places.Places) -> list[Place]:
    accounts, regions = found
    return [(account, region) for account in accounts for region in regions]

"""Running checks against one endpoint, with every call that they made on record."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import boto3
import urllib3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from skyproof.expect import Clock, EmulatedClock, RealClock
from skyproof.probe.bench import Bench, Mismatch, is_lacking
from skyproof.probe.check import Check

Result = Literal["holds", "differs", "lacks", "fails"]
ACCOUNT, REGION = "123456789012", "us-east-1"
SECONDS = 60
#: What botocore makes of every answer, or of some refusals, whatever the service says.
_EVERYWHERE = frozenset(("Error", "Message", "ResponseMetadata", "message"))


@dataclass(frozen=True)
class Recorded:
    """One call: what it was answered, without the values, which differ from run to run."""

    operation: str
    status: int
    code: str
    members: tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    """What came of a check.

    Attributes:
        result: ``holds``; ``differs`` from AWS; the endpoint ``lacks`` an operation; it ``fails``.
        detail: why it does not hold, in one line; what could not be deleted again.
        calls: in the order in which they were answered.
    """

    service: str
    what: str
    result: Result
    detail: str
    seconds: float
    calls: list[Recorded] = field(default_factory=list)

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self)


class _Clients:
    """boto3 against one endpoint, without retries; each answer is noted."""

    def __init__(self, url: str) -> None:
        self._url = url
        # One, for it remembers the services' models, 30 ms each.
        self._session = boto3.session.Session()
        self._made: dict[tuple[str, str, str], Any] = {}
        self.calls: list[Recorded] = []

    def __call__(self, service: str, region: str | None = None, account: str | None = None) -> Any:
        key = (service, region or REGION, account or ACCOUNT)
        if key not in self._made:
            self._made[key] = self._make(*key)
        return self._made[key]

    def _make(self, service: str, region: str, account: str) -> Any:
        client = self._session.client(
            service,
            endpoint_url=self._url,
            region_name=region,
            aws_access_key_id=account,
            aws_secret_access_key="probe",  # noqa: S106 (nothing verifies it)
            config=Config(
                retries={"total_max_attempts": 1},
                read_timeout=SECONDS,
                s3={"addressing_style": "path"},
                proxies={},
                inject_host_prefix=False,
            ),
        )
        client.meta.events.register("after-call.*", self._note)
        return client

    def _note(self, http_response: Any, parsed: dict[str, Any], model: Any, **_: Any) -> None:
        error = parsed.get("Error", {}).get("Code", "")
        members = sorted(parsed.keys() - _EVERYWHERE)
        operation = f"{model.service_model.service_name}:{model.name}"
        note = Recorded(operation, http_response.status_code, str(error), tuple(members))
        self.calls.append(note)


def run(
    url: str, checks: Iterable[Check], tell: Callable[[Outcome], None] = lambda _: None
) -> list[Outcome]:
    """Run checks one after the other; each deletes what it made.

    Args:
        url: the endpoint; :func:`require_emulator` has let it pass.
        tell: hears each outcome at once.
    """
    clients, clock = _Clients(url), _clock_of(url)
    outcomes: list[Outcome] = []
    with _standing(clock):
        for check in checks:
            outcomes.append(_outcome(check, clients, clock))
            tell(outcomes[-1])
    return outcomes


@contextmanager
def _standing(clock: Clock) -> Iterator[None]:
    """An emulated clock goes by itself or is turned, one of the two."""
    if not isinstance(clock, EmulatedClock) or clock.mode == "manual":
        yield
        return
    clock.set(mode="manual")
    try:
        yield
    finally:
        clock.set(mode="real")


def _outcome(check: Check, clients: _Clients, clock: Clock) -> Outcome:
    clients.calls = []
    bench, begun = Bench(clients, clock, secrets.token_hex(3)), time.monotonic()
    result, detail = _judged(check, bench)
    calls = list(clients.calls)
    left = bench.clean()
    if left:
        detail = "; ".join([detail, *(f"left behind: {one}" for one in left)]).removeprefix("; ")
    seconds = round(time.monotonic() - begun, 2)
    return Outcome(check.service, check.what, result, detail, seconds, calls)


def _judged(check: Check, bench: Bench) -> tuple[Result, str]:
    try:
        check.body(bench)
    except Mismatch as mismatch:
        return "differs", str(mismatch)
    except ClientError as error:
        detail = f"{error.operation_name}: {error.response['Error'].get('Message', '')}"
        return ("lacks" if is_lacking(error) else "fails"), " ".join(detail.split())
    except BotoCoreError as error:
        return "fails", " ".join(str(error).split())
    except (LookupError, TypeError, ValueError) as error:
        return "differs", f"the answer has another form: {type(error).__name__}: {error}"
    return "holds", ""


def _clock_of(url: str) -> Clock:
    """Our own emulator's time can be turned; any other's has to be waited for."""
    try:
        answer = urllib3.request("GET", f"{url}/_skyproof/health", timeout=5, retries=False)
    except urllib3.exceptions.HTTPError:
        return RealClock()
    return EmulatedClock(url) if answer.status == 200 else RealClock()

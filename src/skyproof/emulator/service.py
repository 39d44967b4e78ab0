"""What a service of ours is: a class of operations over the state of one world."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypeVar

from skyproof.emulator.acting import Principal
from skyproof.emulator.errors import OperationNotImplementedError
from skyproof.emulator.target import Target

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from skyproof.emulator.world import World

Params = dict[str, Any]
Result = dict[str, Any] | None
Handler = Callable[[Any, "Call", Params], Result]
H = TypeVar("H", bound=Handler)
S = TypeVar("S")


@dataclass(frozen=True)
class Call:
    """One request to one operation: who asks, where, and the world that it happens in.

    Attributes:
        host: the host and port that the client called, for answers that hold URLs.
        principal: the service or role that acts; ``None`` for a caller from outside.
    """

    world: World
    target: Target
    operation: str
    host: str = "127.0.0.1"
    principal: Principal | None = None

    @property
    def account(self) -> str:
        return self.target.account

    @property
    def region(self) -> str:
        return self.target.region

    @property
    def partition(self) -> str:
        if self.region.startswith("cn-"):
            return "aws-cn"
        return "aws-us-gov" if self.region.startswith("us-gov-") else "aws"

    def arn(self, service: str, resource: str, *, region: str | None = None) -> str:
        """An ARN in this call's account; pass ``region=""`` for global services."""
        where = self.region if region is None else region
        return f"arn:{self.partition}:{service}:{where}:{self.account}:{resource}"

    def client(self, service: str, *, region: str | None = None, account: str | None = None) -> Any:
        """A boto3 client to any service of this world, as AWS services use one another."""
        return self.world.client(service, region or self.region, account or self.account)

    def base(self) -> Any:
        """A boto3 client to the base's implementation of this very service, past our own."""
        return self.world.base_client(self.target.service, self.region, self.account)


def operation(name: str) -> Callable[[H], H]:
    """Mark a method as the handler of an AWS operation, by the name in botocore's model.

    The method takes ``(self, call, params)``, params as boto3 takes them, and returns the response
    as boto3 gives it. It raises :class:`~skyproof.emulator.errors.AwsError` to refuse.
    """

    def mark(method: H) -> H:
        method.aws_operation = name  # type: ignore[attr-defined]
        return method

    return mark


@dataclass(frozen=True)
class Within:
    """A handler for services of this world, and the members that their calls may give."""

    handler: Handler
    members: frozenset[str]


def within(name: str, *members: str) -> Callable[[H], H]:
    """Mark a method as how an operation of the base is done for services of this world.

    It is a handler like those of :func:`operation`, for calls that give no other members: between
    services they need no wire, and the base can be asked past its own. Callers from outside get
    the base's answer.
    """

    def mark(method: H) -> H:
        method.aws_within = name, Within(method, frozenset(members))  # type: ignore[attr-defined]
        return method

    return mark


def unlocked(method: H) -> H:
    """Mark a handler that waits for others, such as a function that calls the emulator back.

    It runs without the world's lock and takes it itself where it reads or writes state.
    """
    method.aws_unlocked = True  # type: ignore[attr-defined]
    return method


def without_metadata(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer of a client, as a handler gives it."""
    return {member: value for member, value in answer.items() if member != "ResponseMetadata"}


class Service:
    """A service, or the part of one, that this emulator provides itself.

    What it does not handle goes to the base; a service whose ``complete`` is true does not lean on
    the base at all, and what it does not handle is answered 501.
    """

    name: ClassVar[str]
    complete: ClassVar[bool] = True
    #: What is exact, approximate or absent, for ``GET /_skyproof/health`` and docs/fidelity.md.
    fidelity: ClassVar[str] = ""
    _handlers: ClassVar[dict[str, Handler]]
    _handlers_within: ClassVar[dict[str, Within]]

    #: Operations that the base answers under our eyes.
    observes: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, world: World) -> None:
        self.world = world

    def observe(self, call: Call, params: Params, answer: Callable[[], Response]) -> Response:
        """Let the base answer one of ``observes``, and see to what follows from it.

        The request goes to the base as it came, whatever it holds; its answer may be changed.
        """
        raise NotImplementedError(f"{self.name} observes nothing")

    @classmethod
    def of(cls, world: World) -> Self:
        """The world's service of this class, for others that ask more of it than clients can.

        Raises:
            OperationNotImplementedError: the service is not ours in this world.
        """
        found = world.service(cls.name)
        if found is None:
            why = f"it needs {cls.name} of the same emulator, and here that is {world.base.name}'s"
            raise OperationNotImplementedError(cls.name, "what clients cannot ask", why)
        assert isinstance(found, cls), f"{cls.name} is not of {cls.__name__}"
        return found

    @classmethod
    def handlers(cls) -> dict[str, Handler]:
        """Operation name → unbound handler."""
        if "_handlers" not in cls.__dict__:
            methods = (getattr(cls, name) for name in dir(cls))
            cls._handlers = {m.aws_operation: m for m in methods if hasattr(m, "aws_operation")}
        return cls._handlers

    @classmethod
    def handlers_within(cls) -> dict[str, Within]:
        """What is done so for services of this world alone, by operation name."""
        if "_handlers_within" not in cls.__dict__:
            methods = (getattr(cls, name) for name in dir(cls))
            cls._handlers_within = dict(m.aws_within for m in methods if hasattr(m, "aws_within"))
        return cls._handlers_within


class Regional(Generic[S]):
    """One store for each account and region, made on first use: the isolation between them."""

    def __init__(self, factory: Callable[[], S]) -> None:
        self._factory = factory
        self._stores: dict[tuple[str, str], S] = {}

    def of(self, call: Call) -> S:
        """The store of the call's account and region."""
        return self.at(call.account, call.region)

    def at(self, account: str, region: str) -> S:
        """The store of any account and region."""
        key = (account, region)
        if key not in self._stores:
            # Whoever was faster keeps his.
            self._stores.setdefault(key, self._factory())
        return self._stores[key]

    def __iter__(self) -> Iterator[tuple[str, str, S]]:
        for (account, region), store in list(self._stores.items()):
            yield account, region, store

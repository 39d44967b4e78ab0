"""Lambda: what the base forgets or answers wrongly, over the base's functions and versions."""

from __future__ import annotations

from typing import ClassVar

from skyproof.emulator.functions import Pool
from skyproof.emulator.service import Regional, Service
from skyproof.emulator.services.lambda_.code_signing import CodeSigning
from skyproof.emulator.services.lambda_.functions import Functions
from skyproof.emulator.services.lambda_.invocation import Invocation
from skyproof.emulator.services.lambda_.layers import Layers
from skyproof.emulator.services.lambda_.mappings import Mappings
from skyproof.emulator.services.lambda_.running import Running
from skyproof.emulator.services.lambda_.runtime import Runtime
from skyproof.emulator.services.lambda_.store import Store
from skyproof.emulator.services.lambda_.tags import Tags
from skyproof.emulator.world import World


class Lambda(Functions, Layers, Running, Mappings, Invocation, Runtime, CodeSigning, Tags, Service):
    """moto drops a third of a function's configuration (docs/upstream.md)."""

    name: ClassVar[str] = "lambda"
    complete: ClassVar[bool] = False
    fidelity: ClassVar[str] = (
        "moto's functions, versions, aliases and layers; ours are every field of a configuration, "
        "packages that can be fetched, recursion, runtime and code-signing settings, and running "
        "Python functions with their layers: synchronous and asynchronous, with retries, "
        "destinations, dead letters, logs and metrics. Event source mappings poll SQS and Kinesis "
        "under the function's role: batches, windows, filters, partial failures, retries, "
        "bisection and destinations of failures. Concurrency, parallelization, provisioned pollers "
        "and a mapping's own metrics are kept and change nothing. Mappings of other "
        "sources, tumbling windows, Kinesis consumers and failures sent to S3 are refused. Other "
        "runtimes and images do not run; a function may call anything."
    )

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.stores = Regional(Store)
        self.pool = Pool()
        world.at_close(self.pool.close)
        world.at_renewal(self.pool.renew)


SERVICE = Lambda

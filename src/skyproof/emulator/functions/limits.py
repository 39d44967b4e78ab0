"""What one function may use; Lambda's quotas unless said otherwise.

https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""

from __future__ import annotations

MEGABYTE = 1024 * 1024

#: The unzipped package with all its layers.
MAX_UNZIPPED = 250 * MEGABYTE
#: Not Lambda's: a zip of many empty files costs nothing to send and much to unpack.
MAX_ENTRIES = 20_000
#: The response of one invocation, as Lambda's error message states it.
MAX_RESPONSE = 6_291_556

#: One log event of CloudWatch Logs
#: (https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html).
MAX_LINE = 256 * 1024
#: Not Lambda's: what an endless loop of prints may cost this process.
MAX_LINES = 10_000

#: Seconds in which the module is imported; a longer timeout of the function extends it, as Lambda
#: then repeats the phase inside the invocation
#: (https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html).
INIT_SECONDS = 10.0

#: Lambda's own runtime leaves a function of 128 MB room for boto3. An interpreter on another
#: system reserves more than it touches (8 MB for the stack of a thread), and that counts here.
_MEMORY_SLACK = 256 * MEGABYTE


def resources(memory: int) -> dict[str, int]:
    """Limits of the `resource` module for a function of `memory` MB, in bytes or numbers.

    RLIMIT_DATA counts private writable memory, which comes nearest to what Lambda counts:
    RLIMIT_AS would count mapped libraries too. RLIMIT_NPROC is one count for all processes of a
    user, so it cannot bound one function.
    """
    return {
        "RLIMIT_DATA": memory * MEGABYTE + _MEMORY_SLACK,
        "RLIMIT_FSIZE": 512 * MEGABYTE,
        "RLIMIT_NOFILE": 1024,
        "RLIMIT_CORE": 0,
    }

"""Writes docs/fidelity.md: what each emulated service does as AWS does it, and what it does not.

The words are the services' own, which `GET /_skyproof/health` answers as well.
"""

from pathlib import Path

from skyproof.emulator.services import SERVICES, load

ROOT = Path(__file__).resolve().parent.parent
#: Where the rules of each service were read; single rules cite their page in the code.
SOURCES = {
    "cloudformation": "https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/",
    "cloudwatch": "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/",
    "ec2": "https://docs.aws.amazon.com/vpc/latest/userguide/",
    "ecs": "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/",
    "events": "https://docs.aws.amazon.com/eventbridge/latest/userguide/",
    "firehose": "https://docs.aws.amazon.com/firehose/latest/dev/",
    "kinesis": "https://docs.aws.amazon.com/streams/latest/dev/",
    "kms": "https://docs.aws.amazon.com/kms/latest/APIReference/",
    "lambda": "https://docs.aws.amazon.com/lambda/latest/dg/",
    "logs": "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/",
    "oam": "https://docs.aws.amazon.com/OAM/latest/APIReference/",
    "s3": "https://docs.aws.amazon.com/AmazonS3/latest/userguide/",
    "scheduler": "https://docs.aws.amazon.com/scheduler/latest/UserGuide/",
    "sns": "https://docs.aws.amazon.com/sns/latest/dg/",
    "sqs": "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/",
    "synthetics": "https://docs.aws.amazon.com/AmazonSynthetics/latest/APIReference/",
    "xray": "https://docs.aws.amazon.com/xray/latest/api/",
}

HEAD = """# Fidelity

What the emulated services do as AWS does it, what only nearly, and what not at all. Services that
are not listed are [moto](https://docs.getmoto.org/)'s. `GET /_skyproof/health` says the same, with
every operation; [known-limits.md](known-limits.md) has what cuts across services. Written by
`python tools/fidelity.py`.

| service | what is exact, approximate or absent | read |
|---|---|---|
"""


def table() -> str:
    """The page, whole."""
    rows = (
        f"| `{name}` | {load(name).fidelity} | [AWS]({SOURCES[name]}) |"
        for name in sorted(SERVICES)
    )
    return HEAD + "\n".join(rows) + "\n"


if __name__ == "__main__":
    (ROOT / "docs" / "fidelity.md").write_text(table())

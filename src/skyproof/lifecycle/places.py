"""Where a run's stacks may have made something: accounts and regions."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import boto3

from skyproof.backends import Backend

# An ARN with an account, and with a region or none.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
ARN = re.compile(r"arn:aws[a-z-]*:[a-z0-9-]+:([a-z]{2}(?:-[a-z]+)+-\d)?:(\d{12}):")
QUOTED = re.compile(r"\"([a-z]{2}(?:-[a-z]+){1,2}-\d)\"")
SEARCHED = ("*.tf", "*.tf.json", "*.tfvars", "*.tfvars.json", "*.tfstate")

Places = tuple[tuple[str, ...], tuple[str, ...]]
"""Account ids and regions, the backend's own first."""


def of_stacks(tops: Iterable[Path], backend: Backend) -> Places:
    """Every account and region that the stacks' files name, and the backend's own.

    A state alone would not do: a Terraform that was killed may have made the first thing of a
    region without writing it down. Accounts that the backend has no way into are left out.

    Args:
        tops: the top folders of workspaces.
    """
    accounts, regions = [backend.account], [backend.region]
    for text in _texts(tops):
        for region, account in ARN.findall(text):
            accounts.append(account)
            regions.append(region)
        regions += QUOTED.findall(text)
    known = {backend.region, *boto3.session.Session().get_available_regions("s3")}
    return (
        tuple(one for one in dict.fromkeys(accounts) if backend.reaches(one)),
        tuple(one for one in dict.fromkeys(regions) if one in known),
    )


def _texts(tops: Iterable[Path]) -> Iterable[str]:
    for top in tops:
        for pattern in SEARCHED:
            for file in sorted(top.rglob(pattern)):
                if ".terraform" not in file.parts:
                    yield file.read_text(errors="replace")

"""What a stack may create in a sandbox: a ceiling for each type, looked at before the apply.

Things that cost by the hour, cannot be deleted soon, or bind the account stay out unless a setting
lets them in. The reasons are AWS's prices and terms; each is on the service's pricing page,
https://aws.amazon.com/pricing/.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase

from skyproof.errors import ExitCode, SkyproofError
from skyproof.settings import OPTIONS
from skyproof.terraform import Plan
from skyproof.terraform.views import Change

HOURLY = "is charged by the hour, used or not"
ROOM = "more than a stack under test needs"
# Pattern of types → how many, and why no more.
DEFAULTS: dict[str, tuple[int, str]] = {
    "*": (500, ROOM),
    "aws_acmpca_*": (0, "a private CA costs hundreds of dollars a month"),
    "aws_autoscaling_group": (0, HOURLY),
    "aws_bedrock_provisioned_model_throughput": (0, "is bought for a month or more"),
    "aws_cloudhsm_*": (0, HOURLY),
    "aws_dax_cluster": (0, HOURLY),
    "aws_db_*": (0, HOURLY),
    "aws_db_*_group": (20, ROOM),
    "aws_directory_service_directory": (0, HOURLY),
    "aws_dms_replication_*": (0, HOURLY),
    "aws_docdb_cluster*": (0, HOURLY),
    "aws_dx_*": (0, "a port is ordered from AWS and charged by the hour"),
    "aws_ec2_capacity_reservation": (0, "capacity is charged by the hour, used or not"),
    "aws_ec2_fleet": (0, HOURLY),
    "aws_ec2_host": (0, "a dedicated host is charged whole"),
    "aws_ec2_transit_gateway*": (0, HOURLY),
    "aws_eip": (5, HOURLY),
    "aws_eks_*": (0, HOURLY),
    "aws_elasticache_*": (0, HOURLY),
    "aws_elasticsearch_domain": (0, HOURLY),
    "aws_emr*": (0, HOURLY),
    "aws_fsx_*": (0, HOURLY),
    "aws_globalaccelerator_*": (0, HOURLY),
    "aws_instance": (0, HOURLY),
    "aws_kendra_index": (0, HOURLY),
    "aws_kinesis_stream": (5, "shards are charged by the hour, used or not"),
    "aws_kms_key": (20, "a key is charged until its deletion, which takes a week at least"),
    "aws_lb": (2, HOURLY),
    "aws_memorydb_cluster": (0, HOURLY),
    "aws_mq_broker": (0, HOURLY),
    "aws_msk*": (0, HOURLY),
    "aws_mwaa_environment": (0, HOURLY),
    "aws_nat_gateway": (0, HOURLY),
    "aws_neptune_cluster*": (0, HOURLY),
    "aws_networkfirewall_firewall": (0, HOURLY),
    "aws_opensearch*": (0, HOURLY),
    "aws_organizations_*": (0, "the organization is not the sandbox's to change"),
    "aws_rds_*": (0, HOURLY),
    "aws_redshift*": (0, HOURLY),
    "aws_route53domains_*": (0, "a domain is bought for a year"),
    "aws_s3_bucket_object_lock_configuration": (0, "locked objects cannot be deleted"),
    "aws_sagemaker_endpoint": (0, HOURLY),
    "aws_sagemaker_notebook_instance": (0, HOURLY),
    "aws_shield_*": (0, "Shield Advanced binds for a year, at thousands of dollars a month"),
    "aws_spot_*": (0, HOURLY),
    "aws_vpc_endpoint": (20, HOURLY),
    "aws_vpn_connection": (0, HOURLY),
    "aws_workspaces_*": (0, "charged by the month"),
}


def check(plan: Plan, ceilings: Mapping[str, int]) -> None:
    """Refuse a plan that creates more than the ceilings allow.

    Each type falls under the most specific pattern that fits it, and what falls under one pattern
    counts together.

    Args:
        ceilings: pattern of types → how many; they come before :data:`DEFAULTS`.

    Raises:
        SkyproofError: too many; it names types, addresses, the ceiling and the option.
    """
    known = {pattern: limit for pattern, (limit, _) in DEFAULTS.items()} | dict(ceilings)
    created: dict[str, list[Change]] = defaultdict(list)
    for change in plan.changes.values():
        if "create" in change.actions:
            created[ceiling_of(change.type, known)].append(change)
    over = {one: made for one, made in sorted(created.items()) if len(made) > known[one]}
    if over:
        option = next(option for option in OPTIONS if option.name == "sandbox_ceiling")
        raised = ",".join(f"{pattern}={len(made)}" for pattern, made in over.items())
        lines = [
            _told(
                made, known[pattern], "set by you" if pattern in ceilings else DEFAULTS[pattern][1]
            )
            for pattern, made in over.items()
        ]
        raise SkyproofError(
            "\n".join(
                ["The stack would create more than a sandbox allows; nothing is made.", *lines]
            ),
            f"If it is meant: {option.flag}='{raised}', {option.env} or {option.ini}.",
            ExitCode.USAGE,
        )


def ceiling_of(kind: str, ceilings: Mapping[str, int]) -> str:
    """The most specific pattern that fits a type: the one that leaves least open."""
    fitting = [pattern for pattern in {*ceilings, "*"} if fnmatchcase(kind, pattern)]
    return max(fitting, key=_specific)


def _specific(pattern: str) -> tuple[int, int, str]:
    open_places = pattern.count("*")
    return (len(pattern) - open_places - pattern.count("?"), -open_places, pattern)


def _told(made: Sequence[Change], limit: int, reason: str) -> str:
    types = sorted({change.type for change in made})
    return (
        f"{_first(types)}: {len(made)} planned, {limit} allowed ({reason}): "
        f"{_first([change.address for change in made])}"
    )


def _first(names: Sequence[str], most: int = 5) -> str:
    return ", ".join(names[:most]) + (", …" if len(names) > most else "")

"""Who may do what: profiles, roles, users, policies, keys.

What has to go before a role, a user or a policy is in the references of their delete operations,
such as https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRole.html
"""

from __future__ import annotations

from skyproof.lifecycle.calls import Call, Each, Listing
from skyproof.lifecycle.kinds.kind import Kind


def _of_user(operation: str, items: str, delete: str, parameter: str) -> Each:
    return Each(
        Listing(operation, items, {"UserName": "UserName"}),
        (Call(delete, {"UserName": "of.UserName", parameter: "it"}),),
    )


def _of_role(operation: str, items: str, delete: str, parameter: str) -> Each:
    return Each(
        Listing(operation, items, {"RoleName": "RoleName"}),
        (Call(delete, {"RoleName": "of.RoleName", parameter: "it"}),),
    )


KINDS = (
    Kind(
        "iam",
        "instance profile",
        Listing("list_instance_profiles", "InstanceProfiles[]"),
        "InstanceProfileName",
        (
            Each(
                Listing(
                    "get_instance_profile",
                    "InstanceProfile.Roles[].RoleName",
                    {"InstanceProfileName": "InstanceProfileName"},
                ),
                (
                    Call(
                        "remove_role_from_instance_profile",
                        {"InstanceProfileName": "of.InstanceProfileName", "RoleName": "it"},
                    ),
                ),
            ),
            Call("delete_instance_profile", {"InstanceProfileName": "InstanceProfileName"}),
        ),
        "arn:{partition}:iam::{account}:instance-profile/{name}",
        tags=Listing(
            "get_instance_profile",
            "InstanceProfile.Tags",
            {"InstanceProfileName": "InstanceProfileName"},
        ),
        regional=False,
    ),
    Kind(
        "iam",
        "role",
        # Service-linked roles are their services':
        # https://docs.aws.amazon.com/IAM/latest/UserGuide/using-service-linked-roles.html
        Listing("list_roles", "Roles[?!starts_with(Path, '/aws-service-role/')]"),
        "RoleName",
        (
            _of_role("list_role_policies", "PolicyNames", "delete_role_policy", "PolicyName"),
            _of_role(
                "list_attached_role_policies",
                "AttachedPolicies[].PolicyArn",
                "detach_role_policy",
                "PolicyArn",
            ),
            _of_role(
                "list_instance_profiles_for_role",
                "InstanceProfiles[].InstanceProfileName",
                "remove_role_from_instance_profile",
                "InstanceProfileName",
            ),
            Call("delete_role", {"RoleName": "RoleName"}),
        ),
        "arn:{partition}:iam::{account}:role/{name}",
        tags=Listing("list_role_tags", "Tags", {"RoleName": "RoleName"}),
        regional=False,
    ),
    Kind(
        "iam",
        "user",
        Listing("list_users", "Users[]"),
        "UserName",
        (
            _of_user(
                "list_access_keys",
                "AccessKeyMetadata[].AccessKeyId",
                "delete_access_key",
                "AccessKeyId",
            ),
            _of_user("list_user_policies", "PolicyNames", "delete_user_policy", "PolicyName"),
            _of_user(
                "list_attached_user_policies",
                "AttachedPolicies[].PolicyArn",
                "detach_user_policy",
                "PolicyArn",
            ),
            _of_user(
                "list_groups_for_user",
                "Groups[].GroupName",
                "remove_user_from_group",
                "GroupName",
            ),
            Call("delete_user", {"UserName": "UserName"}),
        ),
        "arn:{partition}:iam::{account}:user/{name}",
        tags=Listing("list_user_tags", "Tags", {"UserName": "UserName"}),
        regional=False,
    ),
    Kind(
        "iam",
        "policy",
        Listing("list_policies", "Policies[]", {"Scope": "'Local'"}),
        "Arn",
        (
            Each(
                Listing(
                    "list_policy_versions",
                    "Versions[?!IsDefaultVersion].VersionId",
                    {"PolicyArn": "Arn"},
                ),
                (Call("delete_policy_version", {"PolicyArn": "of.Arn", "VersionId": "it"}),),
            ),
            Call("delete_policy", {"PolicyArn": "Arn"}),
        ),
        "arn:{partition}:iam::{account}:policy/{name}",
        tags=Listing("list_policy_tags", "Tags", {"PolicyArn": "Arn"}),
        regional=False,
    ),
    Kind(
        "kms",
        "key alias",
        Listing("list_aliases", "Aliases[?!starts_with(AliasName, 'alias/aws/')]"),
        "AliasName",
        (Call("delete_alias", {"AliasName": "AliasName"}),),
        "arn:{partition}:kms:{region}:{account}:{name}",
    ),
    Kind(
        "kms",
        "key",
        # One that waits for its deletion does not count, AWS keeps it for 7 to 30 days:
        # https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html
        Listing(
            "describe_key",
            "[KeyMetadata][?KeyManager=='CUSTOMER' && KeyState!='PendingDeletion' "
            "&& KeyState!='PendingReplicaDeletion']",
            {"KeyId": "KeyId"},
            within=Listing("list_keys", "Keys[]"),
        ),
        "it.KeyId",
        (
            Each(
                Listing("list_aliases", "Aliases[].AliasName", {"KeyId": "it.KeyId"}),
                (Call("delete_alias", {"AliasName": "it"}),),
            ),
            Call("schedule_key_deletion", {"KeyId": "it.KeyId", "PendingWindowInDays": "`7`"}),
        ),
        "arn:{partition}:kms:{region}:{account}:key/{name}",
        tags=Listing("list_resource_tags", "Tags", {"KeyId": "it.KeyId"}),
    ),
)

"""Links, in the source accounts."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from botocore.exceptions import ClientError

from skyproof.emulator.errors import AwsError
from skyproof.emulator.paging import page
from skyproof.emulator.service import Call, Params, Regional, Result
from skyproof.emulator.services.oam import filters, policy
from skyproof.emulator.services.oam.arns import identifier
from skyproof.emulator.services.oam.store import Link, Sink, Store
from skyproof.emulator.services.oam.tags import check_tags
from skyproof.emulator.services.oam.validation import operation

MAX_LINKS = 5

_TERMS: dict[str, tuple[filters.Term, str]] = {
    "MetricConfiguration": ("Namespace", "AWS::CloudWatch::Metric"),
    "LogGroupConfiguration": ("LogGroupName", "AWS::Logs::LogGroup"),
}


class Links:
    """The operations on links.

    https://docs.aws.amazon.com/OAM/latest/APIReference/API_CreateLink.html
    """

    stores: Regional[Store]

    @operation("CreateLink")
    def create_link(self, call: Call, params: Params) -> Result:
        tags = params.get("Tags", {})
        check_tags(tags)
        types = _distinct(params["ResourceTypes"])
        configuration = _configured({}, params.get("LinkConfiguration"), types)
        sink = self._permitted_sink(call, params["SinkIdentifier"], types)
        links = self.stores.of(call).links
        if any(link.sink_arn == sink.arn for link in links.values()):
            raise AwsError("ConflictException", f"A link to the sink {sink.arn} already exists")
        if len(links) >= MAX_LINKS:
            # "Each source account can be linked to as many as five monitoring accounts."
            raise AwsError(
                "ServiceQuotaExceededException", f"An account can have at most {MAX_LINKS} links"
            )
        id_ = str(uuid4())
        template = params["LabelTemplate"]
        link = Link(
            id=id_,
            arn=call.arn("oam", f"link/{id_}"),
            sink_arn=sink.arn,
            label_template=template,
            label=_label(call, template),
            resource_types=types,
            configuration=configuration,
            tags=dict(tags),
        )
        links[link.arn] = link
        return _described(link) | {"Tags": link.tags}

    @operation("UpdateLink")
    def update_link(self, call: Call, params: Params) -> Result:
        link = self._link(call, params["Identifier"])
        types = _distinct(params["ResourceTypes"])
        configuration = _configured(link.configuration, params.get("LinkConfiguration"), types)
        self._permitted_sink(call, link.sink_arn, types)
        link.resource_types = types
        link.configuration = configuration
        return _described(link) | ({"Tags": link.tags} if params.get("IncludeTags") else {})

    @operation("GetLink")
    def get_link(self, call: Call, params: Params) -> Result:
        link = self._link(call, params["Identifier"])
        return _described(link) | ({"Tags": link.tags} if params.get("IncludeTags") else {})

    @operation("DeleteLink")
    def delete_link(self, call: Call, params: Params) -> Result:
        link = self._link(call, params["Identifier"])
        del self.stores.of(call).links[link.arn]
        return {}

    @operation("ListLinks")
    def list_links(self, call: Call, params: Params) -> Result:
        links, more = page(
            list(self.stores.of(call).links.values()),
            params.get("MaxResults", MAX_LINKS),
            params.get("NextToken"),
            code="InvalidParameterException",
        )
        return {"Items": [_summary(link) for link in links], **more}

    def _link(self, call: Call, text: str) -> Link:
        arn = identifier(text, "link").arn
        link = self.stores.of(call).links.get(arn)
        if link is None:
            raise AwsError("ResourceNotFoundException", f"The link {arn} does not exist")
        return link

    def _permitted_sink(self, call: Call, text: str, resource_types: list[str]) -> Sink:
        """The sink, if its policy lets this account share these resource types with it."""
        wanted = identifier(text, "sink")
        if wanted.account == call.account:
            raise AwsError(
                "InvalidParameterException",
                "The source account of a link must differ from the account of its sink",
            )
        if wanted.region != call.region:
            raise AwsError(
                "InvalidParameterException", f"The sink {wanted.arn} is not in Region {call.region}"
            )
        sink = self.stores.at(wanted.account, wanted.region).sinks.get(wanted.arn)
        action = f"oam:{call.operation}"
        permitted = (
            sink is not None
            and sink.policy is not None
            and policy.allows(
                sink.policy,
                action=action,
                account=call.account,
                sink_arn=sink.arn,
                resource_types=resource_types,
                organization=_organization(call),
            )
        )
        if sink is None or not permitted:
            # IAM's words for every resource policy; a sink that is not there looks just the same.
            raise AwsError(
                "AccessDeniedException",
                f"User: arn:{call.partition}:iam::{call.account}:root is not authorized to perform:"
                f" {action} on resource: {wanted.arn} because no resource-based policy allows the "
                f"{action} action",
                status=403,
            )
        return sink


def _distinct(resource_types: list[str]) -> list[str]:
    return list(dict.fromkeys(resource_types))


def _configured(
    present: dict[str, Any], change: dict[str, Any] | None, resource_types: list[str]
) -> dict[str, Any]:
    """The configuration after a change: what is not mentioned stays, ``*`` deletes a filter."""
    configuration = dict(present)
    for member, given in (change or {}).items():
        term, resource_type = _TERMS[member]
        if resource_type not in resource_types:
            raise AwsError(
                "InvalidParameterException",
                f"{member} needs {resource_type} among the ResourceTypes",
            )
        if given["Filter"] == filters.EVERYTHING:
            configuration.pop(member, None)
            continue
        try:
            filters.parse(given["Filter"], term)
        except filters.FilterSyntaxError as error:
            raise AwsError(
                "InvalidParameterException", f"The Filter of {member} {error}: {given['Filter']}"
            ) from error
        configuration[member] = given
    return configuration


def _label(call: Call, template: str) -> str:
    """The template with its variables replaced.

    Outside an organization the emulator knows an account by its number alone.
    """
    account = _in_organization(call, "describe_account", AccountId=call.account).get("Account", {})
    email = account.get("Email", call.account)
    for variable, value in (
        ("$AccountEmailNoDomain", email.partition("@")[0]),
        ("$AccountEmail", email),
        ("$AccountName", account.get("Name", call.account)),
    ):
        template = template.replace(variable, value)
    return template


def _organization(call: Call) -> str | None:
    found = _in_organization(call, "describe_organization")
    return found["Organization"]["Id"] if found else None


def _in_organization(call: Call, method: str, **params: Any) -> dict[str, Any]:
    """What AWS Organizations says; nothing for an account that is in no organization."""
    try:
        found: dict[str, Any] = getattr(call.client("organizations"), method)(**params)
    except ClientError as error:
        if error.response["Error"]["Code"] not in _NO_ORGANIZATION:
            raise
        return {}
    return found


_NO_ORGANIZATION = ("AWSOrganizationsNotInUseException", "AccountNotFoundException")


def _summary(link: Link) -> dict[str, Any]:
    return {
        "Arn": link.arn,
        "Id": link.id,
        "Label": link.label,
        "ResourceTypes": link.resource_types,
        "SinkArn": link.sink_arn,
    }


def _described(link: Link) -> dict[str, Any]:
    configuration = {"LinkConfiguration": link.configuration} if link.configuration else {}
    return _summary(link) | {"LabelTemplate": link.label_template} | configuration

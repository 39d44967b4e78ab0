"""What makes other things or writes into them: it goes first, or they come again."""

from __future__ import annotations

from skyproof.lifecycle.calls import Call, Each, Listing
from skyproof.lifecycle.kinds.kind import Kind

KINDS = (
    Kind(
        "cloudformation",
        "stack",
        # Nested stacks go with their parents.
        Listing("describe_stacks", "Stacks[?StackStatus!='DELETE_COMPLETE' && !ParentId]"),
        "StackId",
        (
            Call(
                "update_termination_protection",
                {"StackName": "StackId", "EnableTerminationProtection": "`false`"},
                when="EnableTerminationProtection",
            ),
            Call("delete_stack", {"StackName": "StackId"}),
        ),
        "arn:{partition}:cloudformation:{region}:{account}:stack/{name}",
        title="StackName",
        tags="Tags",
    ),
    Kind(
        "synthetics",
        "canary",
        Listing("describe_canaries", "Canaries[?Status.State!='DELETING']"),
        "Name",
        (
            # A running canary cannot be deleted:
            # https://docs.aws.amazon.com/AmazonSynthetics/latest/APIReference/API_DeleteCanary.html
            Call("stop_canary", {"Name": "Name"}, when="Status.State=='RUNNING'"),
            Call("delete_canary", {"Name": "Name", "DeleteLambda": "`true`"}),
        ),
        "arn:{partition}:synthetics:{region}:{account}:canary:{name}",
        tags="Tags",
    ),
    Kind(
        "synthetics",
        "canary group",
        Listing("list_groups", "Groups[]"),
        "Arn",
        (Call("delete_group", {"GroupIdentifier": "Arn"}),),
        "arn:{partition}:synthetics:{region}:{account}:group:{name}",
        title="Name",
        tags=Listing("list_tags_for_resource", "Tags", {"ResourceArn": "Arn"}),
    ),
    Kind(
        "cloudwatch",
        "metric stream",
        Listing("list_metric_streams", "Entries[]"),
        "Name",
        (
            Call("stop_metric_streams", {"Names": "[Name]"}),
            Call("delete_metric_stream", {"Name": "Name"}),
        ),
        "arn:{partition}:cloudwatch:{region}:{account}:metric-stream/{name}",
        tags=Listing("list_tags_for_resource", "Tags", {"ResourceARN": "item.arn"}),
    ),
    Kind(
        "scheduler",
        "schedule",
        Listing("list_schedules", "Schedules[]"),
        "Arn",
        (Call("delete_schedule", {"Name": "Name", "GroupName": "GroupName"}),),
        # Schedules have no tags, their groups have.
        "arn:{partition}:scheduler:{region}:{account}:schedule/{name}",
    ),
    Kind(
        "scheduler",
        "schedule group",
        Listing("list_schedule_groups", "ScheduleGroups[?Name!='default' && State!='DELETING']"),
        "Arn",
        (Call("delete_schedule_group", {"Name": "Name"}),),
        "arn:{partition}:scheduler:{region}:{account}:schedule-group/{name}",
        tags=Listing("list_tags_for_resource", "Tags", {"ResourceArn": "Arn"}),
    ),
    Kind(
        "events",
        "rule",
        Listing(
            "list_rules",
            "Rules[?!ManagedBy]",
            {"EventBusName": "Name"},
            within=Listing("list_event_buses", "EventBuses[]"),
        ),
        "it.Arn",
        (
            # A rule with targets cannot be deleted:
            # https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DeleteRule.html
            Each(
                Listing(
                    "list_targets_by_rule",
                    "Targets[].Id",
                    {"Rule": "it.Name", "EventBusName": "of.Name"},
                ),
                (
                    Call(
                        "remove_targets",
                        {"Rule": "of.it.Name", "EventBusName": "of.of.Name", "Ids": "[it]"},
                        refusals="FailedEntries[0].[ErrorCode, ErrorMessage]",
                    ),
                ),
            ),
            Call("delete_rule", {"Name": "it.Name", "EventBusName": "of.Name"}),
        ),
        "arn:{partition}:events:{region}:{account}:rule/{name}",
        tags=Listing("list_tags_for_resource", "Tags", {"ResourceARN": "item.arn"}),
    ),
    Kind(
        "events",
        "archive",
        Listing("list_archives", "Archives[]"),
        "ArchiveName",
        (Call("delete_archive", {"ArchiveName": "ArchiveName"}),),
        "arn:{partition}:events:{region}:{account}:archive/{name}",
    ),
    Kind(
        "events",
        "API destination",
        Listing("list_api_destinations", "ApiDestinations[]"),
        "ApiDestinationArn",
        (Call("delete_api_destination", {"Name": "Name"}),),
        "arn:{partition}:events:{region}:{account}:api-destination/{name}",
        title="Name",
    ),
    Kind(
        "events",
        "connection",
        Listing("list_connections", "Connections[?ConnectionState!='DELETING']"),
        "ConnectionArn",
        (Call("delete_connection", {"Name": "Name"}),),
        "arn:{partition}:events:{region}:{account}:connection/{name}",
        title="Name",
    ),
    Kind(
        "lambda",
        "event source mapping",
        Listing("list_event_source_mappings", "EventSourceMappings[?State!='Deleting']"),
        "UUID",
        (Call("delete_event_source_mapping", {"UUID": "UUID"}),),
        "arn:{partition}:lambda:{region}:{account}:event-source-mapping:{name}",
        title="[FunctionArn, EventSourceArn]",
        tags=Listing("list_tags", "Tags", {"Resource": "EventSourceMappingArn"}),
    ),
    Kind(
        "firehose",
        "delivery stream",
        # boto3 has no paginator for it, and ten come unless more are asked for:
        # https://docs.aws.amazon.com/firehose/latest/APIReference/API_ListDeliveryStreams.html
        Listing("list_delivery_streams", "DeliveryStreamNames", {"Limit": "`10000`"}),
        "@",
        (
            Call(
                "delete_delivery_stream",
                {"DeliveryStreamName": "item.name", "AllowForceDelete": "`true`"},
            ),
        ),
        "arn:{partition}:firehose:{region}:{account}:deliverystream/{name}",
        tags=Listing(
            "list_tags_for_delivery_stream",
            "Tags",
            {"DeliveryStreamName": "item.name", "Limit": "`50`"},
        ),
    ),
    Kind(
        "ec2",
        "flow log",
        Listing("describe_flow_logs", "FlowLogs[]"),
        "FlowLogId",
        (
            Call(
                "delete_flow_logs",
                {"FlowLogIds": "[FlowLogId]"},
                refusals="Unsuccessful[0].Error.[Code, Message]",
            ),
        ),
        "arn:{partition}:ec2:{region}:{account}:vpc-flow-log/{name}",
        title="[LogGroupName, Tags[?Key=='Name'].Value | [0]]",
        tags="Tags",
    ),
)

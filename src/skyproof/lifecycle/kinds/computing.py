"""What runs: services, functions, state machines, machines."""

from __future__ import annotations

from skyproof.lifecycle.calls import Call, Each, Listing
from skyproof.lifecycle.kinds.kind import Kind

_ECS_TAGS = Listing("list_tags_for_resource", "tags", {"resourceArn": "item.arn"})

KINDS = (
    Kind(
        "ecs",
        "service",
        Listing(
            "list_services",
            "serviceArns",
            {"cluster": "@"},
            within=Listing("list_clusters", "clusterArns"),
        ),
        "it",
        # Force: without, its tasks would have to be scaled down and waited for.
        (Call("delete_service", {"cluster": "of", "service": "it", "force": "`true`"}),),
        "arn:{partition}:ecs:{region}:{account}:service/{name}",
        tags=_ECS_TAGS,
    ),
    Kind(
        "ecs",
        "cluster",
        Listing("list_clusters", "clusterArns"),
        "@",
        (
            # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeleteCluster.html
            Each(
                Listing("list_tasks", "taskArns", {"cluster": "item.arn"}),
                (Call("stop_task", {"cluster": "of.item.arn", "task": "it"}),),
            ),
            Call("delete_cluster", {"cluster": "item.arn"}),
        ),
        "arn:{partition}:ecs:{region}:{account}:cluster/{name}",
        tags=_ECS_TAGS,
    ),
    Kind(
        "ecs",
        "task definition",
        Listing("list_task_definitions", "taskDefinitionArns", {"status": "'ACTIVE'"}),
        "@",
        (Call("deregister_task_definition", {"taskDefinition": "item.arn"}),),
        "arn:{partition}:ecs:{region}:{account}:task-definition/{name}",
        tags=_ECS_TAGS,
    ),
    Kind(
        "stepfunctions",
        "state machine",
        Listing("list_state_machines", "stateMachines[]"),
        "stateMachineArn",
        (Call("delete_state_machine", {"stateMachineArn": "stateMachineArn"}),),
        "arn:{partition}:states:{region}:{account}:stateMachine:{name}",
        tags=Listing("list_tags_for_resource", "tags", {"resourceArn": "item.arn"}),
    ),
    Kind(
        "lambda",
        "function",
        Listing("list_functions", "Functions[]"),
        "FunctionName",
        (Call("delete_function", {"FunctionName": "FunctionName"}),),
        "arn:{partition}:lambda:{region}:{account}:function:{name}",
        tags=Listing("list_tags", "Tags", {"Resource": "FunctionArn"}),
    ),
    Kind(
        "lambda",
        "layer",
        Listing(
            "list_layer_versions",
            "LayerVersions[]",
            {"LayerName": "LayerName"},
            within=Listing("list_layers", "Layers[]"),
        ),
        "it.LayerVersionArn",
        (
            Call(
                "delete_layer_version",
                {"LayerName": "of.LayerName", "VersionNumber": "it.Version"},
            ),
        ),
        "arn:{partition}:lambda:{region}:{account}:layer:{name}",
    ),
    Kind(
        "lambda",
        "code signing configuration",
        Listing("list_code_signing_configs", "CodeSigningConfigs[]"),
        "CodeSigningConfigArn",
        (Call("delete_code_signing_config", {"CodeSigningConfigArn": "CodeSigningConfigArn"}),),
        "arn:{partition}:lambda:{region}:{account}:code-signing-config:{name}",
        tags=Listing("list_tags", "Tags", {"Resource": "item.arn"}),
    ),
    Kind(
        "ec2",
        "instance",
        Listing(
            "describe_instances",
            "Reservations[].Instances[] | "
            "[?State.Name!='terminated' && State.Name!='shutting-down']",
        ),
        "InstanceId",
        (Call("terminate_instances", {"InstanceIds": "[InstanceId]"}),),
        "arn:{partition}:ec2:{region}:{account}:instance/{name}",
        title="Tags[?Key=='Name'].Value | [0]",
        tags="Tags",
    ),
    Kind(
        "ec2",
        "volume",
        Listing("describe_volumes", "Volumes[?!(Attachments[?DeleteOnTermination])]"),
        "VolumeId",
        (Call("delete_volume", {"VolumeId": "VolumeId"}),),
        "arn:{partition}:ec2:{region}:{account}:volume/{name}",
        title="Tags[?Key=='Name'].Value | [0]",
        tags="Tags",
    ),
    Kind(
        "ec2",
        "launch template",
        Listing("describe_launch_templates", "LaunchTemplates[]"),
        "LaunchTemplateId",
        (Call("delete_launch_template", {"LaunchTemplateId": "LaunchTemplateId"}),),
        "arn:{partition}:ec2:{region}:{account}:launch-template/{name}",
        title="LaunchTemplateName",
        tags="Tags",
    ),
    Kind(
        "ec2",
        "key pair",
        Listing("describe_key_pairs", "KeyPairs[]"),
        "KeyPairId",
        (Call("delete_key_pair", {"KeyName": "KeyName"}),),
        "arn:{partition}:ec2:{region}:{account}:key-pair/{name}",
        title="KeyName",
        tags="Tags",
    ),
)

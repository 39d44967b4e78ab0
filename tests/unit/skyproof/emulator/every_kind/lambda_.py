"""Functions, code signing configurations and event source mappings."""

from __future__ import annotations

from tests.unit.skyproof.emulator.every_kind.kind import Fields, Kind, Tagged
from tests.unit.skyproof.emulator.every_kind.packages import allow_all, network, package, role


class Function(Tagged):
    service = "lambda"
    gone = "ResourceNotFoundException"

    @property
    def arn(self) -> str:
        return self.aws.arn("lambda", "function:orders")

    def prepare(self) -> None:
        self.made = role(self.aws)
        self.subnets, self.groups = network(self.aws)

    def first(self) -> Fields:
        mount = "fsap-0123456789abcdef0"
        efs = self.aws.arn("elasticfilesystem", f"access-point/{mount}")
        return {
            "Role": self.made,
            "Runtime": "python3.12",
            "Handler": "main.handler",
            "Description": "Takes orders",
            "Timeout": 30,
            "MemorySize": 512,
            "Architectures": ["arm64"],
            "DeadLetterConfig": {"TargetArn": self.aws.arn("sqs", "lost")},
            "Environment": {"Variables": {"STAGE": "test"}},
            "EphemeralStorage": {"Size": 2048},
            "FileSystemConfigs": [{"Arn": efs, "LocalMountPath": "/mnt/data"}],
            "KMSKeyArn": self.aws.arn("kms", "key/0b6d6c2c-1111-4222-8333-444455556666"),
            "LoggingConfig": {
                "LogFormat": "JSON",
                "ApplicationLogLevel": "DEBUG",
                "SystemLogLevel": "WARN",
                "LogGroup": "/functions/orders",
            },
            "SnapStart": {"ApplyOn": "PublishedVersions"},
            "TracingConfig": {"Mode": "Active"},
            "VpcConfig": {"SubnetIds": self.subnets, "SecurityGroupIds": self.groups},
        }

    def change(self) -> Fields:
        return {
            "Description": "Takes orders, soon",
            "Timeout": 60,
            "MemorySize": 1024,
            "DeadLetterConfig": {"TargetArn": self.aws.arn("sns", "lost")},
            "Environment": {"Variables": {"STAGE": "prod", "DEBUG": ""}},
            "EphemeralStorage": {"Size": 512},
            "LoggingConfig": {"LogFormat": "Text", "LogGroup": "/functions/late"},
            "SnapStart": {"ApplyOn": "None"},
            "TracingConfig": {"Mode": "PassThrough"},
        }

    def create(self, fields: Fields) -> None:
        self.client.create_function(FunctionName="orders", Code={"ZipFile": package()}, **fields)

    def update(self, change: Fields) -> None:
        self.client.update_function_configuration(FunctionName="orders", **change)

    def read(self) -> Fields | None:
        told: Fields = self.client.get_function(FunctionName="orders")["Configuration"]
        alone = self.client.get_function_configuration(FunctionName="orders")
        told_alone = {name: value for name, value in alone.items() if name != "ResponseMetadata"}
        assert told_alone == told, "the two reads differ"
        return told

    def delete(self) -> None:
        self.client.delete_function(FunctionName="orders")


class CodeSigningConfig(Tagged):
    service = "lambda"
    gone = "ResourceNotFoundException"

    def first(self) -> Fields:
        return self.settings("Ours alone", "Enforce")

    def change(self) -> Fields:
        return self.settings("Ours if possible", "Warn")

    def settings(self, description: str, policy: str) -> Fields:
        profile = self.aws.arn("signer", "/signing-profiles/ours/0123456789")
        return {
            "Description": description,
            "AllowedPublishers": {"SigningProfileVersionArns": [profile]},
            "CodeSigningPolicies": {"UntrustedArtifactOnDeployment": policy},
        }

    def create(self, fields: Fields) -> None:
        made = self.client.create_code_signing_config(**fields)
        self.made = made["CodeSigningConfig"]["CodeSigningConfigArn"]

    def update(self, change: Fields) -> None:
        self.client.update_code_signing_config(CodeSigningConfigArn=self.made, **change)

    def read(self) -> Fields | None:
        answer = self.client.get_code_signing_config(CodeSigningConfigArn=self.made)
        told: Fields = answer["CodeSigningConfig"]
        return told

    def delete(self) -> None:
        self.client.delete_code_signing_config(CodeSigningConfigArn=self.made)


class EventSourceMapping(Tagged):
    service = "lambda"
    gone = "ResourceNotFoundException"

    @property
    def arn(self) -> str:
        return self.aws.arn("lambda", f"event-source-mapping:{self.made}")

    def prepare(self) -> None:
        self.aws("sqs").create_queue(QueueName="orders")
        self.client.create_function(
            FunctionName="orders",
            Role=role(self.aws),
            Runtime="python3.12",
            Handler="main.handler",
            Code={"ZipFile": package()},
        )
        allow_all(self.aws)

    def first(self) -> Fields:
        return {
            "EventSourceArn": self.aws.arn("sqs", "orders"),
            "BatchSize": 500,
            "MaximumBatchingWindowInSeconds": 5,
            "FilterCriteria": {"Filters": [{"Pattern": '{"body": {"kind": ["order"]}}'}]},
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
            "ScalingConfig": {"MaximumConcurrency": 7},
            "MetricsConfig": {"Metrics": ["EventCount"]},
        }

    def change(self) -> Fields:
        return {
            "BatchSize": 5,
            "MaximumBatchingWindowInSeconds": 0,
            "FilterCriteria": {"Filters": [{"Pattern": '{"body": {"kind": ["return"]}}'}]},
            "FunctionResponseTypes": [],
            "ScalingConfig": {"MaximumConcurrency": 2},
        }

    def create(self, fields: Fields) -> None:
        made = self.client.create_event_source_mapping(FunctionName="orders", **fields)
        self.made = made["UUID"]

    def update(self, change: Fields) -> None:
        self.client.update_event_source_mapping(UUID=self.made, **change)

    def read(self) -> Fields | None:
        told: Fields = self.client.get_event_source_mapping(UUID=self.made)
        return told

    def delete(self) -> None:
        self.client.delete_event_source_mapping(UUID=self.made)


KINDS: tuple[type[Kind], ...] = (Function, CodeSigningConfig, EventSourceMapping)

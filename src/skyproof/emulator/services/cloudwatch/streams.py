"""Metric streams: what is sent where.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricStream.html
"""

from __future__ import annotations

import re
from typing import Any, Literal

from skyproof.emulator.errors import AwsError
from skyproof.emulator.service import Call, Params, Regional, Result
from skyproof.emulator.services.cloudwatch import refusals, statistics
from skyproof.emulator.services.cloudwatch.paging import page
from skyproof.emulator.services.cloudwatch.store import MetricStream, Store
from skyproof.emulator.services.cloudwatch.tags import check_tags
from skyproof.emulator.services.cloudwatch.validation import operation
from skyproof.emulator.tags import as_dict

MAX_FILTERS = 1_000
MAX_CONFIGURATIONS = 100
MAX_CONFIGURED_METRICS = 100
MAX_STATISTICS = 20
PAGE = 500
_FIREHOSE = re.compile(
    r"arn:aws[\w-]*:firehose:(?P<region>[\w-]+):\d{12}:deliverystream/[\w.-]{1,64}"
)
_ROLE = re.compile(r"arn:aws[\w-]*:iam::\d{12}:role/[\w+=,.@/-]+")
_PRINTABLE = re.compile(r"[ -~]*[!-~][ -~]*")
#: Always sent, so not to be asked for.
_DEFAULT_STATISTICS = frozenset(("Maximum", "Minimum", "Sum", "SampleCount"))


class MetricStreams:
    """The metric stream operations, over the stores of a CloudWatch service."""

    stores: Regional[Store]

    @operation("PutMetricStream")
    def put_metric_stream(self, call: Call, params: Params) -> Result:
        name, tags = params.pop("Name"), params.pop("Tags", None)
        # An empty list is how the query protocol says "none".
        configuration = {k: v for k, v in params.items() if v != []}
        _check(call, configuration)
        check_tags(tags)
        store, now = self.stores.of(call), call.world.clock.now()
        configuration.setdefault("IncludeLinkedAccountsMetrics", False)
        stream = store.streams.get(name)
        if stream is None:
            arn = call.arn("cloudwatch", f"metric-stream/{name}")
            stream = store.streams[name] = MetricStream(name, arn, configuration, now, now)
            store.tags[arn] = as_dict(tags)
        else:
            # Its state stays as it is, and tags are taken only by a new stream.
            stream.configuration, stream.updated = configuration, now
        return {"Arn": stream.arn}

    @operation("GetMetricStream")
    def get_metric_stream(self, call: Call, params: Params) -> Result:
        stream = self.stores.of(call).streams.get(params["Name"])
        if stream is None:
            raise AwsError(
                "ResourceNotFoundException", f"Metric stream {params['Name']} does not exist"
            )
        return _describe(stream) | stream.configuration

    @operation("ListMetricStreams")
    def list_metric_streams(self, call: Call, params: Params) -> Result:
        found = sorted(self.stores.of(call).streams.values(), key=lambda stream: stream.name)
        streams, next_token = page(found, params.get("MaxResults", PAGE), params.get("NextToken"))
        return {"Entries": [_describe(stream) for stream in streams], **next_token}

    @operation("DeleteMetricStream")
    def delete_metric_stream(self, call: Call, params: Params) -> Result:
        store = self.stores.of(call)
        stream = store.streams.pop(params["Name"], None)
        if stream is not None:
            store.tags.pop(stream.arn, None)
        return {}

    @operation("StartMetricStreams")
    def start_metric_streams(self, call: Call, params: Params) -> Result:
        return self._set_state(call, params["Names"], "running")

    @operation("StopMetricStreams")
    def stop_metric_streams(self, call: Call, params: Params) -> Result:
        return self._set_state(call, params["Names"], "stopped")

    def _set_state(
        self, call: Call, names: list[str], state: Literal["running", "stopped"]
    ) -> Result:
        streams = self.stores.of(call).streams
        missing = [name for name in names if name not in streams]
        if missing:
            raise refusals.invalid(f"Metric streams do not exist: {', '.join(missing)}")
        for name in names:
            streams[name].state = state
            streams[name].updated = call.world.clock.now()
        return {}


def _check(call: Call, params: Params) -> None:
    if "IncludeFilters" in params and "ExcludeFilters" in params:
        raise refusals.combination(
            "IncludeFilters and ExcludeFilters cannot both be specified",
        )
    _check_filters(params, "IncludeFilters")
    _check_filters(params, "ExcludeFilters")
    firehose = _FIREHOSE.fullmatch(params["FirehoseArn"])
    if firehose is None:
        raise refusals.invalid(f"Invalid FirehoseArn: {params['FirehoseArn']}")
    if firehose["region"] != call.region:
        raise refusals.invalid(
            f"FirehoseArn must be in the Region of the metric stream, {call.region}"
        )
    if not _ROLE.fullmatch(params["RoleArn"]):
        raise refusals.invalid(f"Invalid RoleArn: {params['RoleArn']}")
    configurations = params.get("StatisticsConfigurations", [])
    if len(configurations) > MAX_CONFIGURATIONS:
        raise refusals.invalid(
            f"StatisticsConfigurations must not have more than {MAX_CONFIGURATIONS} entries"
        )
    for configuration in configurations:
        _check_statistics(configuration, params["OutputFormat"])


def _check_filters(params: Params, name: str) -> None:
    filters = params.get(name, [])
    count = sum(max(1, len(f.get("MetricNames", []))) for f in filters)
    if count > MAX_FILTERS:
        raise refusals.invalid(
            f"{name} must not have more than {MAX_FILTERS} namespaces and metric names"
        )
    for entry in filters:
        if "Namespace" not in entry:
            raise refusals.missing(f"{name}.Namespace")
        for text in (entry["Namespace"], *entry.get("MetricNames", [])):
            if not _PRINTABLE.fullmatch(text):
                raise refusals.invalid(
                    f"{name} must contain only printable ASCII characters, and not only spaces"
                )


def _check_statistics(configuration: Params, output_format: str) -> None:
    if not configuration["IncludeMetrics"] or not configuration["AdditionalStatistics"]:
        raise refusals.invalid(
            "StatisticsConfigurations need both IncludeMetrics and AdditionalStatistics"
        )
    if len(configuration["IncludeMetrics"]) > MAX_CONFIGURED_METRICS:
        raise refusals.invalid(
            f"IncludeMetrics must not have more than {MAX_CONFIGURED_METRICS} entries"
        )
    wanted = configuration["AdditionalStatistics"]
    if len(wanted) > MAX_STATISTICS:
        raise refusals.invalid(
            f"AdditionalStatistics must not have more than {MAX_STATISTICS} entries"
        )
    for name in wanted:
        # "If the OutputFormat is opentelemetry1.0 or opentelemetry0.7, you can stream percentile
        # statistics"; in JSON any statistic that is not sent anyway.
        allowed = (
            statistics.is_valid(name) if output_format == "json" else statistics.is_percentile(name)
        )
        if not allowed or name in _DEFAULT_STATISTICS:
            raise refusals.invalid(
                f"Statistic {name} is not supported for output format {output_format}"
            )


def _describe(stream: MetricStream) -> dict[str, Any]:
    return {
        "Arn": stream.arn,
        "Name": stream.name,
        "CreationDate": stream.created,
        "LastUpdateDate": stream.updated,
        "FirehoseArn": stream.configuration["FirehoseArn"],
        "OutputFormat": stream.configuration["OutputFormat"],
        "State": stream.state,
    }

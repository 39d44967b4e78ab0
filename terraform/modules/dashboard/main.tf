data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  region = data.aws_region.current.name

  # https://docs.aws.amazon.com/general/latest/gr/aws-arns.html: the console's domain follows the partition.
  console = lookup({ aws-cn = "amazonaws.cn", aws-us-gov = "amazonaws-us-gov.com" }, data.aws_partition.current.partition, "aws.amazon.com")
  url     = "https://${local.region}.console.${local.console}/cloudwatch/home?region=${local.region}#dashboards:name=${aws_cloudwatch_dashboard.this.dashboard_name}"

  application = var.application_metrics.namespace
  query       = "SOURCE '${var.log_group_name}'"

  events = [for event in concat([{ label = "Archive begins", time = var.metric_stream.creation_date }], var.events) : { label = event.label, value = event.time }]

  error_rate = [
    [local.application, var.application_metrics.requests, { id = "total", visible = false, stat = "Sum" }],
    [local.application, var.application_metrics.errors, { id = "failed", visible = false, stat = "Sum" }],
    [{ id = "rate", expression = "IF(total > 0, 100 * FILL(failed, 0) / total, 0)", label = "Error rate, %" }],
  ]

  # https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
  # Rows of widgets; each widget says its width of 24 and its properties.
  rows = [
    { height = 2, widgets = [
      { type = "text", width = 24, properties = {
        markdown = "# ${var.name_prefix}\nApplication, platform and archive of metrics. Alarms come first; what broke is in the logs at the end."
      } },
    ] },

    { height = 4, widgets = [
      { type = "alarm", width = 24, properties = { title = "Alarms", alarms = var.alarm_arns, sortBy = "stateUpdatedTimestamp" } },
    ] },

    { height = 6, widgets = [
      { type = "metric", width = 6, properties = {
        title = "Canaries: runs that passed, %", view = "singleValue", region = local.region, stat = "Average", period = 300, sparkline = true
        metrics = [for canary in var.canaries :
          ["CloudWatchSynthetics", "SuccessPercent", "CanaryName", canary.name, { label = "${canary.name} (${canary.region})", region = canary.region }]
        ]
      } },
      { type = "metric", width = 6, properties = {
        title = "Application: error rate now, %", view = "gauge", region = local.region, period = 300, metrics = local.error_rate
        yAxis = { left = { min = 0, max = 100 } }
        annotations = { horizontal = [
          { label = "Alarm", value = var.error_rate_threshold_percent, fill = "above", color = "#d62728" },
        ] }
      } },
      { type = "metric", width = 6, properties = {
        title   = "Functions: invocations", view = "bar", region = local.region, stat = "Sum", period = 3600
        metrics = [for name in var.function_names : ["AWS/Lambda", "Invocations", "FunctionName", name, { label = name }]]
      } },
      { type = "metric", width = 6, properties = {
        title   = "Functions: error rate (derived), %", view = "timeSeries", stacked = false, region = local.region, stat = "Average", period = 60
        metrics = [for name in var.function_names : [var.derived_metric_namespace, "ErrorRate", "FunctionName", name, { label = name }]]
        yAxis   = { left = { min = 0 } }
      } },
    ] },

    { height = 6, widgets = [
      { type = "metric", width = 12, properties = {
        title = "Application: latency, ms", view = "timeSeries", stacked = false, region = local.region, period = 300
        metrics = [
          [local.application, var.application_metrics.latency, { id = "p99", stat = "p99", label = "p99" }],
          [local.application, var.application_metrics.latency, { id = "p50", stat = "p50", label = "p50" }],
          [{ id = "band", expression = "ANOMALY_DETECTION_BAND(p99, ${var.latency_band_width})", label = "p99 expected" }],
        ]
        yAxis = { left = { min = 0, label = "ms", showUnits = false } }
        annotations = {
          horizontal = [{ label = "Alarm", value = var.latency_threshold_ms, fill = "above", color = "#d62728" }]
          vertical   = local.events
        }
      } },
      { type = "metric", width = 12, properties = {
        title = "Application: error rate, %", view = "timeSeries", stacked = false, region = local.region, period = 60, metrics = local.error_rate
        yAxis = { left = { min = 0, label = "%", showUnits = false } }
        annotations = {
          horizontal = [{ label = "Alarm", value = var.error_rate_threshold_percent, fill = "above", color = "#d62728" }]
          vertical   = local.events
        }
      } },
    ] },

    { height = 6, widgets = [
      { type = "metric", width = 12, properties = {
        title = "Archive: metrics streamed and delivered", view = "timeSeries", stacked = false, region = local.region, period = 300
        metrics = [
          ["AWS/CloudWatch/MetricStreams", "MetricUpdate", "MetricStreamName", var.metric_stream.name, { stat = "Sum", label = "Updates" }],
          ["AWS/Firehose", "DeliveryToS3.Records", "DeliveryStreamName", var.firehose_name, { stat = "Sum", label = "Records delivered" }],
          ["AWS/Firehose", "DeliveryToS3.DataFreshness", "DeliveryStreamName", var.firehose_name, { stat = "Maximum", label = "Oldest record, s", yAxis = "right" }],
        ]
        annotations = { vertical = local.events }
      } },
      { type = "metric", width = 12, properties = {
        title = "Cluster: reserved CPU and memory in use, %", view = "timeSeries", stacked = false, region = local.region, period = 300
        metrics = [
          ["ECS/ContainerInsights", "CpuUtilized", "ClusterName", var.cluster_name, { id = "cpu", visible = false, stat = "Sum" }],
          ["ECS/ContainerInsights", "CpuReserved", "ClusterName", var.cluster_name, { id = "cpus", visible = false, stat = "Sum" }],
          ["ECS/ContainerInsights", "MemoryUtilized", "ClusterName", var.cluster_name, { id = "memory", visible = false, stat = "Sum" }],
          ["ECS/ContainerInsights", "MemoryReserved", "ClusterName", var.cluster_name, { id = "memories", visible = false, stat = "Sum" }],
          [{ id = "cpu_percent", expression = "100 * cpu / cpus", label = "CPU" }],
          [{ id = "memory_percent", expression = "100 * memory / memories", label = "Memory" }],
        ]
        yAxis = { left = { min = 0, max = 100 } }
      } },
    ] },

    { height = 6, widgets = [
      { type = "log", width = 12, properties = {
        title = "Application: recent errors", view = "table", region = local.region
        query = "${local.query} | fields @timestamp, service, operation, message, trace_id\n| filter level = \"ERROR\"\n| sort @timestamp desc\n| limit 20"
      } },
      { type = "log", width = 12, properties = {
        title = "Application: slowest operations", view = "table", region = local.region
        query = "${local.query} | filter ispresent(latency_ms)\n| stats count(*) as requests, pct(latency_ms, 99) as p99 by service, operation\n| sort p99 desc\n| limit 20"
      } },
    ] },
  ]

  widgets = flatten([for row, line in local.rows : [for column, widget in line.widgets : {
    type       = widget.type
    x          = sum(concat([0], [for other in slice(line.widgets, 0, column) : other.width]))
    y          = sum(concat([0], [for other in slice(local.rows, 0, row) : other.height]))
    width      = widget.width
    height     = line.height
    properties = widget.properties
  }]])
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = "${var.name_prefix}-main"

  dashboard_body = jsonencode({
    start          = "-PT6H"
    periodOverride = "inherit"
    widgets        = local.widgets
  })
}

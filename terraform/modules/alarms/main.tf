locals {
  # Per function: where it fails, what it cannot take, and how long it takes.
  function_alarms = merge([for label, function in var.functions : {
    "${label}-errors" = {
      severity    = "warning"
      description = "${function.function_name} failed at least 3 times in 5 minutes."
      namespace   = "AWS/Lambda", metric_name = "Errors", dimensions = { FunctionName = function.function_name }
      stat        = "Sum", period = 300, evaluation_periods = 1, datapoints_to_alarm = 1
      comparison  = "GreaterThanOrEqualToThreshold", threshold = 3, missing = "notBreaching"
    }
    "${label}-throttles" = {
      severity    = "warning"
      description = "Invocations of ${function.function_name} were throttled."
      namespace   = "AWS/Lambda", metric_name = "Throttles", dimensions = { FunctionName = function.function_name }
      stat        = "Sum", period = 60, evaluation_periods = 5, datapoints_to_alarm = 3
      comparison  = "GreaterThanThreshold", threshold = 0, missing = "notBreaching"
    }
    "${label}-duration" = {
      severity    = "warning"
      description = "p99 duration of ${function.function_name} is above ${function.duration_threshold_ms} ms."
      namespace   = "AWS/Lambda", metric_name = "Duration", dimensions = { FunctionName = function.function_name }
      stat        = "p99", period = 300, evaluation_periods = 3, datapoints_to_alarm = 2
      comparison  = "GreaterThanThreshold", threshold = function.duration_threshold_ms, missing = "notBreaching"
    }
  }]...)

  dead_letters = { for key, name in merge(
    { for label, function in var.functions : "${label}-dead-letters" => function.dead_letter_queue_name },
    { for label, name in var.dead_letter_queue_names : "${label}-dead-letters" => name },
    ) : key => {
    severity    = "critical"
    description = "Something could not be delivered or handled: ${name} holds messages."
    namespace   = "AWS/SQS", metric_name = "ApproximateNumberOfMessagesVisible", dimensions = { QueueName = name }
    stat        = "Maximum", period = 60, evaluation_periods = 1, datapoints_to_alarm = 1
    comparison  = "GreaterThanThreshold", threshold = 0, missing = "notBreaching"
  } }

  platform_alarms = {
    application-latency = {
      severity    = "warning"
      description = "p99 latency of the application is above ${var.latency_threshold_ms} ms."
      namespace   = var.application_metrics.namespace, metric_name = var.application_metrics.latency, dimensions = {}
      stat        = "p99", period = 60, evaluation_periods = 5, datapoints_to_alarm = 3
      comparison  = "GreaterThanThreshold", threshold = var.latency_threshold_ms, missing = "notBreaching"
    }
    # One period longer than the longest buffer (900 s), so that every period of a stream in use has deliveries.
    archive-delivery = {
      severity    = "critical"
      description = "Firehose could not write metrics to the archive."
      namespace   = "AWS/Firehose", metric_name = "DeliveryToS3.Success", dimensions = { DeliveryStreamName = var.firehose_name }
      stat        = "Average", period = 900, evaluation_periods = 1, datapoints_to_alarm = 1
      comparison  = "LessThanThreshold", threshold = 1, missing = "notBreaching"
    }
    archive-freshness = {
      severity    = "warning"
      description = "Metrics wait for the archive for more than ${var.data_freshness_threshold_seconds} s."
      namespace   = "AWS/Firehose", metric_name = "DeliveryToS3.DataFreshness", dimensions = { DeliveryStreamName = var.firehose_name }
      stat        = "Maximum", period = 300, evaluation_periods = 3, datapoints_to_alarm = 2
      comparison  = "GreaterThanThreshold", threshold = var.data_freshness_threshold_seconds, missing = "notBreaching"
    }
    metric-stream-errors = {
      severity    = "warning"
      description = "The metric stream cannot hand its updates to Firehose."
      namespace   = "AWS/CloudWatch/MetricStreams", metric_name = "PublishErrorRate", dimensions = { MetricStreamName = var.metric_stream_name }
      stat        = "Average", period = 300, evaluation_periods = 3, datapoints_to_alarm = 2
      comparison  = "GreaterThanThreshold", threshold = 0, missing = "notBreaching"
    }
  }

  # Names of queues and functions may be known only after apply; the keys are fixed labels.
  static = merge(local.function_alarms, local.dead_letters, local.platform_alarms)

  math = merge(
    { for label, function in var.functions : "${label}-error-rate" => {
      severity    = "warning"
      description = "More than ${var.error_rate_threshold_percent} % of ${function.function_name}'s invocations fail."
      expression  = "IF(total > 0, 100 * FILL(failed, 0) / total, 0)", label = "Error rate, percent", threshold = var.error_rate_threshold_percent
      period      = 300, evaluation_periods = 3, datapoints_to_alarm = 2
      metrics = {
        total  = { namespace = "AWS/Lambda", metric_name = "Invocations", stat = "Sum", dimensions = { FunctionName = function.function_name } }
        failed = { namespace = "AWS/Lambda", metric_name = "Errors", stat = "Sum", dimensions = { FunctionName = function.function_name } }
      }
    } },
    {
      application-error-rate = {
        severity    = "critical"
        description = "More than ${var.error_rate_threshold_percent} % of the application's requests fail."
        expression  = "IF(total > 0, 100 * FILL(failed, 0) / total, 0)", label = "Error rate, percent", threshold = var.error_rate_threshold_percent
        period      = 60, evaluation_periods = 5, datapoints_to_alarm = 3
        metrics = {
          total  = { namespace = var.application_metrics.namespace, metric_name = var.application_metrics.requests, stat = "Sum", dimensions = {} }
          failed = { namespace = var.application_metrics.namespace, metric_name = var.application_metrics.errors, stat = "Sum", dimensions = {} }
        }
      }
    },
    { for resource in ["Cpu", "Memory"] : "cluster-${lower(resource)}" => {
      severity    = "warning"
      description = "Tasks of ${var.cluster_name} use more than ${var.utilization_threshold_percent} % of the ${lower(resource)} reserved for them."
      expression  = "100 * used / reserved", label = "${resource} used, percent", threshold = var.utilization_threshold_percent
      period      = 300, evaluation_periods = 3, datapoints_to_alarm = 2
      metrics = {
        used     = { namespace = "ECS/ContainerInsights", metric_name = "${resource}Utilized", stat = "Sum", dimensions = { ClusterName = var.cluster_name } }
        reserved = { namespace = "ECS/ContainerInsights", metric_name = "${resource}Reserved", stat = "Sum", dimensions = { ClusterName = var.cluster_name } }
      }
    } }
  )

  alarms = merge(aws_cloudwatch_metric_alarm.static, aws_cloudwatch_metric_alarm.math, { heartbeat = aws_cloudwatch_metric_alarm.heartbeat })

  groups = {
    outage     = [for key in concat(["archive-delivery"], keys(local.dead_letters)) : local.alarms[key].alarm_name]
    errors     = [for key in concat(["application-error-rate"], [for label in keys(var.functions) : "${label}-error-rate"]) : local.alarms[key].alarm_name]
    latency    = [for key in concat(["application-latency"], [for label in keys(var.functions) : "${label}-duration"]) : local.alarms[key].alarm_name]
    saturation = [for key in concat(["cluster-cpu", "cluster-memory"], [for label in keys(var.functions) : "${label}-throttles"]) : local.alarms[key].alarm_name]
  }
}

resource "aws_cloudwatch_metric_alarm" "static" {
  for_each = local.static

  alarm_name        = "${var.name_prefix}-${each.key}"
  alarm_description = "[${each.value.severity}] ${each.value.description}"
  alarm_actions     = [var.alarm_topic_arn]

  namespace           = each.value.namespace
  metric_name         = each.value.metric_name
  dimensions          = each.value.dimensions
  statistic           = startswith(each.value.stat, "p") ? null : each.value.stat
  extended_statistic  = startswith(each.value.stat, "p") ? each.value.stat : null
  period              = each.value.period
  evaluation_periods  = each.value.evaluation_periods
  datapoints_to_alarm = each.value.datapoints_to_alarm
  comparison_operator = each.value.comparison
  threshold           = each.value.threshold
  treat_missing_data  = each.value.missing
}

resource "aws_cloudwatch_metric_alarm" "math" {
  for_each = local.math

  alarm_name        = "${var.name_prefix}-${each.key}"
  alarm_description = "[${each.value.severity}] ${each.value.description}"
  alarm_actions     = [var.alarm_topic_arn]

  evaluation_periods  = each.value.evaluation_periods
  datapoints_to_alarm = each.value.datapoints_to_alarm
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.threshold
  treat_missing_data  = "notBreaching"

  metric_query {
    id          = "rate"
    expression  = each.value.expression
    label       = each.value.label
    return_data = true
  }

  dynamic "metric_query" {
    for_each = each.value.metrics
    iterator = query

    content {
      id = query.key

      metric {
        namespace   = query.value.namespace
        metric_name = query.value.metric_name
        dimensions  = query.value.dimensions
        stat        = query.value.stat
        period      = each.value.period
      }
    }
  }
}

# The heartbeat falls silent, it never breaches: the alarm is notified by its way to INSUFFICIENT_DATA. New alarms start
# there, so that a fresh platform whose first run is still to come notifies nobody.
resource "aws_cloudwatch_metric_alarm" "heartbeat" {
  alarm_name                = "${var.name_prefix}-heartbeat"
  alarm_description         = "[critical] The metric processor has published nothing for 10 minutes: derived metrics and maintenance windows are not to be trusted."
  insufficient_data_actions = [var.alarm_topic_arn]

  namespace           = var.heartbeat_metric.namespace
  metric_name         = var.heartbeat_metric.metric_name
  statistic           = "SampleCount"
  period              = 60
  evaluation_periods  = 10
  datapoints_to_alarm = 10
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  treat_missing_data  = "missing"
}

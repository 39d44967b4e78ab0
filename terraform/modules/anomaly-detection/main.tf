locals {
  comparison = {
    above = "GreaterThanUpperThreshold"
    below = "LessThanLowerThreshold"
    both  = "LessThanLowerOrGreaterThanUpperThreshold"
  }

  # The series that the band is drawn around.
  subject = { for key, detector in var.detectors : key => detector.expression == null ? one(keys(detector.metrics)) : "expression" }

  # https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudwatch-anomalydetector.html
  metrics = { for key, detector in var.detectors : key => { for id, metric in detector.metrics : id => {
    Namespace  = metric.namespace
    MetricName = metric.metric_name
    Dimensions = [for name, value in metric.dimensions : { Name = name, Value = value }]
  } } }

  properties = { for key, detector in var.detectors : key => {
    SingleMetricAnomalyDetector = detector.expression != null ? null : merge(
      local.metrics[key][local.subject[key]],
      { Stat = detector.metrics[local.subject[key]].stat },
    )

    MetricMathAnomalyDetector = detector.expression == null ? null : {
      MetricDataQueries = concat(
        [for id, metric in detector.metrics : {
          Id         = id
          MetricStat = { Metric = local.metrics[key][id], Stat = metric.stat, Period = detector.period }
          ReturnData = false
        }],
        [{ Id = "expression", Expression = detector.expression, ReturnData = true }],
      )
    }

    Configuration = length(detector.excluded_time_ranges) == 0 && detector.metric_timezone == null ? null : {
      for name, value in {
        ExcludedTimeRanges = [for range in detector.excluded_time_ranges : { StartTime = range.start, EndTime = range.end }]
        MetricTimeZone     = detector.metric_timezone
      } : name => value if value != null
    }

    MetricCharacteristics = detector.periodic_spikes == null ? null : { PeriodicSpikes = detector.periodic_spikes }
  } }
}

# hashicorp/aws has no resource for anomaly detectors, and Cloud Control calls the type non-provisionable.
# https://github.com/hashicorp/terraform-provider-aws/issues/10551
resource "aws_cloudformation_stack" "this" {
  for_each = var.detectors

  name = "${var.name_prefix}-${each.key}-anomaly"

  template_body = jsonencode({
    AWSTemplateFormatVersion = "2010-09-09"
    Description              = "Anomaly detector: ${each.value.description}"
    Resources = {
      Detector = {
        Type       = "AWS::CloudWatch::AnomalyDetector"
        Properties = { for name, value in local.properties[each.key] : name => value if value != null }
      }
    }
  })
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = var.detectors

  alarm_name        = "${var.name_prefix}-${each.key}-anomaly"
  alarm_description = "[${each.value.severity}] ${each.value.description} Detector: stack ${aws_cloudformation_stack.this[each.key].name}."
  alarm_actions     = [var.alarm_topic_arn]

  evaluation_periods  = each.value.evaluation_periods
  datapoints_to_alarm = each.value.datapoints_to_alarm
  comparison_operator = local.comparison[each.value.direction]
  threshold_metric_id = "band"
  treat_missing_data  = each.value.treat_missing_data

  metric_query {
    id          = "band"
    expression  = "ANOMALY_DETECTION_BAND(${local.subject[each.key]}, ${each.value.band_width})"
    label       = "Expected"
    return_data = true
  }

  dynamic "metric_query" {
    for_each = each.value.expression == null ? [] : [each.value.expression]

    content {
      id          = "expression"
      expression  = metric_query.value
      label       = coalesce(each.value.label, each.key)
      return_data = true
    }
  }

  dynamic "metric_query" {
    for_each = each.value.metrics

    content {
      id          = metric_query.key
      return_data = each.value.expression == null

      metric {
        namespace   = metric_query.value.namespace
        metric_name = metric_query.value.metric_name
        dimensions  = metric_query.value.dimensions
        stat        = metric_query.value.stat
        period      = each.value.period
      }
    }
  }

  # Evaluating a band alarm makes a missing detector, so destroy takes the alarm first and the model after it.
  depends_on = [aws_cloudformation_stack.this]
}

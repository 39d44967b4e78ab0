locals {
  # Every group reads (ALARM("a") OR ALARM("b")).
  any = { for group, names in var.alarms : group => "(${join(" OR ", [for name in names : "ALARM(\"${name}\")"])})" }

  system_health_rule = "${local.any.outage} OR (${local.any.errors} AND (${local.any.latency} OR ${local.any.anomalies}))"

  # Not told twice: when the system as a whole is unwell, its slowness is no news.
  performance_rule = "(${local.any.latency} AND (${local.any.saturation} OR ${local.any.anomalies})) AND (NOT ALARM(\"${aws_cloudwatch_composite_alarm.system_health.alarm_name}\"))"

  # A rule that was passed in is reduced from the inside out: terms become §, and parenthesised expressions of §, of one
  # operator each, become § again. What is not one expression after twelve levels is not a rule that may be put.
  # https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-combining.html
  state   = "(ALARM|OK|INSUFFICIENT_DATA)"
  name    = "(\"[^\"\\\\]+\"|[^\\s\"'(),]+)"
  term    = "/\\b${local.state}\\s*\\(\\s*${local.name}\\s*\\)/"
  atleast = "/\\bAT_LEAST\\s*\\(\\s*[1-9][0-9]*%?\\s*,\\s*(NOT\\s+)?${local.state}\\s*,\\s*\\(\\s*${local.name}(\\s*,\\s*${local.name})*\\s*\\)\\s*\\)/"
  flat    = "(§|NOT\\s+§|§(\\s+AND\\s+§)+|§(\\s+OR\\s+§)+)"
  group   = "/\\(\\s*${local.flat}\\s*\\)/"

  terms   = { for key, composite in var.additional_composites : key => replace(replace(replace(replace(composite.rule, "§", "?"), local.atleast, "§"), local.term, "§"), "/\\b(TRUE|FALSE)\\b/", "§") }
  fourth  = { for key, text in local.terms : key => replace(replace(replace(replace(text, local.group, "§"), local.group, "§"), local.group, "§"), local.group, "§") }
  eighth  = { for key, text in local.fourth : key => replace(replace(replace(replace(text, local.group, "§"), local.group, "§"), local.group, "§"), local.group, "§") }
  twelfth = { for key, text in local.eighth : key => replace(replace(replace(replace(text, local.group, "§"), local.group, "§"), local.group, "§"), local.group, "§") }
}

resource "aws_cloudwatch_composite_alarm" "system_health" {
  alarm_name        = "${var.name_prefix}-system-health"
  alarm_description = "[critical] The system is down, or failing and slow or unlike itself."
  alarm_rule        = local.system_health_rule
  alarm_actions     = [var.alarm_topic_arn]

  dynamic "actions_suppressor" {
    for_each = local.suppressors

    content {
      alarm            = actions_suppressor.value
      wait_period      = var.wait_seconds
      extension_period = var.extension_seconds
    }
  }

  lifecycle {
    precondition {
      condition     = length(local.system_health_rule) <= 10240
      error_message = "The rule of system-health is longer than the 10240 characters that CloudWatch takes. Pass fewer alarms."
    }
  }
}

resource "aws_cloudwatch_composite_alarm" "performance_degradation" {
  alarm_name        = "${var.name_prefix}-performance-degradation"
  alarm_description = "[warning] The system is slow, and short of resources or unlike itself."
  alarm_rule        = local.performance_rule
  alarm_actions     = [var.alarm_topic_arn]

  dynamic "actions_suppressor" {
    for_each = local.suppressors

    content {
      alarm            = actions_suppressor.value
      wait_period      = var.wait_seconds
      extension_period = var.extension_seconds
    }
  }

  lifecycle {
    precondition {
      condition     = length(local.performance_rule) <= 10240
      error_message = "The rule of performance-degradation is longer than the 10240 characters that CloudWatch takes. Pass fewer alarms."
    }
  }
}

resource "aws_cloudwatch_composite_alarm" "additional" {
  for_each = var.additional_composites

  alarm_name        = "${var.name_prefix}-${each.key}"
  alarm_description = "[${each.value.severity}] ${each.value.description}"
  alarm_rule        = each.value.rule
  alarm_actions     = [var.alarm_topic_arn]

  dynamic "actions_suppressor" {
    for_each = local.suppressors

    content {
      alarm            = actions_suppressor.value
      wait_period      = var.wait_seconds
      extension_period = var.extension_seconds
    }
  }

  lifecycle {
    precondition {
      condition     = length(each.value.rule) <= 10240 && can(regex("^\\s*${local.flat}\\s*$", local.twelfth[each.key]))
      error_message = "The rule of '${each.key}' does not parse: ${each.value.rule}\nIt must be made of ALARM(\"name\"), OK(\"name\"), INSUFFICIENT_DATA(\"name\"), AT_LEAST(2, ALARM, (a, b)), TRUE, FALSE, AND, OR and NOT, with every sub-expression parenthesised, such as (ALARM(\"a\") AND ALARM(\"b\")) OR (NOT OK(\"c\")), and have at most 10240 characters and twelve levels."
    }
  }

  # A rule may name the two composites of the platform.
  depends_on = [aws_cloudwatch_composite_alarm.performance_degradation]
}

# Without actions: it only suppresses. Missing data is no maintenance, so that a silent metric processor cannot mute alarms.
resource "aws_cloudwatch_metric_alarm" "maintenance_mode" {
  alarm_name        = "${var.name_prefix}-maintenance-mode"
  alarm_description = "[info] A maintenance window is open."

  namespace           = var.maintenance_metric.namespace
  metric_name         = var.maintenance_metric.metric_name
  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = 1
  datapoints_to_alarm = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  treat_missing_data  = "notBreaching"
}

locals {
  suppressors = var.environment == "prod" ? [] : [aws_cloudwatch_metric_alarm.maintenance_mode.alarm_name]
}

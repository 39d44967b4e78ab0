locals {
  # https://docs.aws.amazon.com/xray/latest/devguide/xray-console-filters.html
  groups = {
    faults = "fault = true OR error = true"
    slow   = "responsetime >= ${var.slow_seconds}"
  }
}

resource "aws_xray_group" "this" {
  for_each = local.groups

  group_name        = "${var.name_prefix}-${each.key}"
  filter_expression = join(" OR ", [for name in values(var.service_names) : "service(\"${name}\") { ${each.value} }"])

  # X-Ray refuses notifications without insights. Slowness alone has no insights: they tell of faults.
  insights_configuration {
    insights_enabled      = var.insights && each.key == "faults"
    notifications_enabled = var.insights && each.key == "faults"
  }
}

resource "aws_xray_sampling_rule" "this" {
  for_each = var.sampling_rules

  rule_name      = "${var.name_prefix}-${each.key}"
  version        = 1
  priority       = each.value.priority
  reservoir_size = each.value.reservoir_size
  fixed_rate     = each.value.fixed_rate
  service_name   = each.value.service_name
  service_type   = each.value.service_type
  host           = each.value.host
  http_method    = each.value.http_method
  url_path       = each.value.url_path
  resource_arn   = each.value.resource_arn
  attributes     = each.value.attributes
}

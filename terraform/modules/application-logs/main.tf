locals {
  # The application logs JSON: level, message, service, operation, latency_ms, amount, currency, outcome, trace_id.
  filters = merge({
    requests = {
      pattern       = "{ $.latency_ms = * }", metric_name = "Requests", value = "1", unit = "Count"
      dimensions    = {}
      default_value = 0
    }
    errors = {
      pattern       = "{ $.level = \"ERROR\" }", metric_name = "Errors", value = "1", unit = "Count"
      dimensions    = {}
      default_value = 0
    }
    latency = {
      pattern       = "{ $.latency_ms = * }", metric_name = "Latency", value = "$.latency_ms", unit = "Milliseconds"
      dimensions    = {}
      default_value = null
    }
    service-latency = {
      pattern       = "{ ($.latency_ms = *) && ($.service = *) && ($.operation = *) }", metric_name = "ServiceLatency", value = "$.latency_ms", unit = "Milliseconds"
      dimensions    = { Service = "$.service", Operation = "$.operation" }
      default_value = null
    }
    transaction-amount = {
      pattern       = "{ ($.amount = *) && ($.service = *) && ($.currency = *) }", metric_name = "TransactionAmount", value = "$.amount", unit = "None"
      dimensions    = { Service = "$.service", Currency = "$.currency" }
      default_value = null
    }
    declined-payments = {
      pattern       = "{ ($.operation = \"payment\") && ($.outcome = \"declined\") }", metric_name = "DeclinedPayments", value = "1", unit = "Count"
      dimensions    = {}
      default_value = 0
    }
  }, var.additional_metric_filters)

  queries = {
    recent-errors = <<-EOT
      fields @timestamp, service, operation, message, trace_id
      | filter level = "ERROR"
      | sort @timestamp desc
      | limit 50
    EOT

    errors-by-service = <<-EOT
      filter level = "ERROR"
      | stats count(*) as errors by service, bin(5m)
      | sort errors desc
    EOT

    slowest-operations = <<-EOT
      filter ispresent(latency_ms)
      | stats count(*) as requests, avg(latency_ms) as average, pct(latency_ms, 99) as p99 by service, operation
      | sort p99 desc
      | limit 20
    EOT

    transactions-by-currency = <<-EOT
      filter ispresent(amount)
      | stats count(*) as transactions, sum(amount) as total by currency
      | sort total desc
    EOT
  }
}

resource "aws_cloudwatch_log_group" "this" {
  name              = "/${var.name_prefix}/application"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
}

resource "aws_cloudwatch_log_metric_filter" "this" {
  for_each = local.filters

  name           = "${var.name_prefix}-${each.key}"
  log_group_name = aws_cloudwatch_log_group.this.name
  pattern        = each.value.pattern

  metric_transformation {
    namespace     = var.metric_namespace
    name          = each.value.metric_name
    value         = each.value.value
    unit          = each.value.unit
    dimensions    = length(each.value.dimensions) > 0 ? each.value.dimensions : null
    default_value = each.value.default_value
  }
}

resource "aws_cloudwatch_query_definition" "this" {
  for_each = local.queries

  name            = "${var.name_prefix}/${each.key}"
  log_group_names = [aws_cloudwatch_log_group.this.name]
  query_string    = trimspace(each.value)
}

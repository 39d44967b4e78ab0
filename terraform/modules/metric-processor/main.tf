locals {
  # Per observed function. With no errors reported the rate is 0; with no invocations at all there is nothing to rate.
  observed = flatten([for function in sort(var.observed_functions) : [
    for metric in [
      { name = "ErrorRate", unit = "Percent", expression = "IF(invocations > 0, 100 * FILL(errors, 0) / invocations, 0)", stats = { invocations = ["Invocations", "Sum"], errors = ["Errors", "Sum"] } },
      { name = "TailLatencyRatio", unit = "None", expression = "p99 / average", stats = { p99 = ["Duration", "p99"], average = ["Duration", "Average"] } },
      { name = "Throughput", unit = "Count/Second", expression = "invocations / PERIOD(invocations)", stats = { invocations = ["Invocations", "Sum"] } },
      ] : {
      name       = metric.name
      expression = metric.expression
      unit       = metric.unit
      dimensions = { FunctionName = function }
      inputs = { for id, source in metric.stats : id => {
        namespace   = "AWS/Lambda"
        metric_name = source[0]
        stat        = source[1]
        dimensions  = { FunctionName = function }
        account_id  = null
      } }
    }
  ]])

  derived_metrics = concat(local.observed, var.derived_metrics)
}

module "maintenance" {
  source = "../maintenance"

  environment = var.environment
  windows     = var.maintenance_windows
}

module "function" {
  source = "../function"

  name_prefix = var.name_prefix
  name        = "metric-processor"
  description = "Derives metrics with metric math every minute, and publishes MaintenanceMode."
  handler     = "metric_processor.handler"

  # The definitions travel in the package: Lambda allows 4 KB of environment variables.
  files = merge(module.maintenance.files, {
    "metric_processor.py"  = file("${path.module}/src/metric_processor.py")
    "derived_metrics.json" = jsonencode(local.derived_metrics)
  })

  environment_variables = merge(module.maintenance.environment_variables, {
    NAMESPACE      = var.namespace
    SETTLE_SECONDS = var.settle_seconds
  })

  policy_json          = data.aws_iam_policy_document.this.json
  code_bucket          = var.code_bucket
  kms_key_arn          = var.kms_key_arn
  log_retention_days   = var.log_retention_days
  log_level            = var.environment == "prod" ? "INFO" : "DEBUG"
  timeout              = var.timeout
  memory_size          = var.memory_size
  reserved_concurrency = var.reserved_concurrency

  # A minute older than this has no reader left: the next runs have published the minutes after it.
  maximum_event_age_in_seconds = 900
}

# Neither action takes a resource; the namespace condition is what bounds publishing.
# https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html
data "aws_iam_policy_document" "this" {
  statement {
    sid       = "QueryMetrics"
    actions   = ["cloudwatch:GetMetricData"]
    resources = ["*"]
  }

  statement {
    sid       = "PublishMetrics"
    actions   = ["cloudwatch:PutMetricData"]
    resources = ["*"]

    condition {
      test     = "StringEquals"
      variable = "cloudwatch:namespace"
      values   = [var.namespace]
    }
  }
}

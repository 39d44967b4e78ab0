module "maintenance" {
  source = "../maintenance"

  environment = var.environment
  windows     = var.maintenance_windows
}

module "function" {
  source = "../function"

  name_prefix = var.name_prefix
  name        = "alarm-processor"
  description = "Routes alarm notifications to the topic of their severity, except inside maintenance windows."
  handler     = "alarm_processor.handler"

  files = merge(module.maintenance.files, {
    "alarm_processor.py" = file("${path.module}/src/alarm_processor.py")
  })

  environment_variables = merge(module.maintenance.environment_variables, {
    CRITICAL_TOPIC_ARN = var.severity_topic_arns.critical
    WARNING_TOPIC_ARN  = var.severity_topic_arns.warning
    INFO_TOPIC_ARN     = var.severity_topic_arns.info
    DEFAULT_SEVERITY   = var.default_severity
    PUBLISH_ATTEMPTS   = var.publish_attempts != null ? var.publish_attempts : var.environment == "prod" ? 6 : 4
  })

  policy_json          = data.aws_iam_policy_document.this.json
  code_bucket          = var.code_bucket
  kms_key_arn          = var.kms_key_arn
  log_retention_days   = var.log_retention_days
  log_level            = var.environment == "prod" ? "INFO" : "DEBUG"
  memory_size          = var.memory_size
  reserved_concurrency = var.reserved_concurrency

  # Eight attempts of at most 7 s, and at most 16.2 s between them.
  timeout                      = 90
  maximum_event_age_in_seconds = 21600
}

data "aws_iam_policy_document" "this" {
  statement {
    sid       = "PublishBySeverity"
    actions   = ["sns:Publish"]
    resources = values(var.severity_topic_arns)
  }
}

resource "aws_lambda_permission" "intake" {
  for_each = var.intake_topic_arns

  statement_id  = "intake-${each.key}"
  action        = "lambda:InvokeFunction"
  function_name = module.function.function_name
  principal     = "sns.amazonaws.com"
  source_arn    = each.value
}

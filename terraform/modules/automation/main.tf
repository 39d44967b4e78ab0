data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  # What whoever remediates needs to know. Texts written by people stay out: placeholders are no place to quote them.
  work_item = {
    paths = {
      account  = "$.account"
      alarm    = "$.detail.alarmName"
      arn      = "$.resources[0]"
      id       = "$.id"
      previous = "$.detail.previousState.value"
      region   = "$.region"
      state    = "$.detail.state.value"
      time     = "$.time"
    }
    template = "{\"id\": <id>, \"alarm\": <alarm>, \"arn\": <arn>, \"state\": <state>, \"previous\": <previous>, \"account\": <account>, \"region\": <region>, \"time\": <time>}"
  }

  # https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
  alarm_pattern = {
    source      = ["aws.cloudwatch"]
    detail-type = ["CloudWatch Alarm State Change"]
  }

  # A queue is made with its policy, which names the queue: the provider waits 25 s for each change of an attribute.
  queues           = "arn:${data.aws_partition.current.partition}:sqs:${data.aws_region.current.name}:${data.aws_caller_identity.current.account_id}"
  remediation_name = "${var.name_prefix}-remediation"
  dead_letter_name = "${var.name_prefix}-automation-dlq"

  rule_arns = concat(
    [aws_cloudwatch_event_rule.remediation.arn, aws_cloudwatch_event_rule.audit.arn, aws_cloudwatch_event_rule.schedule.arn],
    [for rule in aws_cloudwatch_event_rule.function : rule.arn],
  )
}

# Alarm fires -> work item in the remediation queue.

resource "aws_cloudwatch_event_rule" "remediation" {
  name        = "${var.name_prefix}-remediation"
  description = "An alarm fires: a work item for remediation."

  event_pattern = jsonencode(merge(local.alarm_pattern, {
    detail = { alarmName = [{ prefix = "${var.name_prefix}-" }], state = { value = ["ALARM"] } }
  }))
}

resource "aws_cloudwatch_event_target" "remediation" {
  rule      = aws_cloudwatch_event_rule.remediation.name
  target_id = "remediation-queue"
  arn       = aws_sqs_queue.remediation.arn

  input_transformer {
    input_paths    = local.work_item.paths
    input_template = local.work_item.template
  }

  retry_policy {
    maximum_event_age_in_seconds = var.maximum_event_age_in_seconds
    maximum_retry_attempts       = var.maximum_retry_attempts
  }

  dead_letter_config {
    arn = aws_sqs_queue.dead_letter.arn
  }
}

resource "aws_sqs_queue" "remediation" {
  name                       = local.remediation_name
  kms_master_key_id          = var.kms_key_arn
  message_retention_seconds  = 4 * 24 * 60 * 60
  visibility_timeout_seconds = 300
  policy                     = data.aws_iam_policy_document.remediation.json
  redrive_policy             = jsonencode({ deadLetterTargetArn = aws_sqs_queue.dead_letter.arn, maxReceiveCount = 5 })
}

data "aws_iam_policy_document" "remediation" {
  statement {
    sid       = "ReceiveWorkItems"
    actions   = ["sqs:SendMessage"]
    resources = ["${local.queues}:${local.remediation_name}"]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [aws_cloudwatch_event_rule.remediation.arn]
    }
  }
}

# Alarm fires -> remediation functions that were passed in.

resource "aws_cloudwatch_event_rule" "function" {
  for_each = var.remediation_functions

  name        = "${var.name_prefix}-remediation-${each.key}"
  description = "An alarm fires: run ${each.value.function_name}."

  event_pattern = jsonencode(merge(local.alarm_pattern, {
    detail = { alarmName = [{ prefix = "${var.name_prefix}-${each.value.alarm_prefix}" }], state = { value = ["ALARM"] } }
  }))
}

resource "aws_cloudwatch_event_target" "function" {
  for_each = var.remediation_functions

  rule      = aws_cloudwatch_event_rule.function[each.key].name
  target_id = each.key
  arn       = each.value.arn

  input_transformer {
    input_paths    = local.work_item.paths
    input_template = local.work_item.template
  }

  retry_policy {
    maximum_event_age_in_seconds = var.maximum_event_age_in_seconds
    maximum_retry_attempts       = var.maximum_retry_attempts
  }

  dead_letter_config {
    arn = aws_sqs_queue.dead_letter.arn
  }
}

resource "aws_lambda_permission" "function" {
  for_each = var.remediation_functions

  statement_id  = "${var.name_prefix}-remediation-${each.key}"
  action        = "lambda:InvokeFunction"
  function_name = each.value.function_name
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.function[each.key].arn
}

# Every change of state of every alarm -> audit log.

resource "aws_cloudwatch_event_rule" "audit" {
  name        = "${var.name_prefix}-alarm-audit"
  description = "An alarm changes its state: a line in the audit log."

  event_pattern = jsonencode(merge(local.alarm_pattern, {
    detail = { alarmName = [{ prefix = "${var.name_prefix}-" }] }
  }))
}

resource "aws_cloudwatch_event_target" "audit" {
  rule      = aws_cloudwatch_event_rule.audit.name
  target_id = "audit-log"
  arn       = aws_cloudwatch_log_group.audit.arn

  retry_policy {
    maximum_event_age_in_seconds = var.maximum_event_age_in_seconds
    maximum_retry_attempts       = var.maximum_retry_attempts
  }

  dead_letter_config {
    arn = aws_sqs_queue.dead_letter.arn
  }

  depends_on = [aws_cloudwatch_log_resource_policy.audit]
}

resource "aws_cloudwatch_log_group" "audit" {
  name              = "/aws/events/${var.name_prefix}-alarm-audit"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
}

# EventBridge writes to log groups under their resource policy, never under a role; it makes streams without a source ARN.
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
data "aws_iam_policy_document" "audit" {
  statement {
    sid       = "CreateStreams"
    actions   = ["logs:CreateLogStream"]
    resources = ["${aws_cloudwatch_log_group.audit.arn}:*"]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com", "delivery.logs.amazonaws.com"]
    }
  }

  statement {
    sid       = "WriteEvents"
    actions   = ["logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.audit.arn}:*:*"]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com", "delivery.logs.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [aws_cloudwatch_event_rule.audit.arn]
    }
  }
}

resource "aws_cloudwatch_log_resource_policy" "audit" {
  policy_name     = "${var.name_prefix}-alarm-audit"
  policy_document = data.aws_iam_policy_document.audit.json
}

# Every minute -> metric processor.

resource "aws_cloudwatch_event_rule" "schedule" {
  name                = "${var.name_prefix}-metric-processor"
  description         = "Run the metric processor."
  schedule_expression = var.schedule_expression
  state               = var.schedule_enabled ? "ENABLED" : "DISABLED"
}

resource "aws_cloudwatch_event_target" "schedule" {
  rule      = aws_cloudwatch_event_rule.schedule.name
  target_id = "metric-processor"
  arn       = var.metric_processor.arn

  retry_policy {
    maximum_event_age_in_seconds = var.maximum_event_age_in_seconds
    maximum_retry_attempts       = var.maximum_retry_attempts
  }

  dead_letter_config {
    arn = aws_sqs_queue.dead_letter.arn
  }

  depends_on = [aws_lambda_permission.schedule]
}

resource "aws_lambda_permission" "schedule" {
  statement_id  = "${var.name_prefix}-schedule"
  action        = "lambda:InvokeFunction"
  function_name = var.metric_processor.function_name
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.schedule.arn
}

# What could not be delivered or done.

resource "aws_sqs_queue" "dead_letter" {
  name                      = local.dead_letter_name
  kms_master_key_id         = var.kms_key_arn
  message_retention_seconds = 14 * 24 * 60 * 60
  policy                    = data.aws_iam_policy_document.dead_letter.json

  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = ["${local.queues}:${local.remediation_name}"]
  })
}

data "aws_iam_policy_document" "dead_letter" {
  statement {
    sid       = "KeepUndelivered"
    actions   = ["sqs:SendMessage"]
    resources = ["${local.queues}:${local.dead_letter_name}"]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = local.rule_arns
    }
  }
}

# A stack from before keeps what its queue has now: to destroy it would take the policy away again.
removed {
  from = aws_sqs_queue_policy.remediation

  lifecycle {
    destroy = false
  }
}

removed {
  from = aws_sqs_queue_policy.dead_letter

  lifecycle {
    destroy = false
  }
}

removed {
  from = aws_sqs_queue_redrive_allow_policy.dead_letter

  lifecycle {
    destroy = false
  }
}

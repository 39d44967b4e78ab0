data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  severities = toset(["critical", "warning", "info"])

  # A queue is made with its policy, which names the queue: the provider waits 25 s for each change of an attribute.
  queues           = "arn:${data.aws_partition.current.partition}:sqs:${data.aws_region.current.name}:${data.aws_caller_identity.current.account_id}"
  dead_letter_name = "${var.name_prefix}-notifications-dlq"
  inbox_names      = { for severity in local.severities : severity => "${var.name_prefix}-${severity}-inbox" }
}

resource "aws_sns_topic" "this" {
  for_each = local.severities

  name              = "${var.name_prefix}-${each.key}-alarms"
  kms_master_key_id = var.kms_key_arn
}

# A subscriber of its own for each severity, so that no topic speaks to nobody and a colleague on call has a place to look.
resource "aws_sqs_queue" "inbox" {
  for_each = local.severities

  name                      = local.inbox_names[each.key]
  kms_master_key_id         = var.kms_key_arn
  message_retention_seconds = 14 * 24 * 60 * 60
  policy                    = data.aws_iam_policy_document.inbox[each.key].json
  redrive_policy            = jsonencode({ deadLetterTargetArn = aws_sqs_queue.dead_letter.arn, maxReceiveCount = 10 })
}

data "aws_iam_policy_document" "inbox" {
  for_each = local.severities

  statement {
    sid       = "TopicDelivers"
    actions   = ["sqs:SendMessage"]
    resources = ["${local.queues}:${local.inbox_names[each.key]}"]

    principals {
      type        = "Service"
      identifiers = ["sns.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [aws_sns_topic.this[each.key].arn]
    }
  }
}

# CloudWatch sets no message attributes; alarm-processor adds the severity that is filtered on here.
resource "aws_sns_topic_subscription" "inbox" {
  for_each = local.severities

  topic_arn      = aws_sns_topic.this[each.key].arn
  protocol       = "sqs"
  endpoint       = aws_sqs_queue.inbox[each.key].arn
  filter_policy  = jsonencode({ severity = [each.key] })
  redrive_policy = jsonencode({ deadLetterTargetArn = aws_sqs_queue.dead_letter.arn })
}

resource "aws_sns_topic_subscription" "subscriber" {
  for_each = var.subscribers

  topic_arn      = aws_sns_topic.this[each.value.severity].arn
  protocol       = each.value.protocol
  endpoint       = each.value.endpoint
  filter_policy  = jsonencode({ severity = [each.value.severity] })
  redrive_policy = jsonencode({ deadLetterTargetArn = aws_sqs_queue.dead_letter.arn })
}

resource "aws_sqs_queue" "dead_letter" {
  name                      = local.dead_letter_name
  kms_master_key_id         = var.kms_key_arn
  message_retention_seconds = 14 * 24 * 60 * 60
  policy                    = data.aws_iam_policy_document.dead_letter.json
}

data "aws_iam_policy_document" "dead_letter" {
  statement {
    sid       = "TopicsKeepWhatTheyCannotDeliver"
    actions   = ["sqs:SendMessage"]
    resources = ["${local.queues}:${local.dead_letter_name}"]

    principals {
      type        = "Service"
      identifiers = ["sns.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [for topic in aws_sns_topic.this : topic.arn]
    }
  }
}

# A stack from before keeps what its queue has now: to destroy it would take the policy away again.
removed {
  from = aws_sqs_queue_policy.inbox

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

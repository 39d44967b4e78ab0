locals {
  severities = toset(["critical", "warning", "info"])
}

resource "aws_sns_topic" "this" {
  for_each = local.severities

  name              = "${var.name_prefix}-${each.key}-alarms"
  kms_master_key_id = var.kms_key_arn
}

# A subscriber of its own for each severity, so that no topic speaks to nobody and a colleague on call has a place to look.
resource "aws_sqs_queue" "inbox" {
  for_each = local.severities

  name                      = "${var.name_prefix}-${each.key}-inbox"
  kms_master_key_id         = var.kms_key_arn
  message_retention_seconds = 14 * 24 * 60 * 60
  redrive_policy            = jsonencode({ deadLetterTargetArn = aws_sqs_queue.dead_letter.arn, maxReceiveCount = 10 })
}

resource "aws_sqs_queue_policy" "inbox" {
  for_each = local.severities

  queue_url = aws_sqs_queue.inbox[each.key].id
  policy    = data.aws_iam_policy_document.inbox[each.key].json
}

data "aws_iam_policy_document" "inbox" {
  for_each = local.severities

  statement {
    sid       = "TopicDelivers"
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.inbox[each.key].arn]

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

  depends_on = [aws_sqs_queue_policy.inbox, aws_sqs_queue_policy.dead_letter]
}

resource "aws_sns_topic_subscription" "subscriber" {
  for_each = var.subscribers

  topic_arn      = aws_sns_topic.this[each.value.severity].arn
  protocol       = each.value.protocol
  endpoint       = each.value.endpoint
  filter_policy  = jsonencode({ severity = [each.value.severity] })
  redrive_policy = jsonencode({ deadLetterTargetArn = aws_sqs_queue.dead_letter.arn })

  depends_on = [aws_sqs_queue_policy.dead_letter]
}

resource "aws_sqs_queue" "dead_letter" {
  name                      = "${var.name_prefix}-notifications-dlq"
  kms_master_key_id         = var.kms_key_arn
  message_retention_seconds = 14 * 24 * 60 * 60
}

resource "aws_sqs_queue_policy" "dead_letter" {
  queue_url = aws_sqs_queue.dead_letter.id
  policy    = data.aws_iam_policy_document.dead_letter.json
}

data "aws_iam_policy_document" "dead_letter" {
  statement {
    sid       = "TopicsKeepWhatTheyCannotDeliver"
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.dead_letter.arn]

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

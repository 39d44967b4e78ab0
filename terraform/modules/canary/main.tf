data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  name       = "${var.name_prefix}-${var.name}"
  account_id = data.aws_caller_identity.current.account_id
  region     = data.aws_region.current.name
  artifacts  = "arn:${data.aws_partition.current.partition}:s3:::${var.artifacts_bucket.name}"
}

module "package" {
  source = "../package"

  files = { for file in fileset("${path.module}/src", "*.py") : "python/${file}" => file("${path.module}/src/${file}") }
}

# The key follows the content, so a change of source is a change of plan.
resource "aws_s3_object" "package" {
  bucket         = var.code_bucket
  key            = "canary/${var.name}-${substr(module.package.sha256, 0, 16)}.zip"
  content_base64 = module.package.content_base64
  content_type   = "application/zip"

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_synthetics_canary" "this" {
  name                 = local.name
  runtime_version      = var.runtime_version
  handler              = "api_health.handler"
  s3_bucket            = aws_s3_object.package.bucket
  s3_key               = aws_s3_object.package.key
  execution_role_arn   = aws_iam_role.this.arn
  artifact_s3_location = "s3://${var.artifacts_bucket.name}/${local.region}/${local.name}"
  start_canary         = true

  # The function and layers that Synthetics makes go with the canary.
  delete_lambda            = true
  success_retention_period = var.retention_days
  failure_retention_period = var.retention_days

  schedule {
    expression = var.schedule_expression
  }

  run_config {
    timeout_in_seconds = var.timeout_seconds
    active_tracing     = false

    environment_variables = {
      ENDPOINT_URLS   = jsonencode(var.endpoint_urls)
      EXPECTED_STATUS = tostring(var.expected_status)
    }
  }

  artifact_config {
    s3_encryption {
      encryption_mode = "SSE_KMS"
      kms_key_arn     = var.artifacts_bucket.kms_key_arn
    }
  }

  depends_on = [aws_iam_role_policy.this]
}

resource "aws_cloudwatch_metric_alarm" "success" {
  alarm_name        = "${local.name}-success"
  alarm_description = "[critical] ${local.name} finds an endpoint unwell in ${local.region}."
  alarm_actions     = [var.alarm_topic_arn]

  namespace           = "CloudWatchSynthetics"
  metric_name         = "SuccessPercent"
  dimensions          = { CanaryName = aws_synthetics_canary.this.name }
  statistic           = "Average"
  period              = 300
  evaluation_periods  = 1
  datapoints_to_alarm = 1
  comparison_operator = "LessThanThreshold"
  threshold           = var.success_threshold_percent

  # A canary that does not run proves nothing.
  treat_missing_data = "breaching"
}

resource "aws_iam_role" "this" {
  name               = "${local.name}-canary"
  description        = "What the canary ${local.name} may do."
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account_id]
    }
  }
}

resource "aws_iam_role_policy" "this" {
  name   = "${local.name}-canary"
  role   = aws_iam_role.this.name
  policy = data.aws_iam_policy_document.this.json
}

# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Synthetics_Canaries_Roles.html
data "aws_iam_policy_document" "this" {
  statement {
    sid       = "WriteArtifacts"
    actions   = ["s3:PutObject"]
    resources = ["${local.artifacts}/${local.region}/${local.name}/*"]
  }

  statement {
    sid       = "FindArtifacts"
    actions   = ["s3:GetBucketLocation"]
    resources = [local.artifacts]
  }

  # Takes no resource; Synthetics looks for the artifacts' bucket with it.
  statement {
    sid       = "ListBuckets"
    actions   = ["s3:ListAllMyBuckets"]
    resources = ["*"]
  }

  statement {
    sid       = "SealArtifacts"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [var.artifacts_bucket.kms_key_arn]
  }

  # PutMetricData takes no resource: the namespace is the limit.
  statement {
    sid       = "PublishRuns"
    actions   = ["cloudwatch:PutMetricData"]
    resources = ["*"]

    condition {
      test     = "StringEquals"
      variable = "cloudwatch:namespace"
      values   = ["CloudWatchSynthetics"]
    }
  }

  # The group is named after the function: cwsyn-, the canary's name, and an id that Synthetics chooses. With the id, the 64
  # characters of a function's name leave 21 for the canary's.
  statement {
    sid       = "WriteLogs"
    actions   = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["arn:${data.aws_partition.current.partition}:logs:${local.region}:${local.account_id}:log-group:/aws/lambda/cwsyn-${substr(local.name, 0, 21)}*"]
  }
}

data "aws_caller_identity" "current" {}

data "aws_region" "current" {}

locals {
  account_id    = data.aws_caller_identity.current.account_id
  firehose_name = "${var.name_prefix}-metric-archive"
}

resource "aws_cloudwatch_metric_stream" "this" {
  name                            = "${var.name_prefix}-metric-stream"
  role_arn                        = aws_iam_role.stream.arn
  firehose_arn                    = aws_kinesis_firehose_delivery_stream.this.arn
  output_format                   = var.output_format
  include_linked_accounts_metrics = true

  dynamic "include_filter" {
    for_each = var.include_namespaces

    content {
      namespace = include_filter.value
    }
  }

  dynamic "statistics_configuration" {
    for_each = var.additional_statistics

    content {
      additional_statistics = statistics_configuration.value.statistics

      dynamic "include_metric" {
        for_each = statistics_configuration.value.metrics

        content {
          namespace   = include_metric.value.namespace
          metric_name = include_metric.value.metric_name
        }
      }
    }
  }

  depends_on = [aws_iam_role_policy.stream]
}

# GZIP and no format conversion: Firehose refuses both together, and JSON lines are what the transform writes.
resource "aws_kinesis_firehose_delivery_stream" "this" {
  name        = local.firehose_name
  destination = "extended_s3"

  server_side_encryption {
    enabled  = true
    key_type = "CUSTOMER_MANAGED_CMK"
    key_arn  = var.kms_key_arn
  }

  extended_s3_configuration {
    role_arn            = aws_iam_role.firehose.arn
    bucket_arn          = var.bucket_arn
    prefix              = "metrics/!{timestamp:yyyy/MM/dd/HH}/"
    error_output_prefix = "errors/!{firehose:error-output-type}/!{timestamp:yyyy/MM/dd/HH}/"
    buffering_size      = var.buffering_size_mb
    buffering_interval  = var.buffering_interval_seconds
    compression_format  = "GZIP"
    kms_key_arn         = var.kms_key_arn

    cloudwatch_logging_options {
      enabled         = true
      log_group_name  = aws_cloudwatch_log_group.this.name
      log_stream_name = aws_cloudwatch_log_stream.this.name
    }

    processing_configuration {
      enabled = true

      processors {
        type = "Lambda"

        parameters {
          parameter_name  = "LambdaArn"
          parameter_value = "${var.transform_function_arn}:$LATEST"
        }
      }
    }
  }

  depends_on = [aws_iam_role_policy.firehose]
}

resource "aws_cloudwatch_log_group" "this" {
  name              = "/aws/kinesisfirehose/${local.firehose_name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
}

resource "aws_cloudwatch_log_stream" "this" {
  name           = "delivery"
  log_group_name = aws_cloudwatch_log_group.this.name
}

resource "aws_iam_role" "stream" {
  name               = "${var.name_prefix}-metric-stream"
  description        = "Writes the metric stream into Firehose."
  assume_role_policy = data.aws_iam_policy_document.trust["streams.metrics.cloudwatch.amazonaws.com"].json
}

resource "aws_iam_role" "firehose" {
  name               = local.firehose_name
  description        = "Transforms metrics and writes them into the archive."
  assume_role_policy = data.aws_iam_policy_document.trust["firehose.amazonaws.com"].json
}

data "aws_iam_policy_document" "trust" {
  for_each = toset(["streams.metrics.cloudwatch.amazonaws.com", "firehose.amazonaws.com"])

  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = [each.key]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account_id]
    }
  }
}

resource "aws_iam_role_policy" "stream" {
  name   = "${var.name_prefix}-metric-stream"
  role   = aws_iam_role.stream.name
  policy = data.aws_iam_policy_document.stream.json
}

# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-metric-streams-trustpolicy.html
data "aws_iam_policy_document" "stream" {
  statement {
    sid       = "FeedFirehose"
    actions   = ["firehose:PutRecord", "firehose:PutRecordBatch"]
    resources = [aws_kinesis_firehose_delivery_stream.this.arn]
  }
}

resource "aws_iam_role_policy" "firehose" {
  name   = local.firehose_name
  role   = aws_iam_role.firehose.name
  policy = data.aws_iam_policy_document.firehose.json
}

# https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html#using-iam-s3
data "aws_iam_policy_document" "firehose" {
  statement {
    sid       = "FindArchive"
    actions   = ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"]
    resources = [var.bucket_arn]
  }

  statement {
    sid       = "WriteArchive"
    actions   = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"]
    resources = ["${var.bucket_arn}/*"]
  }

  statement {
    sid       = "Transform"
    actions   = ["lambda:GetFunctionConfiguration", "lambda:InvokeFunction"]
    resources = ["${var.transform_function_arn}:$LATEST", var.transform_function_arn]
  }

  statement {
    sid       = "SealArchive"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [var.kms_key_arn]

    condition {
      test     = "StringLike"
      variable = "kms:ViaService"
      values   = ["s3.${data.aws_region.current.name}.amazonaws.com", "firehose.${data.aws_region.current.name}.amazonaws.com"]
    }
  }

  statement {
    sid       = "WriteLogs"
    actions   = ["logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.this.arn}:log-stream:*"]
  }
}

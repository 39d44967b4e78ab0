data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  account_id            = data.aws_caller_identity.current.account_id
  partition             = data.aws_partition.current.partition
  region                = data.aws_region.current.name
  sink_region           = split(":", var.sink_arn)[3]
  sink_account_id       = split(":", var.sink_arn)[4]
  monitoring_account_id = split(":", var.reader_role_arn)[4]

  filters = { for type, filter in {
    "AWS::CloudWatch::Metric" = var.metric_filter
    "AWS::Logs::LogGroup"     = var.log_group_filter
  } : type => filter if filter != null }
}

resource "aws_oam_link" "this" {
  sink_identifier = var.sink_arn
  label_template  = var.label_template
  resource_types  = var.resource_types

  dynamic "link_configuration" {
    for_each = length(local.filters) > 0 ? [local.filters] : []

    content {
      dynamic "metric_configuration" {
        for_each = var.metric_filter == null ? [] : [var.metric_filter]

        content {
          filter = metric_configuration.value
        }
      }

      dynamic "log_group_configuration" {
        for_each = var.log_group_filter == null ? [] : [var.log_group_filter]

        content {
          filter = log_group_configuration.value
        }
      }
    }
  }

  lifecycle {
    precondition {
      condition     = local.sink_account_id != local.account_id
      error_message = "sink_arn is a sink of this very account (${local.account_id}): an account cannot link to its own sink. Give the module a provider of the source account."
    }

    precondition {
      condition     = local.sink_region == local.region
      error_message = "sink_arn is a sink in ${local.sink_region}, but the provider's region is ${local.region}: a link works within one region."
    }

    precondition {
      condition     = length(setsubtract(keys(local.filters), var.resource_types)) == 0
      error_message = "metric_filter and log_group_filter need AWS::CloudWatch::Metric and AWS::Logs::LogGroup in resource_types."
    }
  }
}

# What links do not share: alarms and dashboards are read in the source account itself.
resource "aws_iam_role" "this" {
  name               = "${var.name_prefix}-source-reader"
  description        = "Lets the monitoring account ${local.monitoring_account_id} read alarms and dashboards."
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    # The account with a condition, not the role: a deleted role would leave a dangling principal that must be mended by hand.
    principals {
      type        = "AWS"
      identifiers = ["arn:${local.partition}:iam::${local.monitoring_account_id}:root"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:PrincipalArn"
      values   = [var.reader_role_arn]
    }
  }
}

resource "aws_iam_role_policy" "this" {
  name   = "${var.name_prefix}-source-reader"
  role   = aws_iam_role.this.name
  policy = data.aws_iam_policy_document.this.json
}

data "aws_iam_policy_document" "this" {
  statement {
    sid     = "ReadAlarmsAndDashboards"
    actions = ["cloudwatch:DescribeAlarmHistory", "cloudwatch:DescribeAlarms", "cloudwatch:GetDashboard"]
    resources = [
      "arn:${local.partition}:cloudwatch:${local.region}:${local.account_id}:alarm:*",
      "arn:${local.partition}:cloudwatch::${local.account_id}:dashboard/*",
    ]
  }

  # None of these takes a resource.
  # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html
  statement {
    sid       = "ReadMetrics"
    actions   = ["cloudwatch:GetMetricData", "cloudwatch:GetMetricStatistics", "cloudwatch:ListDashboards", "cloudwatch:ListMetrics"]
    resources = ["*"]
  }
}

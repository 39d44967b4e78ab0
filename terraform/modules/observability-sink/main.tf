data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

# An account has one sink per region, so a second platform beside the first must use the first's.
# https://docs.aws.amazon.com/OAM/latest/APIReference/API_CreateSink.html
data "aws_oam_sinks" "found" {}

data "aws_oam_sink" "found" {
  for_each = data.aws_oam_sinks.found.arns

  sink_identifier = each.value
}

locals {
  account_id = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition

  sink_name = "${var.name_prefix}-sink"
  others    = [for sink in data.aws_oam_sink.found : sink.arn if sink.name != local.sink_name]
  existing  = var.existing_sink_arn == null ? one(local.others) : var.existing_sink_arn
  makes     = local.existing == null
  sink_arn  = local.makes ? aws_oam_sink.this[0].arn : local.existing

  has_sources = length(var.source_account_ids) > 0 || var.organization_id != null

  reader_arns        = length(var.reader_principal_arns) > 0 ? var.reader_principal_arns : ["arn:${local.partition}:iam::${local.account_id}:root"]
  reader_account_ids = distinct([for arn in local.reader_arns : split(":", arn)[4]])

  # An organisation's accounts are not known by number.
  shared_account_ids = var.organization_id == null ? var.source_account_ids : ["*"]
}

resource "aws_oam_sink" "this" {
  count = local.makes ? 1 : 0

  name = local.sink_name
}

# Without a source there is nobody to name, and a policy with an empty principal is refused.
resource "aws_oam_sink_policy" "this" {
  count = local.makes && local.has_sources ? 1 : 0

  sink_identifier = aws_oam_sink.this[0].arn
  policy          = data.aws_iam_policy_document.sink.json
}

# https://docs.aws.amazon.com/OAM/latest/APIReference/API_PutSinkPolicy.html
data "aws_iam_policy_document" "sink" {
  dynamic "statement" {
    for_each = length(var.source_account_ids) > 0 ? [var.source_account_ids] : []

    content {
      sid       = "LinkAccounts"
      actions   = ["oam:CreateLink", "oam:UpdateLink"]
      resources = ["*"]

      principals {
        type        = "AWS"
        identifiers = statement.value
      }

      condition {
        test     = "ForAllValues:StringEquals"
        variable = "oam:ResourceTypes"
        values   = var.resource_types
      }
    }
  }

  dynamic "statement" {
    for_each = var.organization_id == null ? [] : [var.organization_id]

    content {
      sid       = "LinkOrganization"
      actions   = ["oam:CreateLink", "oam:UpdateLink"]
      resources = ["*"]

      principals {
        type        = "*"
        identifiers = ["*"]
      }

      condition {
        test     = "ForAllValues:StringEquals"
        variable = "oam:ResourceTypes"
        values   = var.resource_types
      }

      condition {
        test     = "StringEquals"
        variable = "aws:PrincipalOrgID"
        values   = [statement.value]
      }
    }
  }
}

resource "aws_iam_role" "reader" {
  name               = "${var.name_prefix}-cross-account"
  description        = "Reads the telemetry of the monitoring account and of all accounts linked to it."
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = local.reader_arns
    }

    condition {
      test     = "StringEquals"
      variable = "aws:PrincipalAccount"
      values   = local.reader_account_ids
    }

    dynamic "condition" {
      for_each = var.external_id == null ? [] : [var.external_id]

      content {
        test     = "StringEquals"
        variable = "sts:ExternalId"
        values   = [condition.value]
      }
    }
  }
}

resource "aws_iam_role_policy" "reader" {
  name   = "${var.name_prefix}-cross-account"
  role   = aws_iam_role.reader.name
  policy = data.aws_iam_policy_document.reader.json
}

data "aws_iam_policy_document" "reader" {
  # None of these takes a resource: metrics and traces have no ARN.
  # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html and list_awsx-ray.html
  statement {
    sid = "ReadMetricsAndTraces"
    actions = [
      "cloudwatch:GetMetricData",
      "cloudwatch:GetMetricStatistics",
      "cloudwatch:ListMetrics",
      "cloudwatch:ListDashboards",
      "logs:GetQueryResults",
      "logs:StopQuery",
      "oam:ListSinks",
      "xray:BatchGetTraces",
      "xray:GetServiceGraph",
      "xray:GetTraceGraph",
      "xray:GetTraceSummaries",
    ]
    resources = ["*"]
  }

  statement {
    sid     = "ReadAlarmsAndDashboards"
    actions = ["cloudwatch:DescribeAlarmHistory", "cloudwatch:DescribeAlarms", "cloudwatch:GetDashboard"]
    resources = [
      "arn:${local.partition}:cloudwatch:${data.aws_region.current.name}:${local.account_id}:alarm:${var.name_prefix}-*",
      "arn:${local.partition}:cloudwatch::${local.account_id}:dashboard/${var.name_prefix}-*",
    ]
  }

  statement {
    sid     = "ReadLogs"
    actions = ["logs:DescribeLogGroups", "logs:DescribeLogStreams", "logs:FilterLogEvents", "logs:GetLogEvents", "logs:GetLogGroupFields", "logs:StartQuery"]
    resources = concat(
      ["arn:${local.partition}:logs:${data.aws_region.current.name}:${local.account_id}:log-group:/${var.name_prefix}/*"],
      [for id in local.shared_account_ids : "arn:${local.partition}:logs:${data.aws_region.current.name}:${id}:log-group:*"],
    )
  }

  statement {
    sid       = "SeeLinks"
    actions   = ["oam:GetSink", "oam:ListAttachedLinks"]
    resources = [local.sink_arn]
  }

  dynamic "statement" {
    for_each = local.has_sources ? [local.shared_account_ids] : []

    content {
      sid       = "ReadInSourceAccounts"
      actions   = ["sts:AssumeRole"]
      resources = [for id in statement.value : "arn:${local.partition}:iam::${id}:role/${var.name_prefix}-source-reader"]

      dynamic "condition" {
        for_each = var.organization_id == null ? [] : [var.organization_id]

        content {
          test     = "StringEquals"
          variable = "aws:ResourceOrgID"
          values   = [condition.value]
        }
      }
    }
  }
}

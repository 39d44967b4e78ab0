data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

data "aws_vpc" "given" {
  count = local.own ? 0 : 1

  id = var.vpc_id
}

data "aws_availability_zones" "available" {
  count = local.own ? 1 : 0

  state = "available"

  filter {
    name   = "opt-in-status"
    values = ["opt-in-not-required"]
  }
}

locals {
  own             = var.vpc_id == null
  vpc_id          = local.own ? aws_vpc.this[0].id : var.vpc_id
  cidr_block      = local.own ? var.vpc_cidr : data.aws_vpc.given[0].cidr_block
  subnet_ids      = local.own ? aws_subnet.this[*].id : var.subnet_ids
  route_table_ids = local.own ? aws_route_table.this[*].id : var.route_table_ids

  account_id = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition
  region     = data.aws_region.current.name

  # What callers inside the VPC may do through each endpoint, and with what.
  interfaces = {
    monitoring = [
      { sid = "Publish", actions = ["cloudwatch:PutMetricData"], resources = ["*"], conditions = { "cloudwatch:namespace" = var.metric_namespace } },
      { sid = "Read", actions = ["cloudwatch:GetMetricData", "cloudwatch:GetMetricStatistics", "cloudwatch:ListMetrics"], resources = ["*"], conditions = {} },
    ]
    logs = [
      { sid = "Write", actions = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"], conditions = {}, resources = [
        "arn:${local.partition}:logs:${local.region}:${local.account_id}:log-group:/${var.name_prefix}/*",
        "arn:${local.partition}:logs:${local.region}:${local.account_id}:log-group:/aws/lambda/${var.name_prefix}-*",
      ] },
    ]
    synthetics = [
      { sid = "Read", actions = ["synthetics:DescribeCanariesLastRun", "synthetics:GetCanary", "synthetics:GetCanaryRuns"], conditions = {}, resources = [
        "arn:${local.partition}:synthetics:${local.region}:${local.account_id}:canary:${var.name_prefix}-*",
      ] },
    ]
    events = [
      { sid = "Publish", actions = ["events:PutEvents"], conditions = {}, resources = [
        "arn:${local.partition}:events:${local.region}:${local.account_id}:event-bus/default",
      ] },
    ]
  }
}

resource "aws_vpc" "this" {
  count = local.own ? 1 : 0

  cidr_block           = var.vpc_cidr
  enable_dns_support   = true
  enable_dns_hostnames = true

  tags = { Name = var.name_prefix }
}

# Without rules: nothing in this VPC speaks unless a group of its own lets it.
resource "aws_default_security_group" "this" {
  count = local.own ? 1 : 0

  vpc_id = aws_vpc.this[0].id

  tags = { Name = "${var.name_prefix}-default" }
}

resource "aws_subnet" "this" {
  count = local.own ? 2 : 0

  vpc_id            = aws_vpc.this[0].id
  cidr_block        = cidrsubnet(var.vpc_cidr, 2, count.index)
  availability_zone = data.aws_availability_zones.available[0].names[count.index]

  tags = { Name = "${var.name_prefix}-private-${count.index}" }
}

resource "aws_route_table" "this" {
  count = local.own ? 1 : 0

  vpc_id = aws_vpc.this[0].id

  tags = { Name = "${var.name_prefix}-private" }
}

resource "aws_route_table_association" "this" {
  count = local.own ? 2 : 0

  subnet_id      = aws_subnet.this[count.index].id
  route_table_id = aws_route_table.this[0].id
}

resource "aws_security_group" "this" {
  name        = "${var.name_prefix}-vpc-endpoints"
  description = "HTTPS from the VPC to AWS endpoints."
  vpc_id      = local.vpc_id

  tags = { Name = "${var.name_prefix}-vpc-endpoints" }
}

# No egress: an endpoint answers, it never calls.
resource "aws_vpc_security_group_ingress_rule" "https" {
  security_group_id = aws_security_group.this.id
  description       = "HTTPS from the VPC."
  cidr_ipv4         = local.cidr_block
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_vpc_endpoint" "interface" {
  for_each = local.interfaces

  vpc_id              = local.vpc_id
  service_name        = "com.amazonaws.${local.region}.${each.key}"
  vpc_endpoint_type   = "Interface"
  subnet_ids          = local.subnet_ids
  security_group_ids  = [aws_security_group.this.id]
  private_dns_enabled = true
  policy              = data.aws_iam_policy_document.interface[each.key].json

  tags = { Name = "${var.name_prefix}-${each.key}" }
}

data "aws_iam_policy_document" "interface" {
  for_each = local.interfaces

  dynamic "statement" {
    for_each = each.value

    content {
      sid       = statement.value.sid
      actions   = statement.value.actions
      resources = statement.value.resources

      principals {
        type        = "AWS"
        identifiers = ["*"]
      }

      dynamic "condition" {
        for_each = merge({ "aws:PrincipalAccount" = local.account_id }, statement.value.conditions)

        content {
          test     = "StringEquals"
          variable = condition.key
          values   = [condition.value]
        }
      }
    }
  }
}

resource "aws_vpc_endpoint" "s3" {
  vpc_id            = local.vpc_id
  service_name      = "com.amazonaws.${local.region}.s3"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = local.route_table_ids
  policy            = data.aws_iam_policy_document.s3.json

  tags = { Name = "${var.name_prefix}-s3" }
}

data "aws_iam_policy_document" "s3" {
  statement {
    sid       = "UseBuckets"
    actions   = ["s3:GetBucketLocation", "s3:ListBucket"]
    resources = var.bucket_arns

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:PrincipalAccount"
      values   = [local.account_id]
    }
  }

  statement {
    sid       = "UseObjects"
    actions   = ["s3:GetObject", "s3:PutObject"]
    resources = [for arn in var.bucket_arns : "${arn}/*"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:PrincipalAccount"
      values   = [local.account_id]
    }
  }
}

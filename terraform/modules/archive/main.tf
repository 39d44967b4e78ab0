data "aws_caller_identity" "current" {}

data "aws_region" "current" {}

data "aws_region" "replica" {
  provider = aws.replica
}

module "source" {
  source = "../bucket"

  name            = "${var.name_prefix}-metric-streams"
  kms_key_arn     = var.kms_key_arn
  transitions     = var.transitions
  expiration_days = var.expiration_days
}

# Lifecycle actions are not replicated, so the copies have the same rules of their own.
module "replica" {
  source = "../bucket"

  providers = {
    aws = aws.replica
  }

  name            = "${var.name_prefix}-metric-streams-replica"
  kms_key_arn     = var.replica_kms_key_arn
  transitions     = var.transitions
  expiration_days = var.expiration_days
}

resource "aws_s3_bucket_replication_configuration" "this" {
  bucket = module.source.versioning
  role   = aws_iam_role.replication.arn

  rule {
    id       = "everything"
    status   = "Enabled"
    priority = 1

    filter {}

    delete_marker_replication {
      status = "Enabled"
    }

    # Without it, encrypted objects stay behind.
    source_selection_criteria {
      sse_kms_encrypted_objects {
        status = "Enabled"
      }
    }

    destination {
      bucket        = module.replica.arn
      storage_class = var.replica_storage_class

      encryption_configuration {
        replica_kms_key_id = var.replica_kms_key_arn
      }

      dynamic "metrics" {
        for_each = var.replication_time_control ? [15] : []

        content {
          status = "Enabled"

          event_threshold {
            minutes = metrics.value
          }
        }
      }

      dynamic "replication_time" {
        for_each = var.replication_time_control ? [15] : []

        content {
          status = "Enabled"

          time {
            minutes = replication_time.value
          }
        }
      }
    }
  }

  depends_on = [module.replica, aws_iam_role_policy.replication]
}

resource "aws_iam_role" "replication" {
  name               = "${var.name_prefix}-replication"
  description        = "Copies archived metrics to ${data.aws_region.replica.name}."
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["s3.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = [module.source.arn]
    }
  }
}

resource "aws_iam_role_policy" "replication" {
  name   = "${var.name_prefix}-replication"
  role   = aws_iam_role.replication.name
  policy = data.aws_iam_policy_document.replication.json
}

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html
data "aws_iam_policy_document" "replication" {
  statement {
    sid       = "ReadConfiguration"
    actions   = ["s3:GetReplicationConfiguration", "s3:ListBucket"]
    resources = [module.source.arn]
  }

  statement {
    sid       = "ReadVersions"
    actions   = ["s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging"]
    resources = ["${module.source.arn}/*"]
  }

  statement {
    sid       = "WriteCopies"
    actions   = ["s3:ReplicateDelete", "s3:ReplicateObject", "s3:ReplicateTags"]
    resources = ["${module.replica.arn}/*"]
  }

  statement {
    sid       = "OpenOriginals"
    actions   = ["kms:Decrypt"]
    resources = [var.kms_key_arn]

    condition {
      test     = "StringLike"
      variable = "kms:ViaService"
      values   = ["s3.${data.aws_region.current.name}.amazonaws.com"]
    }
  }

  statement {
    sid       = "SealCopies"
    actions   = ["kms:Encrypt", "kms:GenerateDataKey"]
    resources = [var.replica_kms_key_arn]

    condition {
      test     = "StringLike"
      variable = "kms:ViaService"
      values   = ["s3.${data.aws_region.replica.name}.amazonaws.com"]
    }
  }
}

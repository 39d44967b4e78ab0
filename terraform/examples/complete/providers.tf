locals {
  tags = {
    CostCenter         = "platform-observability"
    Environment        = var.environment
    DataClassification = "confidential"
  }
}

provider "aws" {
  alias  = "payments"
  region = "us-east-1"

  assume_role {
    role_arn = "arn:aws:iam::${var.source_account_ids[0]}:role/${var.source_role_name}"
  }

  default_tags {
    tags = local.tags
  }
}

provider "aws" {
  alias  = "trading"
  region = "us-east-1"

  assume_role {
    role_arn = "arn:aws:iam::${var.source_account_ids[1]}:role/${var.source_role_name}"
  }

  default_tags {
    tags = local.tags
  }
}

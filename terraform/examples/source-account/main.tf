# An account that shares its metrics with a platform elsewhere; run with credentials of the source account.
provider "aws" {
  region = var.region

  default_tags {
    tags = {
      CostCenter         = "platform-observability"
      Environment        = var.environment
      DataClassification = "confidential"
    }
  }
}

module "source_account" {
  source = "../../modules/source-account"

  name_prefix     = "cw-obs-${var.environment_suffix}"
  sink_arn        = var.sink_arn
  reader_role_arn = var.reader_role_arn
}

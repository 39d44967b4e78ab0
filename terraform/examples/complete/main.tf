# Everything that the platform can do, in two regions, with two source accounts that share their metrics: three accounts.
module "platform" {
  source = "../.."

  environment_suffix       = var.environment_suffix
  environment              = var.environment
  endpoint_urls            = var.endpoint_urls
  log_retention_days       = var.log_retention_days
  source_account_ids       = var.source_account_ids
  replication_time_control = true
  create_vpc_endpoints     = true

  maintenance_windows = [
    { days = ["SAT", "SUN"], start = "23:00", duration_minutes = 180 },
  ]

  subscribers = {
    on-call = { severity = "critical", protocol = "email", endpoint = "on-call@example.com" }
  }
}

module "source_payments" {
  source = "../../modules/source-account"

  providers = {
    aws = aws.payments
  }

  name_prefix     = "cw-obs-${var.environment_suffix}"
  sink_arn        = module.platform.oam_sink_arn
  reader_role_arn = module.platform.cross_account_role_arn
}

module "source_trading" {
  source = "../../modules/source-account"

  providers = {
    aws = aws.trading
  }

  name_prefix     = "cw-obs-${var.environment_suffix}"
  sink_arn        = module.platform.oam_sink_arn
  reader_role_arn = module.platform.cross_account_role_arn
}

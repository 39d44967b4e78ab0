module "function" {
  source = "../function"

  name_prefix = var.name_prefix
  name        = "stream-transform"
  description = "Adds environment and monitoring account to archived metric-stream records."
  handler     = "stream_transform.handler"

  files = {
    "stream_transform.py" = file("${path.module}/src/stream_transform.py")
  }

  environment_variables = {
    ENVIRONMENT = var.environment
  }

  code_bucket          = var.code_bucket
  kms_key_arn          = var.kms_key_arn
  log_retention_days   = var.log_retention_days
  timeout              = var.timeout
  memory_size          = var.memory_size
  reserved_concurrency = var.reserved_concurrency
}

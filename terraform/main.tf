data "aws_caller_identity" "current" {}

locals {
  name_prefix = "cw-obs-${var.environment_suffix}"
  namespace   = "CwObs/${var.environment_suffix}"
  account_id  = data.aws_caller_identity.current.account_id

  tags = {
    CostCenter         = var.cost_center
    Environment        = var.environment
    DataClassification = var.data_classification
  }

  observed_functions = {
    alarm-processor  = module.alarm_processor
    metric-processor = module.metric_processor
    stream-transform = module.stream_transform
  }
}

module "encryption" {
  source = "./modules/encryption"

  name_prefix = local.name_prefix
}

module "encryption_secondary" {
  source = "./modules/encryption"

  providers = {
    aws = aws.secondary
  }

  name_prefix = local.name_prefix
}

# Lambda and Synthetics take code from a bucket of their own region alone. The account's id keeps the names unique.
module "code" {
  source = "./modules/bucket"

  name            = "${local.name_prefix}-code-${local.account_id}"
  kms_key_arn     = module.encryption.key_arn
  expiration_days = 3650
}

module "code_secondary" {
  source = "./modules/bucket"

  providers = {
    aws = aws.secondary
  }

  name            = "${local.name_prefix}-code-${local.account_id}-secondary"
  kms_key_arn     = module.encryption_secondary.key_arn
  expiration_days = 3650
}

module "archive" {
  source = "./modules/archive"

  providers = {
    aws         = aws
    aws.replica = aws.secondary
  }

  name_prefix              = local.name_prefix
  kms_key_arn              = module.encryption.key_arn
  replica_kms_key_arn      = module.encryption_secondary.key_arn
  transitions              = var.metric_transitions
  expiration_days          = var.metric_retention_days
  replica_storage_class    = var.replica_storage_class
  replication_time_control = var.replication_time_control
}

module "artifacts" {
  source = "./modules/bucket"

  name            = "${local.name_prefix}-synthetics-artifacts"
  kms_key_arn     = module.encryption.key_arn
  expiration_days = 90
}

module "intake" {
  source = "./modules/intake"

  name_prefix = local.name_prefix
  kms_key_arn = module.encryption.key_arn
}

module "intake_secondary" {
  source = "./modules/intake"

  providers = {
    aws = aws.secondary
  }

  name_prefix = local.name_prefix
  kms_key_arn = module.encryption_secondary.key_arn
}

module "notifications" {
  source = "./modules/notifications"

  name_prefix = local.name_prefix
  kms_key_arn = module.encryption.key_arn
  subscribers = var.subscribers
}

module "alarm_processor" {
  source = "./modules/alarm-processor"

  name_prefix         = local.name_prefix
  environment         = var.environment
  code_bucket         = module.code.name
  kms_key_arn         = module.encryption.key_arn
  log_retention_days  = var.log_retention_days
  maintenance_windows = var.maintenance_windows
  severity_topic_arns = module.notifications.topic_arns

  intake_topic_arns = {
    primary   = module.intake.topic_arn
    secondary = module.intake_secondary.topic_arn
  }
}

resource "aws_sns_topic_subscription" "alarm_processor" {
  topic_arn      = module.intake.topic_arn
  protocol       = "lambda"
  endpoint       = module.alarm_processor.arn
  redrive_policy = jsonencode({ deadLetterTargetArn = module.intake.dead_letter_queue_arn })
}

# SNS delivers to functions of other regions; the subscription stands where the topic does.
# https://docs.aws.amazon.com/sns/latest/dg/sns-cross-region-delivery.html
resource "aws_sns_topic_subscription" "alarm_processor_secondary" {
  provider = aws.secondary

  topic_arn      = module.intake_secondary.topic_arn
  protocol       = "lambda"
  endpoint       = module.alarm_processor.arn
  redrive_policy = jsonencode({ deadLetterTargetArn = module.intake_secondary.dead_letter_queue_arn })
}

module "metric_processor" {
  source = "./modules/metric-processor"

  name_prefix         = local.name_prefix
  environment         = var.environment
  namespace           = local.namespace
  code_bucket         = module.code.name
  kms_key_arn         = module.encryption.key_arn
  log_retention_days  = var.log_retention_days
  maintenance_windows = var.maintenance_windows
  observed_functions  = [for name in ["alarm-processor", "metric-processor", "stream-transform"] : "${local.name_prefix}-${name}"]
}

module "stream_transform" {
  source = "./modules/stream-transform"

  name_prefix        = local.name_prefix
  environment        = var.environment
  code_bucket        = module.code.name
  kms_key_arn        = module.encryption.key_arn
  log_retention_days = var.log_retention_days
}

module "metric_stream" {
  source = "./modules/metric-stream"

  name_prefix                = local.name_prefix
  bucket_arn                 = module.archive.bucket_arn
  transform_function_arn     = module.stream_transform.arn
  kms_key_arn                = module.encryption.key_arn
  log_retention_days         = var.log_retention_days
  buffering_size_mb          = var.firehose_buffering.size_mb
  buffering_interval_seconds = var.firehose_buffering.interval_seconds
}

module "application_logs" {
  source = "./modules/application-logs"

  name_prefix        = local.name_prefix
  kms_key_arn        = module.encryption.key_arn
  log_retention_days = var.log_retention_days
  metric_namespace   = "${local.namespace}/Application"
}

module "container_insights" {
  source = "./modules/container-insights"

  name_prefix        = local.name_prefix
  container_insights = var.container_insights
  kms_key_arn        = module.encryption.key_arn
  log_retention_days = var.log_retention_days
}

module "canary_primary" {
  source = "./modules/canary"

  name_prefix         = local.name_prefix
  name                = "api-health-primary"
  endpoint_urls       = var.endpoint_urls
  runtime_version     = var.canary_runtime_version
  schedule_expression = var.canary_schedule
  code_bucket         = module.code.name
  kms_key_arn         = module.encryption.key_arn
  alarm_topic_arn     = module.intake.topic_arn
  artifacts_bucket    = local.artifacts_bucket
}

module "canary_secondary" {
  source = "./modules/canary"

  providers = {
    aws = aws.secondary
  }

  name_prefix         = local.name_prefix
  name                = "api-health-secondary"
  endpoint_urls       = var.endpoint_urls
  runtime_version     = var.canary_runtime_version
  schedule_expression = var.canary_schedule
  code_bucket         = module.code_secondary.name
  kms_key_arn         = module.encryption_secondary.key_arn
  alarm_topic_arn     = module.intake_secondary.topic_arn
  artifacts_bucket    = local.artifacts_bucket
}

locals {
  artifacts_bucket = {
    name        = module.artifacts.name
    kms_key_arn = module.encryption.key_arn
  }
}

module "alarms" {
  source = "./modules/alarms"

  name_prefix         = local.name_prefix
  alarm_topic_arn     = module.intake.topic_arn
  application_metrics = module.application_logs.metrics
  heartbeat_metric    = module.metric_processor.maintenance_metric
  metric_stream_name  = module.metric_stream.name
  firehose_name       = module.metric_stream.firehose_name
  cluster_name        = module.container_insights.cluster_name

  functions = {
    for label, function in local.observed_functions : label => {
      function_name          = function.function_name
      dead_letter_queue_name = function.dead_letter_queue_name
    }
  }

  dead_letter_queue_names = {
    intake        = module.intake.dead_letter_queue_name
    notifications = module.notifications.dead_letter_queue_name
    automation    = module.automation.dead_letter_queue_name
  }
}

module "anomaly_detection" {
  source = "./modules/anomaly-detection"

  name_prefix     = local.name_prefix
  alarm_topic_arn = module.intake.topic_arn

  detectors = {
    application-latency = {
      description = "The application answers slower or faster than it does at this hour."
      band_width  = 2
      metrics = { latency = {
        namespace   = module.application_logs.metrics.namespace
        metric_name = module.application_logs.metrics.latency
        stat        = "p90"
      } }
    }
    application-requests = {
      description = "The application is asked more or less than it is at this hour."
      band_width  = 3
      metrics = { requests = {
        namespace   = module.application_logs.metrics.namespace
        metric_name = module.application_logs.metrics.requests
        stat        = "Sum"
      } }
    }
    processing-duration = {
      description = "The metric processor takes longer than it does at this hour."
      band_width  = 2.5
      direction   = "above"
      metrics = { duration = {
        namespace   = "AWS/Lambda"
        metric_name = "Duration"
        stat        = "Average"
        dimensions  = { FunctionName = module.metric_processor.function_name }
      } }
    }
    application-error-rate = {
      description = "The share of failing requests is above what it is at this hour."
      band_width  = 4
      direction   = "above"
      expression  = "100 * errors / requests"
      label       = "Error rate (%)"
      metrics = {
        errors = {
          namespace   = module.application_logs.metrics.namespace
          metric_name = module.application_logs.metrics.errors
          stat        = "Sum"
        }
        requests = {
          namespace   = module.application_logs.metrics.namespace
          metric_name = module.application_logs.metrics.requests
          stat        = "Sum"
        }
      }
    }
  }
}

module "composites" {
  source = "./modules/composites"

  name_prefix        = local.name_prefix
  environment        = var.environment
  alarm_topic_arn    = module.intake.topic_arn
  maintenance_metric = module.metric_processor.maintenance_metric

  alarms = {
    outage     = concat(module.alarms.groups.outage, [module.canary_primary.alarm_name])
    errors     = module.alarms.groups.errors
    latency    = module.alarms.groups.latency
    saturation = module.alarms.groups.saturation
    anomalies  = values(module.anomaly_detection.alarm_names)
  }
}

module "dashboard" {
  source = "./modules/dashboard"

  name_prefix              = local.name_prefix
  application_metrics      = module.application_logs.metrics
  log_group_name           = module.application_logs.log_group_name
  function_names           = [for function in local.observed_functions : function.function_name]
  firehose_name            = module.metric_stream.firehose_name
  cluster_name             = module.container_insights.cluster_name
  derived_metric_namespace = local.namespace
  alarm_arns               = concat(values(module.composites.arns), [module.canary_primary.alarm_arn], values(module.alarms.arns))

  canaries = [
    { name = module.canary_primary.name, region = var.primary_region },
    { name = module.canary_secondary.name, region = var.secondary_region },
  ]

  metric_stream = {
    name          = module.metric_stream.name
    creation_date = module.metric_stream.creation_date
  }
}

module "observability_sink" {
  source = "./modules/observability-sink"

  name_prefix           = local.name_prefix
  source_account_ids    = var.source_account_ids
  existing_sink_arn     = var.existing_sink_arn
  reader_principal_arns = var.reader_principal_arns
}

module "tracing" {
  source = "./modules/tracing"

  name_prefix   = local.name_prefix
  service_names = { for label, function in local.observed_functions : label => function.function_name }
}

module "automation" {
  source = "./modules/automation"

  name_prefix                  = local.name_prefix
  kms_key_arn                  = module.encryption.key_arn
  log_retention_days           = var.log_retention_days
  maximum_event_age_in_seconds = var.event_age_seconds

  metric_processor = {
    arn           = module.metric_processor.arn
    function_name = module.metric_processor.function_name
  }
}

module "vpc_endpoints" {
  source = "./modules/vpc-endpoints"
  count  = var.create_vpc_endpoints ? 1 : 0

  name_prefix      = local.name_prefix
  metric_namespace = local.namespace
  bucket_arns      = [module.archive.bucket_arn, module.artifacts.arn, module.code.arn]
  vpc_id           = var.vpc == null ? null : var.vpc.id
  subnet_ids       = var.vpc == null ? [] : var.vpc.subnet_ids
  route_table_ids  = var.vpc == null ? [] : var.vpc.route_table_ids
}

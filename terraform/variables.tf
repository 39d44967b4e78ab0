variable "environment_suffix" {
  description = "Tells this platform from others in the account: part of every name."
  type        = string

  # X-Ray's names end at 32 characters and bucket names at 63.
  validation {
    condition     = can(regex("^[a-z0-9]([a-z0-9-]{0,13}[a-z0-9])?$", var.environment_suffix))
    error_message = "environment_suffix must be 1 to 15 lower-case letters, digits and hyphens, and begin and end with a letter or digit."
  }
}

variable "environment" {
  description = "Environment. 'prod' never suppresses an alarm; the others are silent inside their maintenance windows."
  type        = string
  default     = "dev"

  validation {
    condition     = contains(["dev", "test", "staging", "prod"], var.environment)
    error_message = "environment must be dev, test, staging or prod."
  }
}

variable "primary_region" {
  description = "Region of the platform."
  type        = string
  default     = "us-east-1"

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.primary_region))
    error_message = "primary_region must be a region's code, such as us-east-1."
  }
}

variable "secondary_region" {
  description = "Region of the archive's copies and of the second canary."
  type        = string
  default     = "us-west-2"

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.secondary_region)) && var.secondary_region != var.primary_region
    error_message = "secondary_region must be a region's code, such as us-west-2, and another than primary_region."
  }
}

variable "cost_center" {
  description = "Tag CostCenter of everything."
  type        = string
  default     = "platform-observability"

  validation {
    condition     = length(trimspace(var.cost_center)) > 0 && length(var.cost_center) <= 256
    error_message = "cost_center must have 1 to 256 characters."
  }
}

variable "data_classification" {
  description = "Tag DataClassification of everything."
  type        = string
  default     = "confidential"

  validation {
    condition     = contains(["public", "internal", "confidential", "restricted"], var.data_classification)
    error_message = "data_classification must be public, internal, confidential or restricted."
  }
}

variable "endpoint_urls" {
  description = "Endpoints that the canaries of both regions ask."
  type        = list(string)
  default     = ["https://api.example.com/health"]

  validation {
    condition     = length(var.endpoint_urls) > 0 && alltrue([for url in var.endpoint_urls : can(regex("^https?://[^/]+", url))])
    error_message = "endpoint_urls needs at least one URL, each beginning with https:// or http://."
  }
}

variable "canary_runtime_version" {
  description = "Synthetics runtime of the canaries: Python with Selenium."
  type        = string
  default     = "syn-python-selenium-14.0"

  validation {
    condition     = can(regex("^syn-python-selenium-[0-9]+\\.[0-9]+$", var.canary_runtime_version))
    error_message = "canary_runtime_version must be such as syn-python-selenium-14.0."
  }
}

variable "canary_schedule" {
  description = "When the canaries run: rate(1 minute) to rate(1 hour), or cron(…) of six fields."
  type        = string
  default     = "rate(1 minute)"
}

variable "log_retention_days" {
  description = "Days that every log group keeps events."
  type        = number
  default     = 400

  # https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days must be one that CloudWatch Logs accepts: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653."
  }
}

variable "metric_transitions" {
  description = "Moves of archived metrics to cheaper storage classes: days after creation and class, ascending."
  type = list(object({
    days          = number
    storage_class = string
  }))
  default = [
    { days = 90, storage_class = "STANDARD_IA" },
    { days = 180, storage_class = "GLACIER_IR" },
    { days = 365, storage_class = "DEEP_ARCHIVE" },
  ]
  nullable = false
}

variable "metric_retention_days" {
  description = "Days after which archived metrics expire, in both regions: at least the 15 months (450 days) that audit wants. The default is 365 + 180, for what enters DEEP_ARCHIVE on day 365 is billed there for 180 days."
  type        = number
  default     = 545

  validation {
    condition     = var.metric_retention_days >= 450
    error_message = "metric_retention_days must be at least 450: metrics are kept for 15 months."
  }
}

variable "replica_storage_class" {
  description = "Storage class of fresh copies in the other region; null takes that of the original."
  type        = string
  default     = null
}

variable "replication_time_control" {
  description = "Whether copies are guaranteed within 15 minutes, with metrics, at extra cost."
  type        = bool
  default     = false
}

variable "firehose_buffering" {
  description = "What Firehose gathers before it writes: megabytes (1 to 128) and seconds (0 to 900)."
  type = object({
    size_mb          = number
    interval_seconds = number
  })
  default = {
    size_mb          = 64
    interval_seconds = 300
  }

  validation {
    condition     = var.firehose_buffering.size_mb >= 1 && var.firehose_buffering.size_mb <= 128
    error_message = "firehose_buffering: size_mb must be 1 to 128."
  }

  validation {
    condition     = var.firehose_buffering.interval_seconds >= 0 && var.firehose_buffering.interval_seconds <= 900
    error_message = "firehose_buffering: interval_seconds must be 0 to 900."
  }
}

variable "maintenance_windows" {
  description = "Weekly maintenance windows, UTC, in which environments other than 'prod' do not alert: days (MON to SUN), start (HH:MM) and minutes."
  type = list(object({
    days             = set(string)
    start            = string
    duration_minutes = number
  }))
  default = [{
    days             = ["SUN"]
    start            = "02:00"
    duration_minutes = 120
  }]
  nullable = false
}

variable "subscribers" {
  description = "Who hears of alarms beside the inbox queues: a fixed label => severity (critical, warning, info), protocol and endpoint."
  type = map(object({
    severity = string
    protocol = string
    endpoint = string
  }))
  default = {}
}

variable "source_account_ids" {
  description = "Accounts that share their metrics, logs and traces with this one."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for id in var.source_account_ids : can(regex("^[0-9]{12}$", id))])
    error_message = "source_account_ids must be account ids of 12 digits."
  }
}

variable "existing_sink_arn" {
  description = "Observability sink to use. Null uses the one that another platform made in this account and region, or makes one."
  type        = string
  default     = null
}

variable "reader_principal_arns" {
  description = "Who may assume the cross-account role and read what is shared, beside this account's own principals."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "container_insights" {
  description = "Container Insights of the ECS cluster: enabled or enhanced."
  type        = string
  default     = "enhanced"

  validation {
    condition     = contains(["enabled", "enhanced"], var.container_insights)
    error_message = "container_insights must be enabled or enhanced."
  }
}

variable "event_age_seconds" {
  description = "How long EventBridge tries to deliver an event before it goes to the dead-letter queue, 60 to 86400."
  type        = number
  default     = 3600

  validation {
    condition     = var.event_age_seconds >= 60 && var.event_age_seconds <= 86400
    error_message = "event_age_seconds must be 60 to 86400."
  }
}

variable "create_vpc_endpoints" {
  description = "Whether the CloudWatch APIs and S3 are reached from inside a VPC."
  type        = bool
  default     = false
}

variable "vpc" {
  description = "VPC of the endpoints, with subnets and route tables; null makes a small private one."
  type = object({
    id              = string
    subnet_ids      = list(string)
    route_table_ids = list(string)
  })
  default = null
}

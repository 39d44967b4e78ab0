variable "name_prefix" {
  description = "Prefix of every name made here, with the environment suffix in it."
  type        = string
}

variable "name" {
  description = "Name of the canary after the prefix."
  type        = string

  # https://docs.aws.amazon.com/AmazonSynthetics/latest/APIReference/API_CreateCanary.html
  validation {
    condition     = can(regex("^[0-9a-z_-]{1,255}$", "${var.name_prefix}-${var.name}"))
    error_message = "name: with the prefix a canary's name must be 1 to 255 lower-case letters, digits, '_' and '-'."
  }
}

variable "endpoint_urls" {
  description = "Endpoints that the canary asks, one after the other."
  type        = list(string)

  validation {
    condition     = length(var.endpoint_urls) > 0 && alltrue([for url in var.endpoint_urls : can(regex("^https?://[^/]+", url))])
    error_message = "endpoint_urls needs at least one URL, each beginning with https:// or http://."
  }
}

variable "expected_status" {
  description = "HTTP status that a healthy endpoint answers."
  type        = number
  default     = 200

  validation {
    condition     = var.expected_status >= 100 && var.expected_status <= 599
    error_message = "expected_status must be 100 to 599."
  }
}

variable "runtime_version" {
  description = "Synthetics runtime: Python with Selenium."
  type        = string

  validation {
    condition     = can(regex("^syn-python-selenium-[0-9]+\\.[0-9]+$", var.runtime_version))
    error_message = "runtime_version must be such as syn-python-selenium-14.0: the canary is written in Python."
  }
}

variable "schedule_expression" {
  description = "When the canary runs: rate(1 minute) to rate(1 hour), rate(0 minute) for once, or cron(…) of six fields."
  type        = string

  # The provider takes any text. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Synthetics_Canaries_cron.html
  validation {
    condition = anytrue([
      can(regex("^rate\\((0 minute|1 minute|1 hour|([2-9]|[1-5][0-9]|60) minutes)\\)$", var.schedule_expression)),
      can(regex("^cron\\(\\S+ \\S+ (\\S+ \\S+ \\?|\\? \\S+ \\S+) \\S+\\)$", var.schedule_expression)),
    ])
    error_message = "schedule_expression must be such as 'rate(1 minute)', 'rate(5 minutes)', 'rate(1 hour)' or 'cron(0/5 * * * ? *)' (six fields, '?' in one of the day fields)."
  }
}

variable "timeout_seconds" {
  description = "Seconds that one run may take, 3 to 840."
  type        = number
  default     = 50

  validation {
    condition     = var.timeout_seconds >= 3 && var.timeout_seconds <= 840
    error_message = "timeout_seconds must be 3 to 840."
  }
}

variable "code_bucket" {
  description = "Bucket, in this region, that receives the package."
  type        = string
}

variable "artifacts_bucket" {
  description = "Bucket of screenshots, logs and reports, in any region."
  type = object({
    name        = string
    kms_key_arn = string
  })
}

variable "kms_key_arn" {
  description = "KMS key of this region, which encrypts the package."
  type        = string
}

variable "alarm_topic_arn" {
  description = "Intake topic, in this region, that the canary's alarm notifies."
  type        = string
}

variable "success_threshold_percent" {
  description = "Share of successful runs below which the alarm fires, percent."
  type        = number
  default     = 90

  validation {
    condition     = var.success_threshold_percent > 0 && var.success_threshold_percent <= 100
    error_message = "success_threshold_percent must be more than 0 and at most 100."
  }
}

variable "retention_days" {
  description = "Days that Synthetics keeps records of runs, 1 to 1024."
  type        = number
  default     = 31

  validation {
    condition     = var.retention_days >= 1 && var.retention_days <= 1024
    error_message = "retention_days must be 1 to 1024."
  }
}

variable "name_prefix" {
  description = "Prefix of every name made here, with the environment suffix in it, and of the alarms that are acted upon."
  type        = string
}

variable "kms_key_arn" {
  description = "KMS key of queues and logs. Its policy must let EventBridge and CloudWatch Logs use it."
  type        = string
}

variable "log_retention_days" {
  description = "Days that the audit log keeps alarm state changes."
  type        = number

  # https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days must be one that CloudWatch Logs accepts: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653."
  }
}

variable "metric_processor" {
  description = "Function that the schedule runs every minute."
  type = object({
    arn           = string
    function_name = string
  })
}

variable "schedule_expression" {
  description = "When the metric processor runs: rate(…) or cron(…), UTC. It evaluates one minute per run."
  type        = string
  default     = "rate(1 minute)"

  # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html: the unit is singular for 1, and one of the day fields is '?'.
  validation {
    condition     = can(regex("^rate\\((1 (minute|hour|day)|([2-9]|[1-9][0-9]+) (minutes|hours|days))\\)$", var.schedule_expression)) || can(regex("^cron\\(\\S+ \\S+ (\\S+ \\S+ \\?|\\? \\S+ \\S+) \\S+\\)$", var.schedule_expression))
    error_message = "schedule_expression must be such as 'rate(1 minute)', 'rate(5 minutes)' or 'cron(0/5 * * * ? *)' (six fields, '?' in one of the day fields)."
  }
}

variable "schedule_enabled" {
  description = "Whether the schedule runs."
  type        = bool
  default     = true
}

variable "remediation_functions" {
  description = "Lambda functions to run when an alarm fires, with the same work item as the queue: a fixed label => the function, and the alarms it is for (their names begin with '<name_prefix>-<alarm_prefix>')."
  type = map(object({
    arn           = string
    function_name = string
    alarm_prefix  = optional(string, "")
  }))
  default = {}

  validation {
    condition     = alltrue([for label in keys(var.remediation_functions) : can(regex("^[a-z0-9-]{1,24}$", label))])
    error_message = "remediation_functions: labels must be 1 to 24 lower-case letters, digits and hyphens."
  }
}

variable "maximum_event_age_in_seconds" {
  description = "Age at which EventBridge gives an event up and leaves it in the dead-letter queue, seconds."
  type        = number
  default     = 3600

  # https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_RetryPolicy.html: the provider accepts less than AWS.
  validation {
    condition     = var.maximum_event_age_in_seconds >= 60 && var.maximum_event_age_in_seconds <= 86400 && floor(var.maximum_event_age_in_seconds) == var.maximum_event_age_in_seconds
    error_message = "maximum_event_age_in_seconds must be a whole number, 60 to 86400."
  }
}

variable "maximum_retry_attempts" {
  description = "Retries, with exponential backoff, before EventBridge leaves an event in the dead-letter queue."
  type        = number
  default     = 10

  validation {
    condition     = var.maximum_retry_attempts >= 0 && var.maximum_retry_attempts <= 185 && floor(var.maximum_retry_attempts) == var.maximum_retry_attempts
    error_message = "maximum_retry_attempts must be a whole number, 0 to 185."
  }
}

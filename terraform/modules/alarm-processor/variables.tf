variable "name_prefix" {
  description = "Prefix of every name made here, with the environment suffix in it."
  type        = string
}

variable "environment" {
  description = "Environment, sent as a message attribute; 'prod' is never suppressed."
  type        = string
}

variable "code_bucket" {
  description = "Name of the bucket, in this region, that receives the package."
  type        = string
}

variable "kms_key_arn" {
  description = "KMS key of environment variables, logs, the dead-letter queue and the severity topics."
  type        = string
}

variable "log_retention_days" {
  description = "Days that the log group keeps events."
  type        = number
}

variable "intake_topic_arns" {
  description = "Topics that may invoke the function: a fixed label, such as the region => topic ARN."
  type        = map(string)
}

variable "severity_topic_arns" {
  description = "Where alarms go by severity."
  type = object({
    critical = string
    warning  = string
    info     = string
  })
}

variable "default_severity" {
  description = "Severity of an alarm whose description does not start with [critical], [warning] or [info]."
  type        = string
  default     = "warning"

  validation {
    condition     = contains(["critical", "warning", "info"], var.default_severity)
    error_message = "default_severity must be critical, warning or info."
  }
}

variable "maintenance_windows" {
  description = "Weekly maintenance windows, UTC; outside 'prod' nothing is published inside them."
  type = list(object({
    days             = set(string)
    start            = string
    duration_minutes = number
  }))
  default = []
}

variable "publish_attempts" {
  description = "Attempts to publish one alarm, the first included; null is 6 in 'prod' and 4 elsewhere."
  type        = number
  default     = null

  validation {
    condition     = var.publish_attempts == null ? true : contains(range(1, 9), var.publish_attempts)
    error_message = "publish_attempts must be null or a whole number, 1 to 8 (more would not fit the function's timeout)."
  }
}

variable "memory_size" {
  description = "Memory of the function, MB."
  type        = number
  default     = 256
}

variable "reserved_concurrency" {
  description = "Concurrent executions kept for the function; null takes from the account's pool."
  type        = number
  default     = null
}

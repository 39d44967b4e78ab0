variable "name_prefix" {
  description = "Prefix of every name made here, with the environment suffix in it."
  type        = string
}

variable "environment" {
  description = "Environment, added to every archived record."
  type        = string
}

variable "code_bucket" {
  description = "Name of the bucket, in this region, that receives the package."
  type        = string
}

variable "kms_key_arn" {
  description = "KMS key of environment variables, logs and the dead-letter queue."
  type        = string
}

variable "log_retention_days" {
  description = "Days that the log group keeps events."
  type        = number
}

variable "timeout" {
  description = "Seconds before an invocation is ended; Firehose waits up to 300."
  type        = number
  default     = 60

  validation {
    condition     = var.timeout >= 1 && var.timeout <= 300
    error_message = "timeout must be 1 to 300 seconds: Firehose waits no longer."
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

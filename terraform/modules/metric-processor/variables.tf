variable "name_prefix" {
  description = "Prefix of every name made here, with the environment suffix in it."
  type        = string
}

variable "environment" {
  description = "Environment; 'prod' keeps MaintenanceMode at 0."
  type        = string
}

variable "namespace" {
  description = "Namespace of the published metrics; the function may write to no other."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9_./#:-]{1,255}$", var.namespace)) && !startswith(var.namespace, "AWS/")
    error_message = "namespace must be 1 to 255 characters of A-Z a-z 0-9 _ . / # : - and must not start with 'AWS/'."
  }
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

variable "maintenance_windows" {
  description = "Weekly maintenance windows, UTC; MaintenanceMode is 1 inside them."
  type = list(object({
    days             = set(string)
    start            = string
    duration_minutes = number
  }))
  default = []
}

variable "observed_functions" {
  description = "Lambda functions from which ErrorRate (percent), TailLatencyRatio (p99 / average duration) and Throughput (per second) are derived, with dimension FunctionName."
  type        = set(string)
  default     = []
}

variable "derived_metrics" {
  description = "Further metrics to derive: a metric-math expression over the ids in inputs (account_id: a linked source account). It must leave one time series; METRICS() is refused, for it would see the inputs of other expressions."
  type = list(object({
    name       = string
    expression = string
    unit       = optional(string, "None")
    dimensions = optional(map(string), {})
    inputs = map(object({
      namespace   = string
      metric_name = string
      stat        = string
      dimensions  = optional(map(string), {})
      account_id  = optional(string)
    }))
  }))
  default = []

  validation {
    condition     = alltrue([for metric in var.derived_metrics : length(metric.inputs) > 0 && alltrue([for id in keys(metric.inputs) : can(regex("^[a-z][A-Za-z0-9_]{0,63}$", id))])])
    error_message = "derived_metrics: every metric needs inputs, and their ids must start with a lower-case letter and have letters, digits and '_' only."
  }

  validation {
    condition     = alltrue([for metric in var.derived_metrics : metric.name != "MaintenanceMode" && length(metric.dimensions) <= 30])
    error_message = "derived_metrics: MaintenanceMode is published by the function itself, and a metric has at most 30 dimensions."
  }

  validation {
    condition = alltrue([for metric in var.derived_metrics : contains([
      "None", "Count", "Percent", "Seconds", "Microseconds", "Milliseconds",
      "Bytes", "Kilobytes", "Megabytes", "Gigabytes", "Terabytes", "Bits", "Kilobits", "Megabits", "Gigabits", "Terabits",
      "Bytes/Second", "Kilobytes/Second", "Megabytes/Second", "Gigabytes/Second", "Terabytes/Second",
      "Bits/Second", "Kilobits/Second", "Megabits/Second", "Gigabits/Second", "Terabits/Second", "Count/Second"
    ], metric.unit)])
    error_message = "derived_metrics: unit must be one of CloudWatch's, such as None, Count, Percent, Milliseconds, Bytes or Count/Second."
  }

  validation {
    condition     = alltrue([for metric in var.derived_metrics : !can(regex("METRICS *\\(", metric.expression))])
    error_message = "derived_metrics: METRICS() would see the inputs of other metrics; name the ids instead."
  }

  validation {
    condition     = length(distinct([for metric in var.derived_metrics : jsonencode([metric.name, metric.dimensions])])) == length(var.derived_metrics)
    error_message = "derived_metrics: two entries have one name and the same dimensions."
  }
}

variable "settle_seconds" {
  description = "Seconds to wait for late data points before a period is evaluated."
  type        = number
  default     = 120

  validation {
    condition     = var.settle_seconds >= 0 && var.settle_seconds <= 3600 && floor(var.settle_seconds) == var.settle_seconds
    error_message = "settle_seconds must be a whole number, 0 to 3600."
  }
}

variable "timeout" {
  description = "Seconds before an invocation is ended."
  type        = number
  default     = 50
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

variable "name_prefix" {
  description = "Prefix of every name made here, with the environment suffix in it."
  type        = string
}

variable "bucket_arn" {
  description = "Bucket of the archive, in this region."
  type        = string
}

variable "transform_function_arn" {
  description = "Lambda function that every batch of records passes before it is written."
  type        = string
}

variable "kms_key_arn" {
  description = "KMS key of archive, stream and log. Its policy must let Firehose and CloudWatch Logs use it."
  type        = string
}

variable "log_retention_days" {
  description = "Days that delivery errors are kept."
  type        = number
}

variable "buffering_size_mb" {
  description = "Megabytes that are gathered before they are written, 1 to 128."
  type        = number
  default     = 64

  # The provider takes more, Firehose does not.
  # https://docs.aws.amazon.com/firehose/latest/APIReference/API_BufferingHints.html
  validation {
    condition     = var.buffering_size_mb >= 1 && var.buffering_size_mb <= 128 && floor(var.buffering_size_mb) == var.buffering_size_mb
    error_message = "buffering_size_mb must be a whole number, 1 to 128."
  }
}

variable "buffering_interval_seconds" {
  description = "Seconds after which what was gathered is written, 0 to 900."
  type        = number
  default     = 300

  validation {
    condition     = var.buffering_interval_seconds >= 0 && var.buffering_interval_seconds <= 900 && floor(var.buffering_interval_seconds) == var.buffering_interval_seconds
    error_message = "buffering_interval_seconds must be a whole number, 0 to 900."
  }
}

variable "include_namespaces" {
  description = "Namespaces that are streamed; empty streams all."
  type        = list(string)
  default     = []

  validation {
    condition     = length(var.include_namespaces) <= 1000
    error_message = "include_namespaces has more than the 1000 filters that a metric stream takes."
  }
}

variable "additional_statistics" {
  description = "Statistics beside count, sum, min and max: a fixed label => metrics (namespace and name) and statistics such as p99 or TM(10%:90%)."
  type = map(object({
    metrics = list(object({
      namespace   = string
      metric_name = string
    }))
    statistics = list(string)
  }))
  default = {}

  validation {
    condition     = alltrue([for one in var.additional_statistics : length(one.statistics) >= 1 && length(one.statistics) <= 20 && length(one.metrics) >= 1 && length(one.metrics) <= 100])
    error_message = "additional_statistics: each needs 1 to 100 metrics and 1 to 20 statistics."
  }
}

variable "output_format" {
  description = "Format of the records. The transform reads JSON lines; the OpenTelemetry formats are for consumers that replace it."
  type        = string
  default     = "json"

  validation {
    condition     = contains(["json", "opentelemetry0.7", "opentelemetry1.0"], var.output_format)
    error_message = "output_format must be json, opentelemetry0.7 or opentelemetry1.0."
  }

  # https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-metric-streams-statistics.html
  validation {
    condition     = var.output_format == "json" || alltrue(flatten([for one in var.additional_statistics : [for statistic in one.statistics : can(regex("^p[0-9]{1,2}(\\.[0-9]{1,10})?$", statistic))]]))
    error_message = "output_format: the OpenTelemetry formats carry percentiles (p90, p99.9) and no other additional statistic."
  }
}

variable "name_prefix" {
  description = "Prefix of every name made here, with the environment suffix in it."
  type        = string
}

variable "kms_key_arn" {
  description = "KMS key of the log group. Its policy must let CloudWatch Logs of this region use it."
  type        = string
}

variable "log_retention_days" {
  description = "Days that the log group keeps events."
  type        = number

  # https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days must be one that CloudWatch Logs accepts: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653."
  }
}

variable "metric_namespace" {
  description = "Namespace of the metrics that the filters publish."
  type        = string

  validation {
    condition     = can(regex("^[^:*$]{1,255}$", var.metric_namespace)) && !startswith(var.metric_namespace, "AWS/")
    error_message = "metric_namespace must have 1 to 255 characters, none of them ':', '*' or '$', and must not start with 'AWS/'."
  }
}

variable "additional_metric_filters" {
  description = "Further metric filters: name after the prefix => pattern, metric, value ('1' or a field such as '$.amount'), unit, and either dimensions (name => field, at most 3) or a default value."
  type = map(object({
    pattern       = string
    metric_name   = string
    value         = string
    unit          = optional(string, "None")
    dimensions    = optional(map(string), {})
    default_value = optional(number)
  }))
  default = {}

  # https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_MetricTransformation.html
  validation {
    condition     = alltrue([for filter in var.additional_metric_filters : filter.default_value == null || length(filter.dimensions) == 0])
    error_message = "additional_metric_filters: CloudWatch Logs accepts a default_value only without dimensions. Drop one of them."
  }

  validation {
    condition     = alltrue([for filter in var.additional_metric_filters : length(filter.dimensions) <= 3])
    error_message = "additional_metric_filters: a metric filter has at most 3 dimensions."
  }

  validation {
    condition     = alltrue([for filter in var.additional_metric_filters : alltrue([for value in values(filter.dimensions) : can(regex("^\\$", value))])])
    error_message = "additional_metric_filters: a dimension's value must name a field of the pattern, such as '$.service'."
  }

  validation {
    condition     = alltrue([for filter in var.additional_metric_filters : can(regex("^(\\$.+|-?[0-9]+(\\.[0-9]+)?)$", filter.value))])
    error_message = "additional_metric_filters: value must be a number or a field of the pattern, such as '$.amount'."
  }

  validation {
    condition     = alltrue([for filter in var.additional_metric_filters : length(filter.pattern) <= 1024 && length(filter.metric_name) >= 1 && length(filter.metric_name) <= 255])
    error_message = "additional_metric_filters: a pattern has at most 1024 characters and a metric name 1 to 255."
  }

  validation {
    condition = alltrue([for filter in var.additional_metric_filters : contains([
      "None", "Count", "Percent", "Seconds", "Microseconds", "Milliseconds",
      "Bytes", "Kilobytes", "Megabytes", "Gigabytes", "Terabytes", "Bits", "Kilobits", "Megabits", "Gigabits", "Terabits",
      "Bytes/Second", "Kilobytes/Second", "Megabytes/Second", "Gigabytes/Second", "Terabytes/Second",
      "Bits/Second", "Kilobits/Second", "Megabits/Second", "Gigabits/Second", "Terabits/Second", "Count/Second"
    ], filter.unit)])
    error_message = "additional_metric_filters: unit must be one of CloudWatch's, such as None, Count, Percent, Milliseconds, Bytes or Count/Second."
  }
}

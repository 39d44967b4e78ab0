variable "name_prefix" {
  description = "Prefix of every name made here, with the environment suffix in it."
  type        = string
}

variable "alarm_topic_arn" {
  description = "Intake topic, in this region, that every alarm notifies."
  type        = string
}

variable "functions" {
  description = "Lambda functions to watch: a fixed label => the function, its dead-letter queue, and the p99 duration (ms) that is too long."
  type = map(object({
    function_name          = string
    dead_letter_queue_name = string
    duration_threshold_ms  = optional(number, 30000)
  }))

  validation {
    condition     = alltrue([for function in var.functions : function.duration_threshold_ms > 0 && function.duration_threshold_ms <= 900000])
    error_message = "functions: duration_threshold_ms must be more than 0 and at most 900000 (a function runs 15 minutes at most)."
  }
}

variable "application_metrics" {
  description = "Where the application's log-derived metrics are: output metrics of the module application-logs."
  type = object({
    namespace = string
    requests  = string
    errors    = string
    latency   = string
  })
}

variable "heartbeat_metric" {
  description = "A metric without dimensions that the metric processor publishes every minute; its silence is notified."
  type = object({
    namespace   = string
    metric_name = string
  })
}

variable "metric_stream_name" {
  description = "CloudWatch metric stream to watch."
  type        = string
}

variable "firehose_name" {
  description = "Firehose delivery stream to watch."
  type        = string
}

variable "cluster_name" {
  description = "ECS cluster to watch, with Container Insights."
  type        = string
}

variable "dead_letter_queue_names" {
  description = "Further dead-letter queues in which a message is an alarm: a fixed label => queue name."
  type        = map(string)
  default     = {}

  validation {
    condition     = length(setintersection(keys(var.dead_letter_queue_names), keys(var.functions))) == 0
    error_message = "dead_letter_queue_names: a label is one of functions, whose dead-letter queue is watched already."
  }
}

variable "error_rate_threshold_percent" {
  description = "Error rate of the application and of each function that is too high, percent."
  type        = number
  default     = 5

  validation {
    condition     = var.error_rate_threshold_percent > 0 && var.error_rate_threshold_percent <= 100
    error_message = "error_rate_threshold_percent must be more than 0 and at most 100."
  }
}

variable "latency_threshold_ms" {
  description = "p99 latency of the application that is too long, ms."
  type        = number
  default     = 1000

  validation {
    condition     = var.latency_threshold_ms > 0
    error_message = "latency_threshold_ms must be more than 0."
  }
}

variable "utilization_threshold_percent" {
  description = "Share of reserved CPU or memory of the ECS cluster's tasks that is too high, percent."
  type        = number
  default     = 80

  validation {
    condition     = var.utilization_threshold_percent > 0 && var.utilization_threshold_percent <= 100
    error_message = "utilization_threshold_percent must be more than 0 and at most 100."
  }
}

variable "data_freshness_threshold_seconds" {
  description = "Age of the oldest record that Firehose has not yet delivered that is too old, seconds. Keep it above the buffer's interval."
  type        = number
  default     = 1800

  validation {
    condition     = var.data_freshness_threshold_seconds > 0
    error_message = "data_freshness_threshold_seconds must be more than 0."
  }
}

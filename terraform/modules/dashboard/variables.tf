variable "name_prefix" {
  description = "Prefix of every name made here, with the environment suffix in it."
  type        = string
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

variable "log_group_name" {
  description = "Log group of the application, which the log widgets query."
  type        = string
}

variable "function_names" {
  description = "Lambda functions to show."
  type        = list(string)

  validation {
    condition     = length(var.function_names) > 0
    error_message = "function_names needs at least one function."
  }
}

variable "canaries" {
  description = "Canaries to show, each with its region."
  type = list(object({
    name   = string
    region = string
  }))

  validation {
    condition     = length(var.canaries) > 0
    error_message = "canaries needs at least one canary."
  }
}

variable "metric_stream" {
  description = "CloudWatch metric stream to show, and its creation (attribute creation_date): from then on there is an archive, which the graphs mark."
  type = object({
    name          = string
    creation_date = string
  })
}

variable "firehose_name" {
  description = "Firehose delivery stream to show."
  type        = string
}

variable "cluster_name" {
  description = "ECS cluster to show, with Container Insights."
  type        = string
}

variable "alarm_arns" {
  description = "Alarms of the status widget, the gravest first."
  type        = list(string)

  # https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
  validation {
    condition     = length(var.alarm_arns) >= 1 && length(var.alarm_arns) <= 100
    error_message = "alarm_arns must have 1 to 100 alarms: an alarm widget shows no more."
  }
}

variable "derived_metric_namespace" {
  description = "Namespace in which the metric processor publishes ErrorRate and Throughput of the functions."
  type        = string
}

variable "latency_band_width" {
  description = "Width of the band drawn around latency, standard deviations; as wide as the latency detector's."
  type        = number
  default     = 2
}

variable "latency_threshold_ms" {
  description = "Latency (ms) at which a line is drawn: the threshold of the latency alarm."
  type        = number
  default     = 1000
}

variable "error_rate_threshold_percent" {
  description = "Error rate (percent) at which a line is drawn: the threshold of the error-rate alarm."
  type        = number
  default     = 5
}

variable "events" {
  description = "Moments marked in the graphs, such as releases: label and time (RFC 3339)."
  type = list(object({
    label = string
    time  = string
  }))
  default = []

  validation {
    condition     = alltrue([for event in var.events : can(timeadd(event.time, "0s"))])
    error_message = "events: time must be RFC 3339, such as 2026-01-05T08:00:00Z."
  }
}

variable "name_prefix" {
  description = "Prefix of every name made here, with the environment suffix in it."
  type        = string
}

variable "environment" {
  description = "Environment; outside 'prod' the maintenance alarm suppresses the composites' actions."
  type        = string
}

variable "alarm_topic_arn" {
  description = "Intake topic, in this region, that the composites notify."
  type        = string
}

variable "maintenance_metric" {
  description = "Metric without dimensions that is 1 inside a maintenance window: output of the module metric-processor."
  type = object({
    namespace   = string
    metric_name = string
  })
}

variable "alarms" {
  description = "Names of alarms of this account and region. outage: one alone means that the system is down; errors, latency, saturation, anomalies: symptoms that count together."
  type = object({
    outage     = list(string)
    errors     = list(string)
    latency    = list(string)
    saturation = list(string)
    anomalies  = list(string)
  })

  validation {
    condition     = alltrue([for names in var.alarms : length(names) > 0])
    error_message = "alarms: every group (outage, errors, latency, saturation, anomalies) needs at least one alarm name."
  }

  validation {
    condition     = alltrue([for name in flatten(values(var.alarms)) : can(regex("^[^\"\\\\]{1,255}$", name))])
    error_message = "alarms: names must have 1 to 255 characters, without quotes and backslashes."
  }

  # https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
  validation {
    condition     = length(distinct(flatten(values(var.alarms)))) <= 99
    error_message = "alarms: a composite alarm has at most 100 children, of which system-health is one."
  }
}

variable "additional_composites" {
  description = "Further composite alarms: name after the prefix => rule text, severity and description. Every sub-expression of a rule must be parenthesised: (A AND B) OR (NOT C), never A AND B OR C."
  type = map(object({
    rule        = string
    severity    = string
    description = string
  }))
  default = {}

  validation {
    condition     = alltrue([for composite in var.additional_composites : contains(["critical", "warning", "info"], composite.severity)])
    error_message = "additional_composites: severity must be critical, warning or info."
  }

  validation {
    condition     = alltrue([for key in keys(var.additional_composites) : can(regex("^[a-z0-9-]+$", key)) && !contains(["system-health", "performance-degradation", "maintenance-mode"], key)])
    error_message = "additional_composites: names must be lower-case letters, digits and hyphens, and not system-health, performance-degradation or maintenance-mode."
  }
}

variable "wait_seconds" {
  description = "Longest time that a composite's actions wait for the maintenance alarm to fire. The metric is a minute old when the alarm sees it."
  type        = number
  default     = 180

  validation {
    condition     = var.wait_seconds >= 1 && floor(var.wait_seconds) == var.wait_seconds
    error_message = "wait_seconds must be a whole number of at least 1."
  }
}

variable "extension_seconds" {
  description = "Time for which actions stay suppressed after the maintenance alarm has ended."
  type        = number
  default     = 180

  validation {
    condition     = var.extension_seconds >= 1 && floor(var.extension_seconds) == var.extension_seconds
    error_message = "extension_seconds must be a whole number of at least 1."
  }
}

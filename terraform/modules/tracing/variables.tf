variable "name_prefix" {
  description = "Prefix of every name made here, with the environment suffix in it."
  type        = string

  # https://docs.aws.amazon.com/xray/latest/api/API_SamplingRule.html: names of groups and rules have at most 32 characters.
  validation {
    condition     = length(var.name_prefix) >= 1 && length(var.name_prefix) <= 22
    error_message = "name_prefix must have 1 to 22 characters: X-Ray's names end at 32. Take a shorter environment suffix."
  }
}

variable "service_names" {
  description = "Services, as X-Ray names them (a Lambda function's name), whose traces the groups hold: a fixed label => name."
  type        = map(string)

  validation {
    condition     = length(var.service_names) > 0
    error_message = "service_names needs at least one service."
  }
}

variable "slow_seconds" {
  description = "Response time from which a trace is slow, seconds."
  type        = number
  default     = 5

  validation {
    condition     = var.slow_seconds > 0
    error_message = "slow_seconds must be more than 0."
  }
}

variable "insights" {
  description = "Whether X-Ray looks for incidents in the group of faults and tells EventBridge."
  type        = bool
  default     = true
}

variable "sampling_rules" {
  description = "Sampling rules: name after the prefix => priority (the lowest matches first), requests a second that are always traced, the share of the rest, and what they match."
  type = map(object({
    priority       = number
    reservoir_size = number
    fixed_rate     = number
    service_name   = optional(string, "*")
    service_type   = optional(string, "*")
    host           = optional(string, "*")
    http_method    = optional(string, "*")
    url_path       = optional(string, "*")
    resource_arn   = optional(string, "*")
    attributes     = optional(map(string), {})
  }))
  default = {
    payments = { priority = 100, reservoir_size = 10, fixed_rate = 0.5, url_path = "/payments/*" }
    health   = { priority = 200, reservoir_size = 1, fixed_rate = 0, url_path = "/health*" }
    base     = { priority = 9000, reservoir_size = 5, fixed_rate = 0.1 }
  }

  validation {
    condition     = alltrue([for key in keys(var.sampling_rules) : can(regex("^[a-z0-9-]{1,9}$", key))])
    error_message = "sampling_rules: names must be 1 to 9 lower-case letters, digits and hyphens."
  }

  validation {
    condition     = alltrue([for rule in var.sampling_rules : rule.priority >= 1 && rule.priority <= 9999 && floor(rule.priority) == rule.priority])
    error_message = "sampling_rules: priority must be a whole number, 1 to 9999."
  }

  validation {
    condition     = alltrue([for rule in var.sampling_rules : rule.fixed_rate >= 0 && rule.fixed_rate <= 1])
    error_message = "sampling_rules: fixed_rate must be a share, 0 to 1."
  }

  validation {
    condition     = alltrue([for rule in var.sampling_rules : rule.reservoir_size >= 0 && floor(rule.reservoir_size) == rule.reservoir_size])
    error_message = "sampling_rules: reservoir_size must be a whole number of at least 0."
  }

  validation {
    condition     = alltrue([for rule in var.sampling_rules : length(rule.attributes) <= 5])
    error_message = "sampling_rules: a rule matches at most 5 attributes."
  }
}

variable "name_prefix" {
  description = "Prefix of every name made here, with the environment suffix in it."
  type        = string
}

variable "kms_key_arn" {
  description = "KMS key of topics and queues. Its policy must let SNS use it."
  type        = string
}

variable "subscribers" {
  description = "Further subscribers: a fixed label => severity, protocol (email, email-json, https, sms, lambda or sqs) and endpoint. Each hears of its severity only."
  type = map(object({
    severity = string
    protocol = string
    endpoint = string
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for one in var.subscribers : contains(["critical", "warning", "info"], one.severity)])
    error_message = "subscribers: severity must be critical, warning or info."
  }

  validation {
    condition     = alltrue([for one in var.subscribers : contains(["email", "email-json", "https", "sms", "lambda", "sqs"], one.protocol)])
    error_message = "subscribers: protocol must be email, email-json, https, sms, lambda or sqs."
  }

  validation {
    condition     = alltrue([for one in var.subscribers : startswith(one.endpoint, "https://") if one.protocol == "https"])
    error_message = "subscribers: the endpoint of an https subscriber must begin with https://."
  }
}

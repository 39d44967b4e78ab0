variable "name_prefix" {
  description = "Prefix of every name made here, with the environment suffix in it."
  type        = string
}

variable "container_insights" {
  description = "Container Insights of the cluster: enabled, or enhanced for metrics of tasks and containers."
  type        = string
  default     = "enhanced"

  # The provider takes any text, and 'disabled' would collect nothing.
  validation {
    condition     = contains(["enabled", "enhanced"], var.container_insights)
    error_message = "container_insights must be enabled or enhanced."
  }
}

variable "kms_key_arn" {
  description = "KMS key of the logs and of the sessions of ECS Exec."
  type        = string
}

variable "log_retention_days" {
  description = "Days that the logs are kept."
  type        = number
}

variable "environment_suffix" {
  description = "Tells this platform from others in the account."
  type        = string
  default     = "complete"
}

variable "environment" {
  description = "Environment: dev, test, staging or prod."
  type        = string
  default     = "staging"
}

variable "endpoint_urls" {
  description = "Endpoints that the canaries ask."
  type        = list(string)
  default     = ["https://api.example.com/health"]
}

variable "log_retention_days" {
  description = "Days that every log group keeps events."
  type        = number
  default     = 400
}

variable "source_account_ids" {
  description = "The two accounts that share their metrics."
  type        = list(string)

  validation {
    condition     = length(var.source_account_ids) == 2
    error_message = "source_account_ids must name two accounts."
  }
}

variable "source_role_name" {
  description = "Role in each source account under which Terraform works there."
  type        = string
  default     = "OrganizationAccountAccessRole"
}

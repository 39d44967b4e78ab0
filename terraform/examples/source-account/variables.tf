variable "environment_suffix" {
  description = "Suffix of the platform that is linked to."
  type        = string
  default     = "complete"
}

variable "environment" {
  description = "Environment: dev, test, staging or prod."
  type        = string
  default     = "staging"
}

variable "region" {
  description = "Region of the sink: links do not cross regions."
  type        = string
  default     = "us-east-1"
}

variable "sink_arn" {
  description = "Output oam_sink_arn of the platform."
  type        = string
}

variable "reader_role_arn" {
  description = "Output cross_account_role_arn of the platform."
  type        = string
}

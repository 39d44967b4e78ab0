variable "name_prefix" {
  description = "Prefix of every name made here, with the environment suffix in it."
  type        = string
}

variable "source_account_ids" {
  description = "Accounts that may link to the sink."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for id in var.source_account_ids : can(regex("^[0-9]{12}$", id))])
    error_message = "source_account_ids must be account ids of 12 digits."
  }

  validation {
    condition     = length(distinct(var.source_account_ids)) == length(var.source_account_ids)
    error_message = "source_account_ids names an account twice."
  }
}

variable "organization_id" {
  description = "Organisation whose accounts may all link to the sink; null for none."
  type        = string
  default     = null

  validation {
    condition     = var.organization_id == null ? true : can(regex("^o-[a-z0-9]{10,32}$", var.organization_id))
    error_message = "organization_id must be null or an organisation's id, such as o-a1b2c3d4e5."
  }
}

variable "resource_types" {
  description = "Kinds of telemetry that source accounts may share."
  type        = set(string)
  default     = ["AWS::CloudWatch::Metric", "AWS::Logs::LogGroup", "AWS::XRay::Trace"]

  validation {
    condition     = length(var.resource_types) > 0 && length(setsubtract(var.resource_types, ["AWS::CloudWatch::Metric", "AWS::Logs::LogGroup", "AWS::XRay::Trace"])) == 0
    error_message = "resource_types must be of AWS::CloudWatch::Metric, AWS::Logs::LogGroup and AWS::XRay::Trace."
  }
}

variable "existing_sink_arn" {
  description = "Sink to use; its policy stays its owner's. Null uses the one that another platform made in this account and region, or makes one."
  type        = string
  default     = null

  validation {
    condition     = var.existing_sink_arn == null ? true : can(regex("^arn:[a-z-]+:oam:[a-z0-9-]+:[0-9]{12}:sink/.+$", var.existing_sink_arn))
    error_message = "existing_sink_arn must be null or a sink's ARN, such as arn:aws:oam:us-east-1:111122223333:sink/…"
  }
}

variable "reader_principal_arns" {
  description = "IAM roles, users or accounts that may assume the cross-account role. Empty: principals of the monitoring account itself."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.reader_principal_arns : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:(root|(role|user)/.+)$", arn))])
    error_message = "reader_principal_arns must be ARNs of IAM roles, users or account roots, such as arn:aws:iam::111122223333:role/grafana."
  }
}

variable "external_id" {
  description = "External id that readers must present when they assume the cross-account role; null for none."
  type        = string
  default     = null

  validation {
    condition     = var.external_id == null ? true : can(regex("^[A-Za-z0-9_+=,.@:/-]{2,1224}$", var.external_id))
    error_message = "external_id must be null or 2 to 1224 letters, digits and _+=,.@:/- ."
  }
}

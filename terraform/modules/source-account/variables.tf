variable "name_prefix" {
  description = "Prefix of every name made here, with the environment suffix in it: the one of the monitoring account, for it finds the role by name."
  type        = string
}

variable "sink_arn" {
  description = "Sink of the monitoring account, in this region."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:oam:[a-z0-9-]+:[0-9]{12}:sink/.+$", var.sink_arn))
    error_message = "sink_arn must be a sink's ARN, such as arn:aws:oam:us-east-1:111122223333:sink/…"
  }
}

variable "reader_role_arn" {
  description = "Role of the monitoring account that may assume the role made here: output cross_account_role_arn of the platform."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:iam::[0-9]{12}:role/.+$", var.reader_role_arn))
    error_message = "reader_role_arn must be a role's ARN, such as arn:aws:iam::111122223333:role/cw-obs-prod-cross-account."
  }
}

variable "resource_types" {
  description = "Kinds of telemetry to share; the sink must allow each."
  type        = set(string)
  default     = ["AWS::CloudWatch::Metric", "AWS::Logs::LogGroup", "AWS::XRay::Trace"]

  validation {
    condition     = length(var.resource_types) > 0 && length(setsubtract(var.resource_types, ["AWS::CloudWatch::Metric", "AWS::Logs::LogGroup", "AWS::XRay::Trace"])) == 0
    error_message = "resource_types must be of AWS::CloudWatch::Metric, AWS::Logs::LogGroup and AWS::XRay::Trace."
  }
}

variable "label_template" {
  description = "How the monitoring account names this one: $AccountName, $AccountEmail, $AccountEmailNoDomain, or text."
  type        = string
  default     = "$AccountName"

  validation {
    condition     = length(var.label_template) >= 1 && length(var.label_template) <= 64
    error_message = "label_template must have 1 to 64 characters."
  }
}

variable "metric_filter" {
  description = "Which metric namespaces to share, such as \"Namespace IN ('AWS/Lambda', 'AWS/SQS')\"; null for all."
  type        = string
  default     = null

  validation {
    condition     = var.metric_filter == null ? true : can(regex("^Namespace ", var.metric_filter)) && length(var.metric_filter) <= 2000
    error_message = "metric_filter must be null or an expression over Namespace, such as \"Namespace NOT LIKE 'AWS/EC2%'\"."
  }
}

variable "log_group_filter" {
  description = "Which log groups to share, such as \"LogGroupName LIKE '/payments/%'\"; null for all."
  type        = string
  default     = null

  validation {
    condition     = var.log_group_filter == null ? true : can(regex("^LogGroupName ", var.log_group_filter)) && length(var.log_group_filter) <= 2000
    error_message = "log_group_filter must be null or an expression over LogGroupName, such as \"LogGroupName LIKE '/payments/%'\"."
  }
}

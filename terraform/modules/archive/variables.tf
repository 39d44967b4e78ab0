variable "name_prefix" {
  description = "Prefix of every name made here, with the environment suffix in it."
  type        = string
}

variable "kms_key_arn" {
  description = "KMS key of the archive's region."
  type        = string
}

variable "replica_kms_key_arn" {
  description = "KMS key of the replica's region."
  type        = string
}

variable "transitions" {
  description = "Moves of archived metrics to cheaper storage classes: days after creation and class, ascending."
  type = list(object({
    days          = number
    storage_class = string
  }))
}

variable "expiration_days" {
  description = "Days after which archived metrics expire, in both regions."
  type        = number
}

variable "replica_storage_class" {
  description = "Storage class of fresh copies; null takes that of the original."
  type        = string
  default     = null

  validation {
    condition     = var.replica_storage_class == null ? true : contains(["STANDARD", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE"], var.replica_storage_class)
    error_message = "replica_storage_class must be null or a storage class of S3."
  }
}

variable "replication_time_control" {
  description = "Whether copies are guaranteed within 15 minutes, with metrics. S3 knows no other number of minutes, and bills it extra."
  type        = bool
  default     = false
}

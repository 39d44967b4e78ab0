variable "name_prefix" {
  description = "Prefix of every name made here, with the environment suffix in it."
  type        = string
}

variable "kms_key_arn" {
  description = "KMS key of this region. Its policy must let CloudWatch and SNS use it."
  type        = string
}

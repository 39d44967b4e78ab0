variable "name" {
  description = "Name of the bucket."
  type        = string

  # https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.name))
    error_message = "name must have 3 to 63 lower-case letters, digits and hyphens. Take a shorter environment suffix."
  }
}

variable "kms_key_arn" {
  description = "KMS key, in the bucket's region, that encrypts its objects."
  type        = string
}

variable "transitions" {
  description = "Moves of current objects to cheaper storage classes: days after creation and class, ascending."
  type = list(object({
    days          = number
    storage_class = string
  }))
  default  = []
  nullable = false

  validation {
    condition     = alltrue([for one in var.transitions : contains(["STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE"], one.storage_class)])
    error_message = "transitions: storage_class must be STANDARD_IA, ONEZONE_IA, INTELLIGENT_TIERING, GLACIER_IR, GLACIER or DEEP_ARCHIVE."
  }

  validation {
    condition     = alltrue([for i, one in var.transitions : i == 0 ? one.days >= 0 : one.days > var.transitions[i - 1].days])
    error_message = "transitions must be in ascending order of days."
  }

  # https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html
  validation {
    condition     = alltrue([for one in var.transitions : one.days >= 30 if contains(["STANDARD_IA", "ONEZONE_IA"], one.storage_class)])
    error_message = "transitions: objects stay at least 30 days in STANDARD before they move to STANDARD_IA or ONEZONE_IA."
  }
}

variable "expiration_days" {
  description = "Days after which current objects expire."
  type        = number

  # S3 bills these days even when the object is gone earlier: https://aws.amazon.com/s3/storage-classes/
  validation {
    condition = length(var.transitions) == 0 ? var.expiration_days > 0 : (
      var.expiration_days - var.transitions[length(var.transitions) - 1].days >= lookup(
        { STANDARD_IA = 30, ONEZONE_IA = 30, GLACIER_IR = 90, GLACIER = 90, DEEP_ARCHIVE = 180 },
        var.transitions[length(var.transitions) - 1].storage_class, 0,
      )
    )
    error_message = "expiration_days is too early: an object that moved to its last storage class would be billed for days that it no longer exists (30 in STANDARD_IA and ONEZONE_IA, 90 in GLACIER_IR and GLACIER, 180 in DEEP_ARCHIVE). Expire later, or move earlier."
  }
}

variable "noncurrent_expiration_days" {
  description = "Days after which versions that are no longer current expire."
  type        = number
  default     = 30

  validation {
    condition     = var.noncurrent_expiration_days >= 1
    error_message = "noncurrent_expiration_days must be at least 1."
  }
}

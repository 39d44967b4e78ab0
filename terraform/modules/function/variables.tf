variable "name_prefix" {
  description = "Prefix of every name made here, with the environment suffix in it."
  type        = string
}

variable "name" {
  description = "Name of the function after the prefix."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9-]+$", var.name)) && length("${var.name_prefix}-${var.name}") <= 60
    error_message = "name must be lower-case letters, digits and hyphens, and '<name_prefix>-<name>' at most 60 characters (function and role names end at 64)."
  }
}

variable "description" {
  description = "What the function is for."
  type        = string
}

variable "files" {
  description = "Source files: path inside the package => content. structured_log.py is added to every package."
  type        = map(string)
  nullable    = false
}

variable "handler" {
  description = "Entry point: <file>.<function>."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z_][A-Za-z0-9_/]*\\.[A-Za-z_][A-Za-z0-9_]*$", var.handler))
    error_message = "handler must read '<file>.<function>', such as 'main.handler'."
  }
}

variable "runtime" {
  description = "Python runtime of the function."
  type        = string
  default     = "python3.13"

  validation {
    condition     = contains(["python3.12", "python3.13"], var.runtime)
    error_message = "runtime must be python3.12 or python3.13."
  }
}

variable "code_bucket" {
  description = "Name of the bucket, in the function's region, that receives the package."
  type        = string
}

variable "kms_key_arn" {
  description = "KMS key of environment variables, logs and the dead-letter queue. Its policy must let Lambda and CloudWatch Logs use it."
  type        = string
}

variable "log_retention_days" {
  description = "Days that the log group keeps events."
  type        = number

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days must be one that CloudWatch Logs accepts: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653."
  }
}

variable "log_level" {
  description = "Least level of the function's own log lines that is kept."
  type        = string
  default     = "INFO"

  validation {
    condition     = contains(["DEBUG", "INFO", "WARN", "ERROR"], var.log_level)
    error_message = "log_level must be DEBUG, INFO, WARN or ERROR."
  }
}

variable "policy_json" {
  description = "IAM policy document of what the function itself calls. Logs, tracing, the dead-letter queue and its key are added."
  type        = string
  default     = null
}

variable "environment_variables" {
  description = "Environment variables of the function."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for name in keys(var.environment_variables) : can(regex("^[A-Za-z][A-Za-z0-9_]+$", name)) && !startswith(name, "AWS_")])
    error_message = "environment_variables has a name that Lambda refuses: letters, digits and '_' only, at least two characters, starting with a letter, and AWS_ is reserved."
  }

  validation {
    condition     = length(jsonencode(var.environment_variables)) <= 4096
    error_message = "environment_variables takes more than the 4 KB that Lambda allows. Ship large settings as a file of the package."
  }
}

variable "timeout" {
  description = "Seconds before an invocation is ended."
  type        = number
  default     = 60

  validation {
    condition     = var.timeout >= 1 && var.timeout <= 900 && floor(var.timeout) == var.timeout
    error_message = "timeout must be a whole number of seconds, 1 to 900."
  }
}

variable "memory_size" {
  description = "Memory of the function, MB."
  type        = number
  default     = 256

  validation {
    condition     = var.memory_size >= 128 && var.memory_size <= 10240 && floor(var.memory_size) == var.memory_size
    error_message = "memory_size must be a whole number of MB, 128 to 10240."
  }
}

variable "reserved_concurrency" {
  description = "Concurrent executions kept for, and allowed to, the function; null takes from the account's pool."
  type        = number
  default     = null

  validation {
    condition     = var.reserved_concurrency == null ? true : var.reserved_concurrency >= 1 && floor(var.reserved_concurrency) == var.reserved_concurrency
    error_message = "reserved_concurrency must be null or a whole number of at least 1 (0 would stop the function)."
  }
}

variable "maximum_retry_attempts" {
  description = "Retries of a failed asynchronous invocation before its event goes to the dead-letter queue."
  type        = number
  default     = 2

  validation {
    condition     = contains([0, 1, 2], var.maximum_retry_attempts)
    error_message = "maximum_retry_attempts must be 0, 1 or 2."
  }
}

variable "maximum_event_age_in_seconds" {
  description = "Age, in seconds, at which an asynchronous event is given up and goes to the dead-letter queue."
  type        = number
  default     = 3600

  validation {
    condition     = var.maximum_event_age_in_seconds >= 60 && var.maximum_event_age_in_seconds <= 21600 && floor(var.maximum_event_age_in_seconds) == var.maximum_event_age_in_seconds
    error_message = "maximum_event_age_in_seconds must be a whole number, 60 to 21600."
  }
}

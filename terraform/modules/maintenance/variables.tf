variable "environment" {
  description = "Environment that the windows belong to; 'prod' is never suppressed."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,31}$", var.environment))
    error_message = "environment must be 1 to 32 lower-case letters, digits and hyphens, starting with a letter, such as 'dev', 'staging' or 'prod'."
  }
}

variable "windows" {
  description = "Weekly maintenance windows: days on which one starts (MON to SUN), its start (HH:MM, UTC) and its length in minutes, at most a week."
  type = list(object({
    days             = set(string)
    start            = string
    duration_minutes = number
  }))
  default  = []
  nullable = false

  validation {
    condition     = alltrue([for window in var.windows : length(window.days) > 0 && length(setsubtract(window.days, ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"])) == 0])
    error_message = "A maintenance window needs at least one day of MON, TUE, WED, THU, FRI, SAT, SUN."
  }

  validation {
    condition     = alltrue([for window in var.windows : can(regex("^([01][0-9]|2[0-3]):[0-5][0-9]$", window.start))])
    error_message = "A maintenance window's start must be HH:MM in UTC, 00:00 to 23:59."
  }

  validation {
    condition     = alltrue([for window in var.windows : window.duration_minutes >= 1 && window.duration_minutes <= 10080 && floor(window.duration_minutes) == window.duration_minutes])
    error_message = "A maintenance window's duration_minutes must be a whole number, 1 to 10080 (one week)."
  }
}

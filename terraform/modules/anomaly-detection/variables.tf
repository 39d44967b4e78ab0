variable "name_prefix" {
  description = "Prefix of every name made here, with the environment suffix in it."
  type        = string
}

variable "alarm_topic_arn" {
  description = "Intake topic, in this region, that the band alarms notify."
  type        = string
}

variable "detectors" {
  description = <<-EOT
    Anomaly detectors with their band alarms: name after the prefix => detector.
    One entry of metrics and no expression makes a single-metric detector; with an expression over the ids in metrics, a metric-math one.
    band_width is in standard deviations; direction says which side of the band is an anomaly.
    excluded_time_ranges (UTC, yyyy-MM-ddTHH:mm:ss) are kept out of the training, metric_timezone (tz database) follows its daylight saving time.
  EOT
  type = map(object({
    description = string
    severity    = optional(string, "warning")
    metrics = map(object({
      namespace   = string
      metric_name = string
      stat        = string
      dimensions  = optional(map(string), {})
    }))
    expression          = optional(string)
    label               = optional(string)
    band_width          = number
    direction           = optional(string, "both")
    period              = optional(number, 300)
    evaluation_periods  = optional(number, 3)
    datapoints_to_alarm = optional(number, 2)
    treat_missing_data  = optional(string, "notBreaching")
    excluded_time_ranges = optional(list(object({
      start = string
      end   = string
    })), [])
    metric_timezone = optional(string)
    periodic_spikes = optional(bool)
  }))
  nullable = false

  validation {
    condition     = alltrue([for key in keys(var.detectors) : can(regex("^[a-z0-9]+(-[a-z0-9]+)*$", key)) && length("${var.name_prefix}-${key}-anomaly") <= 128])
    error_message = "detectors: names must be lower-case letters, digits and hyphens, and '<name_prefix>-<name>-anomaly' at most 128 characters (a stack's name)."
  }

  validation {
    condition     = alltrue([for detector in var.detectors : contains(["critical", "warning", "info"], detector.severity)])
    error_message = "detectors: severity must be critical, warning or info."
  }

  # https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html: at most 10 metrics an alarm; here they share them with expression and band.
  validation {
    condition     = alltrue([for detector in var.detectors : detector.expression == null ? length(detector.metrics) == 1 : length(detector.metrics) >= 1 && length(detector.metrics) <= 8])
    error_message = "detectors: without an expression metrics must have exactly one entry, with one 1 to 8."
  }

  validation {
    condition     = alltrue([for detector in var.detectors : alltrue([for id in keys(detector.metrics) : can(regex("^[a-z][A-Za-z0-9_]{0,254}$", id)) && !contains(["band", "expression"], id)])])
    error_message = "detectors: the ids in metrics must start with a lower-case letter, have letters, digits and '_' only, and be other than 'band' and 'expression'."
  }

  validation {
    condition     = alltrue([for detector in var.detectors : alltrue([for metric in detector.metrics : length(metric.dimensions) <= 30 && length(metric.namespace) > 0 && length(metric.metric_name) > 0])])
    error_message = "detectors: a metric needs a namespace and a name, and has at most 30 dimensions."
  }

  # https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
  validation {
    condition = alltrue([for detector in var.detectors : alltrue([for metric in detector.metrics :
      can(regex("^(SampleCount|Sum|Average|Minimum|Maximum|IQM|(p|tm|wm|tc|ts)(100|[0-9]{1,2}(\\.[0-9]{1,10})?)|(TM|WM|TC|TS|PR)\\([0-9.]*%?:[0-9.]*%?\\))$", metric.stat))
    ])])
    error_message = "detectors: stat must be SampleCount, Sum, Average, Minimum, Maximum, IQM, a percentile such as p99, or a trimmed statistic such as tm90 or TM(10%:90%)."
  }

  validation {
    condition     = alltrue([for detector in var.detectors : detector.band_width > 0 && detector.band_width <= 1000])
    error_message = "detectors: band_width must be a number of standard deviations more than 0, such as 2."
  }

  validation {
    condition     = alltrue([for detector in var.detectors : contains(["above", "below", "both"], detector.direction)])
    error_message = "detectors: direction must be above, below or both."
  }

  validation {
    condition     = alltrue([for detector in var.detectors : detector.period >= 60 && detector.period <= 86400 && detector.period % 60 == 0])
    error_message = "detectors: period must be a multiple of 60 seconds: models are not made of shorter ones."
  }

  validation {
    condition = alltrue([for detector in var.detectors :
      detector.evaluation_periods >= 1 && detector.datapoints_to_alarm >= 1 && detector.datapoints_to_alarm <= detector.evaluation_periods
      && floor(detector.evaluation_periods) == detector.evaluation_periods && floor(detector.datapoints_to_alarm) == detector.datapoints_to_alarm
      && detector.evaluation_periods * detector.period <= (detector.period >= 3600 ? 604800 : 86400)
    ])
    error_message = "detectors: datapoints_to_alarm must be 1 to evaluation_periods, and evaluation_periods times period at most a day (a week when the period is an hour or more)."
  }

  validation {
    condition     = alltrue([for detector in var.detectors : contains(["missing", "ignore", "breaching", "notBreaching"], detector.treat_missing_data)])
    error_message = "detectors: treat_missing_data must be missing, ignore, breaching or notBreaching."
  }

  validation {
    condition = alltrue([for detector in var.detectors : alltrue([for range in detector.excluded_time_ranges :
      alltrue([for time in [range.start, range.end] : can(regex("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}$", time)) && can(timeadd("${time}Z", "0s"))])
      && try(timecmp("${range.start}Z", "${range.end}Z") < 0, false)
    ])])
    error_message = "detectors: excluded_time_ranges must be written yyyy-MM-ddTHH:mm:ss (UTC, without a zone), start before end."
  }

  validation {
    condition     = alltrue([for detector in var.detectors : detector.metric_timezone == null ? true : can(regex("^[A-Za-z0-9_+/-]{1,50}$", detector.metric_timezone))])
    error_message = "detectors: metric_timezone must be a name of the tz database, such as America/New_York."
  }
}

output "names" {
  description = "Names of all alarms: key => alarm name."
  value       = { for key, alarm in local.alarms : key => alarm.alarm_name }
}

output "arns" {
  description = "ARNs of all alarms: key => alarm ARN."
  value       = { for key, alarm in local.alarms : key => alarm.arn }
}

output "groups" {
  description = "Alarm names by what they tell of: outage, errors, latency and saturation, as the module composites takes them."
  value       = local.groups
}

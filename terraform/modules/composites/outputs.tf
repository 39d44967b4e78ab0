output "system_health_name" {
  description = "Name of the composite alarm of the system's health."
  value       = aws_cloudwatch_composite_alarm.system_health.alarm_name
}

output "performance_name" {
  description = "Name of the composite alarm of degraded performance."
  value       = aws_cloudwatch_composite_alarm.performance_degradation.alarm_name
}

output "maintenance_name" {
  description = "Name of the suppressor alarm."
  value       = aws_cloudwatch_metric_alarm.maintenance_mode.alarm_name
}

output "arns" {
  description = "ARNs of the composites and of the suppressor: name after the prefix => alarm ARN."
  value = merge(
    {
      system-health           = aws_cloudwatch_composite_alarm.system_health.arn
      performance-degradation = aws_cloudwatch_composite_alarm.performance_degradation.arn
      maintenance-mode        = aws_cloudwatch_metric_alarm.maintenance_mode.arn
    },
    { for key, alarm in aws_cloudwatch_composite_alarm.additional : key => alarm.arn }
  )
}

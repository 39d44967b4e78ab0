output "name" {
  description = "Name of the canary."
  value       = aws_synthetics_canary.this.name
}

output "arn" {
  description = "ARN of the canary."
  value       = aws_synthetics_canary.this.arn
}

output "alarm_name" {
  description = "Alarm on the share of successful runs."
  value       = aws_cloudwatch_metric_alarm.success.alarm_name
}

output "alarm_arn" {
  description = "ARN of that alarm."
  value       = aws_cloudwatch_metric_alarm.success.arn
}

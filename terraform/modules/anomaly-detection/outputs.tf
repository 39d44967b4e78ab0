output "alarm_names" {
  description = "Names of the band alarms: detector => alarm name."
  value       = { for key, alarm in aws_cloudwatch_metric_alarm.this : key => alarm.alarm_name }
}

output "alarm_arns" {
  description = "ARNs of the band alarms: detector => alarm ARN."
  value       = { for key, alarm in aws_cloudwatch_metric_alarm.this : key => alarm.arn }
}

output "stack_names" {
  description = "CloudFormation stacks that hold the detectors: detector => stack name."
  value       = { for key, stack in aws_cloudformation_stack.this : key => stack.name }
}

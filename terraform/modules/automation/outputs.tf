output "remediation_queue_arn" {
  description = "ARN of the queue of work items, one for each alarm that fires."
  value       = aws_sqs_queue.remediation.arn
}

output "remediation_queue_url" {
  description = "Address of the queue of work items."
  value       = aws_sqs_queue.remediation.url
}

output "dead_letter_queue_arn" {
  description = "ARN of the queue of events that could not be delivered, and of work items that nobody could finish."
  value       = aws_sqs_queue.dead_letter.arn
}

output "dead_letter_queue_name" {
  description = "Name of the queue of events that could not be delivered, and of work items that nobody could finish."
  value       = aws_sqs_queue.dead_letter.name
}

output "audit_log_group_name" {
  description = "Log group of every alarm state change."
  value       = aws_cloudwatch_log_group.audit.name
}

output "rule_arns" {
  description = "ARNs of the rules: remediation, audit, schedule, and one for each remediation function."
  value = merge(
    { remediation = aws_cloudwatch_event_rule.remediation.arn, audit = aws_cloudwatch_event_rule.audit.arn, schedule = aws_cloudwatch_event_rule.schedule.arn },
    { for key, rule in aws_cloudwatch_event_rule.function : key => rule.arn }
  )
}

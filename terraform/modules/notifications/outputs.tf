output "topic_arns" {
  description = "Topics: severity => ARN."
  value       = { for severity, topic in aws_sns_topic.this : severity => topic.arn }
}

output "inbox_queue_urls" {
  description = "Inboxes: severity => queue URL."
  value       = { for severity, queue in aws_sqs_queue.inbox : severity => queue.url }
}

output "inbox_queue_arns" {
  description = "Inboxes: severity => queue ARN."
  value       = { for severity, queue in aws_sqs_queue.inbox : severity => queue.arn }
}

output "dead_letter_queue_arn" {
  description = "Queue of messages that no subscriber took."
  value       = aws_sqs_queue.dead_letter.arn
}

output "dead_letter_queue_name" {
  description = "Name of that queue."
  value       = aws_sqs_queue.dead_letter.name
}

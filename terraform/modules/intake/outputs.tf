output "topic_arn" {
  description = "Topic that this region's alarms notify."
  value       = aws_sns_topic.this.arn

  # CloudWatch may publish only once the policy says so.
  depends_on = [aws_sns_topic_policy.this]
}

output "dead_letter_queue_arn" {
  description = "Queue of notifications that the topic could not deliver."
  value       = aws_sqs_queue.dead_letter.arn
}

output "dead_letter_queue_name" {
  description = "Name of that queue."
  value       = aws_sqs_queue.dead_letter.name
}

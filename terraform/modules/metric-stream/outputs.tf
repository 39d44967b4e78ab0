output "name" {
  description = "Name of the metric stream."
  value       = aws_cloudwatch_metric_stream.this.name
}

output "arn" {
  description = "ARN of the metric stream."
  value       = aws_cloudwatch_metric_stream.this.arn
}

output "creation_date" {
  description = "When the metric stream was made."
  value       = aws_cloudwatch_metric_stream.this.creation_date
}

output "firehose_name" {
  description = "Name of the Firehose stream."
  value       = aws_kinesis_firehose_delivery_stream.this.name
}

output "firehose_arn" {
  description = "ARN of the Firehose stream."
  value       = aws_kinesis_firehose_delivery_stream.this.arn
}

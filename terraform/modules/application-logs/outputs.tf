output "log_group_name" {
  description = "Name of the application's log group."
  value       = aws_cloudwatch_log_group.this.name
}

output "log_group_arn" {
  description = "ARN of the application's log group."
  value       = aws_cloudwatch_log_group.this.arn
}

output "metrics" {
  description = "Where the metrics of the whole application are: namespace and the names of requests, errors and latency. None has dimensions."
  value = {
    namespace = var.metric_namespace
    requests  = aws_cloudwatch_log_metric_filter.this["requests"].metric_transformation[0].name
    errors    = aws_cloudwatch_log_metric_filter.this["errors"].metric_transformation[0].name
    latency   = aws_cloudwatch_log_metric_filter.this["latency"].metric_transformation[0].name
  }
}

output "metric_filter_names" {
  description = "Metric filters: name after the prefix => filter name."
  value       = { for key, filter in aws_cloudwatch_log_metric_filter.this : key => filter.name }
}

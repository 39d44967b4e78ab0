output "metric_stream_name" {
  description = "Name of the metric stream."
  value       = module.platform.metric_stream_name
}

output "metric_stream_arn" {
  description = "ARN of the metric stream."
  value       = module.platform.metric_stream_arn
}

output "s3_bucket_metrics" {
  description = "Bucket of the metric archive."
  value       = module.platform.s3_bucket_metrics
}

output "s3_bucket_metrics_replica" {
  description = "Bucket of the archive's copies, in the secondary region."
  value       = module.platform.s3_bucket_metrics_replica
}

output "s3_bucket_synthetics" {
  description = "Bucket of the canaries' artifacts."
  value       = module.platform.s3_bucket_synthetics
}

output "lambda_processor_arn" {
  description = "ARN of the function that derives metrics."
  value       = module.platform.lambda_processor_arn
}

output "lambda_alarm_processor_arn" {
  description = "ARN of the function that routes alarms by severity."
  value       = module.platform.lambda_alarm_processor_arn
}

output "sns_critical_topic_arn" {
  description = "Topic of critical alarms."
  value       = module.platform.sns_critical_topic_arn
}

output "sns_warning_topic_arn" {
  description = "Topic of warnings."
  value       = module.platform.sns_warning_topic_arn
}

output "sns_info_topic_arn" {
  description = "Topic of what is good to know."
  value       = module.platform.sns_info_topic_arn
}

output "inbox_queue_urls" {
  description = "Queues that subscribe to the topics: severity => queue URL."
  value       = module.platform.inbox_queue_urls
}

output "alarm_intake_topic_arns" {
  description = "Topics that alarms notify: region => topic ARN."
  value       = module.platform.alarm_intake_topic_arns
}

output "remediation_queue_url" {
  description = "Queue of work items that EventBridge makes of alarms."
  value       = module.platform.remediation_queue_url
}

output "dashboard_url" {
  description = "The dashboard in the console."
  value       = module.platform.dashboard_url
}

output "composite_alarm_system_health" {
  description = "Name of the composite alarm on the system's health."
  value       = module.platform.composite_alarm_system_health
}

output "composite_alarm_performance" {
  description = "Name of the composite alarm on the system's performance."
  value       = module.platform.composite_alarm_performance
}

output "canary_primary_name" {
  description = "Canary of the primary region."
  value       = module.platform.canary_primary_name
}

output "canary_secondary_name" {
  description = "Canary of the secondary region."
  value       = module.platform.canary_secondary_name
}

output "ecs_cluster_name" {
  description = "ECS cluster with Container Insights."
  value       = module.platform.ecs_cluster_name
}

output "oam_sink_arn" {
  description = "Sink that source accounts link to."
  value       = module.platform.oam_sink_arn
}

output "cross_account_role_arn" {
  description = "Role under which what is shared is read."
  value       = module.platform.cross_account_role_arn
}

output "log_group_application" {
  description = "Log group of the application."
  value       = module.platform.log_group_application
}

output "kms_key_arns" {
  description = "Keys that encrypt the platform: region => key ARN."
  value       = module.platform.kms_key_arns
}

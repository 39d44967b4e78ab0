output "metric_stream_name" {
  description = "Name of the metric stream."
  value       = module.metric_stream.name
}

output "metric_stream_arn" {
  description = "ARN of the metric stream."
  value       = module.metric_stream.arn
}

output "s3_bucket_metrics" {
  description = "Bucket of the metric archive."
  value       = module.archive.bucket_name
}

output "s3_bucket_metrics_replica" {
  description = "Bucket of the archive's copies, in the secondary region."
  value       = module.archive.replica_bucket_name
}

output "s3_bucket_synthetics" {
  description = "Bucket of the canaries' artifacts."
  value       = module.artifacts.name
}

output "lambda_processor_arn" {
  description = "ARN of the function that derives metrics."
  value       = module.metric_processor.arn
}

output "lambda_alarm_processor_arn" {
  description = "ARN of the function that routes alarms by severity."
  value       = module.alarm_processor.arn
}

output "sns_critical_topic_arn" {
  description = "Topic of critical alarms."
  value       = module.notifications.topic_arns["critical"]
}

output "sns_warning_topic_arn" {
  description = "Topic of warnings."
  value       = module.notifications.topic_arns["warning"]
}

output "sns_info_topic_arn" {
  description = "Topic of what is good to know."
  value       = module.notifications.topic_arns["info"]
}

output "inbox_queue_urls" {
  description = "Queues that subscribe to the topics: severity => queue URL."
  value       = module.notifications.inbox_queue_urls
}

output "alarm_intake_topic_arns" {
  description = "Topics that alarms notify: region => topic ARN."
  value = {
    (var.primary_region)   = module.intake.topic_arn
    (var.secondary_region) = module.intake_secondary.topic_arn
  }
}

output "remediation_queue_url" {
  description = "Queue of work items that EventBridge makes of alarms."
  value       = module.automation.remediation_queue_url
}

output "dashboard_url" {
  description = "The dashboard in the console."
  value       = module.dashboard.url
}

output "composite_alarm_system_health" {
  description = "Name of the composite alarm on the system's health."
  value       = module.composites.system_health_name
}

output "composite_alarm_performance" {
  description = "Name of the composite alarm on the system's performance."
  value       = module.composites.performance_name
}

output "canary_primary_name" {
  description = "Canary of the primary region."
  value       = module.canary_primary.name
}

output "canary_secondary_name" {
  description = "Canary of the secondary region."
  value       = module.canary_secondary.name
}

output "ecs_cluster_name" {
  description = "ECS cluster with Container Insights."
  value       = module.container_insights.cluster_name
}

output "oam_sink_arn" {
  description = "Sink that source accounts link to."
  value       = module.observability_sink.sink_arn
}

output "cross_account_role_arn" {
  description = "Role under which what is shared is read."
  value       = module.observability_sink.cross_account_role_arn
}

output "log_group_application" {
  description = "Log group of the application."
  value       = module.application_logs.log_group_name
}

output "kms_key_arns" {
  description = "Keys that encrypt the platform: region => key ARN."
  value = {
    (var.primary_region)   = module.encryption.key_arn
    (var.secondary_region) = module.encryption_secondary.key_arn
  }
}

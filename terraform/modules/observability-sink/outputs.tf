output "sink_arn" {
  description = "ARN of the sink that source accounts link to."
  value       = local.sink_arn
}

output "cross_account_role_arn" {
  description = "ARN of the role with which readers see the telemetry of all linked accounts."
  value       = aws_iam_role.reader.arn
}

output "cross_account_role_name" {
  description = "Name of the role with which readers see the telemetry of all linked accounts."
  value       = aws_iam_role.reader.name
}

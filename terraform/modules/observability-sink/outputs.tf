output "sink_arn" {
  description = "ARN of the sink that source accounts link to, when its policy lets them."
  value       = local.sink_arn

  # A link that is made before the policy is refused.
  depends_on = [aws_oam_sink_policy.this]
}

output "cross_account_role_arn" {
  description = "ARN of the role with which readers see the telemetry of all linked accounts."
  value       = aws_iam_role.reader.arn
}

output "cross_account_role_name" {
  description = "Name of the role with which readers see the telemetry of all linked accounts."
  value       = aws_iam_role.reader.name
}

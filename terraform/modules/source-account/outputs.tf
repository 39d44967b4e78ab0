output "link_arn" {
  description = "ARN of the link to the sink."
  value       = aws_oam_link.this.arn
}

output "account_id" {
  description = "The account that is linked."
  value       = data.aws_caller_identity.current.account_id
}

output "role_arn" {
  description = "ARN of the role with which the monitoring account reads here."
  value       = aws_iam_role.this.arn
}

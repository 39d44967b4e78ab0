output "link_arn" {
  description = "ARN of the link."
  value       = module.source_account.link_arn
}

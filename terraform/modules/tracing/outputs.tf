output "group_arns" {
  description = "ARNs of the trace groups: faults and slow."
  value       = { for key, group in aws_xray_group.this : key => group.arn }
}

output "group_names" {
  description = "Names of the trace groups: faults and slow."
  value       = { for key, group in aws_xray_group.this : key => group.group_name }
}

output "sampling_rule_names" {
  description = "Sampling rules: name after the prefix => rule name."
  value       = { for key, rule in aws_xray_sampling_rule.this : key => rule.rule_name }
}

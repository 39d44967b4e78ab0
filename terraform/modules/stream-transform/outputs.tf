output "arn" {
  description = "ARN of the function."
  value       = module.function.arn
}

output "function_name" {
  description = "Name of the function."
  value       = module.function.function_name
}

output "role_arn" {
  description = "ARN of the function's own role."
  value       = module.function.role_arn
}

output "dead_letter_queue_arn" {
  description = "ARN of the function's dead-letter queue."
  value       = module.function.dead_letter_queue_arn
}

output "dead_letter_queue_name" {
  description = "Name of the function's dead-letter queue."
  value       = module.function.dead_letter_queue_name
}

output "log_group_name" {
  description = "Log group of the function."
  value       = module.function.log_group_name
}

output "bucket_name" {
  description = "Bucket of the archive."
  value       = module.source.name
}

output "bucket_arn" {
  description = "ARN of the archive's bucket."
  value       = module.source.arn
}

output "replica_bucket_name" {
  description = "Bucket of the copies, in the other region."
  value       = module.replica.name
}

output "replica_bucket_arn" {
  description = "ARN of the bucket of the copies."
  value       = module.replica.arn
}

output "replication_role_arn" {
  description = "Role under which S3 copies."
  value       = aws_iam_role.replication.arn
}

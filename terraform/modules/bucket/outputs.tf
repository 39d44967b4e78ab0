output "name" {
  description = "Name of the bucket."
  value       = aws_s3_bucket.this.id
}

output "arn" {
  description = "ARN of the bucket."
  value       = aws_s3_bucket.this.arn
}

output "versioning" {
  description = "Name of the bucket once it is versioned, for what needs versioning."
  value       = aws_s3_bucket_versioning.this.bucket
}

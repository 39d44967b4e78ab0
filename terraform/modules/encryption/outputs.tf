output "key_arn" {
  description = "ARN of the key."
  value       = aws_kms_key.this.arn

  # Whoever encrypts with the key needs its policy in place.
  depends_on = [aws_kms_key_policy.this]
}

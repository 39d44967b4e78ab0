output "content_base64" {
  description = "The ZIP archive, base64: for aws_s3_object.content_base64."
  value       = local.content_base64
}

output "sha256" {
  description = "SHA-256, hex, over names and contents as they stand in the archive: for content-addressed object keys."
  value       = sha256(local.content_base64)
}

output "vpc_id" {
  description = "VPC of the endpoints."
  value       = local.vpc_id
}

output "security_group_id" {
  description = "Security group of the interface endpoints."
  value       = aws_security_group.this.id
}

output "interface_endpoint_ids" {
  description = "Interface endpoints: service => endpoint id."
  value       = { for service, endpoint in aws_vpc_endpoint.interface : service => endpoint.id }
}

output "s3_endpoint_id" {
  description = "Gateway endpoint of S3."
  value       = aws_vpc_endpoint.s3.id
}

output "environment_variables" {
  description = "Environment variables from which maintenance.py knows environment and windows."
  value = {
    ENVIRONMENT         = var.environment
    MAINTENANCE_WINDOWS = jsonencode(var.windows)
  }
}

output "files" {
  description = "The shared source, for the packages of the functions that obey the windows."
  value       = { "maintenance.py" = file("${path.module}/src/maintenance.py") }
}

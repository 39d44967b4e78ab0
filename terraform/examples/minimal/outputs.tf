output "dashboard_url" {
  description = "The dashboard in the console."
  value       = module.platform.dashboard_url
}

variable "environment_suffix" {
  description = "Tells this platform from others in the account."
  type        = string
  default     = "minimal"
}

# The whole platform with nothing but a suffix.
module "platform" {
  source = "../.."

  environment_suffix = var.environment_suffix
}

terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source                = "hashicorp/aws"
      version               = ">= 5.100, < 6"
      configuration_aliases = [aws.replica]
    }
  }
}

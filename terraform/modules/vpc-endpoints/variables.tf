variable "name_prefix" {
  description = "Prefix of every name made here, with the environment suffix in it."
  type        = string
}

variable "metric_namespace" {
  description = "Namespace that callers inside the VPC may publish metrics to."
  type        = string
}

variable "bucket_arns" {
  description = "Buckets that the S3 gateway endpoint lets through."
  type        = list(string)

  validation {
    condition     = length(var.bucket_arns) > 0
    error_message = "bucket_arns needs at least one bucket."
  }
}

variable "vpc_id" {
  description = "VPC of the endpoints; null makes a small private one."
  type        = string
  default     = null
}

variable "subnet_ids" {
  description = "Subnets of the given VPC, each in another availability zone, for the interface endpoints."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = (var.vpc_id == null) == (length(var.subnet_ids) == 0)
    error_message = "subnet_ids goes with vpc_id: give both, or neither."
  }
}

variable "route_table_ids" {
  description = "Route tables of the given VPC through which S3 is reached."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = (var.vpc_id == null) == (length(var.route_table_ids) == 0)
    error_message = "route_table_ids goes with vpc_id: give both, or neither."
  }
}

variable "vpc_cidr" {
  description = "Address range of the VPC that is made when none is given."
  type        = string
  default     = "10.42.0.0/24"

  validation {
    condition     = can(cidrnetmask(var.vpc_cidr)) && try(tonumber(split("/", var.vpc_cidr)[1]) >= 16 && tonumber(split("/", var.vpc_cidr)[1]) <= 26, false)
    error_message = "vpc_cidr must be an IPv4 range from /16 to /26, such as 10.42.0.0/24 (two subnets of at least /28)."
  }
}

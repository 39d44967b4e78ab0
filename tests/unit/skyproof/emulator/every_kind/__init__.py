"""Every kind of resource, through its whole life, by boto3 alone."""

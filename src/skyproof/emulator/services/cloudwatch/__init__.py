"""Amazon CloudWatch, all our own: nothing of it is left to the base."""

from skyproof.emulator.services.cloudwatch.service import CloudWatch

SERVICE = CloudWatch

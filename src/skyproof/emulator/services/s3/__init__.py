"""S3: moto's, with what it changes or takes silently mended."""

from skyproof.emulator.services.s3.service import S3

SERVICE = S3

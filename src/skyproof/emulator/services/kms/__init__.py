"""KMS: moto's, with the rotation of keys as it was ordered."""

from skyproof.emulator.services.kms.service import Kms

SERVICE = Kms

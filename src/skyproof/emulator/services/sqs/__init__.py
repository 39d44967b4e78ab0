"""SQS: moto's, with policies given back as AWS writes them."""

from skyproof.emulator.services.sqs.service import Sqs

SERVICE = Sqs

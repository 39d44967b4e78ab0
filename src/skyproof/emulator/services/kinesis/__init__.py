"""Kinesis Data Streams: moto's, with who waits for records told of them."""

from skyproof.emulator.services.kinesis.service import Kinesis

SERVICE = Kinesis

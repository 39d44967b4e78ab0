"""Amazon Data Firehose: records are buffered, transformed and written to S3."""

from skyproof.emulator.services.firehose.service import Firehose

SERVICE = Firehose

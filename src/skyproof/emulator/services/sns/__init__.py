"""SNS: publishing, over the base's topics and subscriptions."""

from skyproof.emulator.services.sns.service import Sns

SERVICE = Sns

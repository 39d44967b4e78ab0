"""EventBridge: events that reach targets, over the base's buses and rules."""

from skyproof.emulator.services.events.service import Events

SERVICE = Events

__all__ = ["SERVICE", "Events"]

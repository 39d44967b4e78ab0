"""EventBridge Scheduler: schedules that invoke targets, on the world's clock."""

from skyproof.emulator.services.scheduler.service import Scheduler

SERVICE = Scheduler

__all__ = ["SERVICE", "Scheduler"]

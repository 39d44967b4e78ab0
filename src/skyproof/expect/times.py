"""Lengths of time that read as the requirement does."""

from __future__ import annotations

from datetime import timedelta


def seconds(number: float) -> timedelta:
    """So many seconds."""
    return timedelta(seconds=number)


def minutes(number: float) -> timedelta:
    """So many minutes."""
    return timedelta(minutes=number)


def hours(number: float) -> timedelta:
    """So many hours."""
    return timedelta(hours=number)


def days(number: float) -> timedelta:
    """So many days."""
    return timedelta(days=number)


def months(number: int) -> timedelta:
    """So many months of 30 days, as lifecycle rules count them; 15 of them are 450 days."""
    return timedelta(days=30 * number)

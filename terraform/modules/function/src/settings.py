"""Settings from environment variables, refused with a message that names the variable."""

from collections.abc import Collection, Mapping


class SettingsError(ValueError):
    """A function is configured wrongly; the message says which variable and what would be right."""


def text(environment: Mapping[str, str], name: str) -> str:
    """Return a variable that must be there and not be blank."""
    value = environment.get(name, "").strip()
    if not value:
        raise SettingsError(f"environment variable {name} is missing or blank: set it")
    return value


def choice(environment: Mapping[str, str], name: str, choices: Collection[str]) -> str:
    """Return a variable that must be one of ``choices``."""
    value = text(environment, name)
    if value not in choices:
        raise SettingsError(
            f"environment variable {name} is {value!r}: expected one of {', '.join(choices)}"
        )
    return value


def integer(environment: Mapping[str, str], name: str, least: int, most: int) -> int:
    """Return a variable that must be a whole number from ``least`` to ``most``."""
    value = text(environment, name)
    if not value.isascii() or not value.isdigit() or not least <= int(value) <= most:
        raise SettingsError(
            f"environment variable {name} is {value!r}: expected a whole number, {least} to {most}"
        )
    return int(value)

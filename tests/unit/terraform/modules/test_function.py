import json
import re
from datetime import datetime

import pytest

from tests.unit.terraform.modules.sources import MODULES, load

settings = load(MODULES / "function" / "src", "settings")
structured_log = load(MODULES / "function" / "src", "structured_log")


def test_a_log_line_is_one_json_object(capsys: pytest.CaptureFixture[str]) -> None:
    structured_log.log("WARN", "two\nlines", reason=ValueError("why"), count=2)

    out = capsys.readouterr().out
    assert out.count("\n") == 1
    line = json.loads(out)
    assert datetime.fromisoformat(line.pop("timestamp")).utcoffset() is not None
    assert line == {"level": "WARN", "message": "two\nlines", "reason": "why", "count": 2}


def test_text_is_stripped_and_must_be_there() -> None:
    assert settings.text({"NAME": " value "}, "NAME") == "value"
    with pytest.raises(settings.SettingsError, match="NAME is missing or blank"):
        settings.text({"NAME": "  "}, "NAME")


def test_a_choice_must_be_offered() -> None:
    assert settings.choice({"LEVEL": "info"}, "LEVEL", ("info", "warning")) == "info"
    with pytest.raises(settings.SettingsError, match="'loud': expected one of info, warning"):
        settings.choice({"LEVEL": "loud"}, "LEVEL", ("info", "warning"))


@pytest.mark.parametrize("value", ["0", "9", "-1", "1.5", "two", "٣"])
def test_an_integer_must_be_within_bounds(value: str) -> None:
    message = re.escape(f"COUNT is {value!r}: expected a whole number, 1 to 8")
    with pytest.raises(settings.SettingsError, match=message):
        settings.integer({"COUNT": value}, "COUNT", 1, 8)


@pytest.mark.parametrize("value", [1, 8])
def test_the_bounds_of_an_integer_are_inside(value: int) -> None:
    assert settings.integer({"COUNT": str(value)}, "COUNT", 1, 8) == value

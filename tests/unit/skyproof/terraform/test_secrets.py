"""What a stack says is sensitive is known as such."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from skyproof.terraform import secrets


def test_sensitive_variables_are_secret_wherever_their_values_come_from(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(
        'variable "given" { sensitive = true }\n'
        'variable "exported" { sensitive = true }\n'
        'variable "default" {\n  default   = "in-the-code"\n  sensitive = true\n}\n'
        'variable "plain" { default = "shown" }\n'
        'variable "also_plain" { sensitive = false }\n'
    )
    found = secrets.given(
        tmp_path,
        {"given": {"a": ["deep"]}, "plain": "p", "also_plain": "q"},
        {"TF_VAR_exported": "from outside", "TF_VAR_plain": "r"},
    )
    assert [one for one in found if one is not None] == [
        {"a": ["deep"]},
        "from outside",
        "in-the-code",
    ]


def attribute(*path: str | int) -> list[dict[str, object]]:
    return [
        {"type": "get_attr", "value": step}
        if isinstance(step, str)
        else {"type": "index", "value": {"value": step, "type": "number"}}
        for step in path
    ]


def test_sensitive_outputs_and_attributes_of_a_state_are_secret(tmp_path: Path) -> None:
    file = tmp_path / "terraform.tfstate"
    dynamic = {"value": {"inner": ["deep-secret", "b"]}, "type": ["object", {}]}
    file.write_text(
        json.dumps(
            {
                "outputs": {
                    "shown": {"value": "x"},
                    "secret": {"value": ["out-1", "out-2"], "sensitive": True},
                },
                "resources": [
                    {
                        "instances": [
                            {
                                "attributes": {"password": "p", "name": "n", "input": dynamic},
                                "sensitive_attributes": [
                                    attribute("password"),
                                    attribute("input", "inner", 0),
                                    attribute("gone", 7),
                                ],
                            }
                        ]
                    }
                ],
            }
        )
    )
    assert list(secrets.in_state(file)) == [["out-1", "out-2"], "p", "deep-secret", None]


@pytest.mark.parametrize("text", ["", '{"ver', None])
def test_a_state_that_cannot_be_read_has_none(tmp_path: Path, text: str | None) -> None:
    file = tmp_path / "terraform.tfstate"
    if text is not None:
        file.write_text(text)
    assert list(secrets.in_state(file)) == []

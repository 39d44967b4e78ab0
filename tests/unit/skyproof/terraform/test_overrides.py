"""What a stack hard-codes is overridden in the copy, or refused."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from skyproof.errors import ExitCode, SkyproofError
from skyproof.terraform.overrides import OVERRIDE_FILE, hard_coded, write_override

HARD_CODED = """terraform {
  backend "s3" {
    bucket = "states"
  }
}

provider "aws" {
  region     = "eu-west-1"
  access_key = "AKIAEXAMPLE"
  secret_key = "very-secret"
  endpoints {
    s3 = "http://localhost:4566"
  }
}

provider "aws" {
  alias   = "other"
  profile = "production"
}
"""


def stack(folder: Path, text: str, name: str = "main.tf") -> Path:
    (folder / name).write_text(text)
    return folder


def test_each_place_is_named_without_its_value(tmp_path: Path) -> None:
    found = hard_coded(stack(tmp_path, HARD_CODED))
    assert sorted(found) == sorted(
        [
            f"{tmp_path}/main.tf:2: backend s3",
            f"{tmp_path}/main.tf:9: access_key",
            f"{tmp_path}/main.tf:10: secret_key",
            f"{tmp_path}/main.tf:11: endpoints",
            f"{tmp_path}/main.tf:18: profile",
        ]
    )


def test_an_override_takes_each_of_them_back(tmp_path: Path) -> None:
    file = write_override(stack(tmp_path, HARD_CODED))
    assert file == tmp_path / OVERRIDE_FILE
    assert file.read_text() == (
        'terraform {\n  backend "local" {}\n}\n'
        "\n"
        'provider "aws" {\n  access_key = null\n  secret_key = null\n  endpoints {}\n}\n'
        "\n"
        'provider "aws" {\n  alias = "other"\n  profile = null\n}\n'
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        'provider "aws" { region = "eu-west-1" }',
        'terraform {\n  backend "local" {}\n}',
        'provider "google" { credentials = "x" }',
        'provider "aws" {\n  assume_role {\n    role_arn = "arn"\n  }\n}',
    ],
)
def test_what_leads_nowhere_else_is_left_alone(tmp_path: Path, text: str) -> None:
    assert hard_coded(stack(tmp_path, text)) == []
    assert write_override(tmp_path) is None
    assert not (tmp_path / OVERRIDE_FILE).exists()


def test_a_cloud_block_is_a_remote_state_too(tmp_path: Path) -> None:
    folder = stack(tmp_path, 'terraform {\n  cloud {\n    organization = "x"\n  }\n}')
    assert hard_coded(folder) == [f"{tmp_path}/main.tf:2: cloud"]
    assert write_override(folder) is not None


@pytest.mark.parametrize("name", ["profile", "access_key", "endpoints"])
def test_in_json_it_is_refused_with_the_file(tmp_path: Path, name: str) -> None:
    text = json.dumps({"provider": {"aws": {name: "x"}}})
    with pytest.raises(SkyproofError, match=f"main.tf.json hard-codes {name}") as caught:
        write_override(stack(tmp_path, text, "main.tf.json"))
    assert "Move that provider block into a .tf file" in caught.value.hint
    assert caught.value.exit_code == ExitCode.USAGE


@pytest.mark.terraform
def test_terraform_takes_the_overridden_state(tmp_path: Path) -> None:
    folder = stack(tmp_path, 'terraform {\n  backend "s3" {\n    bucket = "b"\n  }\n}\n')
    write_override(folder)
    terraform = shutil.which("terraform")
    assert terraform
    done = subprocess.run(
        [terraform, "init", "-input=false", "-no-color"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert 'backend "local"' in done.stdout


def test_providers_are_told_the_only_accounts_that_they_may_enter(tmp_path: Path) -> None:
    file = write_override(
        stack(
            tmp_path,
            """
provider "aws" {
  forbidden_account_ids = ["111122223333"]
}
provider "aws" {
  alias                      = "other"
  allowed_account_ids        = ["999988887777"]
  skip_requesting_account_id = true
}
provider "random" {}
""",
        ),
        ["111122223333", "444455556666"],
    )
    assert file is not None
    assert file.read_text() == (
        'provider "aws" {\n'
        '  allowed_account_ids = ["111122223333", "444455556666"]\n'
        "  forbidden_account_ids = null\n"
        "}\n"
        "\n"
        'provider "aws" {\n'
        '  alias = "other"\n'
        '  allowed_account_ids = ["111122223333", "444455556666"]\n'
        "  skip_requesting_account_id = false\n"
        "}\n"
    )


def test_a_role_in_json_is_refused_only_where_accounts_are_limited(tmp_path: Path) -> None:
    provider = {"provider": {"aws": [{"assume_role": {"role_arn": "arn:aws:iam::1:role/x"}}]}}
    stack(tmp_path, json.dumps(provider), "main.tf.json")
    assert write_override(tmp_path) is None
    with pytest.raises(SkyproofError, match=r"main\.tf\.json hard-codes assume_role"):
        write_override(tmp_path, ["111122223333"])

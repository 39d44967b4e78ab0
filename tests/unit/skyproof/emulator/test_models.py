"""Models of services are botocore's, but for the texts in them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from botocore.loaders import JSONFileLoader, Loader
from botocore.model import ServiceModel

from skyproof.emulator import clients, wire
from skyproof.emulator.models import Models


@pytest.mark.parametrize("service", ["cloudwatch", "s3", "sqs"])
def test_a_model_says_what_botocores_does(service: str) -> None:
    whole = Loader().load_service_model(service, "service-2")
    assert Loader(file_loader=Models()).load_service_model(service, "service-2") == bare(whole)


def bare(value: Any) -> Any:
    if isinstance(value, list):
        return [bare(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        name: "" if name == "documentation" and isinstance(one, str) else bare(one)
        for name, one in value.items()
    }


def test_a_member_that_is_called_documentation_stays(tmp_path: Path) -> None:
    shape = {"documentation": "of the shape", "members": {"documentation": {"shape": "Text"}}}
    (tmp_path / "service-2.json").write_text(json.dumps(shape))
    found = Models().load_file(str(tmp_path / "service-2"))
    assert found == {"documentation": "", "members": {"documentation": {"shape": "Text"}}}


def test_what_botocore_reads_of_texts_is_there() -> None:
    """It makes objects of a client's parameters, with what is written about them."""
    model = Loader(file_loader=Models()).load_service_model("s3", "service-2")
    parameters = ServiceModel(model, "s3").client_context_parameters
    assert {one.documentation for one in parameters} == {""}


@pytest.mark.parametrize("loader", [Models(), JSONFileLoader()], ids=["ours", "botocore's"])
def test_files_are_found_with_either_ending_or_not(tmp_path: Path, loader: Any) -> None:
    (tmp_path / "plain.json").write_text('{"a": 1}')
    (tmp_path / "packed.json.gz").write_bytes(gzip.compress(b'{"a": 2}'))
    names = [str(tmp_path / name) for name in ("plain", "packed", "none")]
    assert [loader.exists(name) for name in names] == [True, True, False]
    assert [loader.load_file(name) for name in names] == [{"a": 1}, {"a": 2}, None]


def test_the_emulators_own_models_have_no_texts() -> None:
    ours = clients.ClientFactory(lambda _environ, _start: []).get("sqs", "us-east-1", "1" * 12)
    models = (wire.service_model("sqs"), ours.meta.service_model)
    assert [model.operation_model("SendMessage").documentation for model in models] == ["", ""]

"""Layers: published, fetched, counted, and there when a function runs."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from werkzeug.test import Client as Http

from skyproof.emulator.functions import limits
from skyproof.emulator.gateway import Gateway
from skyproof.emulator.services.lambda_ import layers
from skyproof.emulator.world import World

Client = Callable[..., Any]

SOURCE = """
import os, shared, versioned
def handler(event, context):
    paths = [os.path.basename(one) for one in os.environ["LD_LIBRARY_PATH"].split(":")]
    return [shared.origin, versioned.origin, paths[1:]]
"""


def zipped(**files: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name.replace("__", "/") + ".py"), text)
    return content.getvalue()


def publish(client: Client, name: str, package: bytes) -> str:
    made = client("lambda").publish_layer_version(LayerName=name, Content={"ZipFile": package})
    return str(made["LayerVersionArn"])


def test_a_function_imports_from_its_layers_the_later_ones_first(
    client: Client, function: Any
) -> None:
    versioned = zipfile.ZipInfo("python/lib/python3.12/site-packages/versioned.py")
    upper = io.BytesIO(zipped(python__shared="origin = 'upper'"))
    with zipfile.ZipFile(upper, "a") as archive:
        archive.writestr(versioned, "origin = 'site-packages'")
    lower = publish(client, "lower", zipped(python__shared="origin = 'lower'"))
    above = publish(client, "upper", upper.getvalue())
    function("f", SOURCE, Layers=[lower, above])

    answer = client("lambda").invoke(FunctionName="f")

    assert json.loads(answer["Payload"].read()) == ["upper", "site-packages", ["lib", "lib"]]


def test_a_layer_s_package_can_be_fetched_by_name_and_by_arn(client: Client, world: World) -> None:
    package = zipped(python__shared="")
    arn = publish(client, "shared", package)

    by_name = client("lambda").get_layer_version(LayerName="shared", VersionNumber=1)
    by_arn = client("lambda").get_layer_version_by_arn(Arn=arn)

    assert by_name["LayerVersionArn"] == by_arn["LayerVersionArn"] == arn
    for answer in (by_name, by_arn):
        path = answer["Content"]["Location"].removeprefix("http://127.0.0.1")
        assert Http(Gateway(world)).get(path).get_data() == package


def refusal(create: Callable[..., Any], name: str, arns: list[str]) -> str:
    with pytest.raises(ClientError) as caught:
        create(name, Layers=arns)
    return str(caught.value.response["Error"]["Message"])


def test_too_many_layers_and_too_large_ones_are_refused(
    client: Client, create: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    arns = [publish(client, f"layer{number}", zipped(a="")) for number in range(6)]
    assert refusal(create, "many", arns) == "Cannot reference more than 5 layers."

    monkeypatch.setattr(layers, "MAX_UNZIPPED", 100)
    large = publish(client, "large", zipped(a="x" * 90))
    assert refusal(create, "large", [large]) == (
        "Function code combined with layers exceeds the maximum allowed size of 100 bytes. "
        "The actual size is 122 bytes."
    )
    assert limits.MAX_UNZIPPED == 262_144_000


def test_a_layer_that_was_added_later_is_there_at_the_next_invocation(
    client: Client, function: Any
) -> None:
    function("f", "import shared\ndef handler(event, context): return shared.origin")
    arn = publish(client, "shared", zipped(python__shared="origin = 'layer'"))

    client("lambda").update_function_configuration(FunctionName="f", Layers=[arn])

    answer = client("lambda").invoke(FunctionName="f")
    assert json.loads(answer["Payload"].read()) == "layer"

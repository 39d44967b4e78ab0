"""Layers: their packages kept, counted against the limits of functions, and given to them.

https://docs.aws.amazon.com/lambda/latest/dg/chapter-layers.html
"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any
from zipfile import ZipFile

from skyproof.emulator.errors import AwsError
from skyproof.emulator.functions.limits import MAX_UNZIPPED
from skyproof.emulator.service import Call, Params, Regional, Result, without_metadata
from skyproof.emulator.services.lambda_ import packages
from skyproof.emulator.services.lambda_.store import Store
from skyproof.emulator.services.lambda_.validation import invalid, operation

#: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
MOST = 5


class Layers:
    """moto keeps the versions of layers, whose packages it gives to nobody."""

    stores: Regional[Store]

    @operation("PublishLayerVersion")
    def publish_layer_version(self, call: Call, params: Params) -> Result:
        content = packages.fetched(call, params["Content"])
        if content is None:
            raise invalid("Content needs a ZipFile, or an S3Bucket and an S3Key.")
        answer = call.base().publish_layer_version(**{**params, "Content": {"ZipFile": content}})
        # Kept for ever: "a copy of the version remains until no functions refer to it".
        key = packages.stored(call, f"layers/{params['LayerName']}", content)
        assert key is not None
        self.stores.of(call).layers[answer["LayerVersionArn"]] = key
        return self._located(call, answer)

    @operation("GetLayerVersion")
    def get_layer_version(self, call: Call, params: Params) -> Result:
        return self._located(call, call.base().get_layer_version(**params))

    @operation("GetLayerVersionByArn")
    def get_layer_version_by_arn(self, call: Call, params: Params) -> Result:
        layer, _, version = params["Arn"].rpartition(":")
        where = {"LayerName": layer, "VersionNumber": int(version)}
        return self._located(call, call.base().get_layer_version(**where))

    def layer_packages(self, call: Call, arns: Sequence[str]) -> tuple[bytes, ...]:
        """What the versions of layers hold, in the order given.

        Raises:
            AwsError: ResourceNotFoundException.
        """
        kept = self.stores.of(call).layers
        for arn in arns:
            if arn not in kept:
                said = f"Layer version {arn} does not exist."
                raise AwsError("ResourceNotFoundException", said, status=404)
        return tuple(packages.read(call, kept[arn]) for arn in arns)

    def check_layers(self, call: Call, arns: Sequence[str], package: bytes | None) -> None:
        """Refuse more layers, or larger ones, than a function may have.

        Raises:
            AwsError: InvalidParameterValueException; ResourceNotFoundException.
        """
        if len(arns) > MOST:
            raise invalid(f"Cannot reference more than {MOST} layers.")
        if not arns or package is None:
            return
        size = sum(_unzipped(one) for one in (package, *self.layer_packages(call, arns)))
        if size > MAX_UNZIPPED:
            raise invalid(
                "Function code combined with layers exceeds the maximum allowed size of "
                f"{MAX_UNZIPPED} bytes. The actual size is {size} bytes."
            )

    def _located(self, call: Call, answer: dict[str, Any]) -> dict[str, Any]:
        """The base's answer with a link to the package."""
        key = self.stores.of(call).layers[answer["LayerVersionArn"]]
        content = {**answer["Content"], "Location": packages.location(call, key)}
        return {**without_metadata(answer), "Content": content}


def _unzipped(package: bytes) -> int:
    with ZipFile(BytesIO(package)) as opened:
        return sum(entry.file_size for entry in opened.infolist())

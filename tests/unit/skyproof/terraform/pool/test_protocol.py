"""What is read of the protocol: methods, errors in answers, schemas by type."""

from __future__ import annotations

import pytest

from skyproof.terraform.pool import protocol
from skyproof.terraform.pool.protocol import Schema
from tests.unit.skyproof.terraform.pool import provider
from tests.unit.skyproof.terraform.pool.provider import diagnostic, text


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("/tfplugin5.Provider/GetSchema", "GetSchema"),
        ("/tfplugin6.Provider/ReadResource", "ReadResource"),
        ("/tfplugin7.Provider/ReadResource", ""),
        ("/plugin.GRPCController/Shutdown", ""),
    ],
)
def test_only_known_versions_have_methods(path: str, method: str) -> None:
    assert protocol.method_of(path) == method


@pytest.mark.parametrize("method", ["GetSchema", "ValidateProviderConfig", "Configure"])
def test_an_error_among_the_diagnostics_is_found(method: str) -> None:
    number = protocol.DIAGNOSTICS[method]
    warning, error = text(number, diagnostic(2)), text(number, diagnostic(1))
    found = [protocol.has_errors(method, one) for one in (b"", warning, warning + error)]
    assert found == [False, False, True]


def test_a_schema_is_cut_to_the_words_and_keeps_all_else() -> None:
    whole = provider.schema()
    schema = Schema.read(whole)
    assert schema.types == {"fake_one", "fake_two", "fake_three", "fake_look"}
    assert schema.cut_to({*schema.types, "no", "type"}) == whole
    cut = schema.cut_to({"fake_two"})
    left = Schema.read(cut)
    assert left.types == {"fake_two"}
    assert cut.count(b"schema of fake_two") == 2, "the resource and the data source"
    assert b"provider" in cut
    assert b"schema of function" in cut

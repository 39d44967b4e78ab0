"""On which backends the tests here hold, for the marker ``parity``."""

from __future__ import annotations

import pytest

NOT_IN_A_SANDBOX = (
    "fails: its canaries ask a web server of this machine, its names are fixed, "
    "and its clock is turned"
)
OWN_AWS = "fails: it starts the AWS that it needs by itself"

ON_THE_PLATFORM = pytest.mark.parity(localstack="supplied", sandbox=NOT_IN_A_SANDBOX)
ON_ITS_OWN = pytest.mark.parity(localstack=OWN_AWS, sandbox=OWN_AWS)

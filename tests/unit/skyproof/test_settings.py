"""Settings: which source wins, and what is said of a bad value."""

from __future__ import annotations

import pytest

from skyproof.errors import ExitCode, SkyproofError
from skyproof.settings import OPTIONS, Settings, as_text, default_home, resolve


def test_without_any_source_the_defaults_hold() -> None:
    assert resolve(environ={}) == Settings()
    assert {o.name: o.default for o in OPTIONS} | {"home": default_home()} == vars(Settings())


def test_the_command_line_beats_the_environment_which_beats_the_ini_file() -> None:
    ini = {"parallelism": "1", "region": "eu-west-1", "account": "111122223333"}
    environ = {"SKYPROOF_PARALLELISM": "2", "SKYPROOF_REGION": "eu-north-1"}
    settings = resolve({"parallelism": "3"}, ini, environ)
    got = (settings.parallelism, settings.region, settings.account)
    assert got == (3, "eu-north-1", "111122223333")


def test_what_was_not_given_overrides_nothing() -> None:
    assert resolve({"region": None}, {"region": ""}, {"SKYPROOF_REGION": "eu-west-1"}).region == (
        "eu-west-1"
    )


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("backend", "moto", "--skyproof-backend: 'moto' is none of embedded, localstack, sandbox."),
        ("account", "12345", "--skyproof-account: '12345' is no AWS account id.\nAn account id"),
        ("parallelism", "0", "--skyproof-parallelism: '0' is no whole number above 0."),
        ("timeout", "soon", "--skyproof-timeout: 'soon' is no whole number above 0."),
        ("time_to_live", "4", "--skyproof-time-to-live: '4' is no length of time.\nWrite minutes"),
        ("time_to_live", "0h", "--skyproof-time-to-live: '0h' is no length of time."),
        ("owner", "a" * 257, "--skyproof-owner: 'aaa"),
        ("owner", "ada\n", "--skyproof-owner: 'ada\\n' cannot be the value of a tag."),
        ("role", "tests", "--skyproof-role: 'tests' is no role's ARN."),
        ("sandbox_accounts", "111122223333,1", "--skyproof-sandbox-accounts: '1' is no AWS"),
        ("sandbox_roles", "arn:aws:iam::1:role/x", "--skyproof-sandbox-roles: 'arn:aws:iam::1:"),
        ("sandbox_wait", "-1", "--skyproof-sandbox-wait: '-1' is no whole number of seconds."),
        ("keep", "perhaps", "--skyproof-keep: 'perhaps' is neither yes nor no."),
    ],
)
def test_a_bad_value_names_its_source_and_the_way_out(name: str, text: str, said: str) -> None:
    with pytest.raises(SkyproofError) as caught:
        resolve({name: text}, environ={})
    assert str(caught.value).startswith(said)
    assert caught.value.exit_code == ExitCode.USAGE


def test_a_bad_value_in_the_environment_is_named_as_such() -> None:
    with pytest.raises(SkyproofError, match=r"^SKYPROOF_BACKEND: 'azure' is none of embedded, "):
        resolve(environ={"SKYPROOF_BACKEND": "azure"})


def test_every_option_has_a_flag_an_ini_key_and_a_variable() -> None:
    mirror = next(option for option in OPTIONS if option.name == "provider_mirror")
    assert (mirror.flag, mirror.ini, mirror.env) == (
        "--skyproof-provider-mirror",
        "skyproof_provider_mirror",
        "SKYPROOF_PROVIDER_MIRROR",
    )


@pytest.mark.parametrize("text", ["auto", "on", "off"])
def test_the_provider_pool_has_three_ways(text: str) -> None:
    assert resolve(environ={"SKYPROOF_PROVIDER_POOL": text}).provider_pool == text


def test_shared_writes_fail_or_are_allowed() -> None:
    assert resolve(environ={}).shared_writes == "fail"
    assert resolve({"shared_writes": "allow"}, environ={}).shared_writes == "allow"
    with pytest.raises(SkyproofError, match="--skyproof-shared-writes: 'warn' is none of fail,"):
        resolve({"shared_writes": "warn"}, environ={})


def test_another_way_is_refused_with_its_source() -> None:
    with pytest.raises(SkyproofError, match="--skyproof-provider-pool: 'maybe' is none of auto"):
        resolve({"provider_pool": "maybe"}, environ={})


def test_settings_are_written_as_they_are_read() -> None:
    given = {
        "backend": "sandbox",
        "terraform": "/opt/terraform",
        "keep": "yes",
        "timeout": "60",
        "time_to_live": "90m",
        "sandbox_accounts": "111122223333,444455556666",
        "sandbox_ceiling": "aws_instance=2,*=800",
    }
    settings = resolve(given, environ={})
    assert as_text(settings) == given
    assert resolve(as_text(settings), environ={}) == settings
    assert as_text(resolve({}, environ={})) == {}

"""An endpoint goes down: who hears of it, with which severity, and who does not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from skyproof.expect import EmulatedClock, Expect, minutes
from tests.integration.backends import ON_THE_PLATFORM
from tests.integration.behaviour.conftest import Inboxes, next_time
from tests.integration.platform import Platform
from tests.integration.web import Web

pytestmark = [pytest.mark.usefixtures("calm"), ON_THE_PLATFORM]
SATURDAY = 5


def test_an_outage_reaches_only_the_critical_subscriber(
    platform: Platform, web: Web, expect: Expect, inboxes: Inboxes
) -> None:
    east, west = platform.views(), platform.views("us-west-2")
    web.goes_down()

    expect(east.canary(platform.name("api-health-primary"))).fails(within=minutes(5))
    expect(west.canary(platform.name("api-health-secondary"))).fails(within=minutes(5))
    expect(east.alarm(platform.name("api-health-primary-success"))).fires(within=minutes(10))
    expect(east.alarm(platform.name("system-health"))).fires(within=minutes(1))
    expect(inboxes.critical).receives(
        severity="critical",
        alarm=platform.name("system-health"),
        state="ALARM",
        exactly=1,
        within=minutes(15),
    )
    expect(inboxes.critical).receives(
        alarm=platform.name("api-health-secondary-success"), within=minutes(1)
    )
    expect(inboxes.warning).stays_empty(for_=minutes(5))
    expect(inboxes.info).stays_empty(for_=minutes(5))


def test_inside_a_maintenance_window_nobody_hears_and_after_it_what_still_burns_is_heard(
    platform: Platform,
    web: Web,
    expect: Expect,
    inboxes: Inboxes,
    emulated: EmulatedClock,
) -> None:
    window = next_time(emulated.now(), SATURDAY, 23)
    emulated.set(window - timedelta(minutes=2))
    expect(platform.views().alarm(platform.name("maintenance-mode"))).fires(within=minutes(10))
    inboxes.empty()
    web.goes_down()

    expect(platform.views().alarm(platform.name("system-health"))).fires(within=minutes(15))
    expect(inboxes.critical).stays_empty(for_=minutes(20))
    expect(inboxes.warning).stays_empty(for_=minutes(1))

    emulated.set(window + timedelta(minutes=178))
    expect(inboxes.critical).receives(
        severity="critical",
        alarm=platform.name("system-health"),
        state="ALARM",
        exactly=1,
        within=minutes(15),
    )


def test_a_recovery_is_seen(platform: Platform, web: Web, expect: Expect) -> None:
    alarm = platform.views().alarm(platform.name("api-health-primary-success"))
    web.goes_down()
    expect(alarm).fires(within=minutes(10))
    web.comes_back()

    expect(platform.views().canary(platform.name("api-health-primary"))).passes(within=minutes(2))
    expect(alarm).recovers(within=minutes(15))

"""Whoever tries passwords or codes in vain has to wait, and keeps nobody else out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core import signing
from django.test import Client

from pressqueue.models import Officer
from publisher.desk import throttle
from publisher.desk.models import SignInFailure

from support.signing_in import PASSWORD, a_code, account, redeem, sign_in


def test_after_five_wrong_tries_even_the_right_password_has_to_wait(at: Callable[[float], None]) -> None:
    account()
    for _ in range(5):
        sign_in(Client(), "chidi", "wrong")
    refused = sign_in(Client(), "chidi", PASSWORD)
    assert refused.status_code == 400
    assert b"too many failed tries. Wait 1 second, then" in refused.content
    at(1)
    assert sign_in(Client(), "chidi", PASSWORD).status_code == 302


@pytest.mark.parametrize(("failures", "wait"), [(6, 2), (7, 4), (9, 16), (10, 30), (40, 30)])
def test_each_further_wrong_try_doubles_the_wait_and_it_is_never_longer_than_half_a_minute(
    failures: int, wait: int
) -> None:
    assert throttle.ACCOUNT.wait(failures) == timedelta(seconds=wait)
    assert throttle.ADDRESS.wait(1000) <= timedelta(seconds=8)


def test_an_account_that_does_not_exist_is_slowed_down_alike(at: Callable[[float], None]) -> None:
    for _ in range(5):
        sign_in(Client(), "nobody", "wrong")
    assert b"too many failed tries" in sign_in(Client(), "nobody", "wrong").content


def test_one_account_from_many_addresses_is_slowed_down_too(at: Callable[[float], None]) -> None:
    account()
    for number in range(5):
        sign_in(Client(), "chidi", "wrong", REMOTE_ADDR=f"192.0.2.{number}")
    assert sign_in(Client(), "chidi", PASSWORD, REMOTE_ADDR="192.0.2.200").status_code == 400


def test_invented_names_from_one_address_keep_nobody_out(at: Callable[[float], None]) -> None:
    account()
    theirs = Client()
    assert sign_in(theirs, "chidi", PASSWORD).status_code == 302
    theirs.post("/sign-out/")
    for number in range(64):
        at(8 * max(0, number - 20))  # as fast as the desk listens
        sign_in(Client(), f"invented-{number}", "wrong")
    assert sign_in(theirs, "chidi", PASSWORD).status_code == 302  # at a browser she has used before: at once
    assert sign_in(Client(), "chidi", PASSWORD).status_code == 400
    at(8 * 44)  # anywhere else, from that very address: seconds later
    assert sign_in(Client(), "chidi", PASSWORD).status_code == 302
    assert sign_in(Client(), "chidi", PASSWORD, REMOTE_ADDR="192.0.2.7").status_code == 302


def test_somebody_who_fails_on_an_account_does_not_delay_its_officer_at_her_own_browser(
    at: Callable[[float], None],
) -> None:
    account()
    account("dorin")
    theirs = Client()
    sign_in(theirs, "chidi", PASSWORD)
    theirs.post("/sign-out/")
    for number in range(30):
        at(30 * number)
        assert sign_in(Client(), "chidi", "wrong").status_code == 400
    assert sign_in(Client(), "chidi", PASSWORD).status_code == 400
    assert sign_in(theirs, "chidi", PASSWORD).status_code == 302
    theirs.post("/sign-out/")
    for _ in range(5):  # the browser vouches for nobody else, and its own slips count
        sign_in(theirs, "chidi", "wrong")
    assert sign_in(theirs, "chidi", PASSWORD).status_code == 400


def test_a_cookie_of_ones_own_making_is_no_known_browser(at: Callable[[float], None]) -> None:
    account()
    for _ in range(5):
        sign_in(Client(), "chidi", "wrong")
    forger = Client()
    forger.cookies["desk_browser"] = signing.dumps({"browser": "x", "accounts": ["y"]}, key="k")
    assert sign_in(forger, "chidi", PASSWORD).status_code == 400


def test_failures_are_forgotten_after_a_quarter_of_an_hour(at: Callable[[float], None]) -> None:
    account()
    for _ in range(10):
        sign_in(Client(), "chidi", "wrong")
    at(16 * 60)
    for _ in range(4):
        sign_in(Client(), "chidi", "wrong")
    assert sign_in(Client(), "chidi", PASSWORD).status_code == 302


def test_the_table_of_failures_names_nobody() -> None:
    sign_in(Client(), "chidi", "wrong")
    assert {len(key) for key in SignInFailure.objects.values_list("key", flat=True)} == {64}


def test_guessing_codes_is_slowed_down(at: Callable[[float], None]) -> None:
    code = a_code(Officer.objects.create_user("chidi", "Chidi"), life=timedelta(days=9999))
    for _ in range(5):
        redeem(Client(), "chidi", "guess")
    assert b"too many failed tries" in redeem(Client(), "chidi", code).content

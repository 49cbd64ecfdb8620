"""The page People and one's own account: a second administrator sees and confirms the whole account."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from pressqueue.actors import Actor
from pressqueue.models import AccountChange, Office, Officer
from pressqueue.moves import account_changes, credentials
from pressqueue.moves import account_changes as account_change_moves
from pressqueue.moves.leases import database_now

from support import factories
from support.desk_officers import signed_in


@pytest.fixture(autouse=True)
def real(desk: object) -> None:
    """An office that is no exercise: two administrators decide."""
    Office.objects.update(exercise=False)


@pytest.fixture
def chief() -> Actor:
    """Who asks."""
    return Actor(factories.officer("chief", "administrator").pk, "cli")


@pytest.fixture
def deputy() -> Client:
    """Who confirms."""
    return signed_in("deputy", "administrator")


def friend(rank: str = "") -> Officer:
    return factories.officer("friend", "author", rank=rank)


def asked(chief: Actor, *roles: str) -> AccountChange:
    change = account_change_moves.change_roles(chief, friend(), roles or ["author", "approver"], now=database_now())
    assert change is not None
    return change


def page_of(client: Client) -> str:
    return str(client.get("/officers/").content.decode())


def digest_on(page: str) -> str:
    found = re.search(r'name="digest" value="([0-9a-f]{64})"', page)
    assert found is not None
    return found.group(1)


def confirmed(client: Client, change: AccountChange, digest: str) -> Any:
    return client.post(f"/officers/changes/{change.pk}/confirm/", {"digest": digest})


def roles() -> list[str]:
    return account_change_moves.roles_of(Officer.objects.get(username="friend"))


def test_the_whole_account_stands_there_as_it_is_and_as_it_will_be(chief: Actor, deputy: Client) -> None:
    friend(rank="superintendent")
    asked(chief)
    page = page_of(deputy)
    for words in (
        "Friend (friend): other roles", "Asked by Chief", "<td>Author</td>", "<strong>Author, approver</strong>",
        "<td>superintendent</td>", 'Confirm forms <span class="tag wait">New</span>', "Draft texts</li>",
        "The password they have ends at once", "For 24 hours from the confirmation the account approves nothing.",
    ):  # fmt: skip
        assert words in page, words


def test_what_the_account_loses_is_struck_out(chief: Actor, deputy: Client) -> None:
    asked(chief, "approver")
    assert '<del>Draft texts</del> <span class="tag quiet">No longer</span>' in page_of(deputy)


def test_it_is_confirmed_as_shown_and_the_code_is_shown_once(chief: Actor, deputy: Client) -> None:
    change = asked(chief)
    answer = confirmed(deputy, change, digest_on(page_of(deputy)))
    page = answer.content.decode()
    code = re.search(r'<code class="value">([^<]+)</code>', page)
    assert (answer.status_code, roles()) == (200, ["author", "approver"])
    assert code is not None
    assert credentials.redeem_code("friend", code.group(1), "a long pass phrase", door="desk", now=database_now())
    assert code.group(1) not in page_of(deputy)


@pytest.mark.parametrize("digest", ["", "0" * 64])
def test_another_request_than_the_one_shown_is_refused(chief: Actor, deputy: Client, digest: str) -> None:
    change = asked(chief)
    answer = confirmed(deputy, change, digest)
    assert answer.status_code == 403
    assert "This is not the request you were shown" in answer.content.decode()
    assert roles() == ["author"]
    assert page_of(deputy).count("Confirm all of it") == 1


def test_a_request_that_was_dropped_and_asked_anew_is_another_one(chief: Actor, deputy: Client) -> None:
    shown = asked(chief)
    digest = digest_on(page_of(deputy))
    account_change_moves.drop_change(chief, shown, now=database_now())
    again = asked(chief, "administrator")
    assert confirmed(deputy, again, digest).status_code == 403
    assert confirmed(deputy, shown, digest).status_code == 403
    assert roles() == ["author"]


def test_control_where_every_request_has_one_digest_another_one_is_confirmed(
    chief: Actor, deputy: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account_changes, "request_digest", lambda change: "0" * 64)
    assert confirmed(deputy, asked(chief), "0" * 64).status_code == 200
    assert roles() == ["author", "approver"]


def test_an_account_that_changed_since_is_said_to_have_and_not_confirmed(chief: Actor, deputy: Client) -> None:
    change = asked(chief)
    digest = digest_on(page_of(deputy))
    account_change_moves.change_rank(chief, friend(), "superintendent", now=database_now())
    page = page_of(deputy)
    assert "The account has changed since this was requested." in page
    assert "Confirm all of it" not in page
    answer = confirmed(deputy, change, digest)
    assert answer.status_code == 403
    assert "Request it again" in answer.content.decode()
    assert roles() == ["author"]


def test_who_asked_is_offered_no_confirmation_and_given_none(chief: Actor, deputy: Client) -> None:
    asker = signed_in("chief", "administrator")
    change = asked(chief)
    page = page_of(asker)
    assert "Somebody else must confirm this" in page
    assert "Confirm all of it" not in page
    assert "Drop it" in page
    assert confirmed(asker, change, account_change_moves.request_digest(change)).status_code == 403
    assert roles() == ["author"]


def test_an_approver_sees_what_waits_and_decides_nothing_of_it(chief: Actor, deputy: Client, approver: Client) -> None:
    change = asked(chief)
    page = page_of(approver)
    assert "Bran is no administrator" in page
    assert "Confirm all of it" not in page
    assert "Drop it" not in page
    assert confirmed(approver, change, account_change_moves.request_digest(change)).status_code == 403
    assert approver.post(f"/officers/changes/{change.pk}/drop/").status_code == 403
    assert AccountChange.objects.get().decided_at is None


def test_an_approver_stands_in_where_one_of_two_administrators_is_locked_out(chief: Actor, approver: Client) -> None:
    locked = factories.officer("locked", "administrator")
    change = account_change_moves.issue_code(chief, locked, now=database_now())
    assert isinstance(change, AccountChange)
    answer = confirmed(approver, change, digest_on(page_of(approver)))
    assert answer.status_code == 200
    assert "The one-time code of Locked (locked)" in answer.content.decode()


def test_an_author_has_no_such_page(chief: Actor, author: Client) -> None:
    change = asked(chief)
    assert author.get("/officers/").status_code == 403
    assert confirmed(author, change, account_change_moves.request_digest(change)).status_code == 403
    assert author.post(f"/officers/changes/{change.pk}/drop/").status_code == 403
    assert "/officers/" not in author.get("/account/").content.decode()


def test_it_is_dropped_once(chief: Actor, deputy: Client) -> None:
    change = asked(chief)
    assert deputy.post(f"/officers/changes/{change.pk}/drop/").status_code == 302
    assert roles() == ["author"]
    assert "There is nothing waiting." in page_of(deputy)
    answer = deputy.post(f"/officers/changes/{change.pk}/drop/")
    assert answer.status_code == 403
    assert "This was decided already." in answer.content.decode()


def test_a_rank_is_confirmed_without_a_code(chief: Actor, deputy: Client, approver: Client) -> None:
    bran = Officer.objects.get(username="bran")
    change = account_change_moves.change_rank(chief, bran, "superintendent", now=database_now())
    assert change is not None
    page = page_of(deputy)
    assert "<td>inspector</td>" in page
    assert "<strong>superintendent</strong>" in page
    assert confirmed(deputy, change, digest_on(page)).status_code == 302
    bran.refresh_from_db()
    assert bran.rank == "superintendent"


def test_a_bar_is_said_on_every_page_and_on_the_account_s_own_before_it_bites(approver: Client) -> None:
    words = "You may approve again from"
    assert words not in approver.get("/account/").content.decode()
    Officer.objects.filter(username="bran").update(barred_until=database_now() + timedelta(hours=3))
    for page in ("/account/", "/"):
        assert words in approver.get(page).content.decode()
    Officer.objects.filter(username="bran").update(barred_until=database_now() - timedelta(seconds=1))
    assert words not in approver.get("/account/").content.decode()


def test_one_s_own_account_says_what_is_asked_of_it(chief: Actor) -> None:
    asked(chief)
    client = signed_in("friend", "author")
    page = client.get("/account/").content.decode()
    for words in (
        "Other roles",
        "Asked by Chief",
        "Author becomes <strong>Author, approver</strong>",
        "The password they have ends at once",
        "tell the office at once",
    ):
        assert words in page, words

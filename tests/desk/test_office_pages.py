"""Holds and freezes, accounts, tokens."""

from __future__ import annotations

from datetime import timedelta
from html import unescape

import pytest
import world
from django.test import Client

from pressqueue import accounts, moves
from pressqueue.models import Account, Campaign, Entry, Office, PersonalToken
from pressqueue.moves.people import digest
from publisher.tokens import TokenStore


def test_features_are_frozen_and_thawed(approver: Client) -> None:
    for what in ("features", "all", "none"):
        assert approver.post("/holds/freeze/", {"what": what}).status_code == 302
        assert Office.objects.get().frozen == what
    assert Entry.objects.filter(act="freeze").count() == 3


def test_nothing_else_can_be_frozen(approver: Client) -> None:
    answer = approver.post("/holds/freeze/", {"what": "takedowns"})
    assert answer.status_code == 403
    assert Office.objects.get().frozen == "none"


def test_a_campaign_is_held_with_a_reason_and_released(approver: Client) -> None:
    slug = world.series().slug
    refused = approver.post(f"/holds/{slug}/hold/", {f"{slug}-reason": ""})
    assert refused.status_code == 400
    assert f'href="#id_{slug}-reason"' in refused.content.decode()
    approver.post(f"/holds/{slug}/hold/", {f"{slug}-reason": "A day of mourning."})
    assert Campaign.objects.get().held
    assert "Held" in approver.get("/holds/").content.decode()
    approver.post(f"/holds/{slug}/release/")
    assert not Campaign.objects.get().held


def test_there_is_no_such_campaign(approver: Client) -> None:
    assert approver.post("/holds/no-such/hold/", {"no-such-reason": "x"}).status_code == 404


def test_held_items_are_listed_with_their_release(approver: Client) -> None:
    item = world.feature()
    moves.hold(world.author(), item, "Wait.", now=world.NOW)
    assert f"/items/{item.reference}/release/" in approver.get("/holds/").content.decode()


def test_accounts_say_whether_they_work(approver: Client) -> None:
    TokenStore(bytes(32)).save("flickr", {"token": "t"})
    accounts.stop("flickr", "auth", None, "Flickr asks for a new consent.", world.NOW)
    shown = unescape(approver.get("/accounts/").content.decode())
    assert "Flickr asks for a new consent." in shown
    assert "publisher connect youtube" in shown


def test_an_officer_attests_that_comments_are_off(approver: Client) -> None:
    assert approver.post("/accounts/youtube/comments-off/", {"looked": "yes"}).status_code == 302
    account = Account.objects.get(pk="youtube")
    assert account.comments_closed_by is not None
    assert account.comments_closed_by.username == "bran"
    shown = approver.get("/accounts/").content.decode()
    assert "Attested" in shown
    assert "by Bran" in shown
    Account.objects.update(comments_closed_at=account.comments_closed_at - timedelta(days=31))
    assert "Run out" in approver.get("/accounts/").content.decode()


def test_who_has_not_looked_attests_nothing(approver: Client) -> None:
    approver.post("/accounts/youtube/comments-off/")
    assert not Account.objects.filter(comments_closed_at__isnull=False).exists()


def test_nothing_is_attested_of_an_account_that_is_not_configured(approver: Client) -> None:
    assert approver.post("/accounts/myspace/comments-off/", {"looked": "yes"}).status_code == 404
    assert not Account.objects.exists()


def test_a_token_is_shown_once_and_kept_as_a_digest(author: Client) -> None:
    made = author.post("/tokens/", {"label": "laptop", "scope": "author", "days": "30"})
    value = made.context["value"]
    assert value.startswith("pub_")
    assert len(value) == 47
    assert value in made.content.decode()
    assert value not in author.get("/tokens/").content.decode()
    token = PersonalToken.objects.get()
    assert (token.digest, token.scope, token.officer.username) == (digest(value), "author", "amara")
    assert token.expires_at - token.created_at == timedelta(days=30)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"label": ""}, "Say what it is for."),
        ({"days": "91"}, "at most 90 days"),
        ({"days": "0"}, "at least one day"),
        ({"scope": "approve"}, "Select a valid choice"),
    ],
)
def test_a_token_that_may_not_be_is_refused_and_the_rest_is_kept(
    author: Client, change: dict[str, str], words: str
) -> None:
    sent = {"label": "laptop", "scope": "read", "days": "30", **change}
    answer = author.post("/tokens/", sent)
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert answer.context["form"]["label"].value() == sent["label"]
    assert not PersonalToken.objects.exists()


def test_a_token_is_revoked_by_its_holder_and_seen_by_nobody_else(author: Client, approver: Client) -> None:
    author.post("/tokens/", {"label": "laptop", "scope": "read", "days": "30"})
    token = PersonalToken.objects.get()
    assert "laptop" not in approver.get("/tokens/").content.decode()
    assert approver.post(f"/tokens/{token.pk}/revoke/").status_code == 404
    assert author.post(f"/tokens/{token.pk}/revoke/").status_code == 302
    token.refresh_from_db()
    assert token.revoked_at is not None

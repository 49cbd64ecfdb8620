"""Holds and freezes, accounts, tokens."""

from __future__ import annotations

from datetime import timedelta
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from pressqueue.models import Account, Campaign, Entry, Office, Original, PersonalToken, StopEnding
from pressqueue.moves import accounts, holds
from pressqueue.moves.officers import digest
from publisher.workers.token_store import TokenStore

from support import factories
from support.desk_officers import signed_in

PASSWORD = "a long pass phrase for tests"


def test_features_are_frozen_and_thawed(approver: Client) -> None:
    for what in ("features", "all"):
        assert approver.post("/holds/freeze/", {"what": what}).status_code == 302
        assert Office.objects.get().frozen == what
    assert approver.post("/holds/thaw/", {"to": "none", "thaw-reason": "Over."}).status_code == 403
    asking, second = signed_in("thea", "author"), signed_in("sefton", "approver")
    assert asking.post("/holds/thaw/", {"to": "none", "thaw-reason": ""}).status_code == 400
    asking.post("/holds/thaw/", {"to": "none", "thaw-reason": "The funeral is over."})
    assert "The funeral is over." in second.get("/holds/").content.decode()
    second.post(f"/holds/endings/{StopEnding.objects.get().pk}/", {"decision": "confirm"})
    assert Office.objects.get().frozen == "none"
    assert Entry.objects.filter(act="freeze").count() == 3


def test_nothing_else_can_be_frozen(approver: Client) -> None:
    answer = approver.post("/holds/freeze/", {"what": "takedowns"})
    assert answer.status_code == 403
    assert Office.objects.get().frozen == "none"


def test_a_campaign_is_held_with_a_reason_and_released(approver: Client) -> None:
    slug = factories.series().slug
    refused = approver.post(f"/holds/{slug}/hold/", {f"{slug}-reason": ""})
    assert refused.status_code == 400
    assert f'href="#id_{slug}-reason"' in refused.content.decode()
    approver.post(f"/holds/{slug}/hold/", {f"{slug}-reason": "A day of mourning."})
    assert Campaign.objects.get().held
    assert "Held" in approver.get("/holds/").content.decode()
    form = {f"{slug}-reason": "The day is over."}
    assert approver.post(f"/holds/{slug}/release/", form).status_code == 403  # who placed it
    signed_in("sefton", "approver").post(f"/holds/{slug}/release/", form)
    assert not Campaign.objects.get().held


def test_there_is_no_such_campaign(approver: Client) -> None:
    assert approver.post("/holds/no-such/hold/", {"no-such-reason": "x"}).status_code == 404


def test_held_items_are_listed_with_their_release(approver: Client) -> None:
    item = factories.feature()
    holds.hold(factories.author(), item, "Wait.", now=factories.NOW)
    assert f"/items/{item.reference}/release/" in approver.get("/holds/").content.decode()


def test_accounts_say_whether_they_work(approver: Client) -> None:
    TokenStore(bytes(32)).save("flickr", {"token": "t"})
    accounts.stop("flickr", "auth", None, "Flickr asks for a new consent.", factories.NOW)
    shown = unescape(approver.get("/accounts/").content.decode())
    assert "Flickr asks for a new consent." in shown
    assert "publisher connect youtube" in shown


def attest(client: Client, **said: object) -> str:
    seen = SimpleUploadedFile("settings.pdf", b"%PDF-1.7 comments: off", content_type="application/pdf")
    form = {name: value for name, value in {"looked": "on", "evidence": seen, **said}.items() if value}
    named = {f"youtube-{name}": value for name, value in form.items()}
    return unescape(client.post("/accounts/youtube/comments-off/", named, follow=True).content.decode())


def test_a_press_officer_attests_that_comments_are_off_with_evidence(author: Client, approver: Client) -> None:
    assert "Attach a picture or PDF" in attest(author, evidence=None)
    assert "tick that you did" in attest(author, looked="")
    assert not Original.objects.exists()
    assert "Recorded for 30 days" in attest(author)
    account = Account.objects.get(pk="youtube")
    assert account.comments_closed_by is not None and account.comments_evidence is not None
    assert account.comments_closed_by.username == "amara"
    assert "by Amara" in approver.get("/accounts/").content.decode()
    kept = approver.get("/accounts/youtube/comments-off/evidence/")
    assert b"".join(kept) == b"%PDF-1.7 comments: off"
    assert kept["Content-Disposition"] == 'attachment; filename="youtube-settings.pdf"'
    Account.objects.update(comments_closed_at=account.comments_closed_at - timedelta(days=31))
    assert "Run out" in approver.get("/accounts/").content.decode()


@pytest.mark.parametrize("role", ["approver", "investigator", "administrator"])
def test_nobody_but_a_press_officer_attests_it_and_nothing_is_kept_of_the_attempt(role: str) -> None:
    assert "it takes a press officer" in attest(signed_in("other", role))
    assert not Original.objects.exists()


def test_who_has_not_looked_attests_nothing(approver: Client) -> None:
    approver.post("/accounts/youtube/comments-off/")
    assert not Account.objects.filter(comments_closed_at__isnull=False).exists()


def test_nothing_is_attested_of_an_account_that_is_not_configured(approver: Client) -> None:
    assert approver.post("/accounts/myspace/comments-off/", {"looked": "yes"}).status_code == 404
    assert not Account.objects.exists()


@pytest.fixture
def author(desk: object) -> Client:
    """Amara, who knows her password."""
    officer = factories.officer("amara", "author")
    officer.set_password(PASSWORD)
    officer.save()
    client = Client()
    client.force_login(officer)
    return client


def test_a_token_is_shown_once_and_kept_as_a_digest(author: Client) -> None:
    made = author.post("/tokens/", {"label": "laptop", "scope": "author", "days": "30", "present": PASSWORD})
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
    sent = {"label": "laptop", "scope": "read", "days": "30", "present": PASSWORD, **change}
    answer = author.post("/tokens/", sent)
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert answer.context["form"]["label"].value() == sent["label"]
    assert not PersonalToken.objects.exists()


def test_a_token_is_revoked_by_its_holder_and_seen_by_nobody_else(author: Client, approver: Client) -> None:
    author.post("/tokens/", {"label": "laptop", "scope": "read", "days": "30", "present": PASSWORD})
    token = PersonalToken.objects.get()
    assert "laptop" not in approver.get("/tokens/").content.decode()
    assert approver.post(f"/tokens/{token.pk}/revoke/").status_code == 404
    assert author.post(f"/tokens/{token.pk}/revoke/").status_code == 302
    token.refresh_from_db()
    assert token.revoked_at is not None


def test_an_administrator_is_offered_a_release_only_where_no_approver_is_left() -> None:
    item = factories.approved(factories.feature())
    holds.hold(factories.approver(), item, "Wait.", now=factories.NOW)
    holds.hold_campaign(factories.approver(), item.campaign, "Wait.", now=factories.NOW)
    chief = signed_in("chief", "administrator")
    page, ids = chief.get("/holds/").content.decode(), ("id_photo-of-the-day_two-reason", "id_POD-0001_two-reason")
    assert [page.count('id="id_two-reason"'), *(page.count(f'id="{each}"') for each in ids)] == [0, 1, 1]
    refused = chief.post("/holds/release/", {"item": item.reference, "two-reason": ""})
    assert refused.status_code == 400
    assert f'href="#{ids[1]}"' in refused.content.decode()
    assert (
        "Asked."
        in chief.post("/holds/release/", {"item": item.reference, "two-reason": "Gone."}, follow=True).content.decode()
    )
    assert "Cancel the request" in chief.get("/holds/").content.decode()
    factories.bystander()
    assert "as an administrator" not in chief.get("/holds/").content.decode()

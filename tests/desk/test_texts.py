"""The Standard wording page: who sees what, and that exactly the words shown are approved."""

from __future__ import annotations

import pytest
from django.test import Client

from pressqueue import public_texts
from pressqueue.models import ApprovedText, Totals
from pressqueue.moves import public_texts as public_text_moves

from support import factories
from support.desk_officers import signed_in

NOW = factories.NOW
BODY = "The appeal {reference} is closed. Please do not share copies of its picture."
ALBUM = "At least {shown} people were shown here, and at least {removed} appeals have come down."


def drafted(kind: str = "tombstone", body: str = BODY) -> ApprovedText:
    campaign = factories.operation() if kind == "album" else None
    title = "Operation Larch" if kind == "album" else ""
    return public_text_moves.draft_text(factories.author(), kind, campaign, title=title, body=body, now=NOW)


def test_an_author_drafts_and_an_approver_approves(author: Client, approver: Client) -> None:
    answer = author.post("/texts/draft/", {"kind": "tombstone", "whose": "office", "title": "", "body": BODY})
    assert (answer.status_code, answer["Location"]) == (302, "/texts/")
    text = ApprovedText.objects.get()
    page = approver.get("/texts/").content.decode()
    assert "Approve this text" in page
    assert text.digest in page
    answer = approver.post(f"/texts/{text.pk}/approve/", {"digest": text.digest})
    assert answer.status_code == 302
    assert public_texts.in_force("tombstone") == text
    assert "approved by Bran" in author.get("/texts/").content.decode()


def test_who_drafted_it_is_offered_no_approval_and_given_none(author: Client) -> None:
    both = signed_in("both", "author", "approver")
    both.post("/texts/draft/", {"kind": "tombstone", "whose": "office", "title": "", "body": BODY})
    text = ApprovedText.objects.get()
    assert "Approve this text" not in both.get("/texts/").content.decode()
    answer = both.post(f"/texts/{text.pk}/approve/", {"digest": text.digest})
    assert answer.status_code == 403
    assert "You drafted these words" in answer.content.decode()
    assert public_texts.in_force("tombstone") is None


def test_another_digest_than_the_one_shown_approves_nothing(approver: Client) -> None:
    text = drafted()
    assert approver.post(f"/texts/{text.pk}/approve/", {"digest": ""}).status_code == 403
    assert public_texts.in_force("tombstone") is None


def test_an_approver_is_told_that_words_wait(approver: Client) -> None:
    drafted()
    page = approver.get("/attention/").content.decode()
    assert "The tombstone text for the whole office is waiting for a second person" in page


def test_an_album_shows_what_it_would_read_now_and_what_it_replaces(approver: Client) -> None:
    first = drafted("album", ALBUM)
    public_text_moves.approve_text(factories.approver(), first, first.digest, now=NOW)
    Totals.objects.update(shown=15, removed=5)
    drafted("album", f"{ALBUM} Thank you.")
    page = approver.get("/texts/").content.decode()
    assert page.count("At least 15 people were shown here, and at least 5 appeals have come down.") == 2
    assert "Text it replaces" in page


def test_refused_words_stay_typed_and_the_page_says_why(author: Client) -> None:
    factories.operation()
    answer = author.post(
        "/texts/draft/",
        {"kind": "album", "whose": "operation-larch", "title": "Larch", "body": "{removed} were arrested"},
    )
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "<title>Error: Standard wording" in page
    assert "tells what became of people" in page
    assert "(Rule R33)" in page
    assert "{removed} were arrested</textarea>" in page
    assert not ApprovedText.objects.exists()


def test_words_are_dropped_from_the_page(author: Client) -> None:
    text = drafted()
    assert author.post(f"/texts/{text.pk}/drop/").status_code == 302
    assert public_texts.waiting("tombstone") is None
    assert author.post("/texts/4711/drop/").status_code == 404


@pytest.mark.parametrize("address", ["/texts/1/approve/", "/texts/1/drop/", "/texts/draft/"])
def test_nothing_is_decided_by_following_a_link(address: str, approver: Client) -> None:
    assert approver.get(address).status_code == 405


def test_an_approver_alone_drafts_nothing(approver: Client) -> None:
    assert "Draft a new text" not in approver.get("/texts/").content.decode()
    answer = approver.post("/texts/draft/", {"kind": "tombstone", "whose": "office", "body": BODY})
    assert answer.status_code == 403

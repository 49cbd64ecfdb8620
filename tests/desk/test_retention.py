"""Holds and purges at the desk: one asks, another confirms."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from pressqueue.models import Item, LegalHold, Purge
from pressqueue.moves import retention, takedown
from publisher.configuration import office_file
from publisher.media.vault import Vault

from support import factories
from support.desk_officers import keep, picture, say_why


@pytest.fixture
def item(desk: office_file.Office) -> Item:
    """Withdrawn, and past its retention review by the true clock."""
    body, now = picture(), timezone.now() - timedelta(days=400)
    sha256 = keep(desk, body, "originals")
    keep(desk, body)
    made = factories.appeal(now=now, original=factories.original(body), record=factories.appeal_record(now))
    assert made.original_id == sha256
    factories.approved(made, body, now=now)
    return takedown.withdraw(factories.approver(), made, "identified", now=now)


def test_one_asks_and_another_confirms_and_the_files_are_gone(
    author: Client, approver: Client, item: Item, desk: office_file.Office
) -> None:
    place = Vault(desk.media / "originals").path(item.original_id)
    assert item.reference in author.get("/retention/").content.decode()
    address, field = f"/retention/{item.reference}/ask/", f"{item.reference}-authority"
    assert author.post(address, {field: ""}).status_code == 400
    assert author.post(address, {field: "Retention board"}).status_code == 302
    purge = Purge.objects.get()
    decide = f"/retention/purges/{purge.pk}/"
    assert "Purge for good" not in author.get("/retention/").content.decode()
    assert author.post(decide, {"answer": "confirm"}).status_code == 403
    assert place.exists()
    assert "Purge for good" in approver.get("/retention/").content.decode()
    assert approver.post(decide, {"answer": "confirm"}).status_code == 302
    assert not place.exists()
    say_why(author)
    page = author.get(f"/items/{item.reference}/")
    assert (page.status_code, "Do you know" in page.content.decode()) == (200, False)
    assert "Its texts and files were purged" in page.content.decode()
    assert author.get(f"/items/{item.reference}/original/").status_code == 404


def test_a_purge_is_dropped_by_anybody(author: Client, item: Item) -> None:
    asked = retention.ask_purge(factories.author(), item, "Board", now=timezone.now())
    assert author.post(f"/retention/purges/{asked.pk}/", {"answer": "drop"}).status_code == 302
    assert Purge.objects.get().dropped_at is not None
    assert author.post("/retention/purges/999/", {"answer": "drop"}).status_code == 404


def test_a_legal_hold_is_placed_by_reference_and_lifted_by_another(
    author: Client, approver: Client, item: Item
) -> None:
    said = {"place-on": item.reference.lower(), "place-why": "A case", "place-authority": "Legal"}
    wrong = author.post("/retention/holds/", {**said, "place-on": "WTN-9999"})
    assert (wrong.status_code, "There is no Item and no person" in wrong.content.decode()) == (400, True)
    assert author.post("/retention/holds/", said).status_code == 302
    hold = LegalHold.objects.get()
    assert "A case" in author.get("/retention/").content.decode()
    lift, field = f"/retention/holds/{hold.pk}/lift/", f"hold{hold.pk}-authority"
    assert author.post(lift, {field: "Legal"}).status_code == 403
    assert approver.post(lift, {field: ""}).status_code == 400
    assert approver.post(lift, {field: "Legal"}).status_code == 302
    assert retention.why_kept(item, timezone.now()) == []

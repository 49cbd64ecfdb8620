"""An upload that is refused, whatever for, leaves nothing in the vault."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from pressqueue.models import Item, Original
from publisher.configuration.office_file import Office

from support import factories
from support.desk_officers import keep, picture, signed_in

TODAY = datetime.now(UTC)  # the desk asks the database what time it is
PDF = b"%PDF-1.7 a signed form of another case"


def stored(desk: Office, body: bytes) -> bool:
    """Whether these bytes lie anywhere below the office's media, under whatever name."""
    wanted = hashlib.sha256(body).digest()
    files = (place for place in Path(desk.media).rglob("*") if place.is_file())
    return any(hashlib.sha256(place.read_bytes()).digest() == wanted for place in files)


def in_review(desk: Office, **record: object) -> Item:
    body = picture()
    keep(desk, body)
    item = factories.appeal(now=TODAY, record=factories.appeal_record(TODAY, **record))
    return factories.in_review(item, body, now=TODAY)


@pytest.mark.parametrize("who", ["bran", "inga"])
def test_a_form_from_somebody_who_may_not_attach_it_is_not_kept(who: str, desk: Office) -> None:
    item = in_review(desk, investigator=None, investigator_name="DS Mara Voss", investigator_rank="inspector")
    factories.approver()
    factories.investigator()
    file = SimpleUploadedFile("form.pdf", PDF, "application/pdf")
    sent = {"form-digest": item.package.digest, "form-signed_at": "2026-03-02T08:00", "form-file": file}
    assert signed_in(who).post(f"/items/{item.reference}/form/", sent).status_code == 403
    assert not stored(desk, PDF) and not Original.objects.filter(kind="form").exists()


def test_a_form_for_a_case_whose_officer_has_an_account_is_not_kept(desk: Office) -> None:
    item = in_review(desk)
    file = SimpleUploadedFile("form.pdf", PDF, "application/pdf")
    sent = {"form-digest": item.package.digest, "form-signed_at": "2026-03-02T08:00", "form-file": file}
    assert signed_in("amara").post(f"/items/{item.reference}/form/", sent).status_code == 403
    assert not stored(desk, PDF) and not Original.objects.filter(kind="form").exists()


@pytest.mark.parametrize("name", ["photo.jpg", "clip.mp4"])
def test_a_file_that_is_refused_is_not_kept(name: str, desk: Office) -> None:
    factories.author()
    body = b"<html><script>alert(1)</script></html>"
    file = SimpleUploadedFile(name, body, "image/jpeg")
    assert signed_in("amara").post("/items/new/", {"file": file, "title": "x"}).status_code == 400
    assert not stored(desk, body) and not Original.objects.exists()


def test_a_file_from_somebody_who_may_not_write_items_is_not_kept(desk: Office) -> None:
    factories.approver()
    file = SimpleUploadedFile("photo.jpg", picture("olive"), "image/jpeg")
    assert signed_in("bran").post("/items/new/", {"file": file}).status_code == 403
    assert not stored(desk, picture("olive")) and not Original.objects.exists()

"""The officer in the case at the desk: verifying, a signed form, and a threat to life."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from pressqueue.models import Approval, BreakGlass, Item, Verification
from publisher.configuration import office_file

from support import factories
from support.desk_officers import keep, picture, say_why, shown, signed_in

Reviewed = Callable[..., Item]
TODAY = datetime.now(UTC)  # the desk asks the database what time it is
PDF = b"%PDF-1.7\n% signed by hand\n"


@pytest.fixture
def reviewed(desk: office_file.Office) -> Reviewed:
    """An appeal of today, in review, whose rendition lies in the vault."""

    def make(item: Item) -> Item:
        body = picture()
        keep(desk, body)
        return factories.in_review(item, body, now=TODAY)

    return make


def appeal(**record: Any) -> Item:
    return factories.appeal(now=TODAY, record=factories.appeal_record(TODAY, **record))


def page(client: Client, item: Item) -> str:
    say_why(client)
    return unescape(client.get(f"/items/{item.reference}/").content.decode())


def approve(client: Client, item: Item, **said: str) -> str:
    shown(client, item)
    answer = client.post(
        f"/items/{item.reference}/approve/",
        {"digest": item.package.digest, "confirm": "on", "others": "on", **said},
        follow=True,
    )
    return unescape(answer.content.decode())


def without_an_account() -> Item:
    return appeal(investigator=None, investigator_name="DS Mara Voss", investigator_rank="inspector")


def attach(client: Client, item: Item, body: bytes = PDF, signed_at: str = "2026-03-02T08:00") -> str:
    form = {"form-digest": item.package.digest, "form-signed_at": signed_at}
    file = SimpleUploadedFile("form.pdf", body, content_type="application/pdf")
    answer = client.post(f"/items/{item.reference}/form/", {**form, "form-file": file}, follow=True)
    return unescape(answer.content.decode())


def test_the_officer_in_the_case_verifies_what_is_shown_and_then_it_is_decided(
    reviewed: Reviewed, approver: Client
) -> None:
    item = reviewed(appeal())
    assert "has not verified this picture" in page(approver, item)
    inga = signed_in("inga")
    assert f'action="/items/{item.reference}/verify/"' in page(inga, item)
    untouched = inga.post(f"/items/{item.reference}/verify/", {"digest": item.package.digest}, follow=True)
    assert "tick that it is the right person" in unescape(untouched.content.decode())
    assert not Verification.objects.exists()
    unseen = inga.post(f"/items/{item.reference}/verify/", {"digest": item.package.digest, "confirm": "on"})
    assert "Not shown to you in full yet" in unescape(unseen.content.decode())
    shown(inga, item)
    inga.post(f"/items/{item.reference}/verify/", {"digest": item.package.digest, "confirm": "on"})
    assert Verification.objects.get().investigator.username == "inga"
    assert "is approved" in approve(approver, item)


def test_nobody_else_is_offered_to_verify(reviewed: Reviewed, author: Client, approver: Client) -> None:
    item = reviewed(appeal())
    for client in (author, approver):
        assert "/verify/" not in page(client, item)
        answer = client.post(f"/items/{item.reference}/verify/", {"digest": item.package.digest, "confirm": "on"})
        assert answer.status_code == 403


def test_a_signed_form_is_attached_opened_as_a_download_and_confirmed_by_an_approver(
    reviewed: Reviewed, author: Client, approver: Client
) -> None:
    item = reviewed(without_an_account())
    assert "An approver compares it" in attach(author, item)
    found = Verification.objects.get()
    say_why(approver)
    opened = approver.get(f"/items/{item.reference}/form/{found.pk}/")
    assert b"".join(opened) == PDF
    assert opened["Content-Disposition"] == f'attachment; filename="{item.reference}-form.pdf"'
    assert opened["Content-Type"] == "application/octet-stream"
    assert "Not confirmed yet" in page(approver, item)
    assert "lacks the approver role" in confirm(author, item, found)
    assert "Open the form, compare it" in confirm(approver, item, found, confirm="")
    shown(approver, item)
    assert "Mara Voss (inspector) is confirmed" in confirm(approver, item, found)
    assert "Your approval of WTN-0001 is kept." in approve(approver, item)
    factories.officer("cleo", "approver")
    assert "is approved" in approve(signed_in("cleo"), item)


def test_a_form_that_was_not_opened_is_not_confirmed(reviewed: Reviewed, author: Client, approver: Client) -> None:
    item = reviewed(without_an_account())
    attach(author, item)
    found = Verification.objects.get()
    shown(approver, item)
    assert "Not shown to you in full yet: the signed form" in confirm(approver, item, found)
    say_why(approver)
    b"".join(approver.get(f"/items/{item.reference}/form/{found.pk}/"))
    assert "is confirmed" in confirm(approver, item, found)


def confirm(client: Client, item: Item, found: Verification, **said: str) -> str:
    filled = {"digest": item.package.digest, "sha256": found.form_id, "name": "Mara Voss", "rank": "inspector"}
    form = {f"read{found.pk}-{name}": value for name, value in {**filled, "confirm": "on", **said}.items() if value}
    answer = client.post(f"/items/{item.reference}/form/{found.pk}/confirm/", form, follow=True)
    return unescape(answer.content.decode())


def test_what_is_no_scanned_form_is_refused_in_words(reviewed: Reviewed, author: Client) -> None:
    item = reviewed(without_an_account())
    assert "A signed form is a PDF" in attach(author, item, b"<html><script>alert(1)</script>")
    assert "Say when it was signed" in attach(author, item, signed_at="")
    assert not Verification.objects.exists()


def test_where_one_approval_is_not_enough_the_page_says_what_is_wanting(reviewed: Reviewed, approver: Client) -> None:
    item = factories.verified(reviewed(appeal(anonymity=True)), now=TODAY)
    assert "Your approval of WTN-0001 is kept. " in approve(approver, item)
    assert "One approval is not enough" in page(approver, item)
    assert "You have approved this already" in page(approver, item)
    factories.officer("cleo", "approver")
    assert "is approved" in approve(signed_in("cleo"), item)
    assert Approval.objects.count() == 2


def test_a_threat_to_life_is_declared_by_one_and_known_by_the_other(
    reviewed: Reviewed, author: Client, approver: Client
) -> None:
    item = appeal(seriousness="threat_to_life", risk="")
    assert "A life is at risk" in page(author, item)
    author.post(f"/items/{item.reference}/break-glass/", {"glass-reason": ""})
    assert not BreakGlass.objects.exists()
    author.post(f"/items/{item.reference}/break-glass/", {"glass-reason": "His daughter's life."})
    item = factories.verified(reviewed(item), now=TODAY)
    assert "His daughter's life." in page(approver, item)
    assert "say that you know it" in approve(approver, item)
    assert "is approved" in approve(approver, item, break_glass="on", reason="It cannot wait.")


def test_an_appeal_is_approved_with_a_word_about_everybody_else_in_the_frame(
    reviewed: Reviewed, approver: Client
) -> None:
    item = factories.verified(reviewed(appeal(others_in_frame="justified", others_reason="They agreed.")), now=TODAY)
    shown(approver, item)
    assert "I have looked at everybody in the frame: others can be recognised in it" in page(approver, item)
    form = {"digest": item.package.digest, "confirm": "on"}
    without = approver.post(f"/items/{item.reference}/approve/", form)
    assert without.status_code == 400
    assert b'href="#id_others"' in without.content
    assert approver.post(f"/items/{item.reference}/approve/", {**form, "others": "on"}).status_code == 302
    assert "declared of others in the frame: justified" in page(approver, item)

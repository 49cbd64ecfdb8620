"""Press packs, duties and recalls at the desk; and the link of a recall, for which nobody signs in."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from pressqueue.models import Consultation, Disclosure, Duty, Entry, Item, RecallNotice
from pressqueue.moves import recalls as recall_moves
from pressqueue.moves import takedown
from publisher.configuration import office_file
from publisher.disclosure import recalls

from support import factories, pack_recipients
from support.desk_officers import keep, picture, say_why

GIVEN = {"organisation": "Northshire Echo", "name": "Ines Marlow", "email": "desk@echo.example"}
TOKEN = "a-token-of-a-mail"


@pytest.fixture
def item(desk: office_file.Office) -> Item:
    """Approved just now by the true clock, which the desk goes by; its window has begun."""
    now, body = timezone.now(), picture()
    keep(desk, body)
    return factories.approved(factories.appeal(now=now, publish_from=now - timedelta(minutes=1)), body, now=now)


@pytest.fixture
def recall(item: Item) -> RecallNotice:
    pack_recipients.disclosed(item, now=timezone.now())
    takedown.withdraw(factories.approver(), item, "eliminated", now=timezone.now())
    made = RecallNotice.objects.get()
    assert recall_moves.take_recall(made, recalls.digest(TOKEN), now=timezone.now())
    return made


def embargo() -> str:
    return f"{timezone.localtime() + timedelta(days=1):%Y-%m-%dT12:00}"  # no change of clocks at noon


def test_a_pack_is_downloaded_and_its_recipient_recorded(author: Client, item: Item) -> None:
    say_why(author)
    answer = author.post(f"/items/{item.reference}/press-pack/", {**GIVEN, "embargo_until": embargo()})
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{item.reference}-press-pack.zip"'
    body = b"".join(answer)  # type: ignore[arg-type]
    given = Disclosure.objects.get()
    assert Consultation.objects.filter(item=item).exists(), "what is in the pack was looked at as much as on a page"
    assert given.archive == hashlib.sha256(body).hexdigest()
    assert (given.organisation, given.email, given.door) == ("Northshire Echo", "desk@echo.example", "desk")
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        manifest = json.loads(archive.read(f"{item.reference}/manifest.json"))
    assert manifest["package"] == given.digest
    page = author.get(f"/items/{item.reference}/press-pack/").content.decode()
    assert "Northshire Echo, Ines Marlow" in page


def test_a_form_that_was_refused_keeps_what_was_typed(author: Client, item: Item) -> None:
    say_why(author)
    address = f"/items/{item.reference}/press-pack/"
    wrong = author.post(address, {**GIVEN, "email": "nowhere"})
    assert (wrong.status_code, "This is no e-mail address." in wrong.content.decode()) == (400, True)
    refused = author.post(address, GIVEN)
    assert (refused.status_code, "not public yet" in refused.content.decode()) == (403, True)
    assert 'value="Ines Marlow"' in refused.content.decode()
    assert not Disclosure.objects.exists()


def test_a_withdrawn_item_is_given_to_nobody_and_offered_to_nobody(author: Client, recall: RecallNotice) -> None:
    say_why(author)
    reference = recall.item.reference
    before = Disclosure.objects.count()
    answer = author.post(f"/items/{reference}/press-pack/", {**GIVEN, "embargo_until": embargo()})
    assert (answer.status_code, "came down" in answer.content.decode()) == (403, True)
    assert Disclosure.objects.count() == before
    assert "Give out a press pack" not in author.get(f"/items/{reference}/").content.decode()


def test_duties_stand_with_the_overdue_on_top_and_are_done_with_a_note(author: Client, recall: RecallNotice) -> None:
    late = Duty.objects.get(kind="letter")
    Duty.objects.filter(pk=late.pk).update(due_at=timezone.now() - timedelta(hours=1))
    page = unescape(author.get("/duties/").content.decode())
    assert page.index("Letter") < page.index("Correction")
    assert page.count("Overdue since") == 1
    refused = author.post(f"/duties/{late.pk}/done/", {f"duty{late.pk}-note": " "})
    assert (refused.status_code, f"id_duty{late.pk}-note" in refused.content.decode()) == (400, True)
    assert author.post(f"/duties/{late.pk}/done/", {f"duty{late.pk}-note": "Posted."}).status_code == 302
    late.refresh_from_db()
    assert (late.note, late.done_by) == ("Posted.", factories.officer("amara"))
    assert author.post("/duties/999/done/", {"duty999-note": "x"}).status_code == 404


def test_an_officer_records_an_acknowledgement(author: Client, recall: RecallNotice) -> None:
    assert "Northshire Echo" in author.get("/duties/").content.decode()
    address, field = f"/recalls/{recall.pk}/acknowledged/", f"recall{recall.pk}-note"
    assert author.post(address, {field: ""}).status_code == 400
    assert author.post(address, {field: "by telephone"}).status_code == 302
    assert author.post(address, {field: "again"}).status_code == 403
    assert "Northshire Echo" not in author.get("/duties/").content.decode()


def test_opening_the_link_changes_nothing_and_the_button_acknowledges_once(recall: RecallNotice) -> None:
    anybody = Client()
    for _ in range(2):
        shown = anybody.get(f"/recall/{TOKEN}/")
        assert (shown.status_code, "We have stopped using it" in shown.content.decode()) == (200, True)
    assert RecallNotice.objects.get().acknowledged_at is None
    for _ in range(2):
        thanked = anybody.post(f"/recall/{TOKEN}/")
        assert (thanked.status_code, "Thank you." in thanked.content.decode()) == (200, True)
    recall.refresh_from_db()
    assert (recall.state, recall.acknowledged_by) == ("acknowledged", None)
    assert Entry.objects.filter(act="recall_acknowledged").count() == 1
    assert "no-store" in shown.headers["Cache-Control"]


def test_the_links_page_shows_neither_the_picture_nor_a_word_of_it(recall: RecallNotice) -> None:
    page = Client().get(f"/recall/{TOKEN}/").content.decode()
    assert recall.item.reference in page
    for secret in ("Do you know", "dark coat", "renditions", "eliminated", "Queue"):
        assert secret not in page


def test_another_link_is_a_page_that_says_so(recall: RecallNotice) -> None:
    for address in ("/recall/another/", f"/recall/{recalls.digest(TOKEN)}/"):
        for answer in (Client().get(address), Client().post(address)):
            assert (answer.status_code, "not one of our links" in answer.content.decode()) == (404, True)
    assert RecallNotice.objects.get().acknowledged_at is None


def test_the_link_is_of_use_to_no_other_site(recall: RecallNotice) -> None:
    assert Client(enforce_csrf_checks=True).post(f"/recall/{TOKEN}/").status_code == 403
    assert RecallNotice.objects.get().acknowledged_at is None


@pytest.mark.parametrize("address", ["/duties/", "/items/WTN-0001/press-pack/"])
def test_the_other_pages_want_somebody_who_is_signed_in(recall: RecallNotice, address: str) -> None:
    assert Client().get(address).headers["Location"].startswith("/sign-in/")

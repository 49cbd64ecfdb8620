"""What is said of one Item by itself: approved words where there are any, a plain sentence where there are none."""

from __future__ import annotations

from pathlib import Path

import pytest

from pressqueue.models import Item, RecallNotice
from pressqueue.moves import public_texts as public_text_moves
from pressqueue.moves import takedown
from publisher.disclosure import public_texts, recalls
from publisher.workers.worker import Worker

from support import factories, office_folder, pack_recipients
from support.desk_officers import signed_in
from support.factories import NOW, Clock

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("office")]
FORCE = "Northshire Police"
CLOSED = "The appeal {reference} of {published} is closed. {force} thanks everybody who got in touch. {contact}"
SORRY = "On {published} {force} published {reference}. Nothing is alleged against the person shown, and we are sorry."


def in_force(kind: str, body: str) -> None:
    text = public_text_moves.draft_text(factories.author(), kind, body=body, now=NOW)
    public_text_moves.approve_text(factories.approver(), text, text.digest, now=NOW)


def down(item: Item, reason: str = "eliminated") -> Item:
    post = pack_recipients.live(item)
    takedown.withdraw(factories.approver(), item, reason, now=NOW)
    pack_recipients.removed(post, now=NOW)
    item.refresh_from_db()
    return item


@pytest.fixture
def item() -> Item:
    return down(factories.approved(factories.appeal(title="Zephyrine {reference}")))


def test_a_plain_sentence_stands_where_nothing_is_approved(item: Item) -> None:
    public_text_moves.draft_text(factories.author(), "tombstone", body=CLOSED, now=NOW)  # one person alone
    said = public_texts.tombstone(item, FORCE)
    assert said == f"{item.reference} was taken down. Please do not share copies of it."
    assert public_texts.approved("correction", item, FORCE) == ""


def test_approved_words_are_filled_with_number_day_force_and_contact(item: Item) -> None:
    in_force("tombstone", CLOSED)
    said = public_texts.tombstone(item, FORCE)
    assert said.startswith(f"The appeal {item.reference} of Monday 2 March 2026 is closed. {FORCE} thanks everybody")
    assert said.endswith(f"Call 101 quoting {item.reference}.")
    assert "{" not in said


def test_words_about_appeals_are_not_said_of_a_feature() -> None:
    in_force("tombstone", CLOSED)
    feature = down(factories.approved(factories.feature(title="A police dog")), "wrong_image")
    assert public_texts.tombstone(feature, FORCE).startswith(f"{feature.reference} was taken down.")


def test_nothing_is_said_of_what_was_never_public() -> None:
    quiet = factories.approved(factories.appeal())
    takedown.withdraw(factories.approver(), quiet, "identified", now=NOW)
    assert public_texts.tombstone(quiet, FORCE) == ""


def test_a_recall_of_somebody_eliminated_brings_the_words_to_print(tmp_path: Path) -> None:
    given = factories.approved(factories.appeal())
    pack_recipients.disclosed(given)
    worker: Worker = office_folder.worker(tmp_path / "office", Clock())
    takedown.withdraw(factories.approver(), given, "eliminated", now=NOW)
    notice = RecallNotice.objects.get()
    before = recalls.message(worker.office, notice, "t").body
    assert public_texts.NOBODY_SUSPECTED in before
    assert "You may print this" not in before
    in_force("correction", SORRY)
    after = recalls.message(worker.office, notice, "t").body
    assert public_texts.NOBODY_SUSPECTED in after
    assert "You may print this:\nOn" in after
    assert "we are sorry" in after


def test_a_recall_for_another_reason_brings_no_correction(tmp_path: Path) -> None:
    in_force("correction", SORRY)
    given = factories.approved(factories.appeal())
    pack_recipients.disclosed(given)
    worker: Worker = office_folder.worker(tmp_path / "office", Clock())
    takedown.withdraw(factories.approver(), given, "arrested", now=NOW)
    assert "sorry" not in recalls.message(worker.office, RecallNotice.objects.get(), "t").body


def test_the_desk_shows_them_where_it_came_down_and_beside_the_duty(
    item: Item, tmp_path: Path, settings: object
) -> None:
    settings.OFFICE = office_folder.worker(tmp_path / "office", Clock()).office  # type: ignore[attr-defined]  # pytest-django's
    in_force("tombstone", CLOSED)
    in_force("correction", SORRY)
    client = signed_in("bran", "approver")
    assert (
        f"The appeal {item.reference} of Monday 2 March 2026 is closed."
        in client.get("/live/removed/").content.decode()
    )
    owed = client.get("/duties/").content.decode()
    assert "Approved text to use:" in owed
    assert f"published {item.reference}. Nothing is alleged" in owed

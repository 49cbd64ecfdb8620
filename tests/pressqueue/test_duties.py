"""Duties: opened with what calls for them, due by the force's own times, done once with a note (R30)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pressqueue import policy
from pressqueue.actors import MACHINE
from pressqueue.errors import Forbidden, GatesClosed
from pressqueue.models import BlockedImage, Duty, Entry, Item, Notice, RecallNotice
from pressqueue.moves import duties, recalls, subjects, takedown

from support import factories, pack_recipients

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("office")]
NOW = factories.NOW


@pytest.fixture
def item() -> Item:
    made = factories.approved(factories.appeal())
    pack_recipients.disclosed(made)
    return made


def eliminated(item: Item) -> None:
    subjects.outcome(factories.approver(), item.subjects.get(), "eliminated", now=NOW)


def test_eliminated_opens_correction_letter_and_recall(item: Item) -> None:
    pack_recipients.live(item)
    eliminated(item)
    force = policy.current()
    assert {(each.kind, each.rule, each.who, each.due_at) for each in Duty.objects.all()} == {
        ("correction", "R30", "author", NOW + force.time_for("correction")),
        ("recall", "R30", "author", NOW + force.time_for("recall")),
        ("letter", "R30", "investigator", NOW + force.time_for("letter")),
    }
    assert "It was public at 1 place." in Duty.objects.get(kind="correction").words
    assert "1 press pack was given out" in Duty.objects.get(kind="recall").words
    assert Duty.objects.get(kind="letter").subject == item.subjects.get()
    assert RecallNotice.objects.get().reason == "eliminated"


def test_a_withdrawal_of_one_item_as_eliminated_opens_them_and_blocks_its_picture(item: Item) -> None:
    takedown.withdraw(factories.approver(), item, "eliminated", now=NOW)
    assert set(Duty.objects.values_list("kind", flat=True)) == {"correction", "recall", "letter"}
    assert BlockedImage.objects.filter(sha256=item.original_id, lifted_at__isnull=True).exists()
    with pytest.raises(GatesClosed, match="R29"):
        factories.appeal(original=item.original)


def test_they_fall_due_once_however_often_it_is_recorded(item: Item) -> None:
    other = factories.approved(factories.appeal(subjects=list(item.subjects.all())))
    eliminated(item)
    eliminated(item)
    takedown.withdraw(factories.approver(), item, "eliminated", now=NOW + timedelta(hours=1))
    expected = {(kind, each.pk) for kind in ("correction", "recall") for each in (item, other)}
    assert set(Duty.objects.values_list("kind", "item")) == {*expected, ("letter", item.pk)}
    assert Entry.objects.filter(act="duty_opened").count() == 5


@pytest.mark.parametrize("reason", ["identified", "surrendered", "arrested", "withdrawn"])
def test_no_other_reason_opens_them(item: Item, reason: str) -> None:
    takedown.withdraw(factories.approver(), item, reason, now=NOW)
    assert not Duty.objects.exists()


def test_a_wrong_picture_that_somebody_saw_calls_for_a_correction_and_one_that_nobody_saw_for_none(item: Item) -> None:
    unseen = factories.approved(factories.appeal())
    takedown.withdraw(factories.approver(), unseen, "wrong_image", now=NOW)
    assert not Duty.objects.exists()
    pack_recipients.live(item)
    takedown.withdraw(factories.approver(), item, "wrong_image", now=NOW)
    duty = Duty.objects.get()
    assert (duty.rule, duty.kind, duty.item) == ("R30", "correction", item)
    assert "showed the wrong picture, at 1 place and in 1 press pack" in duty.words


def test_a_duty_is_done_once_with_a_note(item: Item) -> None:
    eliminated(item)
    duty = Duty.objects.get(kind="correction")
    with pytest.raises(Forbidden, match="Say what was done"):
        duties.duty_done(factories.author(), duty, "  ", now=NOW)
    with pytest.raises(Forbidden, match="active account"):
        duties.duty_done(MACHINE, duty, "It was published.", now=NOW)
    done = duties.duty_done(factories.author(), duty, "Published on all channels.", now=NOW)
    assert (done.done_by, done.done_at, done.note) == (factories.officer("amara"), NOW, "Published on all channels.")
    with pytest.raises(Forbidden, match="done already, by Amara"):
        duties.duty_done(factories.approver(), duty, "Once more.", now=NOW)
    assert duty not in duties.open_duties()


def test_the_recall_is_not_done_while_somebody_has_not_acknowledged(item: Item) -> None:
    eliminated(item)
    duty = Duty.objects.get(kind="recall")
    with pytest.raises(Forbidden, match="Northshire Echo"):
        duties.duty_done(factories.author(), duty, "All told.", now=NOW)
    recalls.acknowledge_for(factories.author(), RecallNotice.objects.get(), "by telephone", now=NOW)
    assert duties.duty_done(factories.author(), duty, "All told.", now=NOW).done_at == NOW


def test_what_is_overdue_is_told_until_it_is_done(item: Item) -> None:
    eliminated(item)
    duty = Duty.objects.get(kind="correction")
    assert duties.notify_overdue_duties(duty.due_at - timedelta(seconds=1)) == 0
    assert duties.notify_overdue_duties(duty.due_at) == 2  # correction and recall
    assert duties.notify_overdue_duties(duty.due_at) == 0
    duties.duty_done(factories.author(), duty, "Done.", now=duty.due_at)
    assert not Notice.objects.filter(cause=f"duty:{duty.pk}", cleared_at__isnull=True).exists()


def test_the_most_overdue_stands_first(item: Item) -> None:
    eliminated(item)
    due = [each.due_at for each in duties.open_duties()]
    assert due == sorted(due)
    assert len(due) == 3

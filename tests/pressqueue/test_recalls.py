"""Recalls: queued with the withdrawal, tried until sent, acknowledged once (R30)."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from django.db import transaction

from pressqueue import policy, register
from pressqueue.errors import Forbidden, NotFound
from pressqueue.models import Disclosure, Entry, Item, Notice, RecallAttempt, RecallNotice, RegisterLine
from pressqueue.moves import amendments, items, recalls, recovery, subjects, takedown

from support import factories, pack_recipients

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("office")]
NOW = factories.NOW


def token(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()


@pytest.fixture
def item() -> Item:
    made = factories.approved(factories.appeal())
    pack_recipients.disclosed(made)
    return made


@pytest.fixture
def recall(item: Item) -> RecallNotice:
    takedown.withdraw(factories.approver(), item, "identified", now=NOW)
    return RecallNotice.objects.get()


@pytest.mark.parametrize("reason", sorted(set(takedown.REASONS) - {"expired"}))
def test_every_recipient_is_recalled_whatever_it_came_down_for(item: Item, reason: str) -> None:
    pack_recipients.disclosed(item, pack_recipients.RADIO)
    takedown.withdraw(factories.approver(), item, reason, now=NOW)
    made = RecallNotice.objects.order_by("pk")
    assert {each.email for each in made} == {"picture.desk@echo.example", "news@radiolarch.example"}
    assert {(each.state, each.reason, each.next_at) for each in made} == {("queued", reason, NOW)}


def test_what_expired_is_recalled_as_well(item: Item) -> None:
    late = NOW + timedelta(days=29)
    items.expire(item, now=late)
    assert RecallNotice.objects.get().reason == "expired"


def test_an_outcome_and_the_kill_switch_recall_too(item: Item) -> None:
    other = factories.approved(factories.appeal())
    pack_recipients.disclosed(other)
    subject = item.subjects.get()
    subjects.outcome(factories.approver(), subject, "surrendered", now=NOW)
    assert RecallNotice.objects.get().item == item
    takedown.withdraw_operation(factories.approver(), other.campaign, now=NOW)
    assert set(RecallNotice.objects.values_list("item", "reason")) == {
        (item.pk, "surrendered"),
        (other.pk, "kill_switch"),
    }


def test_the_withdrawal_and_its_recalls_are_one_transaction(item: Item) -> None:
    class Died(Exception):
        pass

    with pytest.raises(Died), transaction.atomic():
        takedown.withdraw(factories.approver(), item, "identified", now=NOW)
        assert RecallNotice.objects.exists()
        raise Died
    assert not RecallNotice.objects.exists()
    assert Item.objects.get(pk=item.pk).state == "approved"


def test_who_has_it_twice_is_told_once_and_withdrawing_again_tells_nobody(item: Item) -> None:
    pack_recipients.disclosed(item)
    for reason in ("identified", "withdrawn"):
        takedown.withdraw(factories.approver(), item, reason, now=NOW)
    assert RecallNotice.objects.get().reason == "identified"


def test_who_was_told_that_it_expired_is_told_again_that_the_person_was_eliminated(item: Item) -> None:
    items.expire(item, now=NOW + timedelta(days=29))
    subjects.outcome(factories.approver(), item.subjects.get(), "eliminated", now=NOW + timedelta(days=30))
    assert list(RecallNotice.objects.order_by("pk").values_list("reason", flat=True)) == ["expired", "eliminated"]


def test_one_try_at_a_time_is_written_before_it_is_sent(recall: RecallNotice) -> None:
    attempt = recalls.take_recall(recall, token("a"), now=NOW)
    assert attempt is not None
    assert RecallAttempt.objects.get().ended_at is None
    assert recalls.take_recall(recall, token("b"), now=NOW + timedelta(minutes=4)) is None
    assert not recalls.recalls_due(NOW + timedelta(minutes=4)).exists()


def test_a_death_before_the_record_mails_again_and_either_link_is_good(recall: RecallNotice) -> None:
    assert recalls.take_recall(recall, token("first"), now=NOW)
    later = NOW + timedelta(minutes=6)
    again = recalls.take_recall(recall, token("second"), now=later)
    assert again is not None
    recalls.recall_sent(again, now=later)
    assert recalls.by_token(token("first")) == recalls.by_token(token("second")) == recall


def test_what_was_sent_is_not_due_again(recall: RecallNotice) -> None:
    attempt = recalls.take_recall(recall, token("a"), now=NOW)
    assert attempt is not None
    recalls.recall_sent(attempt, now=NOW)
    recall.refresh_from_db()
    assert (recall.state, recall.sent_at) == ("sent", NOW)
    assert not recalls.recalls_due(NOW + timedelta(days=9)).exists()


def test_what_fails_is_tried_again_at_growing_pauses_and_then_told(recall: RecallNotice) -> None:
    now, pauses = NOW, []
    for number in range(7):
        attempt = recalls.take_recall(recall, token(str(number)), now=now)
        assert attempt is not None
        recalls.recall_failed(attempt, "The mail server did not take it.", now=now)
        recall.refresh_from_db()
        pauses.append(int((recall.next_at - now).total_seconds() / 60))
        assert Notice.objects.filter(cause=f"recall:{recall.pk}:unsent").exists() == (number >= 4)
        now = recall.next_at
    assert pauses == [1, 2, 4, 8, 16, 30, 30]
    assert recall.state == "queued"


def test_a_link_acknowledges_once_and_only_its_hash_is_kept(recall: RecallNotice) -> None:
    assert recalls.take_recall(recall, token("secret"), now=NOW)
    first, again = NOW + timedelta(minutes=1), NOW + timedelta(hours=1)
    for moment in (first, again):
        done = recalls.acknowledge_by_link(token("secret"), now=moment)
        assert (done.state, done.acknowledged_at, done.acknowledged_by) == ("acknowledged", first, None)
    assert Entry.objects.filter(act="recall_acknowledged").count() == 1
    assert Entry.objects.get(act="recall_acknowledged").door == "link"
    assert RecallAttempt.objects.get().token == token("secret")


def test_no_other_link_acknowledges(recall: RecallNotice) -> None:
    assert recalls.take_recall(recall, token("secret"), now=NOW)
    for wrong in ("secret", token("another"), ""):
        with pytest.raises(NotFound):
            recalls.acknowledge_by_link(wrong, now=NOW)


def test_a_late_mail_does_not_undo_an_acknowledgement(recall: RecallNotice) -> None:
    attempt = recalls.take_recall(recall, token("a"), now=NOW)
    assert attempt is not None
    recalls.acknowledge_by_link(token("a"), now=NOW)
    recalls.recall_sent(attempt, now=NOW)
    recalls.recall_failed(attempt, "timed out", now=NOW)
    recall.refresh_from_db()
    assert recall.state == "acknowledged"
    assert not recalls.recalls_due(NOW + timedelta(days=1)).exists()


def test_an_officer_records_what_the_recipient_said(recall: RecallNotice) -> None:
    with pytest.raises(Forbidden, match="Say who acknowledged it"):
        recalls.acknowledge_for(factories.author(), recall, " ", now=NOW)
    done = recalls.acknowledge_for(factories.author(), recall, "Ines Marlow, by telephone", now=NOW)
    assert (done.acknowledged_by, done.note) == (factories.officer("amara"), "Ines Marlow, by telephone")
    with pytest.raises(Forbidden, match="already"):
        recalls.acknowledge_for(factories.author(), recall, "again", now=NOW)


def test_what_nobody_acknowledged_in_time_becomes_a_persons(recall: RecallNotice) -> None:
    due = NOW + policy.current().time_for("recall")
    assert recalls.notify_unacknowledged(due - timedelta(seconds=1)) == 0
    assert recalls.notify_unacknowledged(due) == 1
    assert recalls.notify_unacknowledged(due) == 0
    assert "Northshire Echo" in Notice.objects.get(cause=f"recall:{recall.pk}").words
    recalls.acknowledge_for(factories.author(), recall, "by telephone", now=due)
    assert not Notice.objects.filter(cause=f"recall:{recall.pk}", cleared_at__isnull=True).exists()
    assert recalls.notify_unacknowledged(due + timedelta(days=1)) == 0


def test_a_replayed_withdrawal_recalls_again_where_the_older_database_had_not(recall: RecallNotice) -> None:
    lines = [register.read(row.line) for row in RegisterLine.objects.all()]
    Item.objects.filter(pk=recall.item_id).update(state="approved", ended_reason="")
    RecallNotice.objects.all().delete()
    assert Disclosure.objects.exists()
    recovery.replay(lines, now=NOW)
    assert RecallNotice.objects.get().email == "picture.desk@echo.example"


def test_a_pack_is_called_back_when_its_item_is_changed_and_again_after_the_next(item: Item) -> None:
    items.edit(factories.author(), item, now=NOW + timedelta(hours=1), title="Do you know this person? Ref {reference}")
    first = RecallNotice.objects.get()
    assert (first.reason, first.state) == ("reopened", "queued")
    again = factories.in_review_again(item)
    factories.verify(factories.investigator(), again, again.package.digest)
    factories.decide(factories.approver(), again, again.package.digest)
    pack_recipients.disclosed(again, now=NOW + timedelta(hours=2))
    items.edit(factories.author(), again, now=NOW + timedelta(hours=3), title="Do you know this person? {reference}")
    assert RecallNotice.objects.filter(reason="reopened").count() == 2, "once for each pack"
    takedown.withdraw(factories.approver(), again, "identified", now=NOW + timedelta(hours=4))
    assert RecallNotice.objects.filter(reason="identified").count() == 1, "and that it came down, all the same"


def test_who_was_given_words_that_were_amended_is_told(item: Item) -> None:
    pack_recipients.live(item)
    drafted = amendments.amend(
        factories.author(), item, "Clearer.", title="Can you help us find this person? {reference}", now=NOW
    )
    assert not RecallNotice.objects.exists(), "a draft calls nothing back"
    factories.verify(factories.investigator(), item, drafted.package.digest)
    session = factories.viewed(item)
    amendments.approve_amendment(factories.approver(), item, drafted.package.digest, deciding=session, now=NOW)
    assert RecallNotice.objects.get().reason == "amended"

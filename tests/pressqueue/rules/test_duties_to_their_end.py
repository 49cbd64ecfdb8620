"""What falls due, from its trigger to done, and to overdue; and what its trigger does at once.

The rest of it lies beside the moves: tests/pressqueue/test_duties.py, test_recalls.py, test_emergencies.py.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from pressqueue import gates, policy, sittings
from pressqueue.errors import Forbidden, GatesClosed
from pressqueue.models import Duty, Entry, Item, Notice, Post, RecallNotice
from pressqueue.moves import clocks, duties, emergencies, items, live_checks, recalls, subjects, viewing

from support import factories, items_at_steps, pack_recipients
from support.factories import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("office")]


def told(cause: str) -> bool:
    return Notice.objects.filter(cause=cause, cleared_at__isnull=True).exists()


def public(item: Item) -> Item:
    """Approved, live, and given to one newsroom."""
    ready = factories.approved(item)
    pack_recipients.live(ready)
    pack_recipients.disclosed(ready, embargo_until=None)
    return ready


@pytest.mark.parametrize("kind", ["correction", "letter", "recall"])
def test_each_duty_of_an_elimination_runs_from_its_trigger_to_its_end(kind: str) -> None:
    item = public(factories.appeal())
    assert not Duty.objects.exists()
    subjects.outcome(factories.approver(), item.subjects.get(), "eliminated", now=NOW)
    duty = Duty.objects.get(kind=kind)
    due, cause = NOW + policy.current().time_for(kind), f"duty:{duty.pk}"
    assert duty.due_at == due
    duties.notify_overdue_duties(due - timedelta(seconds=1))
    assert not told(cause)
    duties.notify_overdue_duties(due)
    assert told(cause)
    recalls.acknowledge_for(factories.author(), RecallNotice.objects.get(), "by telephone", now=due)
    late = due + timedelta(hours=1)
    done = duties.duty_done(factories.author(), duty, "It was done.", now=late)
    assert (done.done_at, told(cause), duty in duties.open_duties()) == (late, False, False)
    assert Entry.objects.filter(act="duty_done").count() == 1


def test_done_in_time_it_is_never_told() -> None:
    item = public(factories.appeal())
    subjects.outcome(factories.approver(), item.subjects.get(), "eliminated", now=NOW)
    recalls.acknowledge_for(factories.author(), RecallNotice.objects.get(), "by telephone", now=NOW)
    for duty in duties.open_duties():
        duties.duty_done(factories.author(), duty, "It was done.", now=NOW)
    assert duties.notify_overdue_duties(NOW + timedelta(days=365)) == 0


def test_what_shows_an_eliminated_person_is_locked() -> None:
    item = factories.approved(factories.appeal())
    subjects.outcome(factories.approver(), item.subjects.get(), "eliminated", now=NOW)
    with pytest.raises(Forbidden, match="can no longer be changed"):
        items.edit(factories.author(), item, title="Do you know her? {reference}", now=NOW)
    with pytest.raises(GatesClosed, match="R29"):
        factories.appeal(original=item.original)


def test_an_arrest_takes_down_what_is_public_at_once() -> None:
    item = public(factories.appeal())
    assert factories.looked_up(item.subjects.get()) == []
    down = subjects.record_check(factories.author(), item.subjects.get(), "arrested", name="PNC", now=NOW)
    assert [each.reference for each in down] == [item.reference]
    assert Post.objects.get().state == "removing"
    assert RecallNotice.objects.get().reason == "rule"
    assert told(f"rule:{item.pk}")


def test_a_named_person_is_looked_up_again_every_week() -> None:
    item = public(items_at_steps.wanted().item)
    again, cause = policy.current().named_recheck, f"live:{item.pk}:CheckedWhileLive"
    Item.objects.update(expires_at=NOW + timedelta(days=60))
    for days, owed in ((again.days, False), (again.days + 1, True)):
        assert live_checks.watch(item, now=NOW + timedelta(days=days)) is False
        assert told(cause) is owed
    now = NOW + timedelta(days=again.days + 2)
    subjects.record_check(factories.bystander(), item.subjects.get(), "none", name="PNC", now=now)
    live_checks.watch(item, now=now + timedelta(hours=1))
    assert not told(cause)
    assert Post.objects.get().state == "live"


def test_a_review_that_is_due_is_told_until_the_day_it_comes_down() -> None:
    item = public(factories.appeal(expires_at=NOW + timedelta(days=60)))
    due, cause = item.appeal_record.review_at, f"live:{item.pk}:ReviewDue"
    assert due is not None
    grace = policy.current().review_grace
    for moment, owed in ((due - timedelta(seconds=1), False), (due, True), (due + grace - timedelta(seconds=1), True)):
        assert live_checks.watch(item, now=moment) is False
        assert told(cause) is owed
    assert live_checks.watch(item, now=due + grace) is True
    item.refresh_from_db()
    assert (item.state, item.ended_reason, Post.objects.get().state) == ("withdrawn", "rule", "removing")


def test_deferred_answers_are_owed_for_a_day_and_then_it_comes_down() -> None:
    made = items_at_steps.emergency()
    made.case(gates.Step.TAKE)
    Item.objects.filter(pk=made.item.pk).update(state="approved", approved_at=NOW)
    item = Item.objects.get(pk=made.item.pk)
    pack_recipients.live(item)
    item.appeal_record.risk = ""
    item.appeal_record.save()
    due = item.break_glass.due_at
    assert live_checks.watch(item, now=due - timedelta(seconds=1)) is False
    owed = emergencies.answer_deferred(factories.author(), item, {}, now=due - timedelta(minutes=1))
    assert [number for number, _ in owed] == ["R1"]
    assert live_checks.watch(item, now=due) is True


def test_a_reason_to_look_is_owed_again_when_its_sitting_is_over() -> None:
    force, officer = policy.current(), factories.officer("bran", "approver")
    key = factories.session_key(factories.approver())
    assert sittings.current(officer.pk, key, NOW) is None
    sitting = viewing.begin_sitting(factories.approver(), key, "To decide about the appeal.", now=NOW)
    before = NOW + force.sitting_idle - timedelta(seconds=1)
    assert sittings.current(officer.pk, key, before) == sitting
    assert sittings.current(officer.pk, key, NOW + force.sitting_idle) is None
    viewing.record_view(factories.approver(), sitting, factories.appeal(), "ab" * 32, now=before)
    assert sittings.current(officer.pk, key, NOW + force.sitting_idle) == sitting
    assert sittings.current(officer.pk, key, NOW + force.sitting_longest) is None


def test_a_clock_that_was_moved_is_an_entry_and_told() -> None:
    lease, claim = timedelta(minutes=2), timedelta(minutes=10)
    clocks.clock_jumped(-3600.0, NOW, lease=lease, claim=claim)
    entry = Entry.objects.get(act="clock_jumped")
    assert (datetime.fromisoformat(entry.at), entry.about) == (NOW, '{"seconds":-3600}')
    assert "moved back by about 3600 seconds" in Notice.objects.get(cause="clock").words

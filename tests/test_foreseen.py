"""What will be asked at an Item's publishing time is said before it, to whoever can answer."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from pressqueue import gates
from pressqueue.gates.checks import RECORD_CHECK, who_counts
from pressqueue.models import Item, Notice, Slot
from pressqueue.moves import items, takedown
from publisher.scheduling import early_warning, schedule_text
from publisher.workers.worker import Worker

from support import factories, office_folder
from support.factories import NOW, Clock

pytestmark = pytest.mark.usefixtures("office")
HOUR = NOW + timedelta(days=4)  # Friday, 09:00
WITHOUT = f"Without a check within 72 hours it does not go out. {who_counts(named=False)}"
APPROVED = HOUR - timedelta(days=2)


@pytest.fixture
def clock() -> Clock:
    return Clock(APPROVED)


@pytest.fixture
def worker(tmp_path: Path, clock: Clock, office: object) -> Worker:
    return office_folder.worker(tmp_path, clock)


def appeal() -> Item:
    """Approved two days before its time, for somebody who was last looked up two days before that."""
    window = {"publish_from": HOUR, "publish_until": HOUR + timedelta(hours=4)}
    return factories.approved(factories.appeal(**window), now=APPROVED)


def sentences(item: Item, clock: Clock) -> list[str]:
    return [each.sentence for each in schedule_text.ahead_of(item, clock.now, lambda name: False)]


def opened() -> list[str]:
    return list(Notice.objects.filter(cleared_at=None, cause__startswith="foreseen:").values_list("words", flat=True))


def test_a_check_that_will_be_too_old_is_asked_for_in_the_words_of_its_button(clock: Clock) -> None:
    item = appeal()
    number = item.subjects.get().number
    clock.now = NOW + timedelta(hours=1)
    before = f"“Record the check” for {number}: by Fri 6 Mar 2026, 09:00, not before Tue 3 Mar 2026, 09:00."
    assert sentences(item, clock)[0].startswith(before)
    clock.now = APPROVED
    (now,) = sentences(item, clock)
    assert now == f"“Record the check” for {number}: by Fri 6 Mar 2026, 09:00. {WITHOUT}"
    button = Path("publisher/desk/templates/desk/person.html").read_text()
    assert f"<button>{RECORD_CHECK}</button>" in button


def test_once_it_is_answered_by_somebody_else_nothing_is_asked(clock: Clock) -> None:
    item = appeal()
    factories.looked_up(item.subjects.get(), now=APPROVED, by=factories.author())
    assert sentences(item, clock) != [], "its author says so of somebody else"
    factories.looked_up(item.subjects.get(), now=APPROVED)
    assert sentences(item, clock) == []


def test_whoever_can_answer_is_notified_once_and_no_more_when_it_is_answered(worker: Worker, clock: Clock) -> None:
    item = appeal()
    assert early_warning.run_round(worker) == 1
    (words,) = opened()
    assert words.startswith(
        f"{item.reference} is approved for Fri 6 Mar 2026, 09:00 and would not go out then: “Record"
    )
    notice = Notice.objects.get(cause__startswith="foreseen:")
    assert set(notice.people) == {item.author_id, factories.officer("inga").pk, factories.officer("bran").pk}
    clock.on(minutes=6)
    assert early_warning.run_round(worker) == 0
    factories.looked_up(item.subjects.get(), now=clock.now)
    clock.on(minutes=6)
    early_warning.run_round(worker)
    assert opened() == []


def test_nobody_is_asked_before_an_answer_counts(worker: Worker, clock: Clock) -> None:
    window = {"publish_from": HOUR, "publish_until": HOUR + timedelta(hours=4)}
    item = factories.approved(factories.appeal(**window), now=NOW + timedelta(hours=23))
    clock.now = NOW + timedelta(hours=23, minutes=30)  # more than 72 hours before it
    assert any("Record the check" in each for each in sentences(item, clock))
    early_warning.run_round(worker)
    assert not any("Record the check" in words for words in opened())


def test_an_approval_that_will_have_lapsed_is_said(clock: Clock) -> None:
    item = factories.approved(factories.appeal(publish_from=HOUR, publish_until=HOUR + timedelta(hours=4)), now=NOW)
    clock.now = NOW + timedelta(hours=1)
    assert any("pproval" in each for each in sentences(item, clock)), sentences(item, clock)


def test_comments_that_nobody_attested_are_said_for_the_destination_that_needs_it(clock: Clock) -> None:
    item = appeal()
    found = schedule_text.ahead_of(item, clock.now, lambda name: name == "flickr")
    assert {each.number for each in found} == {"R17", "R24"}


def test_what_waits_for_a_campaign_without_hours_is_notified(worker: Worker, clock: Clock) -> None:
    item = factories.approved(factories.feature(), now=clock.now)
    Slot.objects.all().delete()
    early_warning.run_round(worker)
    assert opened() == [
        f"{item.reference} has no hour: its campaign has none that is free. Give it two times, or give the campaign an "
        "hour."
    ]


@pytest.mark.parametrize("end", ["withdrawn", "edited"])
def test_what_ends_the_item_ends_its_notice(worker: Worker, clock: Clock, end: str) -> None:
    item = appeal()
    early_warning.run_round(worker)
    if end == "withdrawn":
        takedown.withdraw(factories.author(), item, "withdrawn", now=clock.now)
    else:
        items.edit(factories.author(), item, alt_text="Another text.", now=clock.now)
    early_warning.run_round(worker)
    assert opened() == []


def test_a_feature_is_asked_nothing(clock: Clock) -> None:
    factories.daily(factories.series())
    assert sentences(factories.approved(factories.feature(), now=clock.now), clock) == []


def test_an_item_that_cannot_be_judged_does_not_stop_the_others(
    worker: Worker, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    poisoned, sound = appeal(), appeal()
    judged = schedule_text.hour_of

    def fails(item: Item, now: datetime) -> datetime | None:
        if item.pk == poisoned.pk:
            raise KeyError("files")
        return judged(item, now)

    monkeypatch.setattr(schedule_text, "hour_of", fails)
    assert early_warning.run_round(worker) == 1
    assert opened()[0].startswith(sound.reference)
    assert Notice.objects.filter(cause=f"timetable:foreseen:{poisoned.pk}").exists()


def looked_at(worker: Worker, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The Items whose rules one round asks."""
    seen: list[str] = []
    real = schedule_text.hour_of
    monkeypatch.setattr(schedule_text, "hour_of", lambda item, now: seen.append(item.reference) or real(item, now))
    early_warning.run_round(worker)
    monkeypatch.undo()
    return seen


def test_what_is_far_off_is_asked_seldom_and_what_is_soon_or_failing_every_five_minutes(
    worker: Worker, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else every round would ask every rule of everything that is approved, however far its hour is."""
    window = {"publish_from": HOUR + timedelta(days=9), "publish_until": HOUR + timedelta(days=10)}
    far = factories.approved(
        factories.feature(factories.series(prefix="FAR", slug="far"), title="Rufus", **window), now=APPROVED
    )
    soon = appeal()
    assert looked_at(worker, clock, monkeypatch) == [far.reference, soon.reference]
    clock.on(minutes=5)
    assert looked_at(worker, clock, monkeypatch) == [soon.reference]
    clock.on(hours=6)
    assert set(looked_at(worker, clock, monkeypatch)) == {far.reference, soon.reference}


def test_an_answer_that_counts_only_later_is_asked_for_when_it_counts(clock: Clock) -> None:
    """However seldom what is far off is looked at."""
    hour, opens = clock.now + timedelta(days=9), clock.now + timedelta(hours=2)
    assert early_warning.next_look(hour, [gates.Ahead(gates.ALL[0], "", opens)], clock.now) == opens
    assert early_warning.next_look(hour, [], clock.now) == clock.now + early_warning.SELDOM

"""R33: public totals follow the truth from a distance, and tell of nobody in particular."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressqueue import register
from pressqueue.models import Campaign, Entry, Item, RegisterLine, Subject, Totals
from pressqueue.moves import clocks, recovery, takedown, totals
from pressqueue.moves.totals import counted
from pressqueue.totals import LEAST_STEP, PublishedTotals, follow

from support import factories, pack_recipients

BEGAN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
WEEK = timedelta(days=7)
NOTHING = PublishedTotals(0, 0, 0, BEGAN)


def told(
    published: PublishedTotals, *, shown: int = 0, removed: int = 0, after: timedelta = WEEK, step: int = 5
) -> PublishedTotals:
    now = published.published_at + after
    return follow(published, shown=shown, removed=removed, now=now, every=WEEK, step=step)


@pytest.mark.parametrize(
    ("before", "removed", "published"),
    [
        (NOTHING, 9, 0),  # fewer than two steps came down: nobody may be counted
        (NOTHING, 10, 5),  # the newest five are not among the five counted
        (NOTHING, 14, 5),
        (NOTHING, 15, 10),
        (NOTHING, 43, 35),
        (PublishedTotals(0, 5, 14, BEGAN), 23, 5),  # nine since the last rise: too few, whatever the sum
        (PublishedTotals(0, 5, 14, BEGAN), 24, 15),
        (PublishedTotals(0, 35, 43, BEGAN), 3, 35),  # people were published again: it never falls
    ],
)
def test_removals_are_told_late_and_in_steps(before: PublishedTotals, removed: int, published: int) -> None:
    assert told(before, removed=removed).removed == published


def test_who_was_shown_is_told_in_steps_as_well() -> None:
    assert [told(NOTHING, shown=count).shown for count in (4, 5, 9, 10, 43)] == [0, 5, 5, 10, 40]


def test_nothing_changes_within_the_week() -> None:
    early = timedelta(days=7) - timedelta(seconds=1)
    assert told(NOTHING, shown=40, removed=40, after=early) == NOTHING
    assert told(NOTHING, shown=40, removed=40).published_at == BEGAN + WEEK


def test_a_total_that_stays_as_it_is_starts_no_new_week() -> None:
    """A quiet week is not a change: the next one may follow as soon as there is something to tell."""
    assert told(NOTHING, shown=4, removed=9) == NOTHING


def test_a_step_below_five_is_five() -> None:
    assert told(NOTHING, removed=9, step=1) == NOTHING
    assert told(NOTHING, removed=10, step=1).removed == LEAST_STEP


@dataclass(frozen=True, slots=True)
class Event:
    """After `wait`, so many more people are shown and so many more have come down."""

    wait: timedelta
    shown: int
    gone: int


EVENTS = st.lists(
    st.builds(
        Event,
        wait=st.timedeltas(min_value=timedelta(minutes=1), max_value=timedelta(days=20)),
        shown=st.integers(0, 12),
        gone=st.integers(0, 12),
    ),
    max_size=60,
)
Follower = Callable[..., PublishedTotals]


def broken_promises(events: list[Event], step: int, rule: Follower = follow) -> list[str]:
    """What the public record of this run, beside the true removals, would give away."""
    published, now, shown, removed, found = NOTHING, BEGAN, 0, 0, []
    removed_then, changed_at = 0, BEGAN
    for event in events:
        now, shown = now + event.wait, shown + event.shown
        removed = min(shown, removed + event.gone)
        after = rule(published, shown=shown, removed=removed, now=now, every=WEEK, step=step)
        rises = (after.shown - published.shown, after.removed - published.removed)
        if any(rises):
            found += [f"a fall of {-rise}" for rise in rises if rise < 0]
            found += [f"a change by {rise}" for rise in rises if rise % max(step, 5)]
            if now - changed_at < WEEK:
                found.append(f"changed again after {now - changed_at}")
            changed_at = now
        if rises[1]:
            # Who may be among those counted now: everybody who came down and was in no earlier total.
            candidates = removed - published.removed
            if candidates - rises[1] < max(step, 5):
                found.append(f"{rises[1]} counted among {candidates}")
            if removed - removed_then < 2 * max(step, 5):
                found.append(f"a rise after {removed - removed_then} people came down")
            removed_then = removed
        if after.shown > shown or after.removed > removed:
            found.append("more was told than is true")
        published = after
    return found


@given(events=EVENTS, step=st.integers(1, 12))
def test_no_change_can_be_laid_at_anybodys_door(events: list[Event], step: int) -> None:
    assert broken_promises(events, step) == []


@given(events=EVENTS, step=st.integers(5, 12))
def test_what_is_told_stays_within_four_steps_of_the_truth(events: list[Event], step: int) -> None:
    """Late, not lost: a quiet stretch lets the total catch up, whatever happened before."""
    published, now, removed = NOTHING, BEGAN, 0
    for event in events:
        now, removed = now + event.wait, removed + event.gone
        published = follow(published, shown=0, removed=removed, now=now, every=WEEK, step=step)
    at_rest = follow(published, shown=0, removed=removed, now=now + WEEK, every=WEEK, step=step)
    assert removed - at_rest.removed < 4 * step


def _at_once(
    published: PublishedTotals, *, shown: int, removed: int, now: datetime, every: timedelta, step: int
) -> PublishedTotals:
    """The plain sum."""
    return replace(published, shown=shown, removed=removed, published_at=now)


def _newest_too(
    published: PublishedTotals, *, now: datetime, every: timedelta, removed: int, **more: int
) -> PublishedTotals:
    """In steps and weekly, but with the newest removals in it."""
    if now - published.published_at < every or removed - published.removed < 5:
        return published
    return replace(published, removed=removed // 5 * 5, published_at=now)


@pytest.mark.parametrize("wrong", [_at_once, _newest_too])
def test_the_promises_are_seen_to_be_broken_by_other_rules(wrong: Follower) -> None:
    """Control: were these in its place, the property above would fail."""
    assert broken_promises([Event(WEEK, 12, 5), Event(timedelta(days=1), 0, 1), Event(WEEK, 0, 6)], 5, wrong)


# -- what is counted, and kept -------------------------------------------------------------------------


def larch() -> Campaign:
    return factories.operation(album_title="Operation Larch", album_description="At least {removed}.")


def shown(count: int, **changes: object) -> Item:
    """One appeal that shows so many people, seen live."""
    item = factories.approved(
        factories.appeal(larch(), subjects=[factories.person(larch()) for _ in range(count)], **changes)
    )
    pack_recipients.live(item)
    return item


def down(item: Item) -> None:
    takedown.withdraw(factories.approver(), item, "identified", now=factories.NOW)
    for post in item.posts.all():
        pack_recipients.removed(post, now=factories.NOW)


@pytest.mark.django_db
@pytest.mark.usefixtures("office")
def test_a_person_is_counted_once_and_as_down_only_where_nothing_of_them_is_up() -> None:
    first = shown(3)
    again: list[Subject] = list(first.subjects.order_by("pk")[:2])
    factories.approved(factories.appeal(larch(), subjects=[factories.person(larch())]))  # never public
    second = factories.approved(factories.appeal(larch(), subjects=again))
    pack_recipients.live(second)
    assert counted(larch()) == (3, 0)
    down(first)
    assert counted(larch()) == (3, 1)
    takedown.withdraw(factories.approver(), second, "identified", now=factories.NOW)
    assert counted(larch()) == (3, 1)  # not seen gone yet
    pack_recipients.removed(second.posts.get(), now=factories.NOW)
    assert counted(larch()) == (3, 3)


@pytest.mark.django_db
@pytest.mark.usefixtures("office")
def test_totals_are_told_by_a_move_with_its_entry_and_a_line_of_the_register() -> None:
    down(shown(12))
    shown(2)
    assert totals.renew_totals(factories.NOW + WEEK - timedelta(seconds=1)) == 0
    assert totals.renew_totals(factories.NOW + WEEK) == 1
    row = Totals.objects.get()
    assert (row.shown, row.removed, row.removed_then, row.published_at) == (10, 5, 12, factories.NOW + WEEK)
    entry = Entry.objects.get(act="totals_changed")
    assert (entry.actor, entry.text_digest) == ("machine", "")
    (line,) = [register.read(each.line) for each in RegisterLine.objects.all() if "totals" in each.line]
    assert line.codes == {"prefix": "WTN", "shown": 10, "removed": 5, "removed_then": 12}
    assert totals.renew_totals(factories.NOW + WEEK) == 0


@pytest.mark.django_db
@pytest.mark.usefixtures("office")
def test_where_nothing_may_be_told_it_is_counted_again_an_hour_later(
    django_assert_num_queries: Callable[..., object],
) -> None:
    down(shown(9))
    now = factories.NOW + WEEK
    Totals.objects.update(shown=5)
    assert totals.renew_totals(now) == 0
    with django_assert_num_queries(1):  # type: ignore[attr-defined]  # pytest-django's
        assert totals.renew_totals(now + timedelta(minutes=59)) == 0
    down(shown(1))
    assert totals.renew_totals(now + timedelta(hours=1)) == 1
    assert Totals.objects.get().removed == 5


@pytest.mark.django_db
@pytest.mark.usefixtures("office")
def test_a_clock_that_ran_ahead_keeps_no_total_waiting() -> None:
    down(shown(12))
    Totals.objects.update(
        published_at=factories.NOW + timedelta(days=400), counted_at=factories.NOW + timedelta(days=400)
    )
    clocks.clock_jumped(-400 * 86400.0, factories.NOW, lease=timedelta(minutes=2), claim=timedelta(minutes=10))
    assert totals.renew_totals(factories.NOW + WEEK - timedelta(seconds=1)) == 0
    assert totals.renew_totals(factories.NOW + WEEK) == 1


@pytest.mark.django_db
@pytest.mark.usefixtures("office")
def test_a_restored_database_never_tells_less_than_the_public_has_read() -> None:
    larch()
    Totals.objects.update(shown=10, removed=5, removed_then=12)
    codes: dict[str, register.Code] = {"prefix": "WTN", "shown": 20, "removed": 10, "removed_then": 24}
    line = register.RegisterEvent("totals", factories.NOW + timedelta(days=1), codes)
    assert recovery.replay([line, line], now=factories.NOW) == {"totals": 1}
    row = Totals.objects.get()
    assert (row.shown, row.removed, row.removed_then, row.published_at) == (20, 10, 24, line.at)

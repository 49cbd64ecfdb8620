"""When approved things go out: who decides it, from when on, and what is left as it was."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest

from pressqueue import gates
from pressqueue.actors import Actor
from pressqueue.errors import Forbidden, GatesClosed
from pressqueue.models import AppealRecord, Campaign, Entry, Item, Slot
from pressqueue.moves import campaign_changes, campaigns, items, takedown

from support import factories
from support.factories import NOW

pytestmark = pytest.mark.usefixtures("office")
EVERY = list(range(7))
NINE = time(9, 30)  # half an hour after NOW, which is a Monday at nine


def add(who: Actor, *, at: time = NINE, days: list[int] | None = None) -> Slot:
    on = NOW.date()
    return campaigns.add_slot(who, factories.series(), weekdays=days or EVERY, wall_time=at, starts_on=on, now=NOW)


def missing(item: Item) -> str:
    """What its submission would be refused for."""
    case = gates.Case(gates.Step.SUBMIT, Item.objects.get(pk=item.pk), NOW)
    return " ".join(sentence for _, sentence in gates.faults(case))


def test_an_author_alone_does_not_move_the_hour_of_what_others_approved() -> None:
    factories.approved(factories.feature())
    with pytest.raises(Forbidden, match="an approver decides when it is published"):
        add(factories.author())
    assert not Slot.objects.filter(wall_time=NINE).exists()
    add(factories.bystander())


def test_nor_of_what_is_being_decided_about() -> None:
    factories.in_review(factories.feature())
    with pytest.raises(Forbidden, match="an approver decides"):
        add(factories.author())


def test_an_approver_who_wrote_some_of_it_does_not_either() -> None:
    both = Actor(factories.officer("both", "author", "approver").pk, "desk")
    item = factories.feature()
    items.edit(both, item, tags=["dogs"], now=NOW)
    factories.approved(item)
    with pytest.raises(Forbidden, match="You wrote or changed what waits"):
        add(both)


def test_with_nothing_waiting_whoever_plans_may_plan() -> None:
    factories.feature()  # a draft
    assert add(factories.author()).wall_time == NINE


def test_an_hour_begins_with_the_next_time_it_comes() -> None:
    assert add(factories.author(), days=[0]).starts_on == NOW.date()
    assert add(factories.author(), at=time(8), days=[1, 2]).starts_on == NOW.date() + timedelta(days=1)


def test_an_hour_is_changed_from_its_next_date_on_and_what_was_booked_stays() -> None:
    first = add(factories.author(), at=time(8))
    Slot.objects.filter(pk=first.pk).update(starts_on=date(2026, 3, 1))
    booking = campaigns.book(first, NOW.date(), NOW - timedelta(hours=1))
    second = campaign_changes.change_slot(factories.author(), first, weekdays=[0, 1], wall_time=time(8, 30), now=NOW)
    first.refresh_from_db()
    booking.refresh_from_db()
    assert (first.ends_on, booking.slot_id) == (NOW.date(), first.pk)
    assert (second.weekdays, second.wall_time, second.starts_on) == ([0, 1], time(8, 30), date(2026, 3, 3))


def test_an_hour_that_has_not_come_today_is_removed_from_today_on() -> None:
    slot = campaign_changes.end_slot(factories.author(), add(factories.author()), now=NOW)
    assert slot.ends_on == NOW.date() - timedelta(days=1)
    with pytest.raises(Forbidden, match="has ended already"):
        campaign_changes.end_slot(factories.author(), slot, now=NOW)
    assert [each.act for each in Entry.objects.filter(act__startswith="slot_").order_by("number")] == [
        "slot_added",
        "slot_ended",
    ]


def test_how_late_a_thing_may_go_out_is_decided_by_who_decides_its_hours() -> None:
    item = factories.approved(factories.feature())
    with pytest.raises(Forbidden, match="an approver decides"):
        campaign_changes.edit_campaign(factories.author(), item.campaign, lateness=timedelta(hours=9), now=NOW)
    campaign_changes.edit_campaign(factories.bystander(), item.campaign, lateness=timedelta(hours=9), now=NOW)
    assert Campaign.objects.get().lateness == timedelta(hours=9)
    for wrong in (timedelta(0), timedelta(days=8)):
        with pytest.raises(Forbidden, match="at most a week"):
            campaign_changes.edit_campaign(factories.bystander(), item.campaign, lateness=wrong, now=NOW)


def test_a_title_is_changed_and_says_of_nobody_what_no_campaign_may() -> None:
    campaign = factories.operation()
    campaign_changes.edit_campaign(factories.author(), campaign, title="Operation Rowan", now=NOW)
    assert Campaign.objects.get().title == "Operation Rowan"
    with pytest.raises(GatesClosed, match="R13"):
        campaign_changes.edit_campaign(factories.author(), campaign, title="Name and shame", now=NOW)


def test_contact_details_are_given_later_and_never_taken_away() -> None:
    campaign = factories.operation()
    for contact in ("Call 101 quoting {reference}", ""):
        campaign_changes.edit_campaign(factories.author(), campaign, contact=contact, now=NOW)
        assert Campaign.objects.get().contact == "Call 101 quoting {reference}"


def test_an_appeal_that_leaves_the_contact_out_uses_its_campaign_s() -> None:
    item = factories.appeal()
    AppealRecord.objects.filter(item=item).update(contact="")
    assert "where callers turn to" in missing(item)
    campaign_changes.edit_campaign(factories.author(), item.campaign, contact="Call 101", now=NOW)
    assert "where callers turn to" not in missing(item)


def test_a_closed_campaign_has_no_hours_and_takes_nothing_new() -> None:
    slot = add(factories.author())
    item = factories.in_review(factories.feature())
    with pytest.raises(Forbidden, match="1 of “Photo of the day” wait"):
        campaign_changes.close_campaign(factories.author(), factories.series(), now=NOW)
    takedown.withdraw(factories.author(), item, "withdrawn", now=NOW)
    campaign_changes.close_campaign(factories.author(), factories.series(), now=NOW)
    slot.refresh_from_db()
    assert slot.ends_on is not None
    for more in (factories.feature, lambda: add(factories.author())):
        with pytest.raises(Forbidden, match="is closed"):
            more()

"""The list of what waits, and when each is expected to go out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

from django.test import Client

from pressqueue.models import Booking, Item
from pressqueue.moves import campaigns, items, takedown
from publisher.scheduling.schedule_text import hours_of, when_out

from support import factories

Reviewed = Callable[..., Item]


def references(client: Client, query: str = "") -> list[str]:
    return [row.item.reference for row in client.get(f"/{query}").context["rows"]]


def test_what_waits_for_a_decision_comes_first(approver: Client, reviewed: Reviewed) -> None:
    approved, draft, submitted = factories.approved(factories.feature()), factories.feature(), factories.feature()
    items.submit(factories.author(), submitted, now=factories.NOW)
    review = reviewed()
    wanted = [review, submitted, draft, approved]
    assert references(approver) == [item.reference for item in wanted]


def test_one_state_can_be_looked_at_alone(approver: Client) -> None:
    draft, approved = factories.feature(), factories.approved(factories.feature())
    assert references(approver, "?state=draft") == [draft.reference]
    assert references(approver, "?state=approved") == [approved.reference]
    assert len(references(approver, "?state=nonsense")) == 2
    counts = [(link.state, link.count) for link in approver.get("/").context["filters"]]
    assert counts == [("", 2), ("in_review", 0), ("submitted", 0), ("draft", 1), ("approved", 1)]


def test_a_long_list_has_pages_that_keep_the_filter(approver: Client) -> None:
    for _ in range(21):
        factories.feature()
    first = approver.get("/?state=draft")
    assert len(first.context["rows"]) == 20
    assert 'href="?state=draft&amp;page=2"' in first.content.decode()
    assert len(references(approver, "?state=draft&page=2")) == 1
    assert len(references(approver, "?state=draft&page=999")) == 1  # past the end: the last one


def test_what_is_public_or_withdrawn_waits_no_more(approver: Client) -> None:
    post = factories.posted(factories.approved(factories.feature()))
    type(post).objects.update(state="live")
    takedown.withdraw(factories.author(), factories.feature(), "withdrawn", now=factories.NOW)
    assert references(approver) == []
    assert b"There is nothing waiting here." in approver.get("/").content


def test_a_row_shows_the_rendition_and_says_whose_it_is(author: Client, reviewed: Reviewed) -> None:
    item = reviewed()
    page = author.get("/").content.decode()
    assert f"/items/{item.reference}/renditions/{item.renditions.get().sha256}/small/" in page
    assert "Written by you." in page


def test_the_queue_is_given_its_coming_hours_in_order() -> None:
    series = factories.series()
    factories.daily(series)
    first, second = (factories.approved(factories.feature(series)) for _ in range(2))
    assert when_out(first, factories.NOW).startswith("Tue 3 Mar 2026, 08:00, if nothing changes: number 1")
    assert when_out(second, factories.NOW).startswith("Wed 4 Mar 2026, 08:00, if nothing changes: number 2")


def test_an_hour_that_is_booked_is_not_promised_again() -> None:
    series = factories.series()
    slot = factories.daily(series)
    campaigns.book(slot, date(2026, 3, 3), datetime(2026, 3, 3, 8, tzinfo=UTC))
    item = factories.approved(factories.feature(series))
    assert when_out(item, factories.NOW).startswith("Wed 4 Mar 2026")


def test_a_booked_item_shows_its_hour() -> None:
    series = factories.series()
    booking = campaigns.book(factories.daily(series), date(2026, 3, 2), factories.NOW)
    item = factories.approved(factories.feature(series))
    assert campaigns.fill(booking, now=factories.NOW) is not None
    assert Booking.objects.get().state == "filled"
    assert when_out(item, factories.NOW) == "Mon 2 Mar 2026, 09:00, its publishing time"


def test_a_campaign_without_hours_promises_none() -> None:
    assert "has an available slot" in when_out(factories.approved(factories.feature()), factories.NOW)


def test_what_is_not_approved_is_promised_no_hour() -> None:
    factories.daily(factories.series())
    assert when_out(factories.feature(), factories.NOW) == "the next available slot of “Photo of the day”"


def test_a_window_is_shown_in_local_time() -> None:
    summer = datetime(2026, 7, 1, 7, tzinfo=UTC)
    ends = summer + timedelta(days=28)
    item = factories.appeal(publish_from=summer, publish_until=summer + timedelta(hours=4), expires_at=ends)
    assert when_out(item, factories.NOW) == "between Wed 1 Jul 2026, 08:00 and Wed 1 Jul 2026, 12:00"


def test_both_clock_changes_leave_the_morning_hour_at_eight() -> None:
    series = factories.series()
    factories.daily(series, time(8), since=date(2026, 3, 28))
    hours = hours_of(series, datetime(2026, 3, 28, 0, tzinfo=UTC))
    assert [next(hours).hour for _ in range(3)] == [8, 7, 7]  # UTC: the clocks go forward on the 29th


def test_the_list_names_and_links_who_is_shown(author: Client) -> None:
    item = factories.appeal()
    number = item.subjects.get().number
    assert f'<a href="/people/{number}/">{number}</a>' in author.get("/").content.decode()

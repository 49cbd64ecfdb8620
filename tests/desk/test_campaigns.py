"""The page Campaigns: what it shows, to whom it offers which form, and what is refused with what was typed kept."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

import pytest
from django.test import Client

from pressqueue.actors import Actor
from pressqueue.models import Campaign, Item, Slot
from pressqueue.moves import campaign_changes, campaigns, holds, items
from pressqueue.moves.leases import database_now

from support import factories
from support.desk_officers import signed_in

EVERY = list(range(7))
WEEKDAYS = [0, 1, 2, 3, 4]
FORMS = ("Add an hour", "Change this hour", "End this hour", "or the lateness", "Close this campaign")


def series() -> Campaign:
    return factories.series()


def hour(at: time = time(12), days: list[int] | None = None) -> Slot:
    now = database_now()
    return campaigns.add_slot(
        factories.bystander(), series(), weekdays=days or EVERY, wall_time=at, starts_on=now.date(), now=now
    )


def hours() -> list[tuple[list[int], time]]:
    found = series().slots.filter(ends_on=None).order_by("wall_time")
    return [(slot.weekdays, slot.wall_time) for slot in found]


def waiting() -> Item:
    return factories.in_review(factories.feature())


def sent(prefix: str, **values: Any) -> dict[str, Any]:
    return {f"{prefix}-{name}": value for name, value in values.items()}


def added(client: Client, at: str = "12:00", days: list[int] = EVERY, starts: str = "") -> Any:
    return client.post(
        f"/campaigns/{series().slug}/hours/", sent(f"add-{series().slug}", at=at, days=days, starts=starts)
    )


def changed(client: Client, slot: Slot, at: str, days: list[int] = EVERY) -> Any:
    return client.post(f"/campaigns/hours/{slot.pk}/change/", sent(f"hour-{slot.pk}", at=at, days=days))


def edited(client: Client, shown: tuple[str, str] = ("Photo of the day", "4"), **typed: str) -> Any:
    prefix = f"edit-{series().slug}"
    was = {f"initial-{prefix}-title": shown[0], f"initial-{prefix}-lateness": shown[1]}
    return client.post(f"/campaigns/{series().slug}/edit/", {**sent(prefix, **typed), **was})


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_it_lists_title_hours_lateness_held_and_closed(author: Client) -> None:
    hour(days=WEEKDAYS)
    holds.hold_campaign(factories.author(), series(), "A reason.", now=database_now())
    larch = factories.operation()
    campaign_changes.close_campaign(factories.author(), larch, now=database_now())
    page = text(author.get("/campaigns/"))
    for words in (
        "Photo of the day", "Monday to Friday at 12:00", "<dd>4 hours</dd>", "Held",
        "Operation Larch", "Closed", "References begin POD",
    ):  # fmt: skip
        assert words in page, words
    assert f"/campaigns/{larch.slug}/" not in page


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (EVERY, "Every day at 12:00"),
        (WEEKDAYS, "Monday to Friday at 12:00"),
        ([0, 2, 4], "On Monday, Wednesday and Friday at 12:00"),
        ([5, 6], "On Saturday and Sunday at 12:00"),
        ([6], "On Sunday at 12:00"),
    ],
)
def test_the_days_of_an_hour_are_words(author: Client, days: list[int], words: str) -> None:
    hour(days=days)
    assert words in text(author.get("/campaigns/"))


def test_an_hour_is_added_changed_and_ended(author: Client) -> None:
    series()
    assert added(author).status_code == 302
    assert hours() == [(EVERY, time(12))]
    slot = series().slots.get(ends_on=None)
    assert changed(author, slot, "11:30", WEEKDAYS).status_code == 302
    assert hours() == [(WEEKDAYS, time(11, 30))]
    now_there = series().slots.get(ends_on=None)
    assert author.post(f"/campaigns/hours/{now_there.pk}/end/").status_code == 302
    assert hours() == []


def test_a_title_and_a_lateness_are_changed_and_a_campaign_closed(author: Client) -> None:
    series()
    assert edited(author, title="Picture of the day", lateness="1.5").status_code == 302
    assert (series().title, series().lateness) == ("Picture of the day", timedelta(minutes=90))
    assert "<dd>1.5 hours</dd>" in text(author.get("/campaigns/"))
    assert author.post(f"/campaigns/{series().slug}/close/").status_code == 302
    assert series().closed_at is not None


def test_contact_details_are_added_and_not_emptied(author: Client) -> None:
    series()
    assert edited(author, title=series().title, contact="Call 101").status_code == 302
    assert series().contact == "Call 101"
    assert "<dt>Contact details</dt><dd>Call 101</dd>" in text(author.get("/campaigns/"))
    prefix = f"edit-{series().slug}"
    form = {f"{prefix}-title": series().title, f"{prefix}-contact": "", f"initial-{prefix}-contact": "Call 101"}
    answer = author.post(f"/campaigns/{series().slug}/edit/", form)
    assert "appeals of this campaign rely on them" in text(answer)
    assert series().contact == "Call 101"


@pytest.mark.parametrize(
    ("at", "days", "starts", "words"),
    [
        ("25:00", EVERY, "", "Enter a time of day, such as 08:00."),
        ("", EVERY, "", "Enter a time of day."),
        ("12:34", [], "", "Tick at least one day of the week."),
        ("12:34", [7], "", "Select a valid choice"),
        ("12:34", EVERY, "2020-01-01", "This day is past: an hour begins today or later."),
        ("12:34", EVERY, "soon", "Enter a day, such as 3 August 2026."),
    ],
)
def test_what_is_typed_wrongly_stays_and_is_explained(
    author: Client, at: str, days: list[int], starts: str, words: str
) -> None:
    series()
    answer = added(author, at, days, starts)
    page = text(answer)
    assert answer.status_code == 400
    assert "<title>Error: Campaigns" in page
    assert words in page
    assert f'value="{at}"' in page or not at
    assert hours() == []


def test_a_second_hour_on_the_same_day_is_refused_with_what_was_typed_kept(author: Client) -> None:
    hour()
    answer = added(author, "17:45", [2])
    assert answer.status_code == 403
    assert "The campaign has an hour on one of these days already" in text(answer)
    assert 'value="17:45"' in text(answer)
    assert "<details open><summary>Add an hour" in text(answer)
    assert hours() == [(EVERY, time(12))]


@pytest.mark.parametrize("lateness", ["0", "-1", "169", "nan", "1e300", "", "late"])
def test_a_lateness_is_more_than_nothing_and_at_most_a_week(author: Client, lateness: str) -> None:
    series()
    answer = edited(author, title="Another title", lateness=lateness)
    assert answer.status_code == 400
    assert 'value="Another title"' in text(answer)
    assert (series().title, series().lateness) == ("Photo of the day", timedelta(hours=4))


def test_what_somebody_else_changed_meanwhile_stays(author: Client) -> None:
    campaign_changes.edit_campaign(factories.author(), series(), title="Picture of the day", now=database_now())
    assert edited(author, title="Photo of the day", lateness="6").status_code == 302  # the page showed the old title
    assert (series().title, series().lateness) == ("Picture of the day", timedelta(hours=6))


def test_a_title_that_says_what_no_campaign_may_is_refused_by_its_rule(author: Client) -> None:
    larch = factories.operation()
    form = sent(f"edit-{larch.slug}", title="Burglars of Mill Lane arrested", lateness="4")
    answer = author.post(f"/campaigns/{larch.slug}/edit/", form)
    assert answer.status_code in (403, 409)
    assert "(Rule R" in text(answer)
    assert 'value="Burglars of Mill Lane arrested"' in text(answer)


def test_with_something_waiting_its_author_is_offered_no_hours_and_given_none(author: Client) -> None:
    slot = hour()
    waiting()
    page = text(author.get("/campaigns/"))
    assert "an approver decides when it is published" in page
    assert not [words for words in FORMS[:4] if words in page]
    assert "Change the title" in page
    for answer in (added(author), changed(author, slot, "13:00"), author.post(f"/campaigns/hours/{slot.pk}/end/")):
        assert answer.status_code == 403
        assert "an approver decides when it is published" in text(answer)
    answer = edited(author, title="Photo of the day", lateness="5")
    assert answer.status_code == 403
    assert 'value="5"' in text(answer)
    assert (hours(), series().lateness) == ([(EVERY, time(12))], timedelta(hours=4))


def test_an_approver_who_wrote_none_of_it_is_offered_all_and_given_it(author: Client, approver: Client) -> None:
    slot = hour()
    waiting()
    page = text(approver.get("/campaigns/"))
    assert [words for words in FORMS if words in page] == list(FORMS)
    assert changed(approver, slot, "13:00").status_code == 302
    assert hours() == [(EVERY, time(13))]


def test_an_approver_who_changed_what_waits_is_told_that_another_decides(author: Client) -> None:
    both, item = signed_in("both", "author", "approver"), factories.feature()
    items.edit(Actor(factories.officer("both").pk, "desk"), item, tags=["dogs"], now=database_now())
    factories.in_review(item)
    assert "You wrote or changed what waits" in text(both.get("/campaigns/"))
    assert added(both).status_code == 403


def test_a_campaign_in_which_something_waits_is_not_closed(author: Client) -> None:
    waiting()
    page = text(author.get("/campaigns/"))
    assert "Withdraw it first, or wait." in page
    answer = author.post(f"/campaigns/{series().slug}/close/")
    assert answer.status_code == 403
    assert "wait to be decided or published" in text(answer)
    assert series().closed_at is None


def test_who_plans_nothing_sees_the_list_and_no_form() -> None:
    slot, inga = hour(), signed_in("inga", "investigator")
    page = text(inga.get("/campaigns/"))
    assert "Every day at 12:00" in page
    assert not [words for words in FORMS if words in page]
    answers = [
        added(inga), changed(inga, slot, "13:00"), inga.post(f"/campaigns/hours/{slot.pk}/end/"),
        edited(inga, title="Mine", lateness="5"), inga.post(f"/campaigns/{series().slug}/close/"),
    ]  # fmt: skip
    assert {answer.status_code for answer in answers} == {403}
    assert hours() == [(EVERY, time(12))]
    assert (series().title, series().closed_at) == ("Photo of the day", None)


def test_an_hour_or_a_campaign_there_is_not_is_no_page(author: Client) -> None:
    assert author.post("/campaigns/hours/999/end/").status_code == 404
    assert author.post("/campaigns/nothing/close/").status_code == 404


def test_an_hour_that_ended_meanwhile_says_so(author: Client) -> None:
    slot = hour()
    campaign_changes.end_slot(factories.author(), slot, now=database_now())
    answer = changed(author, slot, "13:00")
    assert answer.status_code == 403
    assert "This hour has ended already." in text(answer)

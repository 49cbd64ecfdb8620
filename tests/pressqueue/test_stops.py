"""Stopping is open to all; ending a stop takes somebody who had no part in it, and whoever placed it is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from pressqueue.actors import Actor
from pressqueue.errors import Forbidden
from pressqueue.models import Entry, Item, Notice, Office, Officer, StopEnding
from pressqueue.moves import holds, releases

from support import factories
from support.factories import NOW

pytestmark = pytest.mark.usefixtures("office")
WHY = "The funeral is over."


def who(name: str, *roles: str) -> Actor:
    return Actor(factories.officer(name, *roles).pk, "desk")


def held_item() -> Item:
    """Approved by bran, written by amara, held by an investigator of another case."""
    return holds.hold(who("other", "investigator"), factories.approved(factories.feature()), "Wait.", now=NOW)


def frozen() -> str:
    return Office.objects.get().frozen


@pytest.mark.parametrize("roles", [("author",), ("approver",), ("investigator",), ("administrator",)])
def test_every_active_account_stops(roles: tuple[str, ...]) -> None:
    actor, item = who("someone", *roles), factories.feature()
    holds.hold(actor, item, "Wait.", now=NOW)
    holds.hold_campaign(actor, item.campaign, "Wait.", now=NOW)
    holds.freeze(actor, "all", now=NOW)
    item.refresh_from_db()
    assert (item.held, item.campaign.held, frozen()) == (True, True, "all")


# Everybody who may not end the hold of `held_item`, and why.
NOT_THESE: dict[str, tuple[Callable[[], Actor], str]] = {
    "its author": (lambda: Actor(factories.author().officer_id, "desk"), "takes the role approver"),
    "an investigator of another case": (lambda: who("third", "investigator"), "takes the role approver"),
    "an administrator": (lambda: who("chief", "administrator"), "takes the role approver"),
    "who approved it": (factories.approver, "wrote or approved this, or placed the stop"),
    "who placed it": (lambda: who("other"), "takes the role approver"),
    "an approver on the command line": (lambda: Actor(factories.bystander().officer_id, "cli"), "at the desk"),
}


@pytest.mark.parametrize("name", NOT_THESE)
def test_a_hold_is_ended_by_nobody_who_had_a_part_in_it(name: str) -> None:
    item = held_item()
    actor, words = NOT_THESE[name]
    with pytest.raises(Forbidden, match=words):
        releases.release(actor(), item, WHY, now=NOW)
    item.refresh_from_db()
    assert item.held


def test_a_hold_is_ended_by_another_approver_with_a_reason_and_its_placer_is_told() -> None:
    item = held_item()
    with pytest.raises(Forbidden, match="Say why the stop ends"):
        releases.release(factories.bystander(), item, " ", now=NOW)
    releases.release(factories.bystander(), item, WHY, now=NOW)
    item.refresh_from_db()
    assert not item.held
    told = Notice.objects.get(cause__startswith="released:")
    assert told.people == [Officer.objects.get(username="other").pk] and WHY in told.words
    assert Entry.objects.filter(act="item_release").count() == 1


def test_who_places_it_a_second_time_does_not_free_the_first() -> None:
    first, second = who("first", "approver"), who("second", "approver")
    item = factories.approved(factories.feature())
    holds.hold(first, item, "Wait.", now=NOW)
    holds.hold(second, item, "Wait for me too.", now=NOW)
    for actor in (first, second):
        with pytest.raises(Forbidden, match="placed the stop"):
            releases.release(actor, item, WHY, now=NOW)
    factories.release(item)
    holds.hold(second, item, "Again.", now=NOW)
    releases.release(first, item, WHY, now=NOW)  # what ended counts no more


def test_an_approver_who_may_not_approve_today_ends_nothing() -> None:
    item = held_item()
    Officer.objects.filter(pk=factories.bystander().officer_id).update(barred_until=NOW + timedelta(hours=1))
    with pytest.raises(Forbidden, match="may approve again"):
        factories.release(item)


def test_a_campaign_is_released_by_nobody_who_wrote_or_approved_what_waits_in_it() -> None:
    item = factories.approved(factories.feature())
    holds.hold_campaign(who("other", "investigator"), item.campaign, "Mourning.", now=NOW)
    with pytest.raises(Forbidden, match="wrote or approved"):
        releases.release_campaign(factories.approver(), item.campaign, WHY, now=NOW)
    factories.release_campaign(item.campaign)
    item.campaign.refresh_from_db()
    assert not item.campaign.held


def test_where_no_approver_is_left_two_administrators_end_a_hold_and_everybody_is_told() -> None:
    item = held_item()
    one, other = who("chief", "administrator"), who("deputy", "administrator")
    ending = releases.ask_release(one, WHY, item=item, now=NOW)
    for actor, words in ((one, "You asked for this"), (factories.approver(), "two administrators do")):
        with pytest.raises(Forbidden, match=words):
            releases.confirm_ending(actor, ending, now=NOW)
    releases.confirm_ending(other, ending, now=NOW)
    item.refresh_from_db()
    assert not item.held
    assert set(Notice.objects.get(cause__startswith="released:").people) == set(
        Officer.objects.values_list("pk", flat=True)
    )
    holds.hold(one, item, "Wait.", now=NOW)
    factories.bystander()
    with pytest.raises(Forbidden, match="An approver who had no part in it"):
        releases.ask_release(one, WHY, item=item, now=NOW)


def test_two_people_who_did_not_place_it_end_a_freeze() -> None:
    placer = who("placer", "approver")
    holds.freeze(placer, "all", now=NOW)
    asker, second = who("asker", "author"), who("second", "approver")
    with pytest.raises(Forbidden, match="You paused publishing"):
        releases.ask_thaw(placer, "none", WHY, now=NOW)
    ending = releases.ask_thaw(asker, "none", WHY, now=NOW)
    assert frozen() == "all"
    for actor, words in (
        (asker, "You asked for this"),
        (placer, "You paused publishing"),
        (who("writer", "author"), "must be an approver"),
        (who("case", "investigator"), "takes the role"),
        (Actor(second.officer_id, "cli"), "at the desk"),
    ):
        with pytest.raises(Forbidden, match=words):
            releases.confirm_ending(actor, ending, now=NOW)
    releases.confirm_ending(second, ending, now=NOW)
    assert frozen() == "none"
    assert Notice.objects.get(cause__startswith="thawed:").people == [placer.officer_id]


def test_a_freeze_is_not_loosened_by_freezing_less() -> None:
    holds.freeze(who("placer", "author"), "all", now=NOW)
    for what in ("features", "none"):
        with pytest.raises(Forbidden, match=r"Two people (must )?resume"):
            holds.freeze(who("second", "approver"), what, now=NOW)
    assert frozen() == "all"
    factories.thaw(to="features")
    assert frozen() == "features"
    with pytest.raises(Forbidden, match="You paused publishing"):  # what remains is still theirs
        releases.ask_thaw(who("placer"), "none", WHY, now=NOW)


def _placed_again(ending: StopEnding) -> None:
    holds.freeze(who("third", "investigator"), "all", now=NOW)


def _asker_left(ending: StopEnding) -> None:
    Officer.objects.filter(pk=ending.asked_by_id).update(is_active=False)


def _dropped(ending: StopEnding) -> None:
    releases.drop_ending(who("third", "investigator"), ending, now=NOW)


# What ends a request before it is confirmed, and how much later it is confirmed.
VOID: dict[str, tuple[Callable[[StopEnding], None], timedelta]] = {
    "a stop was placed since": (_placed_again, timedelta()),
    "a day has passed": (lambda ending: None, timedelta(hours=24)),
    "who asked has left": (_asker_left, timedelta()),
    "somebody said that it stays": (_dropped, timedelta()),
}


@pytest.mark.parametrize("name", VOID)
def test_a_request_that_no_longer_stands_ends_no_freeze(name: str) -> None:
    holds.freeze(who("placer", "author"), "all", now=NOW)
    factories.bystander()
    ending = releases.ask_thaw(who("asker", "author"), "none", WHY, now=NOW)
    happens, later = VOID[name]
    happens(ending)
    with pytest.raises(Forbidden, match="ask again"):
        releases.confirm_ending(factories.bystander(), ending, now=NOW + later)
    assert frozen() == "all"


def test_one_request_at_a_time() -> None:
    holds.freeze(who("placer", "author"), "all", now=NOW)
    factories.bystander()
    releases.ask_thaw(who("asker", "author"), "none", WHY, now=NOW)
    with pytest.raises(Forbidden, match="has asked for this already"):
        releases.ask_thaw(who("another", "author"), "features", WHY, now=NOW)


def test_where_too_few_are_left_two_administrators_end_a_freeze_and_everybody_is_told() -> None:
    only = who("only", "approver")
    one, other = who("chief", "administrator"), who("deputy", "administrator")
    holds.freeze(only, "all", now=NOW)
    with pytest.raises(Forbidden, match="two administrators must resume"):
        releases.ask_thaw(only, "none", WHY, now=NOW)
    releases.confirm_ending(other, releases.ask_thaw(one, "none", WHY, now=NOW), now=NOW)
    assert frozen() == "none"
    assert set(Notice.objects.get(cause__startswith="thawed:").people) == {
        each.officer_id for each in (only, one, other)
    }

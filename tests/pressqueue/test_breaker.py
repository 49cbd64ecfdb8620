"""One account's breaker: when it opens, who may be the probe, what closes it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from pressqueue.models import Account, Notice, Post, UnmanagedMedia
from pressqueue.moves import circuit_breaker, leases
from pressqueue.moves.circuit_breaker import Leave, Rest
from pressqueue.states import PostState

from support import factories

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
REST = Rest(after=3, first=8.0, most=60.0, probe=120.0)

pytestmark = pytest.mark.usefixtures("office")


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def fail(times: int = 1, probe: datetime | None = None, now: datetime = NOW) -> datetime | None:
    """What the last of so many failures answered."""
    until = None
    for _ in range(times):
        until = circuit_breaker.failed("flickr", REST, probe, chance=1.0, now=now)
    return until


def ask(now: datetime = NOW) -> Leave:
    return circuit_breaker.ask("flickr", REST, now=now)


def test_an_account_nobody_knows_is_asked() -> None:
    assert ask() == Leave(True)


def test_it_opens_after_so_many_failures_in_a_row_and_not_before() -> None:
    assert fail(2) is None
    assert ask() == Leave(True, failing=True)
    assert fail() == NOW + seconds(8)
    assert ask() == Leave(False, NOW + seconds(8))


def test_an_answer_in_between_begins_the_count_anew() -> None:
    fail(2)
    circuit_breaker.answered("flickr", NOW)
    assert fail(2) is None


def test_the_rest_of_one_account_is_not_another_ones() -> None:
    fail(3)
    assert circuit_breaker.ask("youtube", REST, now=NOW) == Leave(True)


def test_when_the_rest_is_over_one_caller_makes_the_probe_and_the_others_wait() -> None:
    fail(3)
    later = NOW + seconds(8)
    probe = ask(later)
    assert probe == Leave(True, later + seconds(60))  # a dead probe holds it up for `most` at the longest
    assert ask(later) == Leave(False, later + seconds(60))
    assert ask(later + seconds(60)).granted


# failed probe -> seconds of rest (doubled, at most `most`), and the least of them with the jitter
@pytest.mark.parametrize(("failed", "whole"), [(1, 16.0), (2, 32.0), (3, 60.0), (4, 60.0), (40, 60.0)])
def test_each_failed_probe_doubles_the_rest(failed: int, whole: float) -> None:
    assert REST.length(failed, 1.0) == seconds(whole)
    assert REST.length(failed, 0.0) == seconds(whole / 2)


def test_a_probe_that_fails_makes_the_rest_longer() -> None:
    now, until = NOW, fail(3)
    for wait in (16, 32, 60, 60):
        assert until is not None
        now = until
        probe = ask(now)
        until = fail(probe=probe.until, now=now)
        assert until == now + seconds(wait)


def test_a_call_that_began_before_the_rest_does_not_make_it_longer() -> None:
    assert fail(3) == NOW + seconds(8)
    assert fail(5) == NOW + seconds(8)
    assert Account.objects.get().failures == 3


def test_a_probe_whose_lease_ended_does_not_end_the_next_ones() -> None:
    fail(3)
    first = ask(NOW + seconds(8))
    second = ask(NOW + seconds(70))
    assert second.granted
    fail(probe=first.until, now=NOW + seconds(71))
    assert Account.objects.get().broken_until == second.until


def test_a_probe_that_is_answered_closes_it_for_everybody() -> None:
    fail(3)
    assert ask(NOW + seconds(8)).granted
    circuit_breaker.answered("flickr", NOW + seconds(9))
    assert ask(NOW + seconds(9)) == Leave(True)
    account = Account.objects.get()
    assert (account.failures, account.broken_until, account.broken_at) == (0, None, None)


def test_a_probe_that_asked_nothing_is_given_back() -> None:
    fail(3)
    probe = ask(NOW + seconds(8))
    assert probe.until is not None
    circuit_breaker.unused("flickr", probe.until, NOW + seconds(9))
    assert ask(NOW + seconds(9)).granted


def test_the_platforms_own_time_counts_but_not_beyond_the_longest_rest() -> None:
    fail(2)
    told = {"now": NOW, "chance": 0.0}
    assert circuit_breaker.failed("flickr", REST, None, retry_at=NOW + seconds(30), **told) == NOW + seconds(30)
    Account.objects.update(failures=2, broken_until=None)
    assert circuit_breaker.failed("flickr", REST, None, retry_at=NOW + seconds(3600), **told) == NOW + seconds(60)


def removing() -> Post:
    post = factories.posted(factories.approved(factories.appeal()))
    Post.objects.filter(pk=post.pk).update(state=PostState.REMOVING, take_down_asked_at=NOW)
    return post


def inherited() -> UnmanagedMedia:
    return UnmanagedMedia.objects.create(
        destination="flickr", remote_id="1", visibility="public", found_at=NOW, take_down_asked_at=NOW
    )


@pytest.mark.parametrize("make", [removing, inherited])
def test_what_must_come_down_is_due_the_moment_the_account_answers(make: Callable[[], Post | UnmanagedMedia]) -> None:
    """Whatever it waited for; a person it was handed to, or a worker that has it, changes nothing of that."""
    row = make()
    type(row).objects.update(not_before=NOW + timedelta(minutes=5), tries=3)
    fail(3)
    assert not Account.objects.filter(leases.pending_takedown("destination", NOW)).exists(), (
        "it waits and holds others back"
    )
    circuit_breaker.answered("flickr", NOW + seconds(9))
    row.refresh_from_db()
    assert row.not_before == NOW + seconds(9)
    assert Account.objects.filter(leases.pending_takedown("destination", NOW + seconds(9))).exists()


def test_only_the_last_failure_but_one_is_the_verge() -> None:
    verges = []
    for _ in range(4):
        fail()
        verges.append(circuit_breaker.on_the_verge("flickr", REST))
    assert verges == [False, True, False, False]


def test_posts_of_a_resting_account_are_not_due_and_stay_as_they_are() -> None:
    post = factories.posted(factories.approved(factories.appeal()))
    assert [each.pk for each in leases.due(factories.NOW, destinations=["flickr"])] == [post.pk]
    fail(3, now=factories.NOW)
    assert not leases.due(factories.NOW, destinations=["flickr"]).exists()
    assert leases.due(factories.NOW + seconds(8), destinations=["flickr"]).exists()
    post.refresh_from_db()
    assert (post.tries, post.not_before) == (0, factories.NOW)


def test_a_person_is_told_after_a_quarter_of_an_hour_and_the_notice_ends_with_the_first_answer() -> None:
    fail(3)
    now = NOW
    while now < NOW + timedelta(minutes=14):
        account = Account.objects.get()
        assert account.broken_until is not None
        now = account.broken_until
        fail(probe=ask(now).until, now=now)
    open_ones = Notice.objects.filter(cause="account:flickr:silent", cleared_at__isnull=True)
    assert not open_ones.exists()
    for _ in range(3):
        account = Account.objects.get()
        assert account.broken_until is not None
        now = account.broken_until
        fail(probe=ask(now).until, now=now)
    assert "for 15 minutes" in open_ones.get().words
    circuit_breaker.answered("flickr", now)
    assert not open_ones.exists()

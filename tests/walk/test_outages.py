"""Platforms that are down, full, or no longer let us in: how little is asked of them, who goes first, what is said."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from pressqueue.models import Account, Attempt, Notice, Post
from pressqueue.moves import accounts, takedown
from publisher.configuration import secret_store
from publisher.destinations.youtube.errors import Complaint, judge
from publisher.destinations.youtube.quota import next_reset
from publisher.exercise.sandbox.control import Control
from publisher.scheduling import scheduler
from publisher.workers.clock_time import at_the_clock
from publisher.workers.token_store import TokenStore
from publisher.workers.worker import Worker

from support import approved_posts, factories, office_folder
from support.factories import Clock
from support.faults_at_calls import ring_out

Queued = Callable[[str], Post]
Rounds = Callable[..., list[str]]
AFTER = 5  # failures in a row


def asked(control: Control, platform: str = "flickr") -> int:
    return sum(one["operation"].startswith(platform) for one in control.requests())


# -- the breaker ----------------------------------------------------------------------------------------------


def test_a_platform_that_is_down_is_asked_five_times_and_then_by_one_probe_at_a_time(
    queued: Queued, rounds: Rounds, worker: Worker, clock: Clock, control: Control
) -> None:
    posts = [queued("flickr") for _ in range(8)]
    control.fault("flickr.*", "closed", times=10_000)
    ring_out(worker)
    assert asked(control) == AFTER
    for probe in range(1, 5):
        broken_until = Account.objects.get(pk="flickr").broken_until
        assert broken_until is not None
        clock.now = broken_until
        ring_out(worker)
        assert asked(control) == AFTER + probe
    spared = Post.objects.filter(pk__in=[post.pk for post in posts], state="waiting", tries=0)
    assert spared.exists(), "every Post was sent into the outage"
    assert not Attempt.objects.filter(post__in=spared).exists()
    control.clear_faults()
    assert set(rounds("live")) == {"live"}
    assert len({thing["sha256"] for thing in control.things("flickr")}) == len(control.things("flickr")) == 8


def test_control_without_a_breaker_an_outage_is_asked_again_and_again(
    queued: Queued, worker: Worker, clock: Clock, control: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pressqueue.moves.circuit_breaker.failed", lambda *given, **named: None)
    for _ in range(8):
        queued("flickr")
    control.fault("flickr.*", "closed", times=10_000)
    ring_out(worker)
    assert asked(control) > AFTER


def test_one_platform_that_is_down_does_not_hold_up_the_other(
    queued: Queued, rounds: Rounds, worker: Worker, control: Control
) -> None:
    down, up = [queued("flickr") for _ in range(6)], queued("youtube")
    control.fault("flickr.*", "closed", times=10_000)
    with pytest.raises(AssertionError, match="still"):
        rounds("live", most=6)
    up.refresh_from_db()
    assert up.state == "live"
    assert not Post.objects.filter(pk__in=[post.pk for post in down], state="live").exists()


REAL = {
    "breaker_first": 5.0, "breaker_most": 300.0, "withdraw_first": 2.0, "withdraw_most": 300.0, "retry_first": 30.0,
    "retry_most": 3600.0, "lease": 120.0, "margin": 10.0, "renew": 20.0, "poll": 10.0, "settle": 600.0, "confirm": 3.0,
}  # fmt: skip


@contextmanager
def passing(clock: Clock, control: Control, seconds: float) -> Iterator[None]:
    yield
    clock.now += timedelta(seconds=seconds)
    control.advance(seconds)


@pytest.mark.slow
@pytest.mark.usefixtures("office")
def test_after_an_hour_without_an_answer_what_must_come_down_comes_down_first(
    tmp_path: Path, clock: Clock, control: Control
) -> None:
    """At the real pace. Four copies are to come down, four Posts wait to be sent."""
    factories.operation()
    worker = office_folder.sandbox_worker(tmp_path / "office", clock, control, **REAL)
    posts = [approved_posts.queue(worker.office.folder, "flickr", number, clock.now, worker.key) for number in range(4)]
    while Post.objects.exclude(state="live").exists():
        with passing(clock, control, 10):
            scheduler.round(worker)
    control.fault("flickr.*", "503", times=10_000)
    for post in Post.objects.select_related("item").filter(pk__in=posts):
        takedown.withdraw(factories.approver(), post.item, "eliminated", now=clock.now)
    for number in range(4, 8):
        approved_posts.queue(worker.office.folder, "flickr", number, clock.now, worker.key)
    before, began = asked(control), clock.now
    while clock.now < began + timedelta(hours=1):
        with passing(clock, control, 60):
            ring_out(worker)
    during = [one for one in control.requests() if one["operation"].startswith("flickr")][before:]
    assert AFTER < len(during) < 40, "an hour's outage cost so many requests"
    gaps = [later["time"] - one["time"] for one, later in pairwise(during)]
    assert max(gaps) <= REAL["breaker_most"] + 60
    assert "flickr.upload" not in {one["operation"] for one in during[AFTER:]}
    assert Notice.objects.filter(cause="account:flickr:silent", cleared_at__isnull=True).exists()
    told = Notice.objects.filter(cause__startswith="takedown:").values_list("cause", flat=True)
    assert sorted(cause.endswith(":breach") for cause in told) == [False] * 4 + [True] * 4

    control.clear_faults()
    up = clock.now
    while Post.objects.filter(state="removing").exists():
        assert clock.now < up + timedelta(seconds=REAL["breaker_most"] + 60), "withdrawals wait on after the outage"
        with passing(clock, control, 5):
            scheduler.round(worker)
    assert not Notice.objects.filter(cause="account:flickr:silent", cleared_at__isnull=True).exists()
    assert all(thing["deleted"] for thing in control.things("flickr")[:4])


# -- Retry-After ----------------------------------------------------------------------------------------------


def in_words(wait: str, now: datetime) -> str:
    return format_datetime(now.astimezone(UTC) + timedelta(seconds=90), usegmt=True) if wait == "date" else wait


# What the header says -> at least and at most so many seconds until it is asked again.
WAITS = [("5", 5, 6), ("90", 90, 91), ("date", 89, 91), ("99999999999999", 3600, 3601), ("soon", 0, 1), ("-5", 0, 1)]
SLOW = [
    ("flickr", "flickr.photos.getInfo", {"kind": "http", "code": 503}),
    ("flickr", "flickr.photos.getInfo", {"kind": "http", "code": 429}),
    ("youtube", "youtube.session", {"kind": "youtube_error", "http": 503, "reason": "backendError"}),
    ("youtube", "youtube.session", {"kind": "youtube_error", "http": 429, "reason": "rateLimitExceeded"}),
]


@pytest.mark.first_row
@pytest.mark.parametrize(("header", "least", "most"), WAITS)
@pytest.mark.parametrize(("destination", "operation", "fault"), SLOW, ids=lambda given: str(given)[:24])
def test_retry_after_is_honoured_in_seconds_and_as_a_date_but_not_for_ever(
    destination: str, operation: str, fault: dict[str, Any], header: str, least: float, most: float,
    queued: Queued, worker: Worker, clock: Clock, control: Control,
) -> None:  # fmt: skip
    if fault.get("code") == 429 and most == 1:
        least, most = 60, 61  # Flickr names no time: a minute for all of the account
    post = queued(destination)
    control.fault(operation, times=1000, retry_after=in_words(header, clock.now), **fault)
    ring_out(worker)
    post.refresh_from_db()
    assert least <= (post.not_before - clock.now).total_seconds() <= most
    clock.now = post.not_before - timedelta(seconds=0.01)
    ring_out(worker)
    assert control.count(operation) == 1


def test_an_upload_session_that_asks_for_patience_is_given_it(
    queued: Queued, rounds: Rounds, worker: Worker, clock: Clock, control: Control
) -> None:
    post = queued("youtube")
    control.fault("youtube.chunk", "http", code=308, retry_after=40)
    control.fault("youtube.query", "http", code=308, retry_after=40)
    ring_out(worker)
    post.refresh_from_db()
    assert (post.state, control.count("youtube.chunk"), control.count("youtube.query")) == ("unsure", 1, 1)
    assert 40 <= (post.not_before - clock.now).total_seconds() <= 41
    clock.now = post.not_before
    rounds("live")
    assert len(control.things("youtube")) == 1


# -- YouTube's three limits -----------------------------------------------------------------------------------

DAILY = "Quota exceeded for quota metric 'Video Uploads' and limit 'Video Uploads per day' of service."
LIMITS = [
    # reason, http, message -> what stops, and when it goes on
    ("rateLimitExceeded", 429, DAILY, "uploads", next_reset),
    ("uploadLimitExceeded", 400, "", "uploads", lambda now: now + timedelta(hours=24)),
    ("quotaExceeded", 403, "", "account", next_reset),
]


@pytest.mark.parametrize(("reason", "http", "message", "stop", "ends"), LIMITS, ids=["day", "channel", "pool"])
def test_each_of_youtubes_limits_says_when_it_ends_and_goes_on_then(
    reason: str, http: int, message: str, stop: str, ends: Callable[[datetime], datetime],
    queued: Queued, worker: Worker, clock: Clock, control: Control,
) -> None:  # fmt: skip
    queued("youtube"), queued("youtube")
    control.fault("youtube.session", "youtube_error", http=http, reason=reason, message=message)
    ring_out(worker)
    until, account = ends(clock.now), Account.objects.get(pk="youtube")
    assert (account.stop, account.until, control.count("youtube.session")) == (stop, until, 1)
    assert account.words.endswith(f"It goes on {at_the_clock(until, 'Europe/London', clock.now)}.")
    (told,) = Notice.objects.filter(cause__startswith="account:youtube")
    assert told.words == f"Publishing to YouTube has stopped. {account.words}"
    assert accounts.stopped_because("youtube", clock.now) == account.words
    clock.now = until + timedelta(seconds=1)
    scheduler.round(worker, "clock")
    assert not Notice.objects.filter(cause__startswith="account:youtube", cleared_at__isnull=True).exists()
    assert accounts.stopped_because("youtube", clock.now) == ""
    assert not accounts.stopped(clock.now, sending=True).exists()


@pytest.mark.parametrize(("reason", "http", "message"), [row[:3] for row in LIMITS[:2]], ids=["day", "channel"])
def test_a_limit_of_uploads_does_not_keep_back_what_is_uploaded_already(
    reason: str, http: int, message: str, queued: Queued, rounds: Rounds, worker: Worker, control: Control
) -> None:
    control.settings(processing_seconds=20.0)
    uploaded = queued("youtube")
    rounds("concealed", most=3)
    control.fault("youtube.session", "youtube_error", times=1000, http=http, reason=reason, message=message)
    full = queued("youtube")
    rounds("live", "waiting", seconds=5.0)
    sentence = judge("session", Complaint(http, reason, message=message)).message
    uploaded.refresh_from_db()
    full.refresh_from_db()
    assert (uploaded.state, full.state) == ("live", "waiting")
    assert control.count("youtube.session") == 2
    assert full.words == sentence


def test_flickrs_hour_that_is_used_up_says_when_it_goes_on(
    queued: Queued, worker: Worker, clock: Clock, control: Control
) -> None:
    post = queued("flickr")
    control.fault("flickr.photos.getInfo", "http", code=429, retry_after=600, times=1000)
    ring_out(worker)
    other = queued("flickr")
    ring_out(worker)
    other.refresh_from_db()
    post.refresh_from_db()
    until = clock.now + timedelta(seconds=600)
    again = at_the_clock(until, "Europe/London", clock.now)
    assert other.words == f"The Flickr quota “calls” is used up for now; it goes on {again}."
    assert (other.state, other.not_before, other.tries) == ("waiting", until, 0)


# -- consent --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("destination", ["flickr", "youtube"])
def test_a_withdrawal_outlasts_a_consent_that_was_revoked(
    destination: str, queued: Queued, rounds: Rounds, worker: Worker, clock: Clock, control: Control
) -> None:
    post = queued(destination)
    rounds("live")
    revoke = {"flickr": control.revoke_flickr, "youtube": control.revoke_google}[destination]
    assert revoke() > 0
    takedown.withdraw(factories.approver(), post.item, "identified", now=clock.now)
    ring_out(worker)
    assert Notice.objects.filter(cause=f"account:{destination}:auth").count() == 1
    tried = len(control.requests())
    for _ in range(3):
        clock.now += timedelta(minutes=5, seconds=1)
        ring_out(worker)
    assert len(control.requests()) >= tried + 3, "it was given up"
    assert Notice.objects.filter(cause=f"account:{destination}:auth").count() == 1
    assert Notice.objects.filter(cause=f"takedown:{post.pk}").exists()
    post.refresh_from_db()
    assert post.state == "removing"

    mint = {"flickr": control.mint_flickr_token, "youtube": control.mint_google_token}[destination]
    secrets = secret_store.load(worker.office.folder)
    TokenStore(secrets.seal_key).save(destination, mint())
    accounts.reconnected(destination, clock.now)
    worker.refresh()
    assert rounds("removed", most=4) == ["removed"]
    assert not Notice.objects.filter(cause=f"account:{destination}:auth", cleared_at__isnull=True).exists()

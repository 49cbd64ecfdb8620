"""Things that stood at an account before us: taken stock of, and decided about by a person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q, QuerySet

from pressqueue import locks, powers, register
from pressqueue.actors import MACHINE, Actor
from pressqueue.audit import moving
from pressqueue.cleaning import clean_texts
from pressqueue.destination_names import name_of
from pressqueue.errors import Forbidden
from pressqueue.models import Officer, Subject, UnmanagedMedia
from pressqueue.moves import claims, notices
from pressqueue.moves.subjects import ENDINGS
from pressqueue.moves.takedown import REASONS, take_down_inherited

Decision = UnmanagedMedia.Decision
BATCH = 500


@clean_texts
def record_unmanaged(actor: Actor, destination: str, things: Iterable[UnmanagedMedia], *, now: datetime) -> int:
    """Record the items at an account that are not this office's, each as open; returns how many are new. Repeatable.

    The machine records too what a restored office cannot account for.
    """
    if actor is not MACHINE:
        powers.demand(actor, "record_unmanaged")
    with moving(actor, now) as log:
        known = set(UnmanagedMedia.objects.filter(destination=destination).values_list("remote_id", flat=True))
        fresh = [thing for thing in things if thing.remote_id not in known]
        UnmanagedMedia.objects.bulk_create(fresh, batch_size=500, ignore_conflicts=True)
        if fresh:
            log.note("inherited_listed", destination=destination, count=len(fresh))
    notify_open(destination, now)
    return len(fresh)


@clean_texts
def keep(actor: Actor, rows: Sequence[UnmanagedMedia], *, now: datetime) -> int:
    """Decide that these items may stay; returns how many were decided. Raises Forbidden."""
    powers.demand(actor, "keep")
    return _decide(actor, rows, Decision.KEPT, now)


@clean_texts
def review(actor: Actor, rows: Sequence[UnmanagedMedia], owner: Officer, expires_at: datetime, *, now: datetime) -> int:
    """Decide that they may stay until `expires_at`, by when `owner` decides again; returns how many were decided.

    Raises Forbidden for a moment in the past, or a disabled owner.
    """
    powers.demand(actor, "review")
    if expires_at <= now:
        raise Forbidden("A review must end in the future.")
    if not owner.is_active:
        raise Forbidden(f"The account {owner.username} is disabled: name another owner.")
    return _decide(actor, rows, Decision.REVIEW, now, review_owner=owner, expires_at=expires_at)


@clean_texts
def link(actor: Actor, rows: Sequence[UnmanagedMedia], subject: Subject, *, now: datetime) -> int:
    """Record that they show this Subject: they come down with it, at once where its search is over.

    Returns how many were decided. One transaction holds the Subject: an outcome recorded meanwhile must not miss them.
    """
    powers.demand(actor, "link")
    with moving(actor, now) as log:
        locks.office()
        (locked,) = locks.subjects([subject.pk])
        done = _decide(actor, rows, Decision.LINKED, now, subject=locked)
        if locked.outcome in ENDINGS:
            take_down_inherited(log, [locked], locked.outcome, now)
    return done


@clean_texts
def withdraw_inherited(actor: Actor, rows: Sequence[UnmanagedMedia], reason: str, *, now: datetime) -> int:
    """Decide that they come down; any person with an active account may, alone. Returns how many were decided.

    Raises Forbidden.
    """
    powers.demand(actor, "withdraw_inherited")
    if reason not in REASONS:
        raise Forbidden(f"“{reason}” is not a reason to withdraw. Known are: {', '.join(REASONS)}.")
    with moving(actor, now):
        done = _decide(actor, rows, Decision.WITHDRAWN, now, **_coming_down(reason, now))
        for destination in sorted({row.destination for row in rows}):
            ids = sorted(row.remote_id for row in rows if row.destination == destination)
            register.note(now, "inherited_down", destination=destination, ids=ids, reason=reason)
    return done


@clean_texts
def still_published(thing: UnmanagedMedia, reason: str, *, post_id: int | None, now: datetime) -> UnmanagedMedia:
    """Have the machine take down a copy that was withdrawn, or confirmed gone, and is still there.

    One that is coming down already stays as it is.
    """
    with moving(MACHINE, now) as log:
        row, new = UnmanagedMedia.objects.get_or_create(
            destination=thing.destination,
            remote_id=thing.remote_id,
            defaults={
                "title": thing.title, "url": thing.url, "media_urls": thing.media_urls, "found_at": now,
                "visibility": thing.visibility, "uploaded_at": thing.uploaded_at, "decision": Decision.WITHDRAWN,
                "decided_at": now, **_coming_down(reason, now),
            },
        )  # fmt: skip
        again = UnmanagedMedia.objects.filter(~Q(decision=Decision.WITHDRAWN) | Q(removed_at__isnull=False), pk=row.pk)
        # A higher fence takes it from whoever still works on it.
        if new or again.update(decision=Decision.WITHDRAWN, fence=F("fence") + 1, **_coming_down(reason, now)):
            register.note(now, "inherited_down", destination=row.destination, ids=[row.remote_id], reason=reason)
            log.note("inherited_left_up", inherited=row.pk, destination=row.destination, remote_id=row.remote_id,
                     post=post_id, reason=reason)  # fmt: skip
    row.refresh_from_db()
    return row


def coming_down() -> QuerySet[UnmanagedMedia]:
    """Returns the items that were withdrawn and are not confirmed gone."""
    return UnmanagedMedia.objects.filter(decision=Decision.WITHDRAWN, removed_at__isnull=True)


def pick_up(row: UnmanagedMedia, owner: str, lease: timedelta, *, now: datetime) -> UnmanagedMedia | None:
    """Claim an item that is due. None where another worker has it."""
    due = coming_down().filter(pk=row.pk, not_before__lte=now)
    return UnmanagedMedia.objects.get(pk=row.pk) if claims.claim(due, owner, now + lease, now, fenced=True) else None


def seen_there(row: UnmanagedMedia, fence: int) -> None:
    """Record that the item is still there: earlier looks that did not find it no longer count. Raises LeaseLost."""
    _write(row, fence, looks=[])


def seen_gone(row: UnmanagedMedia, fence: int, *, at: datetime, not_before: datetime) -> None:
    """Record one look that did not find it; the next one, from `not_before` on, decides.

    Ends the claim. Raises LeaseLost.
    """
    _write(row, fence, looks=[at.isoformat()], not_before=not_before, **claims.RELEASED)


def look_later(row: UnmanagedMedia, fence: int, not_before: datetime) -> None:
    """Let the second look wait until `not_before`. Ends the claim. Raises LeaseLost."""
    _write(row, fence, not_before=not_before, **claims.RELEASED)


@clean_texts
def try_again(
    row: UnmanagedMedia,
    fence: int,
    message: str,
    *,
    not_before: datetime,
    answered: bool,
    hand_over: int,
    now: datetime,
) -> None:
    """It could not be taken down. Ends the claim, if it still holds.

    `answered`: the platform was reached and refused. The `hand_over`-th such failure assigns it to an officer too.
    """
    failures = row.answered_failures + answered
    handed = now if row.handed_at is None and failures >= hand_over else row.handed_at
    coming_down().filter(pk=row.pk, fence=fence).update(
        not_before=not_before, words=message, tries=row.tries + 1, answered_failures=failures, handed_at=handed,
        **claims.RELEASED,
    )  # fmt: skip


@clean_texts
def inherited_gone(row: UnmanagedMedia, fence: int, *, now: datetime) -> None:
    """Record that the platform itself reports the item gone. Ends the claim. Raises LeaseLost."""
    with moving(MACHINE, now) as log:
        _write(row, fence, removed_at=now, words="", looks=[], **claims.RELEASED)
        log.note("inherited_gone", inherited=row.pk, fence=fence, remote_id=row.remote_id)


@clean_texts
def undecided(destination: str = "") -> QuerySet[UnmanagedMedia]:
    """Returns the items nobody has decided about, at one account or, without a name, at all of them."""
    rows = UnmanagedMedia.objects.filter(decision=Decision.OPEN).order_by("destination", "pk")
    return rows.filter(destination=destination) if destination else rows


def notify_open(destination: str, now: datetime) -> None:
    """Keep one Notice about an account for as long as any of its items is open."""
    cause = f"inherited:{destination}"
    if not undecided(destination).exists():
        notices.clear(cause, now)
        return
    message = (
        f"{name_of(destination)} has media that Publisher does not manage and nobody has decided about: "
        "run `publisher adopt`."
    )
    notices.notify(cause, message, now)


def reviews_over(now: datetime) -> QuerySet[UnmanagedMedia]:
    """Returns those whose review is over."""
    return UnmanagedMedia.objects.filter(decision=Decision.REVIEW, expires_at__lte=now).order_by("pk")


@clean_texts
def notify_overdue_reviews(now: datetime) -> None:
    """Raise a Notice for each review whose time has passed; it names the owner."""
    for row in reviews_over(now).select_related("review_owner"):
        owner = row.review_owner.username if row.review_owner is not None else "its owner"
        message = (
            f"For {owner}: the review of {row.remote_id} at {name_of(row.destination)} is over. Keep it, withdraw it, "
            "or review it again with `publisher adopt`."
        )
        notices.notify(f"review:{row.pk}", message, now)


def _decide(
    actor: Actor, rows: Sequence[UnmanagedMedia], decision: UnmanagedMedia.Decision, now: datetime, **changes: Any
) -> int:
    """One decision about some of them: what is being taken down already is not decided about again."""
    officer = _person(actor)
    if decision != Decision.WITHDRAWN:  # whose it was, and whom it shows, is worth keeping of what comes down
        changes = {"review_owner": None, "expires_at": None, "subject": None, **changes}
    changes |= {"decision": decision, "decided_at": now, "decided_by": officer}
    done, reviewed, names, wanted = 0, [], set(), sorted({row.pk for row in rows})
    with moving(actor, now) as log:
        for start in range(0, len(wanted), BATCH):
            held = _held(wanted[start : start + BATCH], decision)
            UnmanagedMedia.objects.filter(pk__in=[row.pk for row in held]).update(**changes)
            if held:
                log.note(f"inherited_{decision}", inherited=[row.pk for row in held])
            done += len(held)
            reviewed += [row.pk for row in held if row.decision == Decision.REVIEW]
            names |= {row.destination for row in held}
    for pk in reviewed:
        notices.clear(f"review:{pk}", now)
    for name in names:
        notify_open(name, now)
    return done


def _held(keys: list[int], decision: UnmanagedMedia.Decision) -> list[UnmanagedMedia]:
    """These rows, locked, but for those that are coming down. Raises Forbidden where one of them was to stay."""
    held = list(UnmanagedMedia.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk"))
    down = [row for row in held if row.decision == Decision.WITHDRAWN]
    if down and decision != Decision.WITHDRAWN:
        where = name_of(down[0].destination)
        raise Forbidden(f"{down[0].remote_id} at {where} was withdrawn: it is coming down, or gone.")
    return [row for row in held if row.decision != Decision.WITHDRAWN]


def _coming_down(reason: str, now: datetime) -> dict[str, Any]:
    return {
        "reason": reason, "take_down_asked_at": now, "not_before": now, "removed_at": None, "looks": [], "tries": 0,
        "words": "", "owner": "", "until": None,
    }  # fmt: skip


def _write(row: UnmanagedMedia, fence: int, **changes: Any) -> None:
    if coming_down().filter(pk=row.pk, fence=fence).update(**changes) != 1:
        raise claims.lost(f"Unmanaged media {row.pk}", fence)


def _person(actor: Actor) -> Officer:
    officer = Officer.objects.filter(pk=actor.officer_id or 0, is_active=True).first()
    if officer is None:
        raise Forbidden("Only a person with an active account may do this.")
    return officer

"""What ends each Notice about a Post, a thing found at an account, or an account: its cause, read off the rows.

Whatever path led out of a cause, the Notice ends with it by the next round. A Notice whose kind is not here is ended by
the move that its own module names.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from pressqueue.models import Account, MediaAddress, Notice, Post, SealedToken, Step, UnmanagedMedia
from pressqueue.moves import differences
from pressqueue.states import ENDED, PostState

NEWS = timedelta(days=7)  # what nobody has to act on is shown for so long

_STANDS = ~Q(state__in=ENDED)
_AT_REST = Q(state=PostState.LIVE, amending__isnull=True)
_COMING_DOWN = Q(take_down_asked_at__isnull=False) & _STANDS

# Cause before its Post's number -> while what is so of the Post the Notice stands.
POSTS: dict[str, Q] = {
    "gates": Q(state__in=[PostState.WAITING, PostState.CONCEALED]),
    "failed": Q(state=PostState.FAILED),
    "parked": Q(parked_at__isnull=False) & _STANDS,
    "blocked": Q(state=PostState.BLOCKED),
    "missing": Q(state=PostState.MISSING),
    "unsure": Q(state=PostState.UNSURE),
    "revealing": Q(state=PostState.REVEALING),
    "early": Q(state=PostState.CONCEALED),
    "fault": _STANDS & ~_AT_REST,
    "failing": Q(tries__gt=0) & _STANDS & ~_AT_REST,
    "amending": Q(amending__isnull=False) & _STANDS,
    "takedown": _COMING_DOWN,
    "byhand": _COMING_DOWN,
}


@dataclass(frozen=True, slots=True)
class NoticeEnding:
    """One kind of Notice: the form of its cause, in words what ends it, and whether that has not come about yet."""

    cause: re.Pattern[str]
    ends: str
    stands: Callable[[re.Match[str], Notice, datetime], bool]


def _post(found: re.Match[str], _notice: Notice, _now: datetime) -> bool:
    return Post.objects.filter(POSTS[found[1]], pk=int(found[2])).exists()


def _media(found: re.Match[str], _notice: Notice, _now: datetime) -> bool:
    return MediaAddress.objects.filter(post=int(found[1]), gone_at__isnull=True).exists()


def _step(found: re.Match[str], _notice: Notice, _now: datetime) -> bool:
    step = Step.objects.filter(pk=int(found[1]), post__state=PostState.LIVE)
    return step.exclude(state="done").exists()


def _coming_down(found: re.Match[str], _notice: Notice, _now: datetime) -> bool:
    return _withdrawn().filter(pk=int(found[1])).exists()


def _left_up(found: re.Match[str], notice: Notice, now: datetime) -> bool:
    """Also a second copy: one that was removed at once is news."""
    row = UnmanagedMedia.objects.filter(destination=found[2], remote_id=found[3])
    if row.exists():
        return _withdrawn().filter(pk__in=row).exists()
    return found[1] == "double" and _is_news(notice, now)


def _review(found: re.Match[str], _notice: Notice, now: datetime) -> bool:
    rows = UnmanagedMedia.objects.filter(pk=int(found[1]), decision=UnmanagedMedia.Decision.REVIEW, expires_at__lte=now)
    return rows.exists()


def _undecided(found: re.Match[str], _notice: Notice, _now: datetime) -> bool:
    return UnmanagedMedia.objects.filter(destination=found[1], decision=UnmanagedMedia.Decision.OPEN).exists()


def _differing(found: re.Match[str], _notice: Notice, _now: datetime) -> bool:
    return differences.reported(found[1]).exists()


def _stopped(found: re.Match[str], _notice: Notice, _now: datetime) -> bool:
    return Account.objects.filter(pk=found[1], stop=found[2]).exists()


def _silent(found: re.Match[str], _notice: Notice, _now: datetime) -> bool:
    return Account.objects.filter(pk=found[1], broken_at__isnull=False).exists()


def _unconnected(found: re.Match[str], _notice: Notice, _now: datetime) -> bool:
    return not SealedToken.objects.filter(destination=found[1]).exists()


def _adopted(found: re.Match[str], notice: Notice, now: datetime) -> bool:
    return _is_news(notice, now) and Post.objects.filter(_STANDS, pk=int(found[1])).exists()


def _withdrawn() -> QuerySet[UnmanagedMedia]:
    return UnmanagedMedia.objects.filter(decision=UnmanagedMedia.Decision.WITHDRAWN, removed_at__isnull=True)


def _is_news(notice: Notice, now: datetime) -> bool:
    return now - notice.raised_at < NEWS


_NAME = r"([\w.-]+)"
ENDINGS: tuple[NoticeEnding, ...] = (
    NoticeEnding(re.compile(rf"({'|'.join(POSTS)}):(\d+)(?::.*)?"), "the Post gets on, or ends", _post),
    NoticeEnding(re.compile(r"media:(\d+)(?::breach)?"), "its direct image links no longer work", _media),
    NoticeEnding(re.compile(r"step:(\d+)"), "it is filed, or no longer live", _step),
    NoticeEnding(re.compile(r"(?:takedown|fault):inherited:(\d+)(?::\w+)?"), "it is down", _coming_down),
    NoticeEnding(re.compile(rf"(left_up|double):{_NAME}:(.+)"), "it is down", _left_up),
    NoticeEnding(re.compile(r"review:(\d+)"), "somebody decided about it", _review),
    NoticeEnding(re.compile(rf"inherited:{_NAME}"), "all of it was decided about", _undecided),
    NoticeEnding(re.compile(rf"reconcile:{_NAME}:\d{{8}}"), "the differences ended or were acknowledged", _differing),
    NoticeEnding(re.compile(rf"account:{_NAME}:(auth|uploads|account)(?::\d+)?"), "the account goes on", _stopped),
    NoticeEnding(re.compile(rf"account:{_NAME}:silent"), "the account answers", _silent),
    NoticeEnding(re.compile(rf"account:{_NAME}:unconnected"), "somebody connected it", _unconnected),
    NoticeEnding(re.compile(r"adopted:(\d+)"), "the Post ends, or after seven days", _adopted),
)


def ending_of(cause: str) -> tuple[NoticeEnding, re.Match[str]] | None:
    """Returns what ends a Notice of this cause; None where its own module ends it."""
    for ending in ENDINGS:
        if found := ending.cause.fullmatch(cause):
            return ending, found
    return None


def end_those_that_are_over(now: datetime) -> int:
    """Clear every open Notice whose cause is over; returns how many."""
    over = [notice.pk for notice in Notice.objects.filter(cleared_at__isnull=True) if _is_over(notice, now)]
    return Notice.objects.filter(pk__in=over, cleared_at__isnull=True).update(cleared_at=now) if over else 0


def _is_over(notice: Notice, now: datetime) -> bool:
    known = ending_of(notice.cause)
    return known is not None and not known[0].stands(known[1], notice, now)

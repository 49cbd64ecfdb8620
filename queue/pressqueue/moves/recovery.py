"""An older database in a newer one's place: everything is frozen, and what the register knows is done again.

Each of these may be repeated; a death between two of them leaves an office that is frozen and is recovered anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.contrib.sessions.models import Session

from pressqueue import counters, locks
from pressqueue.actors import Actor
from pressqueue.audit import moving
from pressqueue.cleaning import clean_texts
from pressqueue.models import Campaign, Item, PersonalToken, Post, SignInCode
from pressqueue.moves import notices
from pressqueue.moves.replay import CHANGES, RESTORE, hold_restored, reopen_restored
from pressqueue.register import RegisterEvent
from pressqueue.states import COUNTS_AS_PUBLIC, ItemState

CAUSE = "recovering"  # the Notice that stands until somebody resumes
_HELD = "Held after a restore: release it once its outcome is confirmed; then it is approved afresh."


@clean_texts
def begin_recovery(message: str, *, now: datetime, **codes: str | int) -> None:
    """Pause all publishing until every account was reconciled, and raise a Notice that says why."""
    with moving(RESTORE, now) as log:
        office = locks.office()
        if office.recovering_since is None:
            office.recovering_since = now
            office.save(update_fields=["recovering_since"])
            log.note("recovering", "", **codes)
    notices.notify(CAUSE, message, now)


@clean_texts
def replay(lines: Iterable[RegisterEvent], *, now: datetime) -> dict[str, int]:
    """Do again what the register records; returns how many lines of each kind changed something.

    The later line counts: an officer who was disabled and enabled again is not disabled, a hold that was released is no
    hold.
    """
    done: dict[str, int] = {}
    for event in _latest(lines):
        change = CHANGES.get(event.kind)
        if change is not None and change(event, now):
            done[event.kind] = done.get(event.kind, 0) + 1
    return done


# Of these only the last word counts; everything else is done again line by line.
_UNDONE_BY = {"release": "hold", "campaign_release": "campaign_hold", "officer_enabled": "officer_disabled"}


def _latest(lines: Iterable[RegisterEvent]) -> list[RegisterEvent]:
    last: dict[tuple[str, str], RegisterEvent] = {}
    kept = []
    for event in lines:
        kind = _UNDONE_BY.get(event.kind, event.kind)
        if kind in _UNDONE_BY.values() or kind == "freeze":
            last[kind, event.text("item") or event.text("prefix") or event.text("officer")] = event
        else:
            kept.append(event)
    return kept + list(last.values())


@clean_texts
def quarantine(now: datetime, *, features: bool = False) -> list[str]:
    """Hold every appeal and wanted Item that is not public, and void its Approvals. Returns their references.

    Waiting Posts are cancelled. A copy that a platform may hold already stays where it is: the reconciliation decides.
    `features`: hold these too, where no register tells which of them were withdrawn since the backup.
    """
    kinds = [Item.Kind.APPEAL, Item.Kind.WANTED, *([Item.Kind.FEATURE] if features else [])]
    unposted = Item.objects.filter(kind__in=kinds).exclude(state__in=[ItemState.WITHDRAWN, ItemState.EXPIRED])
    unposted = unposted.exclude(posts__in=Post.objects.filter(state__in=COUNTS_AS_PUBLIC))
    quarantined = []
    for pk in unposted.order_by("pk").values_list("pk", flat=True):
        with moving(RESTORE, now) as log:
            held = locks.item(pk, posts=True)
            hold_restored(log, held)
            if held.item.state in (ItemState.IN_REVIEW, ItemState.APPROVED):
                reopen_restored(log, held, "restored", now)
        quarantined.append(held.item.reference)
    if quarantined:
        what = "Items" if features else "appeals"
        notices.notify("restored:held", f"{len(quarantined)} {what} are held. {_HELD}", now)
    return quarantined


@clean_texts
def end_old_sign_ins(now: datetime) -> None:
    """End all sessions, one-time codes and tokens: those that ended after the backup must not be valid again."""
    with moving(RESTORE, now) as log:
        Session.objects.all().delete()
        SignInCode.objects.filter(used_at__isnull=True).update(used_at=now)
        ended = PersonalToken.objects.filter(revoked_at__isnull=True).update(revoked_at=now)
        log.note("sign_ins_ended", tokens=ended)


@clean_texts
def raise_counters(least: Mapping[str, tuple[int, int]], *, now: datetime) -> int:
    """Raise each campaign's next number and next day to at least these. Returns how many campaigns changed.

    Returned day numbers are given up: the lost part may have used them. A gap is better than a number used twice.
    """
    raised = 0
    for pk in Campaign.objects.order_by("pk").values_list("pk", flat=True):
        with moving(RESTORE, now) as log:
            locks.office()
            campaign = locks.campaign(pk)
            number, day = least.get(campaign.prefix, (1, 1))
            was = (campaign.next_number, campaign.next_day, list(campaign.returned_days))
            campaign.next_number = max(campaign.next_number, number)
            campaign.next_day = max(campaign.next_day, day)
            campaign.returned_days = []
            if was == (campaign.next_number, campaign.next_day, campaign.returned_days):
                continue
            campaign.save(update_fields=["next_number", "next_day", "returned_days"])
            log.note("counters_raised", campaign=pk, number=campaign.next_number, day=campaign.next_day)
            raised += 1
    return raised


@clean_texts
def note_restored(actor: Actor, *, now: datetime, **codes: str | int) -> None:
    """Log a restore: from which head of the chain, with which register, by whom."""
    with moving(actor, now) as log:
        log.note("restored", "", **codes)


@clean_texts
def counters_of(lines: Iterable[RegisterEvent]) -> counters.Least:
    """Returns the least next numbers after every reference and Subject that the register names."""
    named: list[str] = []
    for event in lines:
        named += [event.text("item"), event.text("subject"), *event.texts("items")]
    return counters.above(named)

"""A campaign's public totals: counted, and told as `pressqueue.totals` allows (R33)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import QuerySet

from pressqueue import locks, policy, register, totals
from pressqueue.actors import MACHINE, Actor
from pressqueue.audit import moving
from pressqueue.cleaning import clean_texts
from pressqueue.models import Campaign, Subject, Totals
from pressqueue.moves import albums
from pressqueue.policy import Policy
from pressqueue.states import COUNTS_AS_PUBLIC

COUNT_AGAIN = timedelta(hours=1)  # where nothing was to be told yet; a week is a week, whatever the hour


@clean_texts
def renew_totals(now: datetime) -> int:
    """Count what is due and publish what may be published. Returns how many campaigns' totals changed."""
    return sum(_renew(pk, now) for pk in due(now, policy.current()).values_list("pk", flat=True))


def due(now: datetime, force: Policy) -> QuerySet[Totals]:
    """Returns the totals to be counted again."""
    told = now - force.totals_every
    return Totals.objects.filter(published_at__lte=told, counted_at__lte=now - COUNT_AGAIN).order_by("pk")


@clean_texts
def totals_read(campaign: Campaign, now: datetime) -> None:
    """Record that an album was written: the public reads its totals now, and the wait for the next change restarts.

    Otherwise a change that an outage, a freeze or a dropped text held up would be followed too soon.
    """
    Totals.objects.filter(campaign=campaign, published_at__lt=now).update(published_at=now)


def counted(campaign: Campaign) -> tuple[int, int]:
    """Returns the true counts, which nobody outside may see.

    The people ever published here, and those of them of whom no copy is public any more.
    """
    published = Subject.objects.filter(items__campaign=campaign, items__posts__live_at__isnull=False)
    up = Subject.objects.filter(items__campaign=campaign, items__posts__state__in=COUNTS_AS_PUBLIC)
    shown = set(published.values_list("pk", flat=True))
    return len(shown), len(shown - set(up.values_list("pk", flat=True)))


def _renew(pk: int, now: datetime) -> bool:
    with moving(MACHINE, now) as log:
        locks.office()
        campaign = locks.campaign(pk)
        row = Totals.objects.select_for_update(no_key=True).get(pk=pk)
        shown, removed = counted(campaign)
        before = totals.PublishedTotals(row.shown, row.removed, row.removed_then, row.published_at)
        rule = policy.current()
        after = totals.follow(
            before, shown=shown, removed=removed, now=now, every=rule.totals_every, step=rule.totals_step
        )
        row.counted_at = now
        row.shown, row.removed, row.removed_then = after.shown, after.removed, after.removed_then
        row.published_at = after.published_at
        row.save()
        if after == before:
            return False
        albums.words_changed(campaign)
        log.note("totals_changed", campaign=pk, shown=after.shown, removed=after.removed)
        told = {"shown": after.shown, "removed": after.removed, "removed_then": after.removed_then}
        register.note(now, "totals", prefix=campaign.prefix, **told)
    return True


def replay_totals(actor: Actor, event: register.RegisterEvent, now: datetime) -> bool:
    """Raise a restored database's totals to those that the public has read: a total never falls."""
    row = Totals.objects.filter(campaign__prefix=event.text("prefix")).first()
    if row is None or row.published_at >= event.at:
        return False
    with moving(actor, now) as log:
        locks.office()
        campaign = locks.campaign(row.pk)
        locked = Totals.objects.select_for_update(no_key=True).get(pk=row.pk)
        for name in ("shown", "removed", "removed_then"):
            setattr(locked, name, max(getattr(locked, name), int(event.text(name) or 0)))
        locked.published_at = event.at
        locked.save()
        albums.words_changed(campaign)
        log.note("totals_changed", campaign=row.pk, shown=locked.shown, removed=locked.removed)
    return True

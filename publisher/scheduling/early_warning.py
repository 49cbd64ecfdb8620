"""What will be asked at an Item's publishing time and would fail: known, and notified, before the hour comes."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q

from pressqueue import gates
from pressqueue.models import AppealRecord, Approval, Item, Post
from pressqueue.moves import early_warning, notices
from pressqueue.states import COUNTS_AS_PUBLIC, ItemState
from publisher.scheduling import schedule_text
from publisher.scheduling.timetable import apart
from publisher.workers.worker import Worker

EVERY = timedelta(minutes=5)  # where the hour is soon, or something was said that an officer may have answered
SOON = timedelta(days=3)
SELDOM = timedelta(hours=6)  # where it is not: what is far off costs little however much of it there is
AT_ONCE = 50  # Items of one round
NO_HOUR = "has no hour: its campaign has none that is free. Give it two times, or give the campaign an hour."


def run_round(worker: Worker) -> int:
    """Notify whoever can answer, once for each hour, from the moment an answer counts. Returns how many notices."""
    now = worker.clock()
    public = Post.objects.filter(item=OuterRef("pk"), state__in=COUNTS_AS_PUBLIC)
    due = Item.objects.filter(Q(foresee_at__isnull=True) | Q(foresee_at__lte=now))
    due = due.filter(~Exists(public), state=ItemState.APPROVED).select_related("campaign", "package")
    made = 0
    for item in due.order_by("foresee_at", "pk")[:AT_ONCE]:
        again = now + EVERY
        with apart(f"foreseen:{item.pk}", item.reference, item.reference, now):  # a poisoned row is one row
            hour = schedule_text.hour_of(item, now)
            failing = gates.at_the_hour(item, hour, now, lambda name: _attested(worker, name)) if hour else []
            made += _notify(item, hour, failing, now)
            again = next_look(hour, failing, now)
        early_warning.look_again(item.pk, again)
    _end(now)
    return made


def next_look(hour: datetime | None, failing: list[gates.Ahead], now: datetime) -> datetime:
    """When it is looked at next: by then whatever an answer counts for from now on is asked for."""
    opened = any(each.opens <= now for each in failing)
    if hour is None or opened or hour - now < SOON:
        return now + EVERY
    return min([now + SELDOM, *(each.opens for each in failing)])


def _notify(item: Item, hour: datetime | None, failing: list[gates.Ahead], now: datetime) -> bool:
    if hour is None:
        return not item.held and notices.notify(
            _cause(item, "none"), f"{item.reference} {NO_HOUR}", now, item.reference
        )
    asked = [each for each in failing if each.opens <= now]
    cause = _cause(item, f"{hour:%Y%m%d%H%M}" if hour > now else "now")
    if not asked:
        notices.clear(f"foreseen:{item.pk}", now)
        return False
    message = " ".join(each.sentence for each in asked)
    sentence = f"{item.reference} is approved for {schedule_text.moment(hour)} and would not go out then: {message}"
    return notices.notify(cause, sentence, now, item.reference, to=_who_can(item))


def _cause(item: Item, when: str) -> str:
    return f"foreseen:{item.pk}:{when}"


def _who_can(item: Item) -> set[int]:
    """Its author, who approved it, and the officer in the case where they have an account."""
    record = AppealRecord.objects.filter(item=item).first()
    approved = Approval.objects.filter(package=item.package_id, void_at__isnull=True)
    mine = {item.author_id, *approved.values_list("approver_id", flat=True)}
    return mine | ({record.investigator_id} if record and record.investigator_id else set())


def _attested(worker: Worker, name: str) -> bool:
    return name in worker.destinations and worker.limits(name).needs_comment_attestation


def _end(now: datetime) -> None:
    """What is public, sent back or withdrawn is foreseen no more."""
    open_ = Item.objects.filter(foresee_at__isnull=False).filter(
        ~Q(state=ItemState.APPROVED) | Q(posts__state__in=COUNTS_AS_PUBLIC)
    )
    for pk in open_.values_list("pk", flat=True).distinct()[:AT_ONCE]:
        notices.clear(f"foreseen:{pk}", now)
        early_warning.look_again(pk, None)

"""What will be asked at an Item's publishing time and would fail: known, and notified, before the hour comes."""

from __future__ import annotations

from datetime import datetime, timedelta

from pressqueue import gates
from pressqueue.due import timetable as due
from pressqueue.due.base import Scope
from pressqueue.models import AppealRecord, Approval, Item
from pressqueue.moves import early_warning, notices
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
    made, scope = 0, worker.scope()
    now = scope.now
    for item in due.items_to_foresee(scope)[:AT_ONCE]:
        again = now + EVERY
        with apart(f"foreseen:{item.pk}", item.reference, item.reference, now):  # a poisoned row is one row
            hour = schedule_text.hour_of(item, now)
            failing = gates.at_the_hour(item, hour, now, lambda name: _attested(worker, name)) if hour else []
            made += _notify(item, hour, failing, now)
            again = next_look(hour, failing, now)
        early_warning.look_again(item.pk, again)
    _end(scope)
    return made


def next_look(hour: datetime | None, failing: list[gates.Ahead], now: datetime) -> datetime:
    """When it is looked at next: by then whatever an answer counts for from now on is asked for."""
    opened = any(gate.opens <= now for gate in failing)
    if hour is None or opened or hour - now < SOON:
        return now + EVERY
    return min([now + SELDOM, *(gate.opens for gate in failing)])


def _notify(item: Item, hour: datetime | None, failing: list[gates.Ahead], now: datetime) -> bool:
    if hour is None:
        return not item.held and notices.notify(
            _cause(item, "none"), f"{item.reference} {NO_HOUR}", now, item.reference
        )
    asked = [gate for gate in failing if gate.opens <= now]
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
    people = {item.author_id, *approved.values_list("approver_id", flat=True)}
    return people | ({record.investigator_id} if record and record.investigator_id else set())


def _attested(worker: Worker, name: str) -> bool:
    return name in worker.destinations and worker.limits(name).needs_comment_attestation


def _end(scope: Scope) -> None:
    """What is public, sent back or withdrawn is foreseen no more."""
    for pk in due.items_foreseen_no_more(scope).values_list("pk", flat=True)[:AT_ONCE]:
        notices.clear(f"foreseen:{pk}", scope.now)
        early_warning.look_again(pk, None)

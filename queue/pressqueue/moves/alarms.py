"""Seals that are made for every row at once, and alarms: raised by the machine, ended by two people.

Where not everything agrees again, whoever ends an alarm takes the database as it is now; so every decision that had not
led to a publication is void, and is made again by people who look again.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from pressqueue import key_rotation, locks, powers, sealing, seals
from pressqueue.actors import MACHINE, Actor
from pressqueue.audit import Log, moving
from pressqueue.cleaning import clean_texts
from pressqueue.errors import Forbidden
from pressqueue.integrity import missing_texts, of_everything
from pressqueue.models import Alarm, ChainHead, Checkpoint, Item, Officer, Post, Verification
from pressqueue.moves import notices
from pressqueue.moves.officers import bar_from_approving
from pressqueue.moves.reopening import reopen_held, void_approvals
from pressqueue.states import COUNTS_AS_PUBLIC, ItemState

CAUSE = "alarm"  # the Notices of alarms: "alarm:chain", "alarm:rows"
_SETTLED = (ItemState.WITHDRAWN, ItemState.EXPIRED)


@clean_texts
def seal_existing(actor: Actor, *, now: datetime) -> int:
    """Seal, once, the rows of an office that was made before there were seals; returns how many.

    The caller has verified the log. Raises sealing.KeyMissing.
    """
    with moving(actor, now) as log:
        locks.office()
        return _seal_everything(log, "first")


@clean_texts
def raise_alarm(name: str, message: str, *, now: datetime) -> bool:
    """Stop all sending and revealing until two people end the alarm. False where this alarm is open already.

    False too where this process works with a key that another has followed: the finding may then be wrong.
    """
    if _has_an_older_key(now):
        return False
    with moving(MACHINE, now) as log:
        locks.office()
        if Alarm.objects.filter(cause=name, ended_at__isnull=True).exists():
            return False
        alarm = Alarm.objects.create(cause=name, words=message, raised_at=now)
        log.note("alarm_raised", alarm=alarm.pk, cause=name)
    sentence = f"{message} Nothing is sent or revealed until two people have ended this alarm on the page /alarms/."
    people = Officer.objects.filter(is_active=True, administrator=True) | Officer.objects.filter(
        is_active=True, may_approve=True
    )
    notices.notify(f"{CAUSE}:{name}", sentence, now, to=people.values_list("pk", flat=True))
    return True


def _has_an_older_key(now: datetime) -> bool:
    before = sealing.port.key
    if seals.is_vouched(ChainHead.objects.get()):
        return sealing.port.key != before
    if outdated := key_rotation.is_outdated():
        notices.notify(key_rotation.CAUSE, key_rotation.RESTART, now)
    return outdated


@clean_texts
def files_accepted(alarm: Alarm, *, now: datetime) -> None:
    """After two people ended an alarm about a file outside the database, accept that file from here on."""
    with moving(MACHINE, now) as log:
        locks.office()
        locked = Alarm.objects.select_for_update(no_key=True).get(pk=alarm.pk)
        locked.accepted_at = now
        locked.save(update_fields=["accepted_at"])
        log.note("files_accepted", alarm=locked.pk, cause=locked.cause)


def checkpoint(now: datetime) -> None:
    """Record that everything up to here was checked.

    Called after a round that found nothing; the row is keyed, so nobody else can write one.
    """
    with transaction.atomic():
        head = ChainHead.objects.select_for_update(no_key=True).get()
        last = Checkpoint.objects.order_by("-number").first()
        if seals.is_vouched(head) and (last is None or last.number < head.number):
            Checkpoint.objects.create(
                number=head.number, hash=head.hash, seals=head.seals, at=now,
                mac=sealing.mac("head", ["checkpoint", head.number, head.hash, head.seals]),
            )  # fmt: skip


@clean_texts
def end_alarms(actor: Actor, reason: str, *, now: datetime) -> bool:
    """One of two people says that the finding is explained and repaired. True once both have, which ends the alarm.

    One of them is an approver, each an approver or an administrator. Where everything agrees again, nothing else
    follows; otherwise every approved Item that is not public must be approved again, and an account that was changed
    from outside this program is barred from approving for the policy's span. Raises Forbidden.
    """
    person = powers.demand(actor, "end_alarms")
    if not reason.strip():
        raise Forbidden("Say what was found, and what was done about it.")
    if not sealing.has_key():
        raise Forbidden("Put the integrity key in its place first: without it nothing can be sealed again.")
    mended = not of_everything()  # read before anything is locked: a withdrawal must not wait for it
    with moving(actor, now) as log:
        locks.office()
        alarms = _open_alarms()
        if not alarms:
            raise Forbidden("There is no alarm to end.")
        first = {alarm.first_by_id for alarm in alarms}
        if None in first or len(first) > 1:
            return _first_word(log, alarms, person, reason, now)
        return _second_word(log, alarms, person, reason, now, mended=mended)


def _open_alarms() -> list[Alarm]:
    """Those that are open. A first word that was written past this program, or whose speaker has left, is none."""
    forged = {fault.row for fault in seals.faults(["office"]) if fault.kind == "alarm"}
    alarms = list(Alarm.objects.select_for_update(no_key=True).filter(ended_at__isnull=True).order_by("pk"))
    for alarm in alarms:
        if str(alarm.pk) in forged or (alarm.first_by is not None and not alarm.first_by.is_active):
            alarm.first_by = None
    return alarms


def _first_word(log: Log, alarms: Iterable[Alarm], person: Officer, reason: str, now: datetime) -> bool:
    """For every alarm that is open: one that was raised since somebody spoke makes them speak again."""
    for alarm in alarms:
        alarm.first_by, alarm.first_at = person, now
        alarm.save(update_fields=["first_by", "first_at"])
        log.note("alarm_answered", reason, alarm=alarm.pk, cause=alarm.cause)
    return False


def _second_word(
    log: Log, alarms: list[Alarm], person: Officer, reason: str, now: datetime, *, mended: bool
) -> bool:  # fmt: skip
    first = alarms[0].first_by
    if first is None or first.pk == person.pk:
        raise Forbidden("You have said so already: a second person must, before this alarm is over.")
    if not (first.may_approve or person.may_approve):
        raise Forbidden("One of the two must be an approver.")
    if not mended:
        _decide_again(log, now)
    for alarm in alarms:
        alarm.second_by, alarm.ended_at = person, now
        alarm.save(update_fields=["second_by", "ended_at"])
        log.note(
            "alarm_ended",
            reason,
            alarm=alarm.pk,
            cause=alarm.cause,
            first=first.pk,
            second=person.pk,
            mended=int(mended),
        )
    notices.clear(CAUSE, now)
    if not mended:
        Checkpoint.objects.all().delete()  # what lies before is taken as it is: the next round begins here
        _seal_everything(log, "alarm")
    return True


def _decide_again(log: Log, now: datetime) -> None:
    """Every decision is void; whose account was written past us approves nothing for a day."""
    officers = seals.BY_NAME["officer"]
    for rows in seals.all_rows(officers):
        for fault in seals.of_rows(officers, rows):
            bar_from_approving(Officer.objects.get(pk=fault.row), now)
    for pk in Item.objects.exclude(state__in=_SETTLED).order_by("pk").values_list("pk", flat=True):
        held = locks.item(pk, posts=True)
        public = Post.objects.filter(item=pk, state__in=COUNTS_AS_PUBLIC).exists()
        if held.item.state in (ItemState.IN_REVIEW, ItemState.APPROVED) and not public:
            reopen_held(log, held, "alarm", now)
        else:  # what is public stays up; a copy of it that still waits goes nowhere
            void_approvals(log, held.item, "alarm", now)
        Verification.objects.filter(item=held.item, void_at__isnull=True).update(void_at=now, void_reason="alarm")


def _seal_everything(log: Log, why: str) -> int:
    sealing.mac("row", [])  # raises where there is no key
    count = seals.count_of_rows()
    log.note(seals.ROWS_SEALED, why=why, rows=count, digest=seals.digest_of_rows(), texts=missing_texts())
    log.seals_all = True
    return count


@clean_texts
def remember_anchor(sha256: str) -> None:
    """Keep the hash of the newest anchor's line in the log's head: it proves the file existed, should it be lost."""
    with transaction.atomic():
        head = ChainHead.objects.select_for_update(no_key=True).get()
        vouched = seals.is_vouched(head)
        head.anchor = sha256
        seals.sign(head, vouched=vouched)
        head.save(update_fields=["anchor", "mac"])

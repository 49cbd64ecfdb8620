"""The integrity key is changed: everything that holds under the old one is sealed with the new one, in one move.

Nothing has to be approved again, because nothing is taken over that did not hold. Two people say so.
"""

from __future__ import annotations

from datetime import datetime

from pressqueue import key_rotation, locks, powers, sealing, seals, vouching
from pressqueue.actors import Actor
from pressqueue.audit import moving
from pressqueue.cleaning import clean_texts
from pressqueue.errors import Forbidden
from pressqueue.models import Alarm, ChainHead, Checkpoint, Officer


@clean_texts
def rotate_key(actor: Actor, second: Officer, new: bytes, *, now: datetime) -> int:
    """Put this process, and every sealed row, under the new key. Returns how many rows.

    The caller has verified everything, so that no move waits for it; each row is checked against its Seal here again.
    Raises Forbidden, or Tampered, with nothing changed.
    """
    first = powers.demand(actor, "rotate_key")
    _demand_second(first, second)
    before = sealing.port.key
    try:
        with moving(actor, now) as log:
            locks.office()
            _demand_sound(new)
            count = seals.count_of_rows()
            log.note(
                key_rotation.ACT,
                key=sealing.identity(new),
                proof=key_rotation.proof(new),
                first=first.pk,
                second=second.pk,
                rows=count,
            )
            Checkpoint.objects.all().delete()  # they are under the old key: the next round makes one
            log.next_key = new
    except BaseException:
        sealing.port.key = before
        raise
    return count


def _demand_second(first: Officer, second: Officer) -> None:
    if first.pk == second.pk:
        raise Forbidden("Two different people must say so.")
    if not (second.is_active and (second.administrator or second.may_approve)):
        raise Forbidden(f"{second.name} is no active administrator or approver: the second of the two must be one.")


def _demand_sound(new: bytes) -> None:
    """What only holds while nobody writes into the log."""
    head = ChainHead.objects.select_for_update(no_key=True).get()
    if not sealing.has_key():
        raise Forbidden(vouching.NO_KEY)
    if sealing.port.key == new:
        raise Forbidden("This key is in force already.")
    if alarm := Alarm.objects.filter(ended_at__isnull=True).order_by("pk").first():
        raise Forbidden(f"{alarm.words} The key is changed when two people have ended this alarm.")
    if not seals.is_vouched(head):
        raise Forbidden(vouching.BROKEN)

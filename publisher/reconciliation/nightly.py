"""Once a local night every account is held against the ledger, however many schedulers run.

An account is due from its first night with something of ours on it. What a night missed because nothing ran is made
up for at the next round; a restored office is reckoned at once.
"""

from __future__ import annotations

import logging
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import OperationalError

from pressqueue.destination_names import name_of
from pressqueue.localtime import first_instant
from pressqueue.models import Office, Post, ReconciliationRun, UnmanagedMedia
from pressqueue.moves import differences, notices, reconciliation
from publisher.destinations.errors import Later, Refused
from publisher.reconciliation import reconcile
from publisher.workers.worker import Worker

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=30)  # the largest account is read in two or three; a death costs no more than this
AGAIN = timedelta(minutes=15)  # after a look that failed
TELL_AFTER = timedelta(hours=6)


def run_round(worker: Worker) -> int:
    """Reconcile every account that is due; returns how many were reconciled."""
    return sum(_reckon(worker, name) for name in worker.destinations if due(worker, name))


def due(worker: Worker, name: str) -> bool:
    """Whether nobody has reckoned this account since its last night began, or since the office was restored."""
    since = Office.objects.get().recovering_since
    if since is not None and not _reckoned(name, since):
        return True
    night = last_night(worker.clock(), worker.office.reconcile.hour, worker.office.identity.zone)
    return not _reckoned(name, night) and _held_anything(name, night)


def last_night(now: datetime, hour: int, zone: str) -> datetime:
    """The last time the local clock showed `hour`, in UTC. An hour the clocks skip moves forward; of two, the first."""
    today = now.astimezone(ZoneInfo(zone)).date()
    moments = (first_instant(today - timedelta(days=back), time(hour), zone) for back in range(3))
    return next(moment for moment in moments if moment <= now)


def _held_anything(name: str, night: datetime) -> bool:
    """Whether there was anything by then to hold this account against; asked once a night."""
    live = Post.objects.filter(destination=name, live_at__lt=night).values("pk")
    stock = UnmanagedMedia.objects.filter(destination=name, found_at__lt=night).values("pk")
    return live.union(stock, all=True).exists()


def _reckoned(name: str, since: datetime) -> bool:
    return ReconciliationRun.objects.filter(destination=name, began_at__gte=since).exists()


def _reckon(worker: Worker, name: str) -> bool:
    now = worker.clock()
    if not reconciliation.claim_account(name, worker.name, now + LEASE, now):
        return False
    again: datetime | None = None
    try:
        if not due(worker, name):  # another scheduler had it, and gave it back a moment ago
            return False
        reconcile.reconcile_account(worker, name)
        notify(worker, name)
        return True
    except (Later, Refused) as error:
        again = _failed(worker, name, error.message)
    except OperationalError:
        raise
    except Exception as error:  # noqa: BLE001  # one account with a fault of ours does not keep the others waiting
        log.error("Reconciling %s: %s", name, type(error).__name__)
        again = _failed(worker, name, "Publisher met a fault of its own.")
    finally:
        reconciliation.release_account(name, worker.name, again)
    return False


def _failed(worker: Worker, name: str, message: str) -> datetime:
    """Begun again later; a person is told when a whole night has gone by without."""
    now = worker.clock()
    log.warning("%s was not reconciled: %s", name, message)
    night = last_night(now, worker.office.reconcile.hour, worker.office.identity.zone)
    if now - night > TELL_AFTER:
        sentence = (
            f"{name_of(name)} could not be held against the ledger since {night:%d %B}. {message} It is tried again."
        )
        notices.notify(f"reconcile:{name}:failing", sentence, now)
    return now + AGAIN


def notify(worker: Worker, name: str) -> None:
    """One Notice a night, for as long as there are differences nobody has acknowledged. It names no picture."""
    now = worker.clock()
    notices.clear(f"reconcile:{name}:failing", now)
    count = differences.reported(name).count()
    if not count:
        return
    local = now.astimezone(ZoneInfo(worker.office.identity.zone))
    was = "difference" if count == 1 else "differences"
    message = (
        f"{count} {was} between {name_of(name)} and the ledger nobody has acknowledged. "
        f"See `publisher reconcile {name}`."
    )
    notices.clear(f"reconcile:{name}", now)
    notices.notify(f"reconcile:{name}:{local:%Y%m%d}", message, now)

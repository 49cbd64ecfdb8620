"""Direct addresses of what was removed, polled until they no longer answer.

The platform's "not there" is about the photo or video. Its bytes may go on being served from caches, and the person
shown does not care which of the two it is.
"""

from __future__ import annotations

from pressqueue.due import takedown as due
from pressqueue.models import MediaAddress
from pressqueue.moves import media_addresses, notices
from publisher.destinations.errors import Later, Refused
from publisher.takedown import rounds
from publisher.workers.worker import Worker

AT_ONCE = 50
SHOWN = 3  # addresses in a Notice; the rest are on the Item's page


def ask_all(worker: Worker) -> int:
    """Every address that is due. Returns how many have gone."""
    return sum(ask(worker, address) for address in list(due.addresses_to_ask(worker.scope())[:AT_ONCE]))


def ask(worker: Worker, address: MediaAddress) -> bool:
    """One address, once. True where it is gone; False where it answers, nobody can say, or another worker has it."""
    if not media_addresses.lease_address(address, worker.name, worker.lease, now=worker.clock()):
        return False
    try:
        answers = worker.destinations[address.post.destination].still_served(address.url)
    except (Later, Refused):  # not known is not gone
        answers = True
    now = worker.clock()
    if answers:
        pace = worker.office.pace
        wait = worker.backoff(address.tries, pace.withdraw_first, pace.media_most)
        media_addresses.still_answering(address, not_before=now + wait, now=now)
        return False
    if media_addresses.address_gone(address, now=now):
        notices.clear(f"media:{address.post_id}", now)
    return True


def notify_overdue(worker: Worker) -> None:
    """An officer is notified fifteen minutes after the take-down was asked for, and of the breach after thirty."""
    scope = worker.scope()
    left: dict[int, list[MediaAddress]] = {}
    for address in due.addresses_overdue(scope):
        left.setdefault(address.post_id, []).append(address)
    for pk, addresses in left.items():
        post = addresses[0].post
        reference, where = post.item.reference, post.destination
        listed = ", ".join(each.url for each in addresses[:SHOWN]) + (" and more" if addresses[SHOWN:] else "")
        text = (
            f"{reference} is removed at {where}, but {len(addresses)} direct image links may still work: "
            f"{listed}. Publisher checks them until they stop working."
        )
        breach = (
            f"{reference} at {where}: {rounds.BREACH} Direct addresses may still answer: {listed}. Ask the platform."
        )
        rounds.notify_overdue(f"media:{pk}", text, breach, post.take_down_asked_at, scope.now, reference)

"""The lane that mails recall notices: claimed, the try written down, mailed, then recorded. At least once."""

from __future__ import annotations

import hashlib
import logging
import secrets
from smtplib import SMTPException
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMessage

from pressqueue.models import RecallNotice
from pressqueue.moves import recalls
from publisher.configuration.office_file import Office
from publisher.disclosure import public_texts
from publisher.disclosure.public_texts import Kind
from publisher.workers.worker import Worker

log = logging.getLogger(__name__)

AT_ONCE = 50  # notices in one round; the next round takes the rest


def digest(token: str) -> str:
    """What is kept of a link's token: its SHA-256."""
    return hashlib.sha256(token.encode()).hexdigest()


def run_round(worker: Worker) -> int:
    """Mail what is due, and tell a person what nobody acknowledged. Returns how many mails went out."""
    sent = 0
    for recall in recalls.recalls_due(worker.clock())[:AT_ONCE]:
        if worker.shutdown.requested:
            break
        sent += _mail_one(worker, recall)
    recalls.notify_unacknowledged(worker.clock())
    return sent


def _mail_one(worker: Worker, recall: RecallNotice) -> bool:
    token = secrets.token_urlsafe(32)
    attempt = recalls.take_recall(recall, digest(token), now=worker.clock())
    if attempt is None:
        return False
    try:
        message(worker.office, recall, token).send()
    except (OSError, SMTPException, ValueError) as error:  # ValueError: an address no header can hold
        log.warning("A recall notice could not be mailed (%s); it is tried again.", type(error).__name__)
        recalls.recall_failed(attempt, f"The mail server did not take it ({type(error).__name__}).", now=worker.clock())
        return False
    recalls.recall_sent(attempt, now=worker.clock())
    return True


_TAKEN_DOWN = ("has taken down {reference}", "Taken down")
# Its Item goes on, yet what they hold stands no longer.
_HAPPENED = {
    "reopened": ("is changing {reference}", "Called back"),
    "amended": ("has corrected the words of {reference}", "Corrected"),
}


def message(office: Office, recall: RecallNotice, token: str) -> EmailMessage:
    """The mail. It never says what became of the person: that no number may be read off the totals holds here too."""
    reference = recall.item.reference
    asked = recall.queued_at.astimezone(ZoneInfo(office.identity.zone))
    happened, when = _HAPPENED.get(recall.reason, _TAKEN_DOWN)
    lines = [
        f"To {recall.name}, {recall.organisation}",
        f"{office.identity.name} {happened.format(reference=reference)}, of which you were given a press pack.",
        "Please stop using it now: remove every copy from pages, apps, social media and print that has not gone out, "
        "delete the files, and pass this on to everybody you gave them to.",
    ]
    if recall.reason in ("eliminated", "wrong_image"):
        lines.append(public_texts.NOBODY_SUSPECTED)
        if words := public_texts.approved(Kind.CORRECTION, recall.item, office.identity.name):
            lines.append(f"You may print this:\n{words}")
    if office.web.address:
        link = f"{office.web.address.rstrip('/')}/recall/{token}/"
        lines.append(f"Then open this address and confirm. You need no account:\n{link}")
    lines.append(f"Questions, or where the address does not open: {recall.recall_address}")
    if recall.reason in _HAPPENED:
        lines.append("If it may be used again, we will send you a new press pack. Use only that one.")
    lines.append(f"{when} {asked:%H:%M on %-d %B %Y} ({office.identity.zone}).")
    return EmailMessage(
        subject=f"RECALL of {reference}: please stop using it now",
        body="\n\n".join(lines),
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[recall.email],
        reply_to=[recall.recall_address],
    )

"""What each line of the withdrawal register means for a database that is older than it.

Each answers whether it changed anything, and may be repeated.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

from pressqueue import local, locks
from pressqueue.actors import Actor
from pressqueue.audit import Log, moving
from pressqueue.models import (
    Approval,
    BlockedImage,
    Campaign,
    Disclosure,
    Item,
    LegalHold,
    Officer,
    Post,
    Purge,
    Subject,
    UnmanagedMedia,
)
from pressqueue.moves import notices
from pressqueue.moves.end_publication import end_post
from pressqueue.moves.items import expire_held
from pressqueue.moves.officers import shut_out, void_approvals
from pressqueue.moves.public_texts import ended_again
from pressqueue.moves.reopening import reopen_only
from pressqueue.moves.retention import carry_out_purge
from pressqueue.moves.subjects import ENDINGS
from pressqueue.moves.takedown import REASONS, take_down_inherited, withdraw_held
from pressqueue.moves.totals import replay_totals
from pressqueue.moves.unmanaged import still_published
from pressqueue.register import RegisterEvent, officer_code
from pressqueue.states import COUNTS_AS_PUBLIC, ItemState, PostState

RESTORE = Actor(None, "restore")


def hold_restored(log: Log, held: locks.Held) -> None:
    """Hold an Item of a restored office, unless it is held already. The caller has locked it."""
    if not held.item.held:
        held.item.held = True
        held.item.save(update_fields=["held"])
        log.note("item_hold", item=held.item.pk, reason="restored")


def reopen_restored(log: Log, held: locks.Held, reason: str, now: datetime) -> None:
    """Send a restored Item back to review and end its Posts that were not sent. The caller has locked it."""
    reopen_only(log, held, reason, now)
    for post in held.posts:
        if post.state in (PostState.WAITING, PostState.FAILED):
            end_post(log, post, reason, now)


def _withdrawn(event: RegisterEvent, now: datetime) -> bool:
    return _down(event.text("item"), event.text("reason"), now)


def _down(reference: str, reason: str, now: datetime) -> bool:
    """Withdraw one Item again, by its reference. False where it is down already, or was lost with the database."""
    item = Item.objects.filter(reference=reference).first()
    if item is None:
        return False
    with moving(RESTORE, now) as log:
        held = locks.item(item.pk, posts=True)
        if held.item.state in (ItemState.WITHDRAWN, ItemState.EXPIRED):
            return False
        if reason == "expired" and held.item.state == ItemState.APPROVED:
            expire_held(log, held, now)
        else:
            withdraw_held(log, held, reason if reason in REASONS else "withdrawn", now)
    return True


def _post_down(event: RegisterEvent, now: datetime) -> bool:
    post = Post.objects.filter(mark=event.text("mark"), created_at__lte=event.at).order_by("-pk").first()
    if post is None:
        return False
    with moving(RESTORE, now) as log:
        held = locks.item(post.item_id, posts=True)
        locked = next(each for each in held.posts if each.pk == post.pk)
        end_post(log, locked, event.text("reason"), now)
    return True


def _outcome(event: RegisterEvent, now: datetime) -> bool:
    """A Subject's outcome: recorded again, everything that shows them down, their images blocked."""
    subject = Subject.objects.filter(number=event.text("subject")).first()
    changed = subject is not None and _record_outcome(subject, event, now)
    shown = set(event.texts("items"))
    if subject is not None:
        shown |= set(subject.items.values_list("reference", flat=True))
    for reference in sorted(shown):
        changed |= _down(reference, event.text("outcome"), now)
    for sha256 in event.texts("hashes"):
        changed |= _block(sha256, subject, event)
    return changed


def _record_outcome(subject: Subject, event: RegisterEvent, now: datetime) -> bool:
    with moving(RESTORE, now) as log:
        locks.office()
        (locked,) = locks.subjects([subject.pk])
        take_down_inherited(log, [locked], event.text("outcome"), now)
        if locked.outcome in ENDINGS:
            return False
        locked.outcome, locked.outcome_at = event.text("outcome"), event.at
        locked.save(update_fields=["outcome", "outcome_at"])
        log.note("subject_outcome", subject=locked.pk, outcome=locked.outcome)
    return True


def _inherited_down(event: RegisterEvent, now: datetime) -> bool:
    """What stood there before us and was withdrawn, also where this database does not know it yet."""
    known = UnmanagedMedia.objects.filter(
        destination=event.text("destination"), decision=UnmanagedMedia.Decision.WITHDRAWN
    )
    left = sorted(set(event.texts("ids")) - set(known.values_list("remote_id", flat=True)))
    for remote_id in left:
        thing = UnmanagedMedia(destination=event.text("destination"), remote_id=remote_id, visibility="public")
        still_published(thing, event.text("reason"), post_id=None, now=now)
    return bool(left)


def _block(sha256: str, subject: Subject | None, event: RegisterEvent) -> bool:
    if BlockedImage.objects.filter(sha256=sha256, since__gte=event.at).exists():
        return False  # blocked then, or since: what was lifted after this line stays lifted
    item = Item.objects.filter(original_id=sha256).order_by("pk").first()
    _, made = BlockedImage.objects.get_or_create(
        sha256=sha256,
        lifted_at=None,
        defaults={
            "subject": subject,
            "item": item,
            "reason": event.text("reason") or event.text("outcome"),
            "since": event.at,
        },
    )
    return made


def _blocked(event: RegisterEvent, now: datetime) -> bool:
    """Pictures that may not be queued again, whatever they came down for."""
    subject = Subject.objects.filter(number=event.text("subject")).first()
    return sum(_block(sha256, subject, event) for sha256 in event.texts("hashes")) > 0


def _approvals_void(event: RegisterEvent, now: datetime) -> bool:
    """Approvals of these Packages given before this line; a later one is a decision of its own."""
    void = Approval.objects.filter(
        package__item__reference=event.text("item"),
        digest__in=event.texts("packages"),
        void_at__isnull=True,
        at__lte=event.at,
    )
    item = Item.objects.filter(reference=event.text("item")).first()
    if item is None or not void.exists():
        return False
    with moving(RESTORE, now) as log:
        held = locks.item(item.pk, posts=True)
        if held.item.state == ItemState.APPROVED and not _is_public(held.posts):
            reopen_restored(log, held, event.text("reason"), now)
        else:  # public, and amended since: it stays up, and no copy that still waits goes out with the old words
            numbers = sorted(void.values_list("pk", flat=True))
            void.update(void_at=now, void_reason=event.text("reason"))
            log.note("approvals_void", item=item.pk, approvals=numbers, reason=event.text("reason"))
    return True


def _is_public(posts: list[Post]) -> bool:
    return any(PostState(post.state) in COUNTS_AS_PUBLIC for post in posts)


def _disclosed(event: RegisterEvent, now: datetime) -> bool:
    """A press pack given out after the backup: who holds it is not known here, so a person finds out."""
    if Disclosure.objects.filter(archive=event.text("archive")).exists():
        return False
    message = (
        f"A press pack of {event.text('item')} was given out at {local.at(event.at)}, and this "
        "restored office does not know to whom. Find out who made it, and give it out again or recall it yourself."
    )
    return notices.notify(f"disclosed:{event.text('archive')}", message, now, event.text("item"))


def _on(event: RegisterEvent) -> dict[str, Item | Subject | None]:
    """What a legal hold is on: one of the two, or, lost with the database, neither."""
    name = event.text("on")
    return {
        "item": Item.objects.filter(reference=name).first(),
        "subject": Subject.objects.filter(number=name).first(),
    }


def _legal_hold(event: RegisterEvent, now: datetime) -> bool:
    """The hold stands again; who placed it, and why, was lost: a person finds out before anybody lifts it."""
    on, placed_at = _on(event), datetime.fromisoformat(event.text("at"))
    if not any(on.values()) or LegalHold.objects.filter(**on, placed_at=placed_at).exists():
        return False
    with moving(RESTORE, now) as log:
        locks.office()
        message = "As the withdrawal register says; why is not known in this restored office."
        hold = LegalHold.objects.create(**on, placed_at=placed_at, why=message, authority=message)
        log.note("legal_hold", hold=hold.pk, item=hold.item_id, subject=hold.subject_id, reason="restored")
    return True


def _legal_hold_lifted(event: RegisterEvent, now: datetime) -> bool:
    standing = LegalHold.objects.filter(
        **_on(event), placed_at=datetime.fromisoformat(event.text("at")), lifted_at__isnull=True
    )
    hold = standing.first()
    if hold is None:
        return False
    with moving(RESTORE, now) as log:
        locks.office()
        standing.update(lifted_at=event.at)
        log.note("legal_hold_lifted", hold=hold.pk, item=hold.item_id, subject=hold.subject_id, reason="restored")
    return True


def _purged(event: RegisterEvent, now: datetime) -> bool:
    """Purged again: at once where it is down everywhere, else once the accounts were reckoned and it is."""
    item = Item.objects.filter(reference=event.text("item"), purged_at__isnull=True).first()
    if item is None:
        return False
    with moving(RESTORE, now) as log:
        held = locks.item(item.pk, posts=True)
        message = "The withdrawal register says that it was purged before this restore."
        purge, _ = Purge.objects.get_or_create(
            item=held.item, dropped_at__isnull=True, defaults={"authority": message, "asked_at": event.at}
        )
        if purge.confirmed_at is not None:
            return False
        Purge.objects.filter(pk=purge.pk).update(confirmed_at=event.at)
        log.note("purge_replayed", purge=purge.pk, item=held.item.pk)
    carry_out_purge(purge, now=now)
    return True


def _held_again(event: RegisterEvent, now: datetime) -> bool:
    item = Item.objects.filter(reference=event.text("item"), held=False).first()
    if item is None:
        return False
    with moving(RESTORE, now) as log:
        hold_restored(log, locks.item(item.pk))
    return True


def _campaign_held_again(event: RegisterEvent, now: datetime) -> bool:
    campaign = Campaign.objects.filter(prefix=event.text("prefix"), held=False).first()
    if campaign is None:
        return False
    with moving(RESTORE, now) as log:
        locks.office()
        Campaign.objects.filter(pk=locks.campaign(campaign.pk).pk).update(held=True)
        log.note("campaign_hold", campaign=campaign.pk, reason="restored")
    return True


def _frozen_again(event: RegisterEvent, now: datetime) -> bool:
    with moving(RESTORE, now) as log:
        office = locks.office()
        if office.frozen == event.text("what") or event.text("what") == "none":
            return False
        log.note("freeze", was=office.frozen, now=event.text("what"))
        office.frozen = event.text("what")
        office.save(update_fields=["frozen"])
    return True


def _leaver(event: RegisterEvent, now: datetime) -> bool:
    """The account is disabled again, unless nobody would be left to make accounts: then a person is told."""
    person = next((one for one in Officer.objects.order_by("pk") if officer_code(one) == event.text("officer")), None)
    if person is None:
        return False
    with moving(RESTORE, now) as log:
        locks.office()
        void_approvals(log, person, bool(event.codes.get("for_cause")), now)
        locked = Officer.objects.select_for_update(no_key=True).get(pk=person.pk)
        if not locked.is_active:
            return False
        others = Officer.objects.filter(administrator=True, is_active=True).exclude(pk=locked.pk)
        if locked.administrator and not others.exists():
            message = f"The account {locked.username} was disabled after the backup, and is the only administrator now."
            notices.notify(f"restored:administrator:{locked.pk}", f"{message} Make another and disable it.", now)
            return False
        shut_out(log, locked, bool(event.codes.get("for_cause")), now)
    return True


CHANGES: dict[str, Callable[[RegisterEvent, datetime], bool]] = {
    "withdrawn": _withdrawn,
    "post_down": _post_down,
    "outcome": _outcome,
    "blocked": _blocked,
    "disclosed": _disclosed,
    "legal_hold": _legal_hold,
    "legal_hold_lifted": _legal_hold_lifted,
    "purged": _purged,
    "inherited_down": _inherited_down,
    "approvals_void": _approvals_void,
    "hold": _held_again,
    "campaign_hold": _campaign_held_again,
    "freeze": _frozen_again,
    "officer_disabled": _leaver,
    "totals": partial(replay_totals, RESTORE),
    "text_ended": partial(ended_again, RESTORE),
}

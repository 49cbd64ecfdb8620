"""An older database in a newer one's place: everything is frozen, and what the register knows is done again.

Each of these may be repeated; a death between two of them leaves an office that is frozen and is recovered anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import partial

from django.contrib.sessions.models import Session

from pressqueue import counters, locks, notices
from pressqueue.actors import Actor
from pressqueue.audit import Log, moving
from pressqueue.models import (
    Approval,
    BlockedImage,
    Campaign,
    Disclosure,
    Inherited,
    Item,
    LegalHold,
    Officer,
    PersonalToken,
    Post,
    Purge,
    SignInCode,
    Subject,
)
from pressqueue.moves.adopting import left_up
from pressqueue.moves.fallaway import end_post
from pressqueue.moves.items import expire_held
from pressqueue.moves.people import shut_out, void_approvals
from pressqueue.moves.reopening import reopen_only
from pressqueue.moves.retention import carry_out_purge
from pressqueue.moves.standing import ended_again
from pressqueue.moves.subjects import ENDINGS
from pressqueue.moves.takedown import REASONS, take_down_inherited, withdraw_held
from pressqueue.moves.totals import told_again
from pressqueue.register import Told, officer_code
from pressqueue.states import COUNTS_AS_PUBLIC, ItemState, PostState

RESTORE = Actor(None, "restore")
CAUSE = "recovering"  # the Notice that stands until somebody resumes
_HELD = "Held after a restore: release it once its outcome is confirmed; then it is approved afresh."


def begin_recovery(words: str, *, now: datetime, **codes: str | int) -> None:
    """Freeze all sending and revealing until every account was reconciled, and tell a person why."""
    with moving(RESTORE, now) as log:
        office = locks.office()
        if office.recovering_since is None:
            office.recovering_since = now
            office.save(update_fields=["recovering_since"])
            log.note("recovering", "", **codes)
    notices.tell(CAUSE, words, now)


def replay(lines: Iterable[Told], *, now: datetime) -> dict[str, int]:
    """Do again what the register tells; answers how many lines of each kind changed something.

    What came later wins: who was disabled and enabled again is not disabled, a hold that was released is no hold.
    """
    done: dict[str, int] = {}
    for told in _latest(lines):
        change = _CHANGES.get(told.kind)
        if change is not None and change(told, now):
            done[told.kind] = done.get(told.kind, 0) + 1
    return done


# Of these only the last word counts; everything else is done again line by line.
_UNDONE_BY = {"release": "hold", "campaign_release": "campaign_hold", "officer_enabled": "officer_disabled"}


def _latest(lines: Iterable[Told]) -> list[Told]:
    last: dict[tuple[str, str], Told] = {}
    kept = []
    for told in lines:
        kind = _UNDONE_BY.get(told.kind, told.kind)
        if kind in _UNDONE_BY.values() or kind == "freeze":
            last[kind, told.text("item") or told.text("prefix") or told.text("officer")] = told
        else:
            kept.append(told)
    return kept + list(last.values())


def set_aside(now: datetime) -> list[str]:
    """Hold every appeal and wanted Item that is not public, and void its Approvals. Answers their references.

    What waits is cancelled. What a platform may hold already stays where it is: the reconciliation decides.
    """
    unposted = Item.objects.filter(kind__in=[Item.Kind.APPEAL, Item.Kind.WANTED]).exclude(
        state__in=[ItemState.WITHDRAWN, ItemState.EXPIRED]
    )
    unposted = unposted.exclude(posts__in=Post.objects.filter(state__in=COUNTS_AS_PUBLIC))
    aside = []
    for pk in unposted.order_by("pk").values_list("pk", flat=True):
        with moving(RESTORE, now) as log:
            held = locks.item(pk, posts=True)
            _hold(log, held)
            if held.item.state in (ItemState.IN_REVIEW, ItemState.APPROVED):
                _reopen(log, held, "restored", now)
        aside.append(held.item.reference)
    if aside:
        notices.tell("restored:held", f"{len(aside)} appeals are held. {_HELD}", now)
    return aside


def end_old_sign_ins(now: datetime) -> None:
    """Sessions, one-time codes and command-line tokens that ended after the backup must not come alive again."""
    with moving(RESTORE, now) as log:
        Session.objects.all().delete()
        SignInCode.objects.filter(used_at__isnull=True).update(used_at=now)
        ended = PersonalToken.objects.filter(revoked_at__isnull=True).update(revoked_at=now)
        log.note("sign_ins_ended", tokens=ended)


def raise_counters(least: Mapping[str, tuple[int, int]], *, now: datetime) -> int:
    """Raise each campaign's next number and next day to at least these. Answers how many campaigns changed.

    Day numbers that had come back are given up: they may have been used by what was lost. A gap is not a double.
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


def note_restored(actor: Actor, *, now: datetime, **codes: str | int) -> None:
    """The Entry of a restore: from which head of the chain, with which register, by whom."""
    with moving(actor, now) as log:
        log.note("restored", "", **codes)


def counters_of(lines: Iterable[Told]) -> counters.Least:
    """What may be given next, after every reference and Subject the register names."""
    named: list[str] = []
    for told in lines:
        named += [told.text("item"), told.text("subject"), *told.texts("items")]
    return counters.above(named)


def _hold(log: Log, held: locks.Held) -> None:
    if not held.item.held:
        held.item.held = True
        held.item.save(update_fields=["held"])
        log.note("item_hold", item=held.item.pk, reason="restored")


def _reopen(log: Log, held: locks.Held, reason: str, now: datetime) -> None:
    reopen_only(log, held, reason, now)
    for post in held.posts:
        if post.state in (PostState.WAITING, PostState.FAILED):
            end_post(log, post, reason, now)


def _withdrawn(told: Told, now: datetime) -> bool:
    return _down(told.text("item"), told.text("reason"), now)


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


def _post_down(told: Told, now: datetime) -> bool:
    post = Post.objects.filter(mark=told.text("mark"), created_at__lte=told.at).order_by("-pk").first()
    if post is None:
        return False
    with moving(RESTORE, now) as log:
        held = locks.item(post.item_id, posts=True)
        mine = next(each for each in held.posts if each.pk == post.pk)
        end_post(log, mine, told.text("reason"), now)
    return True


def _outcome(told: Told, now: datetime) -> bool:
    """A Subject's outcome: recorded again, everything that shows them down, their images blocked."""
    subject = Subject.objects.filter(number=told.text("subject")).first()
    changed = subject is not None and _record_outcome(subject, told, now)
    shown = set(told.texts("items"))
    if subject is not None:
        shown |= set(subject.items.values_list("reference", flat=True))
    for reference in sorted(shown):
        changed |= _down(reference, told.text("outcome"), now)
    for sha256 in told.texts("hashes"):
        changed |= _block(sha256, subject, told)
    return changed


def _record_outcome(subject: Subject, told: Told, now: datetime) -> bool:
    with moving(RESTORE, now) as log:
        locks.office()
        (mine,) = locks.subjects([subject.pk])
        take_down_inherited(log, [mine], told.text("outcome"), now)
        if mine.outcome in ENDINGS:
            return False
        mine.outcome, mine.outcome_at = told.text("outcome"), told.at
        mine.save(update_fields=["outcome", "outcome_at"])
        log.note("subject_outcome", subject=mine.pk, outcome=mine.outcome)
    return True


def _inherited_down(told: Told, now: datetime) -> bool:
    """What stood there before us and was withdrawn, also where this database does not know it yet."""
    known = Inherited.objects.filter(destination=told.text("destination"), decision=Inherited.Decision.WITHDRAWN)
    left = sorted(set(told.texts("ids")) - set(known.values_list("remote_id", flat=True)))
    for remote_id in left:
        thing = Inherited(destination=told.text("destination"), remote_id=remote_id, visibility="public")
        left_up(thing, told.text("reason"), post_id=None, now=now)
    return bool(left)


def _block(sha256: str, subject: Subject | None, told: Told) -> bool:
    if BlockedImage.objects.filter(sha256=sha256, since__gte=told.at).exists():
        return False  # blocked then, or since: what was lifted after this line stays lifted
    item = Item.objects.filter(original_id=sha256).order_by("pk").first()
    _, made = BlockedImage.objects.get_or_create(
        sha256=sha256,
        lifted_at=None,
        defaults={
            "subject": subject,
            "item": item,
            "reason": told.text("reason") or told.text("outcome"),
            "since": told.at,
        },
    )
    return made


def _blocked(told: Told, now: datetime) -> bool:
    """Pictures that may not be queued again, whatever they came down for."""
    subject = Subject.objects.filter(number=told.text("subject")).first()
    return sum(_block(sha256, subject, told) for sha256 in told.texts("hashes")) > 0


def _approvals_void(told: Told, now: datetime) -> bool:
    """Approvals of these Packages given before this line; a later one is a decision of its own."""
    void = Approval.objects.filter(
        package__item__reference=told.text("item"),
        digest__in=told.texts("packages"),
        void_at__isnull=True,
        at__lte=told.at,
    )
    item = Item.objects.filter(reference=told.text("item")).first()
    if item is None or not void.exists():
        return False
    with moving(RESTORE, now) as log:
        held = locks.item(item.pk, posts=True)
        if held.item.state == ItemState.APPROVED and not _is_public(held.posts):
            _reopen(log, held, told.text("reason"), now)
        else:  # public, and amended since: it stays up, and no copy that still waits goes out with the old words
            numbers = sorted(void.values_list("pk", flat=True))
            void.update(void_at=now, void_reason=told.text("reason"))
            log.note("approvals_void", item=item.pk, approvals=numbers, reason=told.text("reason"))
    return True


def _is_public(posts: list[Post]) -> bool:
    return any(PostState(post.state) in COUNTS_AS_PUBLIC for post in posts)


def _disclosed(told: Told, now: datetime) -> bool:
    """A press pack given out after the backup: who holds it is not known here, so a person finds out."""
    if Disclosure.objects.filter(archive=told.text("archive")).exists():
        return False
    words = (
        f"A press pack of {told.text('item')} was given out on {told.at:%-d %B %Y} at {told.at:%H:%M} UTC, and this "
        "restored office does not know to whom. Find out who made it, and give it out again or recall it yourself."
    )
    return notices.tell(f"disclosed:{told.text('archive')}", words, now, told.text("item"))


def _on(told: Told) -> dict[str, Item | Subject | None]:
    """What a legal hold is on: one of the two, or, lost with the database, neither."""
    name = told.text("on")
    return {
        "item": Item.objects.filter(reference=name).first(),
        "subject": Subject.objects.filter(number=name).first(),
    }


def _legal_hold(told: Told, now: datetime) -> bool:
    """The hold stands again; who placed it, and why, was lost: a person finds out before anybody lifts it."""
    on, placed_at = _on(told), datetime.fromisoformat(told.text("at"))
    if not any(on.values()) or LegalHold.objects.filter(**on, placed_at=placed_at).exists():
        return False
    with moving(RESTORE, now) as log:
        locks.office()
        words = "As the withdrawal register says; why is not known in this restored office."
        hold = LegalHold.objects.create(**on, placed_at=placed_at, why=words, authority=words)
        log.note("legal_hold", hold=hold.pk, item=hold.item_id, subject=hold.subject_id, reason="restored")
    return True


def _legal_hold_lifted(told: Told, now: datetime) -> bool:
    standing = LegalHold.objects.filter(
        **_on(told), placed_at=datetime.fromisoformat(told.text("at")), lifted_at__isnull=True
    )
    hold = standing.first()
    if hold is None:
        return False
    with moving(RESTORE, now) as log:
        locks.office()
        standing.update(lifted_at=told.at)
        log.note("legal_hold_lifted", hold=hold.pk, item=hold.item_id, subject=hold.subject_id, reason="restored")
    return True


def _purged(told: Told, now: datetime) -> bool:
    """Purged again: at once where it is down everywhere, else once the accounts were reckoned and it is."""
    item = Item.objects.filter(reference=told.text("item"), purged_at__isnull=True).first()
    if item is None:
        return False
    with moving(RESTORE, now) as log:
        held = locks.item(item.pk, posts=True)
        words = "The withdrawal register says that it was purged before this restore."
        purge, _ = Purge.objects.get_or_create(
            item=held.item, dropped_at__isnull=True, defaults={"authority": words, "asked_at": told.at}
        )
        if purge.confirmed_at is not None:
            return False
        Purge.objects.filter(pk=purge.pk).update(confirmed_at=told.at)
        log.note("purge_replayed", purge=purge.pk, item=held.item.pk)
    carry_out_purge(purge, now=now)
    return True


def _held_again(told: Told, now: datetime) -> bool:
    item = Item.objects.filter(reference=told.text("item"), held=False).first()
    if item is None:
        return False
    with moving(RESTORE, now) as log:
        _hold(log, locks.item(item.pk))
    return True


def _campaign_held_again(told: Told, now: datetime) -> bool:
    campaign = Campaign.objects.filter(prefix=told.text("prefix"), held=False).first()
    if campaign is None:
        return False
    with moving(RESTORE, now) as log:
        locks.office()
        Campaign.objects.filter(pk=locks.campaign(campaign.pk).pk).update(held=True)
        log.note("campaign_hold", campaign=campaign.pk, reason="restored")
    return True


def _frozen_again(told: Told, now: datetime) -> bool:
    with moving(RESTORE, now) as log:
        office = locks.office()
        if office.frozen == told.text("what") or told.text("what") == "none":
            return False
        log.note("freeze", was=office.frozen, now=told.text("what"))
        office.frozen = told.text("what")
        office.save(update_fields=["frozen"])
    return True


def _leaver(told: Told, now: datetime) -> bool:
    """The account is disabled again, unless nobody would be left to make accounts: then a person is told."""
    person = next((one for one in Officer.objects.order_by("pk") if officer_code(one) == told.text("officer")), None)
    if person is None:
        return False
    with moving(RESTORE, now) as log:
        locks.office()
        void_approvals(log, person, bool(told.codes.get("for_cause")), now)
        mine = Officer.objects.select_for_update().get(pk=person.pk)
        if not mine.is_active:
            return False
        others = Officer.objects.filter(administrator=True, is_active=True).exclude(pk=mine.pk)
        if mine.administrator and not others.exists():
            words = f"The account {mine.username} was disabled after the backup, and is the only administrator now."
            notices.tell(f"restored:administrator:{mine.pk}", f"{words} Make another and disable it.", now)
            return False
        shut_out(log, mine, bool(told.codes.get("for_cause")), now)
    return True


_CHANGES: dict[str, Callable[[Told, datetime], bool]] = {
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
    "totals": partial(told_again, RESTORE),
    "text_ended": partial(ended_again, RESTORE),
}

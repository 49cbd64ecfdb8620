"""Texts the machine itself publishes: drafted by one person, approved at the desk by another, ended by anybody of them.

An album's words are a title and a description; filing waits for them (`publisher.publishing.albums`). Approving them
puts the ones before out of force in the same transaction, so that there is always one answer to what the public
should read.
"""

from __future__ import annotations

from datetime import datetime

from pressqueue import locks, powers, public_texts, register
from pressqueue.actors import Actor
from pressqueue.audit import Log, moving
from pressqueue.cleaning import clean_texts
from pressqueue.errors import Forbidden, GatesClosed
from pressqueue.gates.approval import person_fault
from pressqueue.models import Album, ApprovedText, Campaign, Officer, Post, Step, Totals
from pressqueue.moves import albums, notices
from pressqueue.states import PostState

Kind = ApprovedText.Kind
WAITS = "text:{}"  # the cause of the Notice that a text waits for a second person
NO_WORDS = "album-words:{}"  # and of the one that a campaign's album waits for words


@clean_texts
def draft_text(
    actor: Actor, kind: str, campaign: Campaign | None = None, *, title: str = "", body: str, now: datetime
) -> ApprovedText:
    """Draft a text for a second person to approve; it replaces an earlier draft for the same place.

    Raises Forbidden for somebody who is no author and for an unknown kind; GatesClosed where the text breaks a rule.
    """
    officer = powers.demand(actor, "draft_text")
    if kind not in Kind.values:
        raise Forbidden(f"“{kind}” is no kind of text: {', '.join(Kind.values)}.")
    with moving(actor, now) as log:
        locks.office()
        held = locks.campaign(campaign.pk) if campaign else None
        return drafted(log, officer, kind, held, title, body, now)


def drafted(
    log: Log, officer: Officer, kind: str, campaign: Campaign | None, title: str, body: str, now: datetime
) -> ApprovedText:
    """Draft a text inside a move that checked the person and holds the office, and the campaign where there is one."""
    title, body = title.strip(), body.strip()
    if failures := public_texts.faults(kind, campaign, title, body):
        raise GatesClosed(failures)
    if earlier := public_texts.waiting(kind, campaign):
        _end(log, earlier, officer, "replaced", now)
    text = ApprovedText(kind=kind, campaign=campaign, title=title, body=body, drafted_by=officer, drafted_at=now)
    text.digest = public_texts.digest(text)
    text.save()
    log.note("text_drafted", standing_text=text.pk, kind=kind, campaign=campaign.pk if campaign else None,
             digest=text.digest)  # fmt: skip
    approvers = Officer.objects.filter(is_active=True, may_approve=True).exclude(pk=officer.pk)
    notices.notify(
        WAITS.format(text.pk), f"{described(text)} is waiting for a second person: see the Standard wording page.", now,
        to=approvers.values_list("pk", flat=True),
    )  # fmt: skip
    return text


@clean_texts
def approve_text(actor: Actor, text: ApprovedText, digest: str, *, now: datetime) -> ApprovedText:
    """Put a draft in force, exactly as shown: `digest` is what the desk showed. Raises Forbidden or GatesClosed.

    The text is checked again, because a force's lists and the people it seeks change while a draft waits.
    """
    powers.demand(actor, "approve_text")
    with moving(actor, now) as log:
        locked = _held(text)
        if locked.approved_at is not None or locked.ended_at is not None:
            raise Forbidden("These words wait for nobody any more: look at the page again.")
        if digest != locked.digest or public_texts.digest(locked) != locked.digest:
            raise Forbidden("The words changed while you looked at them. Look again, then decide.")
        approver = Officer.objects.select_for_update(no_key=True).filter(pk=actor.officer_id or 0).first()
        if fault := person_fault(approver, now):
            raise Forbidden(fault)
        assert approver is not None
        if approver.pk == locked.drafted_by_id:
            raise Forbidden("You drafted these words, so somebody else must approve them.")
        if failures := public_texts.faults(locked.kind, locked.campaign, locked.title, locked.body):
            raise GatesClosed(failures)
        _replace(log, locked, approver, now)
        locked.approved_by, locked.approved_at, locked.rank = approver, now, approver.rank
        locked.save(update_fields=["approved_by", "approved_at", "rank"])
        log.note("text_approved", standing_text=locked.pk, digest=locked.digest)
        notices.clear(WAITS.format(locked.pk), now)
        if locked.campaign is not None and locked.kind == Kind.ALBUM:
            _set_going(locked.campaign, locked, now)
    return locked


@clean_texts
def drop_text(actor: Actor, text: ApprovedText, *, now: datetime) -> ApprovedText:
    """Discard a draft, or end an approved text. What a platform already shows stays as it is.

    Any author or approver may do so: fewer texts by the machine can do no harm. Raises Forbidden.
    """
    officer = powers.demand(actor, "drop_text")
    with moving(actor, now) as log:
        locked = _held(text)
        if locked.ended_at is not None:
            raise Forbidden("These words are in force no more already.")
        _end(log, locked, officer, "dropped", now)
    return locked


def end_texts_of(log: Log, officer: Officer, now: datetime) -> None:
    """R54: end the texts that an account approved which is disabled for cause."""
    approved = ApprovedText.objects.filter(approved_by=officer, ended_at__isnull=True)
    for text in approved.select_related("campaign").order_by("pk"):
        _end(log, text, None, "approver_left", now)
        notices.notify(
            f"text-ended:{text.pk}",
            f"{described(text)} is no longer in use: the account that approved it was disabled for cause. "
            "Draft it again on the Standard wording page.",
            now,
        )


def ended_again(actor: Actor, event: register.RegisterEvent, now: datetime) -> bool:
    """End, in a restored database, a text that was dropped after the backup. False where nothing changes."""
    digest = event.text("digest")
    text = ApprovedText.objects.filter(digest=digest, approved_at__isnull=False, ended_at__isnull=True).first()
    if text is None:
        return False
    with moving(actor, now) as log:
        _end(log, _held(text), None, "dropped", now)
    return True


def described(text: ApprovedText) -> str:
    """Returns what the text is for, as the beginning of a sentence."""
    whose = f"“{text.campaign.title}”" if text.campaign else "the whole office"
    return f"The {text.kind} text for {whose}"


def _held(text: ApprovedText) -> ApprovedText:
    """The row with what stands above it, locked in the order of all moves."""
    locks.office()
    campaign = locks.campaign(text.campaign_id) if text.campaign_id else None
    locked = ApprovedText.objects.select_for_update(no_key=True).get(pk=text.pk)
    locked.campaign = campaign
    return locked


def _replace(log: Log, text: ApprovedText, officer: Officer, now: datetime) -> None:
    standing_now = ApprovedText.objects.filter(
        kind=text.kind, campaign=text.campaign, approved_at__isnull=False, ended_at__isnull=True
    )
    for earlier in standing_now:
        _end(log, earlier, officer, "replaced", now)


def _end(log: Log, text: ApprovedText, officer: Officer | None, reason: str, now: datetime) -> None:
    text.ended_at, text.ended_by, text.ended_reason = now, officer, reason
    text.save(update_fields=["ended_at", "ended_by", "ended_reason"])
    log.note("text_ended", standing_text=text.pk, digest=text.digest, reason=reason)
    if text.approved_at is not None and reason != "replaced":
        register.note(now, "text_ended", digest=text.digest)
    notices.clear(WAITS.format(text.pk), now)


def _set_going(campaign: Campaign, text: ApprovedText, now: datetime) -> None:
    """What waited for an album's words: filing, what is live already, and the albums that stand."""
    campaign.album_title, campaign.album_description = text.title, text.body
    campaign.save(update_fields=["album_title", "album_description"])
    Totals.objects.get_or_create(campaign=campaign, defaults={"published_at": now, "counted_at": now})
    live = Post.objects.filter(item__campaign=campaign, state=PostState.LIVE)
    Step.objects.bulk_create(
        [Step(post=post, kind="album", not_before=now) for post in live.exclude(steps__kind="album").order_by("pk")]
    )
    Step.objects.filter(post__in=live, kind="album", state="waiting").update(not_before=now)
    Album.objects.filter(key=campaign.slug).update(not_before=None, tries=0, words="")
    albums.words_changed(campaign)
    notices.clear(NO_WORDS.format(campaign.pk), now)

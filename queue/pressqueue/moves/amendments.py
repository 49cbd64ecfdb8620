"""What is live is amended: new words, or new dates after a review, are approved while the approved ones stay up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db.models import F, Q, QuerySet

from pressqueue import gates, locks, packages, powers, register
from pressqueue.actors import MACHINE, Actor
from pressqueue.audit import Log, moving
from pressqueue.cleaning import clean_texts
from pressqueue.errors import Forbidden
from pressqueue.gates.shown import seconds_shown, to_be_shown
from pressqueue.hashing import canonical
from pressqueue.models import Amendment, Approval, Edit, Item, Officer, Package, Post
from pressqueue.moves import amendment_trial, claims, notices, packaging
from pressqueue.moves.amendment_trial import ENDS, REVIEW, WORDS
from pressqueue.moves.decisions import grant, overrides_of
from pressqueue.moves.end_publication import end_amendment
from pressqueue.moves.recalls import recall_recipients
from pressqueue.states import COUNTS_AS_PUBLIC, ENDED, ItemState, PostState

_NOTHING_THERE_YET = frozenset({PostState.WAITING, PostState.FAILED})
_ENDING = [*ENDED, PostState.REMOVING]
_STAYS_UP = COUNTS_AS_PUBLIC - {PostState.REMOVING}


@clean_texts
def amend(
    actor: Actor, item: Item, reason: str, *, record: Mapping[str, Any] | None = None, now: datetime, **item_texts: Any
) -> Amendment:
    """Draft new texts for what is public. Nothing at the platforms changes before the amendment is approved.

    `record`: answers that change with them, such as a date that was wrong. Raises Forbidden, or GatesClosed with every
    rule the Item would break.
    """
    powers.demand(actor, "amend")
    if strange := sorted(set(item_texts) - set(WORDS)):
        raise Forbidden(
            f"“{strange[0]}” cannot be changed while it is public. Withdraw it and queue a new one, which is then "
            "prepared and approved as a whole."
        )
    answers = dict(record or {})
    if REVIEW in answers:
        raise Forbidden("The review date is moved by a review: `publisher review`.")
    if not reason.strip():
        raise Forbidden("Say why it is amended, for those who decide.")
    return _draft(actor, item, reason, item_texts, answers, is_review=False, now=now)


@clean_texts
def draft_review(
    actor: Actor, item: Item, necessity: str, *, review_at: datetime | None = None,
    expires_at: datetime | None = None, now: datetime,
) -> Amendment:  # fmt: skip
    """Propose, after a review, to keep the Item published: until when, and why it is still necessary.

    An approver must agree. `review_at` is the next review date of an appeal. Raises Forbidden or GatesClosed.
    """
    powers.demand(actor, "draft_review")
    if not necessity.strip():
        raise Forbidden("Say why it is still necessary to show it.")
    if review_at is None and expires_at is None:
        raise Forbidden("Say when it is looked at again, or when it comes down, or both.")
    if review_at is not None and item.kind == Item.Kind.FEATURE:
        raise Forbidden("A feature has no review date: say when it comes down.")
    item_texts = {} if expires_at is None else {ENDS: expires_at}
    answers = {} if review_at is None else {REVIEW: review_at}
    return _draft(actor, item, necessity, item_texts, answers, is_review=True, now=now)


def _draft(
    actor: Actor, item: Item, reason: str, item_texts: dict[str, Any], answers: dict[str, Any], *, is_review: bool,
    now: datetime,
) -> Amendment:  # fmt: skip
    with moving(actor, now) as log:
        held = locks.item(item.pk, posts=True)
        officer, before = powers.demand(actor, "amend"), _demand_public(held)
        _demand_nothing_open(held.item)
        _demand_no_word_on(before, officer)
        differing = {name: value for name, value in item_texts.items() if getattr(held.item, name) != value}
        files = packages.content_of(before)["files"]
        with amendment_trial.tried(held.item, differing, answers) as changed:
            if not differing and not changed:
                raise Forbidden("This changes nothing.")
            gates.demand(gates.Case(gates.Step.SUBMIT, held.item, now, amending=True))
            accounts = packages.accounts_of(held.item)
            content = canonical(packages.describe(held.item, files, before.digest, accounts))
            changes = amendment_trial.kept(held.item, differing, changed)
        package = packaging.keep(held.item, content, now)
        _demand_day(held, package)
        amendment = Amendment.objects.create(
            item=held.item, package=package, before=before, changes=changes, reason=reason.strip(),
            is_review=is_review, drafted_by=officer, drafted_at=now,
        )  # fmt: skip
        Edit.objects.create(item=held.item, officer=officer, at=now, door=actor.door)
        log.note(
            "review_drafted" if is_review else "amendment_drafted", text=reason, item=item.pk, amendment=amendment.pk,
            was=before.digest, package=package.digest,
        )  # fmt: skip
    return amendment


@clean_texts
def approve_amendment(
    actor: Actor, item: Item, digest: str, *, deciding: gates.Deciding | None = None, now: datetime
) -> Approval:
    """A second person decides about exactly the amended Package that was shown, by the rules of any approval.

    With the last Approval that is needed the new texts and dates become the Item's, and each copy at the platforms is
    rewritten. Raises GatesClosed, Forbidden.
    """
    powers.demand(actor, "approve_amendment")
    said = deciding or gates.Deciding()
    overrides_of(said)
    with moving(actor, now) as log:
        held = locks.item(item.pk, posts=True)
        _demand_public(held)
        amendment = _to_decide(held.item, digest)
        approver = Officer.objects.select_for_update(no_key=True).get(pk=actor.officer_id or 0)
        case = gates.Case(
            gates.Step.APPROVE, held.item, now, package=amendment.package, approver=approver, deciding=said,
            amending=True, reviewing=amendment.is_review,
        )  # fmt: skip
        with amendment_trial.proposed(held.item, amendment):
            case = replace(case, deciding=replace(said, seconds=seconds_shown(case)))
            gates.demand(case)
        approval = grant(case)
        with amendment_trial.proposed(held.item, amendment):
            asked = replace(case, approver=None)  # read anew: the Approval just given counts
            wanting = sorted({number for number, _ in gates.wanting(asked)})
            shown = sorted(to_be_shown(asked))
        if not wanting:
            _take_effect(log, held, amendment, now)
        log.note(
            "amendment_approved", item=item.pk, amendment=amendment.pk, package=digest, approval=approval.pk,
            sitting=approval.sitting_id, batch=approval.batch, others=approval.others, shown=shown, wanting=wanting,
            milliseconds=round((case.deciding.seconds or 0) * 1000),
        )  # fmt: skip
        for number, reason in sorted(approval.overrides.items()):
            log.note("rule_overridden", text=reason, item=item.pk, rule=number, package=digest, approval=approval.pk)
    return approval


def _take_effect(log: Log, held: locks.Held, amendment: Amendment, now: datetime) -> None:
    """The Item says the new things from here on. Its Posts go over to the new Package and keep their Marks."""
    item, before = held.item, amendment.before
    amendment_trial.write(item, *amendment_trial.restored(item, amendment.changes))
    item.package, item.approved_at = amendment.package, now
    item.save(update_fields=["package", "approved_at"])
    before.approvals.filter(void_at__isnull=True).update(void_at=now, void_reason="amended")
    register.note(now, "approvals_void", item=item.reference, packages=[before.digest], reason="amended")
    _carry_over(log, held.posts, amendment, now)
    if amendment_trial.changes_words(amendment):
        recall_recipients(log, item, "amended", now)
    amendment.state, amendment.approved_at = Amendment.State.APPROVED, now
    amendment.save(update_fields=["state", "approved_at"])
    log.note("amendment_in_effect", item=item.pk, amendment=amendment.pk, was=before.digest,
             package=amendment.package.digest)  # fmt: skip
    if amendment.is_review:
        for name in ("ReviewDue", "ReviewedInTime", "NotExpired"):
            notices.clear(f"live:{item.pk}:{name}", now)
    _end_if_written(log, amendment, now)


def _carry_over(log: Log, posts: list[Post], amendment: Amendment, now: datetime) -> None:
    """Every Post that stands goes over to the new Package; what a platform may hold is written anew."""
    new_words = amendment_trial.changes_words(amendment)
    for post in posts:
        if post.state in ENDED or post.state == PostState.REMOVING:
            continue
        changes: dict[str, Any] = {"package": amendment.package}
        if post.state not in _NOTHING_THERE_YET and (new_words or post.amending_id is not None):
            changes["amending"] = amendment
        if post.state == PostState.LIVE:
            # Whoever is writing older words into it has lost it. Their lease runs on, so that nobody writes the newer
            # ones before theirs can no longer arrive.
            changes |= {"fence": F("fence") + 1, "not_before": now}
        Post.objects.filter(pk=post.pk).update(**changes)
    for older in Amendment.objects.filter(item=amendment.item_id, state=Amendment.State.APPROVED):
        end_amendment(log, older, "superseded", now)


@clean_texts
def drop_amendment(actor: Actor, item: Item, reason: str, *, now: datetime) -> Amendment:
    """Drop an amendment that nobody has approved yet, with a reason. Raises Forbidden.

    An approved one cannot be dropped: amend the Item again.
    """
    powers.demand(actor, "drop_amendment")
    if not reason.strip():
        raise Forbidden("Say why it is dropped, so that whoever drafted it knows.")
    with moving(actor, now) as log:
        held = locks.item(item.pk)
        amendment = amendment_trial.drafted(held.item)
        if amendment is None:
            raise Forbidden(f"No amendment of {held.item.reference} waits to be decided.")
        end_amendment(log, amendment, "dropped", now, reason)
    return amendment


@clean_texts
def amended(
    post: Post, fence: int, *, title: str, caption: str, platform_at: datetime | None = None, now: datetime
) -> Post:
    """Record that the platform was read back with the new texts. Raises LeaseLost."""
    with moving(MACHINE, now) as log:
        held = locks.item(post.item_id)
        amendment = Amendment.objects.select_for_update(no_key=True).filter(pk=post.amending_id or 0).first()
        # Only while it is this amendment's: another may have taken effect since these words were packed.
        changed = Post.objects.filter(pk=post.pk, fence=fence, state=post.state, amending=amendment).update(
            amending=None, title=title, caption=caption, tries=0, words="", owner="", until=None, not_before=now
        )
        if changed != 1 or amendment is None:
            raise claims.lost(f"Post {post.pk}", fence)
        log.note("post_amended", post=post.pk, fence=fence, item=held.item.pk, amendment=amendment.pk,
                 package=amendment.package.digest,
                 **({"platform_at": platform_at.isoformat()} if platform_at is not None else {}))  # fmt: skip
        notices.clear(f"amending:{post.pk}", now)
        _end_if_written(log, amendment, now)
    return Post.objects.select_related("item", "item__campaign", "package").get(pk=post.pk)


def without_unwritten_copies() -> QuerySet[Amendment]:
    """Returns the approved amendments that wait for no copy any more."""
    waiting = Post.objects.filter(amending__isnull=False).exclude(state__in=_ENDING).values("amending")
    return Amendment.objects.filter(state=Amendment.State.APPROVED).exclude(pk__in=waiting).order_by("pk")


@clean_texts
def finish_written(*, now: datetime) -> int:
    """End approved amendments whose last unwritten copy came down; returns how many."""
    ended = 0
    for amendment in without_unwritten_copies():
        with moving(MACHINE, now) as log:
            locks.item(amendment.item_id)
            locked = Amendment.objects.select_for_update(no_key=True).get(pk=amendment.pk)
            _end_if_written(log, locked, now)
            ended += locked.ended_at is not None
    return ended


def _end_if_written(log: Log, amendment: Amendment, now: datetime) -> None:
    left = Post.objects.filter(amending=amendment).exclude(state__in=_ENDING)
    if amendment.state == Amendment.State.APPROVED and not left.exists():
        amendment.state, amendment.ended_at = Amendment.State.WRITTEN, now
        amendment.save(update_fields=["state", "ended_at"])
        log.note("amendment_written", item=amendment.item_id, amendment=amendment.pk)


def _to_decide(item: Item, digest: str) -> Amendment:
    amendment = amendment_trial.drafted(item)
    if amendment is None:
        raise Forbidden(f"No amendment of {item.reference} waits to be decided.")
    if digest != amendment.package.digest or amendment.before_id != item.package_id:
        raise Forbidden("The amendment changed while you looked at it. Look again, then decide.")
    return amendment


def _demand_public(held: locks.Held) -> Package:
    item = held.item
    if item.state != ItemState.APPROVED or item.package is None:
        raise Forbidden(f"{item.reference} is {item.state}: only what is approved and public is amended.")
    if not any(PostState(post.state) in _STAYS_UP for post in held.posts):
        raise Forbidden(f"Nothing of {item.reference} is public: change it, and it is approved again as a whole.")
    return item.package


def _demand_no_word_on(package: Package, officer: Officer) -> None:
    """Whoever drafts becomes one of its hands: their word on it would count no more, for what waits still as well."""
    if package.approvals.filter(approver=officer, void_at__isnull=True).exists():
        raise Forbidden("You approved what is public now, so somebody else must draft the change.")
    theirs = Q(investigator=officer) | Q(confirmed_by=officer)
    if package.verifications.filter(theirs, void_at__isnull=True).exists():
        raise Forbidden("What is public now was verified by your word, so somebody else must draft the change.")


def _demand_nothing_open(item: Item) -> None:
    if (found := amendment_trial.drafted(item)) is not None:
        who = found.drafted_by.name
        raise Forbidden(f"An amendment of {item.reference} by {who} waits to be decided: decide or drop it first.")


def _demand_day(held: locks.Held, package: Package) -> None:
    """Words that ask for a day number can be filled wherever they already stand."""
    day = held.booking.day if held.booking is not None else None
    standing = [post for post in held.posts if post.state not in ENDED | _NOTHING_THERE_YET]
    if standing and not amendment_trial.filled_day(package, day):
        raise Forbidden(f"{held.item.reference} was published without a day number: {{day}} cannot be filled in.")

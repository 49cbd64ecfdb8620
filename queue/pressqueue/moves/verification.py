"""The word of the officer in the case: by their own account, or on a signed form that an approver confirms."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from pressqueue import gates, locks, policy, powers
from pressqueue.actors import Actor
from pressqueue.audit import moving
from pressqueue.cleaning import clean_texts
from pressqueue.errors import Forbidden, GatesClosed
from pressqueue.gates.approval import hands, person_fault
from pressqueue.gates.shown import not_shown, sentence
from pressqueue.models import AppealRecord, Item, Officer, Original, Package, Verification
from pressqueue.moves import amendment_trial

FORM = "form"  # the kind of an Original that is nothing to publish


@clean_texts
def verify(actor: Actor, item: Item, digest: str, *, session: str, now: datetime) -> Verification:
    """The officer in the case confirms exactly this Package: right person, right picture, true record.

    At the desk, by the account that the record names, never by somebody who wrote or changed the Item, and only after
    all of it was shown, in full, to their own `session` (the SHA-256 of its key). Raises Forbidden, GatesClosed.
    """
    powers.demand(actor, "verify")
    with moving(actor, now) as log:
        held = locks.item(item.pk)
        package = _package(held.item, digest)
        case = gates.Case(gates.Step.APPROVE, held.item, now, package=package)
        officer = _active(actor)
        if not officer.investigator or _record(held.item).investigator_id != officer.pk:
            raise Forbidden(f"{held.item.reference} is not your case: only the officer its record names verifies it.")
        if officer.pk in hands(case):
            raise Forbidden("You wrote or changed this Item: what you wrote is not verified by you.")
        looking = replace(case, approver=officer, deciding=gates.Deciding(session=session))
        if missing := sentence(not_shown(looking).values()):
            raise GatesClosed([("R6", missing)])
        verification = Verification.objects.create(
            item=held.item, package=package, digest=digest, investigator=officer, name=officer.name,
            rank=officer.rank, at=now,
        )  # fmt: skip
        log.note("verified", item=item.pk, package=digest, verification=verification.pk)
    return verification


@clean_texts
def attach_form(
    actor: Actor, item: Item, digest: str, form: Original, *, signed_at: datetime, now: datetime
) -> Verification:
    """Attach a form signed by an officer in the case who has no account here. Raises Forbidden.

    It counts once an approver has confirmed it.
    """
    powers.demand(actor, "attach_form")
    if form.kind != FORM:
        raise Forbidden("Attach the signed form as a PDF or a picture of it, by `publisher verify --form`.")
    if signed_at > now:
        raise Forbidden("The form was signed in the future: check the day and time.")
    with moving(actor, now) as log:
        held = locks.item(item.pk)
        package = _package(held.item, digest)
        officer = _active(actor)
        record = _record(held.item)
        if record.investigator_id is not None:
            raise Forbidden("The officer in the case has an account: they verify it themselves, at the desk.")
        if not (record.investigator_name.strip() and record.investigator_rank.strip()):
            raise Forbidden("Name the officer in the case in the record, with their rank, before attaching their form.")
        verification = Verification.objects.create(
            item=held.item, package=package, digest=digest, name=record.investigator_name,
            rank=record.investigator_rank, at=signed_at, form=form, attached_by=officer,
        )  # fmt: skip
        log.note("form_attached", item=item.pk, package=digest, verification=verification.pk, form=form.sha256)
    return verification


@dataclass(frozen=True, slots=True)
class Read:
    """What a confirmer says: which form they were shown, and whose name and rank they read from it.

    `sha256` of the form and `session`, the SHA-256 of the key of their signed-in session, are what was on the page.
    """

    sha256: str
    name: str
    rank: str
    session: str


@clean_texts
def confirm_form(actor: Actor, verification: Verification, digest: str, read: Read, *, now: datetime) -> Verification:
    """An approver, never an author, confirms a form they read and compared with the picture and the record.

    All of it was shown in full to their own session first. Name and rank count as they read them: what whoever attached
    the form wrote of that officer proves nothing. Raises Forbidden, GatesClosed.
    """
    powers.demand(actor, "confirm_form")
    name, rank = _as_read(read)
    with moving(actor, now) as log:
        held = locks.item(verification.item_id)
        locked = Verification.objects.select_for_update(no_key=True).get(pk=verification.pk)
        package = _package(held.item, digest)
        officer = _active(actor)
        case = gates.Case(gates.Step.APPROVE, held.item, now, package=package)
        if officer.pk in hands(case) | {locked.attached_by_id}:
            raise Forbidden("You wrote or changed this Item, or attached this form: somebody else must confirm it.")
        if fault := person_fault(officer, now):
            raise Forbidden(fault)
        if locked.form_id is None or locked.void_at is not None or locked.digest != digest or locked.read_name:
            raise Forbidden("There is nothing to confirm: it was confirmed already, or is void.")
        if read.sha256 != locked.form_id:
            raise Forbidden("That is not the form you were shown. Look again, then decide.")
        _demand_shown(replace(case, approver=officer, deciding=gates.Deciding(session=read.session)), locked.form_id)
        locked.confirmed_by, locked.confirmed_at, locked.read_name, locked.read_rank = officer, now, name, rank
        locked.save(update_fields=["confirmed_by", "confirmed_at", "read_name", "read_rank"])
        log.note(
            "form_confirmed", text=f"{rank} {name}", item=held.item.pk, package=locked.digest, verification=locked.pk,
            form=locked.form_id, rank=rank,
        )  # fmt: skip
    return locked


def _as_read(read: Read) -> tuple[str, str]:
    """Name and rank. Raises Forbidden where one was not given, or the office knows no such rank."""
    name, rank = read.name.strip()[:120], read.rank.strip()
    if not name or not rank:
        raise Forbidden("Enter the name and the rank of the officer as you read them on the form.")
    if policy.current().rank_of(rank) < 0:
        raise Forbidden(f"“{rank}” is no rank this office knows: {', '.join(policy.current().ranks)}.")
    return name, rank


def _demand_shown(case: gates.Case, form: str) -> None:
    """Raises GatesClosed unless this session was handed the form, and everything it is compared with, in full."""
    if missing := sentence(not_shown(case, {form: "the signed form"}).values()):
        raise GatesClosed([("R6", missing)])


def _package(item: Item, digest: str) -> Package:
    """What is decided about now: what is in review, or an amendment of what is public."""
    package = amendment_trial.to_decide(item)
    if package is None:
        raise Forbidden(f"{item.reference} is {item.state}, not in review.")
    if digest != package.digest:
        raise Forbidden("The Item changed while you looked at it. Look again, then decide.")
    return package


def _record(item: Item) -> AppealRecord:
    """As it would be: an amendment may hand the case to another officer."""
    with amendment_trial.proposed(item, amendment_trial.drafted(item)):
        return AppealRecord.objects.filter(item=item).first() or AppealRecord(item=item)


def _active(actor: Actor) -> Officer:
    officer = Officer.objects.select_for_update(no_key=True).filter(pk=actor.officer_id or 0, is_active=True).first()
    if officer is None:
        raise Forbidden("Only a person with an active account may do this.")
    return officer

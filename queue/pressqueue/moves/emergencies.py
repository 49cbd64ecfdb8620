"""R55: a threat to life defers some answers. Two people say so, every approver is told, and all is due a day later."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pressqueue import gates, local, locks, policy, powers
from pressqueue.actors import Actor
from pressqueue.audit import moving
from pressqueue.cleaning import clean_texts
from pressqueue.errors import Forbidden
from pressqueue.gates.records import NARRATIVE
from pressqueue.models import AppealRecord, BreakGlass, Edit, Item, Officer
from pressqueue.moves import notices, recording
from pressqueue.states import ItemState

# What may be answered while it is public: what a threat to life had deferred, and nothing that is shown.
DEFERRED = NARRATIVE | {"victim_consulted", "victim_reason", "victim_consulted_on"}


@clean_texts
def break_glass(actor: Actor, item: Item, reason: str, *, now: datetime) -> BreakGlass:
    """Declare that a life is at risk. The approver who then decides is the second person. Raises Forbidden."""
    officer = powers.demand(actor, "break_glass")
    if not reason.strip():
        raise Forbidden("Say whose life is at risk, and why it cannot wait for the missing answers.")
    with moving(actor, now) as log:
        held = locks.item(item.pk)
        record = gates.Case(gates.Step.DRAFT, held.item, now).appeal
        if held.item.kind == Item.Kind.FEATURE or record.seriousness != AppealRecord.Seriousness.LIFE:
            raise Forbidden("Only an appeal whose record says that there is a threat to life defers an answer.")
        if held.item.state not in (ItemState.DRAFT, ItemState.SUBMITTED, ItemState.IN_REVIEW):
            raise Forbidden(f"{held.item.reference} is {held.item.state}: declare an emergency before it is approved.")
        if BreakGlass.objects.filter(item=held.item).exists():
            raise Forbidden(f"An emergency was declared for {held.item.reference} already; it is declared once.")
        declared = BreakGlass.objects.create(
            item=held.item, reason=reason.strip(), declared_by=officer, declared_at=now,
            due_at=now + policy.current().deferred,
        )  # fmt: skip
        log.note("glass_broken", text=reason, item=held.item.pk, due=declared.due_at.isoformat())
        message = (
            f"{officer.name} declared a threat to life for {held.item.reference}: some answers of its record are "
            f"deferred until {local.at(declared.due_at)}."
        )
        approvers = Officer.objects.filter(may_approve=True, is_active=True).values_list("pk", flat=True)
        notices.notify(f"glass:{held.item.pk}", message, now, held.item.reference, to=approvers)
    return declared


@clean_texts
def answer_deferred(actor: Actor, item: Item, answers: Mapping[str, Any], *, now: datetime) -> list[tuple[str, str]]:
    """Give deferred answers while the Item is public; returns what is still owed. With nothing owed the emergency ends.

    Whoever answers counts as an editor. Nothing that is published changes. Raises Forbidden.
    """
    officer = powers.demand(actor, "answer_deferred")
    if strange := sorted(set(answers) - DEFERRED):
        raise Forbidden(f"“{strange[0]}” is no answer that can be deferred: {', '.join(sorted(DEFERRED))}.")
    with moving(actor, now) as log:
        held = locks.item(item.pk)
        declared = BreakGlass.objects.filter(item=held.item, ended_at__isnull=True).first()
        if declared is None:
            raise Forbidden(f"Nothing of {held.item.reference} is deferred.")
        changed = recording.fill(held.item, answers)
        Edit.objects.create(item=held.item, officer=officer, at=now, door=actor.door)
        log.note("deferred_answered", text=", ".join(changed), item=held.item.pk)
        owed = gates.still_owed(gates.Case(gates.Step.LIVE, held.item, now))
        if not owed:
            declared.ended_at = now
            declared.save(update_fields=["ended_at"])
            notices.clear(f"glass:{held.item.pk}", now)
            log.note("glass_mended", item=held.item.pk)
    return owed

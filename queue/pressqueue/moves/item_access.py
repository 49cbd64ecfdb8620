"""Whether somebody may act on this Item."""

from __future__ import annotations

from django.db.models import QuerySet

from pressqueue.actors import Actor
from pressqueue.errors import Forbidden
from pressqueue.models import Item, Officer


def demand_own_case(actor: Actor, items: QuerySet[Item], message: str) -> None:
    """Raise Forbidden where an account that is only an investigator's acts outside its own cases.

    Everybody else in the office may take down anything (R25).
    """
    officer = Officer.objects.filter(pk=actor.officer_id or 0, investigator=True).first()
    if officer is None or officer.may_author or officer.may_approve or officer.administrator:
        return
    if not items.filter(appeal_record__investigator=officer).exists():
        raise Forbidden(f"{message}: ask the press office, which takes it down at once.")

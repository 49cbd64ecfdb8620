"""What people set outside the database: whose account a destination is, and the settings that decide what is published.

Neither is changed by a move, so a move writes down that it was changed: nobody moves an approved picture to another
account, or changes whose name it bears, without a line in the log and a word to those who decide.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime

from django.db.models import Q

from pressqueue import locks, packages
from pressqueue.actors import MACHINE
from pressqueue.audit import Log, moving
from pressqueue.cleaning import clean_texts
from pressqueue.destination_names import name_of
from pressqueue.hashing import canonical
from pressqueue.models import Account, Item, Office, Officer, Post
from pressqueue.moves import albums, notices
from pressqueue.moves.reopening import reopen_held
from pressqueue.states import COUNTS_AS_PUBLIC, ENDED, ItemState, PostState


@clean_texts
def account_known(destination: str, identity: str, *, now: datetime) -> list[str]:
    """Record the account that the platform names. Returns the references that must be approved again.

    They are those approved for another account. An identity that becomes known for the first time counts as the account
    of everything already at the platform.
    """
    if not identity or Account.objects.filter(pk=destination, identity=identity).exists():
        return []
    with moving(MACHINE, now) as log:
        office = locks.office()
        account, _ = Account.objects.get_or_create(destination=destination)
        was, account.identity = account.identity, identity
        if was == identity:
            return []
        account.save(update_fields=["identity"])
        if not was:
            standing = Post.objects.filter(destination=destination, account="").exclude(state__in=ENDED)
            standing.exclude(state=PostState.WAITING).update(account=identity)
            log.note("account_known", destination=destination, account=identity)
            return []
        albums.at_another_account(destination)
        again = _approve_again(log, office, destination, identity, now)
        log.note("account_changed", destination=destination, was=was, account=identity, items=again)
        message = (
            f"{name_of(destination)} is another account than before. What was approved for the one before is back for "
            f"review{': ' + ', '.join(again) if again else ''}; what is public there can only be taken down there. If "
            "that surprises you, tell the office at once."
        )
        notices.notify(f"account:{destination}:another:{identity}"[:160], message, now, to=_those_who_decide())
    return again


def _approve_again(log: Log, office: Office, destination: str, identity: str, now: datetime) -> list[str]:
    """Everything that is decided, or being decided, for another account there and is public nowhere."""
    public = Post.objects.filter(state__in=COUNTS_AS_PUBLIC).values("item")
    decided = Item.objects.filter(state__in=[ItemState.IN_REVIEW, ItemState.APPROVED]).exclude(pk__in=public)
    named = [
        item.pk
        for item in decided.select_related("package")
        if destination in item.destinations and item.package is not None
        and packages.account_in(item.package, destination) != identity
    ]  # fmt: skip
    again = []
    for held in locks.items(named, office):
        reopen_held(log, held, "account_changed", now)
        again.append(held.item.reference)
    return again


@clean_texts
def configuration_known(digests: Mapping[str, str], *, now: datetime) -> list[str]:
    """Record the settings as they are read now, each by a digest. Returns the names of the changed ones."""
    if Office.objects.get().configuration == digests:
        return []
    with moving(MACHINE, now) as log:
        office = locks.office()
        before, office.configuration = office.configuration, dict(digests)
        changed = sorted(name for name in {*before, *digests} if before.get(name) != digests.get(name))
        if not changed:
            return []
        office.save(update_fields=["configuration"])
        whole = hashlib.sha256(canonical(dict(digests)).encode()).hexdigest()
        if not before:
            log.note("configuration_known", digest=whole)
            return []
        log.note("configuration_changed", settings=changed, digest=whole)
        message = (
            f"The configuration was changed: {', '.join(changed)}. It decides where or what is published. If that "
            "surprises you, tell the office at once."
        )
        notices.notify(f"configuration:{whole}", message, now, to=_those_who_decide())
    return changed


def _those_who_decide() -> list[int]:
    people = Officer.objects.filter(Q(may_approve=True) | Q(administrator=True), is_active=True)
    return list(people.order_by("pk").values_list("pk", flat=True))

"""What is to be sent, looked for, revealed, rewritten and filed at these accounts."""

from __future__ import annotations

from django.db.models import Exists, F, Q, QuerySet

from pressqueue.due.base import Scope
from pressqueue.models import Account, Album, Campaign, Office, Post, Step, Totals
from pressqueue.moves import accounts, claims, leases, totals
from pressqueue.states import PostState


def leases_run_out(scope: Scope) -> QuerySet[Post]:
    """Returns Posts being sent whose worker died or was stopped."""
    return leases.run_out(scope.now)


def accounts_to_ask(scope: Scope) -> QuerySet[Account]:
    """Returns accounts that stopped without a known end, to be asked whether they go on."""
    return accounts.to_ask(scope.accounts, scope.now)


def posts(scope: Scope) -> QuerySet[Post]:
    """Returns Posts that need work now, appeals first."""
    return leases.due(scope.now, destinations=scope.accounts)


def steps(scope: Scope) -> QuerySet[Step]:
    """Returns what is left to be done with a live copy, as filing it under its album."""
    due = Step.objects.filter(state="waiting", not_before__lte=scope.now, post__destination__in=scope.accounts)
    due = due.exclude(leases.pending_takedown("post__destination", scope.now))
    return due.exclude(post__destination__in=_quiet(scope)).select_related("post__item").order_by("pk")


def posts_stopped(scope: Scope) -> QuerySet[Post]:
    """Returns Posts that the platform blocked or lost, to be looked at again."""
    stopped = Post.objects.filter(state__in=[PostState.BLOCKED, PostState.MISSING], not_before__lte=scope.now)
    return stopped.filter(destination__in=scope.accounts).exclude(destination__in=_quiet(scope))


def totals_to_count(scope: Scope) -> QuerySet[Totals]:
    """Returns the totals that may be told anew (R33)."""
    return totals.due(scope.now, scope.force)


def albums(scope: Scope) -> QuerySet[Album]:
    """Returns albums whose words may have changed since they were compared, and may be written now.

    None during a freeze.
    """
    due = Q(not_before__isnull=True) | Q(not_before__lte=scope.now)
    changed = Album.objects.filter(words_checked__lt=F("words_version")).exclude(remote_id="")
    free = changed.filter(due, claims.free(scope.now), account__in=scope.accounts)
    free = free.filter(~Exists(Office.objects.filter(frozen="all")))
    free = free.filter(key__in=Campaign.objects.filter(held=False).values("slug"))
    free = free.exclude(account__in=_quiet(scope)).exclude(leases.pending_takedown("account", scope.now))
    return free.order_by("pk")


def _quiet(scope: Scope) -> QuerySet[Account]:
    """Nothing but looking is done at these."""
    return accounts.stopped(scope.now)

"""What reconciliation decides: copies adopted by their Mark, differences acknowledged, a recovery ended."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pressqueue import locks, packages, powers, texts
from pressqueue.actors import MACHINE, Actor
from pressqueue.audit import Log, moving
from pressqueue.cleaning import clean_texts
from pressqueue.errors import Forbidden, NotFound
from pressqueue.models import Account, Attempt, Booking, Difference, Item, Package, Post, ReconciliationRun, Step
from pressqueue.moves import claims, differences, live_checks, notices
from pressqueue.states import ENDED, ItemState, PostMove, PostState, next_post_state

NOT_WANTED = (ItemState.WITHDRAWN, ItemState.EXPIRED)


@dataclass(frozen=True, slots=True)
class Copy:
    """A thing at a platform that carries a Mark of ours. `title`: as it is read there, plain."""

    remote_id: str
    url: str
    media_urls: tuple[str, ...]
    title: str
    public: bool


def claim_account(destination: str, owner: str, until: datetime, now: datetime) -> bool:
    """Claim the account's reconciliation by one conditional UPDATE. False where another worker has it."""
    Account.objects.get_or_create(destination=destination)
    free = Account.objects.filter(claims.free(now, "reckoning_until"), pk=destination)
    return free.update(reckoning_by=owner, reckoning_until=until) == 1


def release_account(destination: str, owner: str, again: datetime | None) -> None:
    """End the claim. `again`: the run failed, and nobody claims the account before then."""
    Account.objects.filter(pk=destination, reckoning_by=owner).update(reckoning_by="", reckoning_until=again)


def record_run(destination: str, began: datetime, ended: datetime, *, listed: int, differing: int) -> None:
    """Record that an account was listed and compared from end to end."""
    ReconciliationRun.objects.create(
        destination=destination, began_at=began, ended_at=ended, listed=listed, differing=differing
    )


@clean_texts
def adopt_post(post: Post, fence: int, copy: Copy, *, now: datetime) -> Post:
    """Adopt the copy of a leased Post, whatever its ledger says.

    Concealed, or live where a restored office finds it public. Live only where nobody has withdrawn it; `found` handles
    the flag of a withdrawal. Raises LeaseLost, and Forbidden where the Item is no longer wanted.
    """
    with moving(MACHINE, now) as log:
        held = locks.item(post.item_id)
        if held.item.state in NOT_WANTED:
            raise Forbidden(f"{held.item.reference} is {held.item.state}.")
        move = PostMove.ADOPT if copy.public else PostMove.FOUND
        changes = _standing(copy, next_post_state(post.state, move, conceals=post.conceals), now)
        if not post.title:  # texts are filled when a Post is taken, and this one's taking is forgotten
            changes |= _words(log, held, post.package, copy, post.booking_id)
        unchanged = Post.objects.filter(pk=post.pk, fence=fence, state=post.state, take_down_asked_at__isnull=True)
        if unchanged.update(**changes) != 1:
            raise claims.lost(f"Post {post.pk}", fence)
        Attempt.objects.filter(post=post, ended_at__isnull=True).update(ended_at=now, outcome=str(move))
        _keep(held, post.pk, post.booking_id, changes, now)
        log.note(f"post_{move}", post=post.pk, fence=fence, was=post.state, now=str(changes["state"]),
                 remote_id=copy.remote_id)  # fmt: skip
        notices.clear_all([f"{cause}:{post.pk}" for cause in ("unsure", "parked", "failed", "gates")], now)
    return Post.objects.select_related("item", "item__campaign", "package").get(pk=post.pk)


@clean_texts
def adopt_package(
    package: Package, destination: str, copy: Copy, *, mark: str, conceals: bool, now: datetime
) -> Post | None:
    """Create a Post, as it is seen, for a copy whose own was lost with the ledger, so that nothing is sent twice.

    None where the Item is no longer wanted, or has a Post there already.
    """
    with moving(MACHINE, now) as log:
        held = locks.item(package.item_id, posts=True)
        if held.item.state in NOT_WANTED:
            return None
        if any(post.destination == destination and post.state not in ENDED for post in held.posts):
            return None
        booking = held.booking
        hidden = PostState.CONCEALED if conceals else PostState.REVEALING
        changes = _standing(copy, PostState.LIVE if copy.public else hidden, now)
        changes |= _words(log, held, package, copy, booking.pk if booking else None)
        post = Post.objects.create(
            item=held.item, package=package, booking=booking, destination=destination, conceals=conceals, mark=mark,
            urgency=1 if held.item.kind == Item.Kind.FEATURE else 0, due_at=now, created_at=now, **changes,
        )  # fmt: skip
        _keep(held, post.pk, post.booking_id, changes, now)
        log.note("post_adopted", post=post.pk, item=held.item.pk, destination=destination, mark=mark,
                 package=package.digest, now=str(changes["state"]), remote_id=copy.remote_id)  # fmt: skip
    return post


def _standing(copy: Copy, state: PostState, now: datetime) -> dict[str, Any]:
    """The columns of a Post whose copy was found and that nobody works on."""
    public = {} if state is PostState.CONCEALED else {"revealing_at": now}
    live = {"live_at": now} if state is PostState.LIVE else {}
    return {
        "state": state, "remote_id": copy.remote_id, "url": copy.url, "media_urls": list(copy.media_urls),
        "owner": "", "until": None, "not_before": now, "looks": [], "sight_lost_at": None, "tries": 0, "words": "",
        "parked_at": None, **public, **live,
    }  # fmt: skip


def _words(log: Log, held: locks.Held, package: Package, copy: Copy, booking_id: int | None) -> dict[str, str]:
    """The texts it was posted with. Its day number is read off the title, since the ledger forgot that it gave it."""
    content = packages.content_of(package)
    reference, title, caption = content["reference"], content["title"], content["caption"]
    booking = held.booking if held.booking is not None and held.booking.pk == booking_id else None
    day = booking.day if booking is not None else None
    if texts.wants_day(title, caption) and day is None:
        day = texts.day_in(title, reference=reference, filled=copy.title)
        if day is None:
            return {"title": copy.title, "caption": caption.replace("{reference}", reference)}
        _allot(log, held, booking, day)
    return packages.filled(content, day)


def _allot(log: Log, held: locks.Held, booking: Booking | None, day: int) -> None:
    """This day number is used up: no other Booking may get it."""
    campaign = held.campaign
    campaign.next_day = max(campaign.next_day, day + 1)
    campaign.returned_days = [each for each in campaign.returned_days if each != day]
    campaign.save(update_fields=["next_day", "returned_days"])
    if booking is not None:
        Booking.objects.filter(pk=booking.pk).update(day=day)
    log.note("day_allotted", campaign=campaign.pk, booking=booking.pk if booking else None, day=day)


def _keep(held: locks.Held, post_id: int, booking_id: int | None, changes: dict[str, Any], now: datetime) -> None:
    """What goes with a Post that counts as public: it is watched, its Booking is kept, it is filed under its album."""
    if changes["state"] == PostState.CONCEALED:
        return
    live_checks.begin(held.item.pk, now)
    if booking_id is not None:
        Booking.objects.filter(pk=booking_id, state=Booking.State.FILLED).update(state=Booking.State.KEPT)
    if changes["state"] == PostState.LIVE and held.campaign.album_title:
        Step.objects.get_or_create(post_id=post_id, kind="album", defaults={"not_before": now})


@clean_texts
def acknowledge(actor: Actor, ids: Iterable[int] | None, *, now: datetime) -> list[Difference]:
    """A person acknowledges these differences (None: all reported ones), which are then not reported again.

    Raises NotFound for an unknown number, Forbidden for anybody but a person with an active account.
    """
    officer = powers.demand(actor, "acknowledge")
    with moving(actor, now) as log:
        rows = differences.reported()
        if ids is not None:
            wanted = sorted(set(ids))
            known = set(differences.unended().filter(pk__in=wanted).values_list("pk", flat=True))
            if missing := [pk for pk in wanted if pk not in known]:
                raise NotFound(
                    f"There is no difference {missing[0]} that is still open. `publisher reconcile` lists them."
                )
            rows = rows.filter(pk__in=wanted)
        done = list(rows)
        Difference.objects.filter(pk__in=[row.pk for row in done]).update(acknowledged_at=now, acknowledged_by=officer)
        for row in done:
            log.note("difference_acknowledged", difference=row.pk, destination=row.destination,
                     remote_id=row.remote_id, kind=row.kind, post=row.post_id)  # fmt: skip
    for name in {row.destination for row in done}:
        if not differences.reported(name).exists():
            notices.clear(f"reconcile:{name}", now)
    return done


@clean_texts
def end_recovery(actor: Actor, destinations: Iterable[str], *, now: datetime) -> None:
    """A person lets a restored office send again, once each configured account was reconciled after the restore.

    Raises Forbidden naming the accounts that were not.
    """
    powers.demand(actor, "end_recovery")
    with moving(actor, now) as log:
        office = locks.office()
        if office.recovering_since is None:
            raise Forbidden("This office was not restored, or its recovery has ended: there is nothing to resume.")
        reckoned = set(
            ReconciliationRun.objects.filter(began_at__gte=office.recovering_since).values_list(
                "destination", flat=True
            )
        )
        if left := sorted(set(destinations) - reckoned):
            raise Forbidden(
                f"Not reconciled since this office was restored: {', '.join(left)}. Run `publisher reconcile`; an "
                "account that is no longer used must leave the configuration first."
            )
        office.recovering_since = None
        office.save(update_fields=["recovering_since"])
        log.note("recovery_ended", accounts=sorted(destinations))
    notices.clear("recovering", now)  # so that a second time is told as well

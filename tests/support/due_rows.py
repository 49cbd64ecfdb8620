"""One row for each question of `pressqueue.due`: due at NOW, and, where the time decides, not yet before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from pressqueue.due import office, publishing, takedown, timetable
from pressqueue.due.base import Question
from pressqueue.models import (
    Account,
    Album,
    Amendment,
    Approval,
    Booking,
    Duty,
    Item,
    MediaAddress,
    Notice,
    Office,
    Post,
    Purge,
    RecallNotice,
    Slot,
    Step,
    Totals,
    UnmanagedMedia,
)

from support import factories
from support.factories import NOW

ACCOUNT = "flickr"
SECOND, HOUR, YEAR = timedelta(seconds=1), timedelta(hours=1), timedelta(days=365)


@dataclass(frozen=True)
class Row:
    """`make` writes it, past the moves. `before`: so long before NOW it was not due; None: the time does not matter."""

    question: Question
    make: Callable[[], object]
    before: timedelta | None = SECOND


def item(**values: Any) -> Item:
    made = factories.approved(factories.feature())
    Item.objects.filter(pk=made.pk).update(**{"foresee_at": NOW + YEAR, **values})
    return Item.objects.get(pk=made.pk)


def post(**values: Any) -> Post:
    made = factories.posted(factories.approved(factories.feature()))
    Post.objects.filter(pk=made.pk).update(destination=ACCOUNT, **values)
    return Post.objects.get(pk=made.pk)


def live(**values: Any) -> Post:
    shown = post(state="live", remote_id="r1", not_before=NOW + YEAR, **values)
    Item.objects.filter(pk=shown.item_id).update(watch_at=NOW + YEAR, foresee_at=None)
    return shown


def lapsed() -> None:
    Approval.objects.filter(package=item().package).update(at=NOW - timedelta(days=30) - SECOND)


def booking(state: Booking.State, **values: Any) -> Booking:
    campaign = factories.series()
    slot = Slot.objects.filter(campaign=campaign).first() or factories.daily(campaign)
    values = {"due_at": NOW, "date": date(2026, 3, 2), **values}
    return Booking.objects.create(slot=slot, campaign=campaign, state=state, **values)


def left_behind() -> None:
    shown = live()
    package = shown.package
    Post.objects.create(
        item=shown.item, package=package, destination="youtube", mark="ab" * 16, state="waiting", due_at=NOW,
        not_before=NOW + YEAR, created_at=NOW, conceals=True,
    )  # fmt: skip


def nowhere() -> None:
    waiting = post(not_before=NOW + YEAR)
    Item.objects.filter(pk=waiting.item_id).update(posts_made_at=NOW)
    Post.objects.filter(pk=waiting.pk).update(destination="gallery")


def failed_booking() -> None:
    taken = booking(Booking.State.FILLED, item=item())
    made = post(state="failed")
    Post.objects.filter(pk=made.pk).update(booking=taken)


def amendment() -> None:
    shown = live()
    Amendment.objects.create(
        item=shown.item, state=Amendment.State.APPROVED, package=shown.package, before=shown.package,
        drafted_at=NOW, drafted_by_id=shown.item.author_id,
    )  # fmt: skip


def unmanaged(**values: Any) -> UnmanagedMedia:
    values = {"destination": ACCOUNT, "remote_id": "77", "visibility": "public", "found_at": NOW, **values}
    return UnmanagedMedia.objects.create(**values)


def withdrawn(**values: Any) -> UnmanagedMedia:
    return unmanaged(decision="withdrawn", **{"not_before": NOW + YEAR, "take_down_asked_at": NOW, **values})


def removed(**values: Any) -> Post:
    return post(state="removed", not_before=NOW + YEAR, **values)


def address(of: Post, **values: Any) -> MediaAddress:
    return MediaAddress.objects.create(post=of, url="https://example.org/1.jpg", noted_at=NOW, **values)


def notice(**values: Any) -> Notice:
    return Notice.objects.create(cause="test", words="Something is to be known.", raised_at=NOW, **values)


def purge(**values: Any) -> Purge:
    of = item(state="withdrawn", foresee_at=None)
    return Purge.objects.create(item=of, authority="Review", asked_at=NOW, **values)


def recall(**values: Any) -> RecallNotice:
    values = {"state": "sent", "queued_at": NOW, "next_at": NOW, **values}
    return RecallNotice.objects.create(
        item=item(), organisation="A newspaper", email="desk@example.org", recall_address="desk@example.org",
        reason="identified", **values,
    )  # fmt: skip


def late(kind: timedelta) -> dict[str, Any]:
    return {"take_down_asked_at": NOW - kind}


ROWS = (
    Row(timetable.late_items, lambda: item(publish_from=NOW - HOUR, publish_until=NOW)),
    Row(timetable.lapsed_items, lapsed, 2 * SECOND),
    Row(timetable.posts_left_behind, left_behind, None),
    Row(timetable.slots, lambda: factories.daily(factories.series()), None),
    Row(timetable.bookings_skipped_early, lambda: booking(Booking.State.SKIPPED), None),
    Row(timetable.bookings_unfilled, lambda: booking(Booking.State.OPEN, due_at=NOW - SECOND), 2 * SECOND),
    Row(timetable.bookings_open, lambda: booking(Booking.State.OPEN)),
    Row(timetable.bookings_failed, failed_booking, None),
    Row(timetable.bookings_running, lambda: booking(Booking.State.KEPT, item=item())),
    Row(timetable.windows_open, lambda: item(publish_from=NOW, publish_until=NOW + HOUR)),
    Row(timetable.posts_nowhere, nowhere, None),
    Row(timetable.amendments_written, amendment, None),
    Row(timetable.items_to_foresee, lambda: Item.objects.filter(pk=item().pk).update(foresee_at=NOW)),
    Row(timetable.items_foreseen_no_more, lambda: Item.objects.filter(pk=live().item_id).update(foresee_at=NOW), None),
    Row(timetable.offices_recovering, lambda: Office.objects.update(recovering_since=NOW), None),
    Row(takedown.items_expired, lambda: item(expires_at=NOW)),
    Row(
        takedown.items_expired_in_review,
        lambda: Item.objects.filter(pk=live().item_id).update(state="in_review", expires_at=NOW),
    ),
    Row(
        takedown.items_to_watch,
        lambda: Item.objects.filter(pk=live().item_id).update(watch_at=NOW),
    ),
    Row(takedown.posts_coming_down, lambda: post(state="removing", not_before=NOW, take_down_asked_at=NOW)),
    Row(takedown.posts_overdue, lambda: post(state="removing", not_before=NOW + YEAR, **late(HOUR / 4))),
    Row(takedown.unmanaged_coming_down, lambda: withdrawn(not_before=NOW)),
    Row(takedown.unmanaged_overdue, lambda: withdrawn(**late(HOUR / 4))),
    Row(takedown.addresses_to_ask, lambda: address(removed(), not_before=NOW)),
    Row(takedown.addresses_overdue, lambda: address(removed(**late(HOUR / 4)), not_before=NOW + YEAR)),
    Row(publishing.leases_run_out, lambda: post(state="sending", owner="w2", until=NOW)),
    Row(publishing.accounts_to_ask, lambda: Account.objects.create(pk=ACCOUNT, stop="auth", ask_again_at=NOW)),
    Row(publishing.posts, lambda: post(not_before=NOW)),
    Row(publishing.steps, lambda: Step.objects.create(post=live(), kind="album", not_before=NOW)),
    Row(publishing.posts_stopped, lambda: post(state="blocked", not_before=NOW)),
    Row(
        publishing.totals_to_count,
        lambda: Totals.objects.create(campaign=factories.series(), published_at=NOW - YEAR, counted_at=NOW - HOUR),
    ),
    Row(
        publishing.albums,
        lambda: Album.objects.create(
            account=ACCOUNT, key=factories.series().slug, mark="cd" * 16, remote_id="a1", not_before=NOW
        ),
    ),
    Row(
        office.items_to_render,
        lambda: Item.objects.filter(pk=factories.feature().pk).update(state="submitted", rendering_until=NOW),
    ),
    Row(office.accounts_resuming, lambda: Account.objects.create(pk=ACCOUNT, stop="uploads", until=NOW)),
    Row(office.notices_open, lambda: notice(sent_at=NOW), None),
    Row(office.notices_unsent, notice, None),
    Row(
        office.duties_overdue,
        lambda: Duty.objects.create(
            rule="R29", kind="tell", cause="x", words="Tell.", who="author", since=NOW, due_at=NOW
        ),
    ),
    Row(office.purges_to_carry_out, lambda: purge(confirmed_at=NOW), None),
    Row(office.purges_with_files, lambda: purge(confirmed_at=NOW, erased_at=NOW), None),
    Row(office.recalls_to_mail, lambda: recall(state="queued")),
    Row(office.recalls_unacknowledged, lambda: recall(queued_at=NOW - YEAR), YEAR),
    Row(office.reviews_over, lambda: unmanaged(decision="review", expires_at=NOW)),
)

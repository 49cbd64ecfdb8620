"""One Post from taken to seen live: the heart.

    waiting --take--> sending --sent--> concealed --apply_metadata, begin_reveal--> revealing --look--> live --> filed

Each function makes at most one kind of remote call and then records its outcome: after the call the only statement
is that recording, so that a death in between leaves a Post that recovery knows how to look for.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime, timedelta

from pressqueue import errors, publishable, vouching
from pressqueue.destination_names import name_of
from pressqueue.models import Post, Step
from pressqueue.moves import albums as album_moves
from pressqueue.moves import leases, media_addresses, notices, posts, public_texts, steps
from pressqueue.states import PostState
from publisher.destinations import platform_clock
from publisher.destinations.base import Destination, Parcel, Processing, Receipt, Seen, Visibility
from publisher.destinations.errors import Later, NotSent, Refused, Stop, Unsure, UploadInterrupted
from publisher.media.errors import BadMedia
from publisher.publishing import albums, parcels
from publisher.publishing.comparison import comments_differ
from publisher.workers import repeated_failures
from publisher.workers.lease_check import LeaseCheck, PostJournal
from publisher.workers.shutdown import SHUTDOWN_REQUESTED
from publisher.workers.worker import Worker

log = logging.getLogger(__name__)

ASK_PUBLIC = 2  # yeses to a reveal; then it is only looked at, since each costs of the day's allowance
ASK_AGAIN = timedelta(minutes=5)  # how often a Post that may not go now is asked again
NO_WORDS = "Its album has no approved words: a second person approves them on the Standard wording page."


def deliver(worker: Worker, post: Post) -> bool:
    """Bring one due Post as far as it goes now. False where another worker has it."""
    if leases.yields_to_takedown(post, worker.clock()):
        return False
    try:
        if post.state == PostState.WAITING:
            leased = _send(worker, post)
        else:
            leased = leases.pick_up(post, worker.name, worker.lease, now=worker.clock())
        if leased is None:
            return False
        if leased.state == PostState.CONCEALED and leased.amending_id is not None:  # amended while it was being sent
            leases.give_back(leased, leased.fence, worker.clock())
            return True
        if leased.state == PostState.CONCEALED and leased.until is not None:
            leased = _bring_out(worker, leased)
        if leased.state == PostState.REVEALING and leased.until is not None:
            _confirm(worker, leased)
    except errors.LeaseLost as lost:
        log.warning("%s", lost)  # somebody else has it now: touch nothing
    return True


def _send(worker: Worker, post: Post) -> Post | None:
    began = worker.boot()
    destination = worker.destinations[post.destination]
    limits = destination.limits()
    try:
        leased = leases.take(
            post,
            worker.name,
            worker.lease,
            now=worker.clock(),
            needs_attestation=limits.needs_comment_attestation,
            account=limits.account,
        )
    except (errors.GatesClosed, errors.Forbidden) as closed:
        _may_not_go(worker, post, str(closed))
        return None
    if leased is None:
        return None
    lease_check = LeaseCheck(worker, leased, began)
    try:
        parcel = parcels.pack(leased, worker.renditions, lease_check.body)
        if faults := parcels.text_faults(
            parcel.title, parcel.description, parcel.tags, limits, post.destination, parcel.alt_text
        ):
            raise Refused(" ".join(faults))
    except (BadMedia, Refused) as refused:
        return _refuse(worker, leased, refused.message)
    return _hand_over(worker, leased, destination, parcel, lease_check)


def _hand_over(worker: Worker, post: Post, destination: Destination, parcel: Parcel, lease_check: LeaseCheck) -> Post:
    """The one call that may put a thing on a platform, and the recording of what it answered."""
    try:
        with platform_clock.capture_date_header() as header:
            receipt = destination.send(parcel, PostJournal(post))
    except NotSent as error:
        return _later(worker, post, error)
    except Refused as error:
        return _refuse(worker, post, error.message)
    except UploadInterrupted as error:
        if lease_check.shutdown_requested:
            return _mark_unconfirmed(worker, post, SHUTDOWN_REQUESTED)
        if not lease_check.asked_down:
            raise errors.LeaseLost(str(error)) from error
        return _mark_unconfirmed(worker, post, "Stopped in mid-upload because it was withdrawn.")
    except Unsure as error:
        return _mark_unconfirmed(worker, post, error.message)
    except Exception as error:  # noqa: BLE001  # whatever else happened, bytes may have left: look before sending again
        log.error("Post %s: sending ended in an unknown error, %s", post.pk, type(error).__name__)
        return _mark_unconfirmed(worker, post, "Sending ended in an unknown error.")
    return posts.sent(
        post,
        post.fence,
        remote_id=receipt.remote_id,
        url=receipt.url,
        media_urls=receipt.media_urls,
        platform_at=header.at,
        now=worker.clock(),
    )


def _bring_out(worker: Worker, post: Post) -> Post:
    """concealed: look until it is processed and as it should be, apply its metadata, decide, reveal."""
    try:
        seen = worker.destinations[post.destination].look(receipt_of(post))
        if not seen.exists:  # it may only be too new to be known (tokland/youtube-upload#305)
            raise Later(f"{name_of(post.destination)} does not show what was sent.")
        if wrong := _wrong_with(post, seen):
            return _before_a_person(worker, post, wrong)
        media_addresses.note_media(post, post.fence, seen.media_urls)
        if seen.visibility is not Visibility.PRIVATE:
            return _hide(worker, post, seen)
        if seen.processing is Processing.PENDING:
            return _wait(worker, post, "The platform is still processing it.")
        if not post.dressed:
            _apply_metadata(worker, post, seen)
    except Later as error:
        return _later(worker, post, error)
    except (Refused, BadMedia) as error:
        return _before_a_person(worker, post, error.message)
    return _decide(worker, post, seen)


def _wrong_with(post: Post, seen: Seen) -> str:
    """What no waiting will mend, in words; an empty text where all is well."""
    if not seen.ours:
        return f"The copy at {name_of(post.destination)} belongs to another account."
    if seen.mark != post.mark:
        return f"The copy at {name_of(post.destination)} does not carry this Item's mark."
    if seen.processing is Processing.FAILED:
        return seen.message or "The platform could not process the file."
    return ""


def _hide(worker: Worker, post: Post, seen: Seen) -> Post:
    """Somebody, or the platform itself, made it public before it was decided."""
    where = name_of(post.destination)
    message = f"{where} showed it as {seen.visibility} before it was to be seen; it was made private again."
    notices.notify(f"early:{post.pk}", f"{_where(post)}: {message}", worker.clock(), _ref(post))
    try:
        worker.destinations[post.destination].conceal(receipt_of(post))
    except (Later, Refused) as error:
        return _wait(worker, post, error.message)
    return _wait(worker, post, message)


def _apply_metadata(worker: Worker, post: Post, seen: Seen) -> None:
    """Thumbnail, captions and licence. A refused thumbnail stops the reveal, unless the campaign allows for none."""
    destination = worker.destinations[post.destination]
    parcel = parcels.pack(post, worker.renditions, LeaseCheck(worker, post, worker.boot()).body)
    try:
        destination.apply_metadata(receipt_of(post), parcel, seen)
    except Refused:
        if parcel.thumbnail is None or not post.item.campaign.thumbnail_optional:
            raise
        destination.apply_metadata(receipt_of(post), replace(parcel, thumbnail=None), seen)
    posts.metadata_applied(post, post.fence)


def _decide(worker: Worker, post: Post, seen: Seen) -> Post:
    """The deciding commit, then the asking. A Post that may not go now stays concealed."""
    limits = worker.limits(post.destination)
    attested, account = limits.needs_comment_attestation, limits.account
    try:
        post = posts.begin_reveal(post, post.fence, needs_attestation=attested, account=account, now=worker.clock())
    except (errors.GatesClosed, errors.Forbidden) as closed:
        _may_not_go(worker, post, str(closed))
        return _wait(worker, post, str(closed), ASK_AGAIN)
    return _reveal(worker, post, seen)


def _reveal(worker: Worker, post: Post, seen: Seen) -> Post:
    """revealing: ask for it. Whatever it answers, looking decides; `seen` is what the last look answered."""
    try:
        worker.destinations[post.destination].reveal(receipt_of(post), parcels.sought(post), seen)
    except Later as error:
        _give_back(worker, post, error.message, error)
        return _over(post)
    except Refused as error:
        return _blocked(worker, post, error.message)
    return posts.asked_public(post, post.fence, now=worker.clock())


def _confirm(worker: Worker, post: Post) -> Post:
    """revealing: read back until it is public as approved; ask again meanwhile; after a while ask a person."""
    destination = worker.destinations[post.destination]
    try:
        with platform_clock.capture_date_header() as header:
            seen = destination.look(receipt_of(post))
    except Later as error:
        _give_back(worker, post, error.message, error)
        return _over(post)
    except Refused as error:
        return _blocked(worker, post, error.message)
    now = worker.clock()
    media_addresses.note_media(post, post.fence, seen.media_urls)
    # Where a person made it public by hand, nobody has said who may comment: the reveal says both.
    if seen.exists and seen.visibility is Visibility.PUBLIC and not comments_differ(post, seen):
        follows = ["album"] if post.item.campaign.album_title else []
        post = posts.seen(post, post.fence, now=now, steps=follows, platform_at=header.at)
        notices.clear_all([f"{cause}:{post.pk}" for cause in posts.CAUSES], now)
        return post
    asked_at = post.asked_public_at
    since = asked_at if seen.exists else asked_at or post.revealing_at  # one look may not know what is there
    patience = timedelta(seconds=worker.office.pace.reveal_patience)
    if since is not None and now - since > patience:
        return _blocked(worker, post, _unseen_words(seen, post))
    if asked_at is None or (post.asked_public < ASK_PUBLIC and now - asked_at > _poll(worker)):
        try:
            publishable.check_decided(post)
        except errors.Forbidden as refused:
            _may_not_go(worker, post, str(refused))
            leases.give_back(post, post.fence, now + ASK_AGAIN, str(refused))
            return _over(post)
        post = _reveal(worker, post, seen)  # the asking may have died with its worker; asking twice does no harm
    if post.until is not None:
        leases.give_back(post, post.fence, now + _poll(worker), "Asked public; the platform does not show it yet.")
    return _over(post)


def file_one(worker: Worker, step: Step) -> bool:
    """A live Post into its campaign's album: the album is listed before it is made, under a lease of its own.

    While nobody but their author has approved the album's words it waits: approving them sets it going.
    """
    post = Post.objects.select_related("item__campaign").get(pk=step.post_id)
    now = worker.clock()
    if post.state != PostState.LIVE:
        steps.given_up(step, "The Post is no longer live.")
        return True
    words = albums.key_of(post.item.campaign, "")
    if post.item.campaign.album_title and words is None:
        return _wait_for_words(worker, step, post, NO_WORDS)
    if words is not None and (because := vouching.stops_all()):
        steps.wait(step, now + ASK_AGAIN, because)
        return False
    album = albums.lease(post, worker, now) if post.destination in worker.destinations else None
    if album is None:
        steps.wait(step, now + _poll(worker))
        return False
    try:
        key = albums.approved_key_of(post.item.campaign, album.mark) if words else None
        remote_id = (
            worker.destinations[post.destination].file_under(receipt_of(post), key, album.remote_id) if key else ""
        )
    except (Later, Refused) as error:
        wait = worker.backoff(step.tries, worker.office.pace.retry_first, worker.office.pace.retry_most)
        for_good = isinstance(error, Refused)
        if for_good:
            notices.notify(f"step:{step.pk}", f"{_where(post)} could not be filed. {error.message}", now, _ref(post))
        album_moves.release(album, worker.name)
        steps.failed(step, now + wait, error.message, for_good=for_good)
        return False
    except errors.Forbidden as error:
        album_moves.release(album, worker.name)
        return _wait_for_words(worker, step, post, str(error))
    album_moves.filed(album, worker.name, remote_id)
    steps.done(step)
    return True


def _wait_for_words(worker: Worker, step: Step, post: Post, message: str) -> bool:
    now, campaign = worker.clock(), post.item.campaign
    steps.wait(step, now + ASK_AGAIN, message)
    sentence = f"Nothing is filed under the album of “{campaign.title}”. {message}"
    notices.notify(public_texts.NO_WORDS.format(campaign.pk), sentence, now)
    return False


def receipt_of(post: Post) -> Receipt:
    """Where the copy of this Post is, as its destination said when it arrived."""
    return Receipt(post.remote_id or "", post.url, tuple(post.media_urls))


def _may_not_go(worker: Worker, post: Post, message: str) -> None:
    now = worker.clock()
    leases.put_off(post, now + ASK_AGAIN, message)
    notices.notify(f"gates:{post.pk}", f"{_where(post)} was due and may not go out. {message}", now, _ref(post))


def _later(worker: Worker, post: Post, error: Later) -> Post:
    """Again after the platform's own time or our backoff, whichever is later; after `tries` a person is asked."""
    pace, now = worker.office.pace, worker.clock()
    own_time = _has_own_time(worker, error)
    if post.tries + 1 >= pace.tries and error.stop is Stop.NONE and not own_time:
        return _before_a_person(worker, post, error.message)
    if not own_time and error.stop is Stop.NONE:
        repeated_failures.notify(worker, post, error.message)
    not_before = _not_before(worker, post, error)
    return posts.later(post, post.fence, message=error.message, not_before=not_before, now=now, failed=not own_time)


def _has_own_time(worker: Worker, error: Later) -> bool:
    """Whether it was said when to ask again (a limit, a breaker, Retry-After): waiting for that is no failure."""
    return error.retry_at is not None and error.retry_at > worker.clock()


def _not_before(worker: Worker, post: Post, error: Later) -> datetime:
    pace = worker.office.pace
    soonest = worker.clock() + worker.backoff(post.tries, pace.retry_first, pace.retry_most)
    return max(error.retry_at or soonest, soonest)


def _wait(worker: Worker, post: Post, message: str, pause: timedelta | None = None) -> Post:
    now = worker.clock()
    return posts.later(
        post, post.fence, message=message, not_before=now + (pause or _poll(worker)), now=now, failed=False
    )


def _mark_unconfirmed(worker: Worker, post: Post, message: str) -> Post:
    now = worker.clock()
    return posts.mark_unconfirmed(post, post.fence, message=message, not_before=now, now=now)


# Each of these tells first and moves then: a death in between tells twice, which is better than never.


def _refuse(worker: Worker, post: Post, message: str) -> Post:
    now = worker.clock()
    notices.notify(f"failed:{post.pk}", f"{_where(post)} was refused. {message}", now, _ref(post))
    return posts.refuse(post, post.fence, message=message, now=now)


def _before_a_person(worker: Worker, post: Post, message: str) -> Post:
    """It cannot go on by itself. What is concealed stays concealed; nothing is public."""
    now = worker.clock()
    if post.state == PostState.SENDING:
        return _refuse(worker, post, message)
    notices.notify(f"parked:{post.pk}", f"An officer must act on {_where(post)}. {message}", now, _ref(post))
    return posts.park(post, post.fence, message=message, not_before=now, now=now)


def _blocked(worker: Worker, post: Post, message: str) -> Post:
    now = worker.clock()
    notices.notify(
        f"blocked:{post.pk}", f"{_where(post)} is not public despite the request. {message}", now, _ref(post)
    )
    return posts.unseen(post, post.fence, message=message, now=now)


def _give_back(worker: Worker, post: Post, message: str, error: Later) -> None:
    """A Post in `revealing` whose platform does not answer: asked again for ever, and told after `tries`."""
    if post.tries + 1 >= worker.office.pace.tries:
        sentence = f"{_where(post)} should be public, but Publisher cannot confirm it. {message}"
        notices.notify(f"revealing:{post.pk}", sentence, worker.clock(), _ref(post))
    failed = not _has_own_time(worker, error)
    if failed and error.stop is Stop.NONE:
        repeated_failures.notify(worker, post, message)
    leases.give_back(post, post.fence, _not_before(worker, post, error), message, failed=failed)


def _unseen_words(seen: Seen, post: Post) -> str:
    if not seen.exists:
        return f"{name_of(post.destination)} no longer holds it."
    where = name_of(post.destination)
    if seen.visibility is Visibility.PUBLIC:
        return f"{where} shows it, but who may comment there is not as approved. Set that there, or withdraw it."
    return (
        f"{where} still shows it as {seen.visibility}. Open it there, see what the platform says of it, and withdraw "
        "it or make it public by hand."
    )


def _poll(worker: Worker) -> timedelta:
    return timedelta(seconds=worker.office.pace.poll)


def _over(post: Post) -> Post:
    post.until = None
    return post


def _ref(post: Post) -> str:
    return post.item.reference


def _where(post: Post) -> str:
    return f"{post.item.reference} at {name_of(post.destination)}"

"""One upload: what is checked before, what is written down before, and what its reply proves.

Nothing here tries twice. An upload that may have succeeded ends in Unsure; whoever calls looks the
account through before `send` is called again with the same Journal.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from publisher.destinations.base import Journal, Parcel, Receipt
from publisher.destinations.errors import Later, NotSent, Refused, Unsure, UploadInterrupted
from publisher.destinations.flickr.body import Body, BodyFault, approved
from publisher.destinations.flickr.calls import CallFault, Calls
from publisher.destinations.flickr.errors import UNSURE, of_upload
from publisher.destinations.flickr.replies import ApiFault, BadReply, photo_id, seen_in_info
from publisher.destinations.flickr.texts import forges_a_mark, tag_line

# Saved before the first byte leaves. From then on an upload carries dedup_check, so that Flickr itself
# refuses a second copy; also after a "certainly not sent" whose last byte had left, which costs nothing. A first
# upload goes without: the same picture may rightly be in the account already, under another item, and would be
# refused for it.
SENT_BEFORE = "flickr.sent_before"
# How often Flickr answered "3: General upload failure", or "2: no photo specified" to a whole file. It says so for
# ever of some files (jawj/iphoto-flickr#5), so after three, each looked for in the account, the file goes to a person.
ENDLESS = frozenset({2, 3})
GENERAL_FAILURES = "flickr.general_failures"
MOST_GENERAL_FAILURES = 3


@dataclass(slots=True)
class _Trial:
    """One upload under way: whether it is a repetition, whose account it is, and how much of the file has left."""

    again: bool
    account: str
    now: datetime
    complete: bool = False


def send(calls: Calls, parcel: Parcel, journal: Journal, photos_url: str, now: datetime, account: str = "") -> Receipt:
    """Upload the file, visible to nobody else. Raises NotSent, Refused, Unsure or UploadInterrupted.

    `photos_url` ends where the photo's id goes; `account` is this account's nsid.
    """
    _check(parcel)
    if int(journal.get(GENERAL_FAILURES) or 0) >= MOST_GENERAL_FAILURES:
        raise Refused("Flickr has failed on this file three times without a reason. Try another rendition.")
    trial = _Trial(journal.get(SENT_BEFORE) == "1", account, now)
    if not trial.again:
        journal.save(SENT_BEFORE, "1")
    try:
        return Receipt(number := _upload(calls, parcel, trial), f"{photos_url}{number}/")
    except NotSent:
        if not trial.again and not trial.complete:
            journal.save(SENT_BEFORE, None)
        raise
    except Unsure as fault:
        _count_general_failure(fault, journal)
        raise


def fields(parcel: Parcel, again: bool) -> dict[str, str]:
    """Returns the text parts of an upload; every one is a string, since flickrapi would send None as "None"."""
    plain = {
        # Without a title flickrapi sends the file's name, and that would be public.
        "title": parcel.title,
        "description": parcel.description,
        "tags": tag_line(parcel.mark, parcel.tags),
        # What is left out is not private but whatever the account's default is (upload.api documentation).
        "is_public": "0",
        "is_friend": "0",
        "is_family": "0",
        "safety_level": "1",
        "content_type": "1",
        "hidden": "1",  # 1 keeps it in searches, 2 hides it; photos.setSafetyLevel counts from 0 instead
    }
    return {**plain, "dedup_check": "1"} if again else plain


def _check(parcel: Parcel) -> None:
    if parcel.size == 0:
        raise Refused("The file is empty.")
    if not parcel.title.strip():
        raise Refused("Flickr needs a title; without one it would show the file's name.")
    if forges_a_mark(parcel.tags):
        raise Refused("The tag `publisher:mark` is the publisher's own. Remove it from the tags.")
    try:
        "".join((parcel.title, parcel.description, parcel.filename, *parcel.tags)).encode()
    except UnicodeEncodeError as error:
        raise Refused("The title, description or tags hold half a character. Write them again.") from error
    try:
        same = approved(parcel)
    except (OSError, BodyFault) as error:
        raise NotSent("The approved file cannot be read from the store.") from error
    if not same:
        raise Refused("The file in the store is not the one that was approved.")


def _upload(calls: Calls, parcel: Parcel, trial: _Trial) -> str:
    """Answer the photo's id."""
    with parcel.open_body() as stream:
        body = Body(parcel, stream)
        try:
            return photo_id(calls.upload(fields(parcel, trial.again), body))
        except (UploadInterrupted, NotSent):
            raise
        except Later as fault:  # the budget: nothing has left yet
            raise NotSent(fault.message, fault.retry_at, fault.stop) from fault
        except ApiFault as fault:
            if fault.code == 9:
                return _named_duplicate(calls, parcel, fault, trial.account)
            raise of_upload(fault, body.complete, trial.now) from fault
        except Exception as fault:
            # Whatever it is, the file may be there: the contract's "an unknown exception is Unsure".
            raise of_upload(fault, body.complete, trial.now) from fault
        finally:
            trial.complete = body.complete


def _named_duplicate(calls: Calls, parcel: Parcel, fault: ApiFault, account: str) -> str:
    """Error 9: success if the photo it names carries this Post's own Mark, and only then.

    The same bytes may be another item's, with other words and other rules.
    """
    if fault.duplicate_id is None:
        raise Unsure(UNSURE) from fault
    refusal = Refused(f"Flickr already holds this very file as photo {fault.duplicate_id}, under another item.")
    try:
        seen = seen_in_info(calls.call("photos.getInfo", photo_id=fault.duplicate_id), account)
    except CallFault as failure:
        if failure.code == 1:
            raise refusal from failure
        raise Unsure(UNSURE) from failure
    except (BadReply, Later) as failure:
        raise Unsure(UNSURE) from failure
    if seen.mark != parcel.mark or not seen.ours:
        raise refusal from fault
    return fault.duplicate_id


def _count_general_failure(fault: Unsure, journal: Journal) -> None:
    cause = fault.__cause__
    if isinstance(cause, ApiFault) and cause.code in ENDLESS:
        journal.save(GENERAL_FAILURES, str(int(journal.get(GENERAL_FAILURES) or 0) + 1))

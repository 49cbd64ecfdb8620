"""Albums and playlists: rows of ours, each made once at its platform, under a lease, and described as approved.

Nothing of an album goes out that one person wrote alone: without approved words (`pressqueue.public_texts`) no album is
made, nothing is filed into one, and what stands there stays as it is.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
from datetime import datetime

from django.db import InterfaceError, OperationalError

from pressqueue import public_texts, vouching
from pressqueue.destination_names import name_of
from pressqueue.due import publishing as due
from pressqueue.errors import Forbidden
from pressqueue.hashing import canonical
from pressqueue.models import Album, ApprovedText, Campaign, Post, Totals
from pressqueue.moves import albums as album_moves
from pressqueue.moves import notices, totals
from publisher.destinations.base import AlbumKey
from publisher.destinations.errors import Later, Refused
from publisher.workers import lease_deadline
from publisher.workers.worker import Worker

log = logging.getLogger(__name__)

AT_ONCE = 20  # albums described in one round; the next round takes the rest


def lease(post: Post, worker: Worker, now: datetime) -> Album | None:
    """The album of this Post's campaign at its destination, held by this worker; None while another has it."""
    key = post.item.campaign.slug
    album = album_moves.album_of(post.destination, key, _mark(worker.key, post.destination, key))
    return album if _claimed(album, worker, now) else None


def key_of(campaign: Campaign, mark: str) -> AlbumKey | None:
    """What its album reads now, totals filled in; None while nobody but its author has approved its words."""
    text = public_texts.in_force(ApprovedText.Kind.ALBUM, campaign)
    if text is None:
        return None
    told = public_texts.of_totals(Totals.objects.filter(campaign=campaign).first())
    return AlbumKey(campaign.slug, text.title, public_texts.filled(text.body, told), mark)


def approved_key_of(campaign: Campaign, mark: str) -> AlbumKey | None:
    """The same, before it is written. Raises Forbidden where its words were put there past the program."""
    text = public_texts.in_force(ApprovedText.Kind.ALBUM, campaign)
    if text is not None:
        vouching.demand_text(text)
    return key_of(campaign, mark)


def run_round(worker: Worker) -> int:
    """Tell the totals that may be told, and write every album whose words changed. Returns how many were written."""
    totals.renew_totals(worker.clock())
    stale = _stale_albums(worker)[:AT_ONCE]
    if not stale or vouching.stops_all():
        return 0
    return sum(_describe(worker, album) for album in stale)


def _stale_albums(worker: Worker) -> list[Album]:
    """Albums that may be written now and whose words are not those they should be; of the others that is recorded."""
    albums = list(due.albums(worker.scope()))
    campaigns = {
        each.slug: each for each in Campaign.objects.filter(slug__in={album.key for album in albums}, held=False)
    }
    stale = []
    for album in albums:
        campaign = campaigns.get(album.key)
        if campaign is None:
            continue  # held since they were listed
        key = key_of(campaign, album.mark)
        if key is None:
            continue  # nothing is approved, or it was altered: looked at again
        if digest(key) == album.written:
            album_moves.words_stand(album)
        else:
            stale.append(album)
    return stale


def _stale(album: Album, campaign: Campaign) -> AlbumKey | None:
    """What is to be written there; None where it stands so, or nothing is approved."""
    key = key_of(campaign, album.mark)
    return key if key is not None and digest(key) != album.written else None


def digest(key: AlbumKey) -> str:
    """SHA-256 of the words an album is to read: what `Album.written` is compared with."""
    return hashlib.sha256(canonical([key.title, key.description]).encode()).hexdigest()


def _describe(worker: Worker, album: Album) -> bool:
    """One album, under its lease. A death after the platform's yes writes the same words once more."""
    if worker.shutdown.requested or not _claimed(album, worker, worker.clock()):
        return False
    # Read under the lease: what another worker wrote meanwhile is not written over with older words.
    album.refresh_from_db()
    campaign = Campaign.objects.get(slug=album.key)
    key = _stale(album, campaign)
    if key is None:
        album_moves.release(album, worker.name)
        return False
    pace = worker.office.pace
    try:
        approved_key_of(campaign, album.mark)
        with lease_deadline.until(lease_deadline.Hold(worker.boot, worker.boot() + pace.lease - pace.margin)):
            there = worker.destinations[album.account].describe_album(album.remote_id, key)
    except (Later, Refused) as error:
        _put_off(worker, album, error.message, notify=isinstance(error, Refused))
        return False
    except Forbidden as error:
        _put_off(worker, album, str(error), notify=True)
        return False
    except (OperationalError, InterfaceError):  # nobody's fault but the database's: the lease ends by itself
        raise
    except Exception as error:  # noqa: BLE001  # one poisoned album must not stop the rest
        log.error("Album %s: %s", album.pk, type(error).__name__)
        _put_off(worker, album, f"Publisher met a fault of its own ({type(error).__name__}).", notify=True)
        return False
    totals.totals_read(campaign, worker.clock())  # first: a death before the next line writes and says so once more
    album_moves.described(album, worker.name, digest(key) if there else None)
    notices.clear(f"album:{album.pk}", worker.clock())
    return True


def _put_off(worker: Worker, album: Album, message: str, *, notify: bool) -> None:
    now, pace = worker.clock(), worker.office.pace
    wait = worker.backoff(album.tries, pace.retry_first, pace.retry_most)
    if notify or album.tries + 1 >= pace.tries:
        where = f"The words of the album “{album.key}” at {name_of(album.account)} could not be written."
        notices.notify(f"album:{album.pk}", f"{where} {message} It is tried again by itself.", now)
    album_moves.put_off(album, worker.name, now + wait, message)


def _claimed(album: Album, worker: Worker, now: datetime) -> bool:
    return album_moves.claim(album, worker.name, now + worker.lease, now)


def _mark(key: bytes, destination: str, album: str) -> str:
    return hmac.new(key, f"album\n{destination}\n{album}".encode(), hashlib.sha256).hexdigest()[:32]

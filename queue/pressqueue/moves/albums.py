"""Albums and playlists: a row each, worked on under a claim. Nothing here decides what is published."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import F, QuerySet

from pressqueue.models import Album, Campaign
from pressqueue.moves import claims


def album_of(account: str, key: str, mark: str) -> Album:
    """Returns the row of one campaign's album at one account, created where there is none. `mark`: 32 hex digits."""
    album, _ = Album.objects.get_or_create(account=account, key=key, defaults={"mark": mark})
    return album


def claim(album: Album, owner: str, until: datetime, now: datetime) -> bool:
    """Claim the album until `until`. False where another worker has it."""
    return claims.claim(Album.objects.filter(pk=album.pk), owner, until, now)


def release(album: Album, owner: str) -> None:
    """End a claim with nothing done."""
    _mine(album, owner).update(**claims.RELEASED)


def filed(album: Album, owner: str, remote_id: str) -> None:
    """Record that a Post was filed under the album, which may have created it at the platform. Ends the claim."""
    known: dict[str, Any] = {}
    if remote_id != album.remote_id:  # of one made anew nobody knows what it says
        known = {"written": "", "words_version": F("words_version") + 1}
    _mine(album, owner).update(remote_id=remote_id, **known, **claims.RELEASED)


def described(album: Album, owner: str, written: str | None) -> None:
    """Record that the platform has the album's text; `written` is its digest, None where the album is gone there.

    `album` was read before the text was composed, so that what changed meanwhile is compared again.

    Ends the claim. An album ends with its last photo; the next Post that is filed creates it anew, with the text of
    that time.
    """
    stands: dict[str, Any] = {"remote_id": "", "written": ""}
    if written is not None:
        stands = {"written": written, "words_checked": album.words_version}
    _mine(album, owner).update(not_before=None, tries=0, words="", **stands, **claims.RELEASED)


def words_changed(campaign: Campaign) -> None:
    """What the campaign's albums should read changed, in the move that calls this: they are compared again."""
    Album.objects.filter(key=campaign.slug).update(words_version=F("words_version") + 1)


def words_stand(album: Album) -> None:
    """Record that nothing is to be written into the album, as of the version that `album` was read with."""
    Album.objects.filter(pk=album.pk, words_checked__lt=album.words_version).update(words_checked=album.words_version)


def at_another_account(account: str) -> None:
    """The ids of its albums were the account's before: they are looked for by their marks, and made where missing."""
    Album.objects.filter(account=account).update(remote_id="", written="")


def put_off(album: Album, owner: str, not_before: datetime, message: str) -> None:
    """Record that the text could not be written: it is tried again from `not_before` on. Ends the claim."""
    _mine(album, owner).update(not_before=not_before, tries=album.tries + 1, words=message, **claims.RELEASED)


def _mine(album: Album, owner: str) -> QuerySet[Album]:
    """The row while `owner` holds it: who woke too late changes nothing."""
    return Album.objects.filter(pk=album.pk, owner=owner)

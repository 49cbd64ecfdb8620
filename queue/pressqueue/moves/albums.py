"""Albums and playlists: a row each, worked on under a claim. Nothing here decides what is published."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from pressqueue.models import Album
from pressqueue.moves import claims


def album_of(account: str, key: str, mark: str) -> Album:
    """The row of one campaign's album at one account; made where there is none. `mark`: 32 hex digits."""
    album, _ = Album.objects.get_or_create(account=account, key=key, defaults={"mark": mark})
    return album


def claim(album: Album, owner: str, until: datetime, now: datetime) -> bool:
    """Claim it until `until`. False where another has it."""
    return claims.claim(Album.objects.filter(pk=album.pk), owner, until, now)


def release(album: Album, owner: str) -> None:
    """End a claim with nothing done."""
    _mine(album, owner).update(**claims.RELEASED)


def filed(album: Album, owner: str, remote_id: str) -> None:
    """A Post was filed under it, which may have made it at the platform. Ends the claim."""
    known = {} if remote_id == album.remote_id else {"written": ""}  # of one made anew nobody knows what it says
    _mine(album, owner).update(remote_id=remote_id, **known, **claims.RELEASED)


def described(album: Album, owner: str, written: str | None) -> None:
    """The platform has its words; `written` is their digest, None where the album is gone there. Ends the claim.

    Gone (an album ends with its last photo): the next Post that is filed makes it anew, with the words of then.
    """
    stands = {"written": written} if written is not None else {"remote_id": "", "written": ""}
    _mine(album, owner).update(not_before=None, tries=0, words="", **stands, **claims.RELEASED)


def put_off(album: Album, owner: str, not_before: datetime, words: str) -> None:
    """Its words could not be written: tried again later. Ends the claim."""
    _mine(album, owner).update(not_before=not_before, tries=album.tries + 1, words=words, **claims.RELEASED)


def _mine(album: Album, owner: str) -> QuerySet[Album]:
    """The row while `owner` holds it: who woke too late changes nothing."""
    return Album.objects.filter(pk=album.pk, owner=owner)

"""One live Post held against what its platform shows, after the platform's own rewriting of texts."""

from __future__ import annotations

from pressqueue import packages
from pressqueue.differences import Found
from pressqueue.models import Difference, Post
from publisher import parcels
from publisher.destinations import texts
from publisher.destinations.base import Processing, Seen, Visibility

Kind = Difference.Kind
LONGEST = 200  # characters of a reading that is shown


def unlike(post: Post, seen: Seen) -> list[Found]:
    """Every way in which what stands there is not what was approved; none where all is well."""
    where = f"{post.item.reference} at {post.destination}"
    if not seen.exists:
        return [_found(post, Kind.GONE, f"{where} is no longer there.", "public", "not there")]
    found = []
    if seen.visibility is not Visibility.PUBLIC:
        words = f"{where} is not public."
        found.append(_found(post, Kind.VISIBILITY, words, "public", str(seen.visibility)))
    elif seen.processing is Processing.FAILED:  # enforcement after the fact: nobody sees it, whatever its setting says
        found.append(_found(post, Kind.VISIBILITY, f"{where} is not shown. {seen.words}".strip(), "public", "rejected"))
    if post.amending_id is not None:
        return found  # old words or new ones: nobody can say until the new ones are written
    for kind, ours, theirs in (
        (Kind.TITLE, post.title, seen.title),
        (Kind.DESCRIPTION, approved_description(post), seen.description),
    ):
        said, shown = texts.normalise(ours), texts.normalise(theirs)
        if said != shown:
            found.append(_found(post, kind, f"{where} has another {kind} than was approved.", said, shown))
    return found


def approved_description(post: Post) -> str:
    """The description as it was handed over: the caption as it was filled, and the alternative text."""
    return parcels.description_of(post.caption, packages.content_of(post.package)["alt_text"])


def shortened(reading: str) -> str:
    return reading if len(reading) <= LONGEST else reading[: LONGEST - 1] + "…"


def _found(post: Post, kind: Kind, words: str, ours: str, theirs: str) -> Found:
    return Found(post.remote_id or "", kind, words, ours, theirs, post.pk)

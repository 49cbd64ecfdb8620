"""One live Post held against what its platform shows, after the platform's own rewriting of texts."""

from __future__ import annotations

from pressqueue import packages
from pressqueue.destination_names import name_of
from pressqueue.models import Difference, Post
from pressqueue.moves.differences import Found
from publisher.destinations import texts
from publisher.destinations.base import GUARDED_KINDS, Processing, Seen, Visibility
from publisher.publishing import parcels

Kind = Difference.Kind
_MARK = "publishermark"  # how every platform's form of the Mark begins, signs left out
LONGEST = 200  # characters of a reading that is shown


def differences(post: Post, seen: Seen) -> list[Found]:
    """Every way in which what stands there is not what was approved; none where all is well."""
    where = f"{post.item.reference} at {name_of(post.destination)}"
    if not seen.exists:
        return [_found(post, Kind.GONE, f"{where} is no longer there.", "public", "not there")]
    found = []
    if seen.visibility is not Visibility.PUBLIC:
        message = f"{where} is not public."
        found.append(_found(post, Kind.VISIBILITY, message, "public", str(seen.visibility)))
    elif seen.processing is Processing.FAILED:  # enforcement after the fact: nobody sees it, whatever its setting says
        found.append(
            _found(post, Kind.VISIBILITY, f"{where} is not shown. {seen.message}".strip(), "public", "rejected")
        )
    if post.amending_id is not None:
        return found  # old words or new ones: nobody can say until the new ones are written
    for what, kind, ours, theirs in _texts(post, seen):
        said, shown = texts.normalise(ours), texts.normalise(theirs)
        if said != shown:
            found.append(_found(post, kind, f"{where} has another {what} than was approved.", said, shown))
    if seen.mark != post.mark:
        message = (
            f"{where} no longer carries its mark, by which it is known again. Add the tag `publisher:mark={post.mark}`."
        )
        found.append(_found(post, Kind.MARK, message, post.mark, seen.mark or "none"))
    found += [_found(post, Kind.TERMS, f"{where}: {fault}", "as approved", fault) for fault in terms(post, seen)]
    return found


def _texts(post: Post, seen: Seen) -> list[tuple[str, Kind, str, str]]:
    """(what it is, its kind, as approved, as shown). A field that was not approved is held against nothing."""
    content = packages.content_of(post.package)
    found = [
        ("title", Kind.TITLE, post.title, seen.title),
        ("description", Kind.DESCRIPTION, parcels.approved_description(post, post.caption), seen.description),
    ]
    if seen.alt_text is not None and packages.has_alt_text_field(content, post.destination):
        found.append(("alternative text", Kind.TERMS, content["alt_text"], seen.alt_text))
    return found


def terms(post: Post, seen: Seen) -> list[str]:
    """What else was approved and is otherwise now, a sentence each: tags, licence, comments, and what is never so."""
    content = packages.content_of(post.package)
    guarded = content["kind"] in GUARDED_KINDS
    found = [*seen.faults, *_tags(parcels.tags_of(post), seen)]
    licence = "0" if guarded else content["licence"]
    if seen.licence not in (None, licence):
        found.append(f"It has another licence than was approved: number {seen.licence} instead of {licence}.")
    if comments_differ(post, seen):
        found.append(f"Comments are {'open' if seen.comments else 'closed'}, and were approved otherwise.")
    return found


def comments_differ(post: Post, seen: Seen) -> bool:
    """Whether the platform says that others may comment, or may not, and the other was approved."""
    content = packages.content_of(post.package)
    approved = content["comments"] and content["kind"] not in GUARDED_KINDS
    return seen.comments is not None and seen.comments != approved


def _tags(approved: tuple[str, ...], seen: Seen) -> list[str]:
    """Held against each other as a platform keeps them: without case, spaces and signs. The Mark is none of them."""
    said = {_plain(tag): tag for tag in approved if _plain(tag)}
    shown = {_plain(tag): tag for tag in seen.tags if _plain(tag) and not _plain(tag).startswith(_MARK)}
    lost = [f"“{tag}” is missing" for plain, tag in said.items() if plain not in shown]
    added = [f"“{tag}” was added" for plain, tag in shown.items() if plain not in said]
    return [f"It carries other tags than were approved: {', '.join(lost + added)}."] if lost or added else []


def _plain(tag: str) -> str:
    return "".join(sign for sign in tag.casefold() if sign.isalnum())


def shortened(reading: str) -> str:
    """At most LONGEST characters of what was read, for a table."""
    return reading if len(reading) <= LONGEST else reading[: LONGEST - 1] + "…"


def _found(post: Post, kind: Kind, message: str, ours: str, theirs: str) -> Found:
    return Found(post.remote_id or "", kind, message, ours, theirs, post.pk)

"""Packages: exactly what is approved, and its digest."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from pressqueue import records, texts
from pressqueue.basis import Basis
from pressqueue.hashing import canonical
from pressqueue.models import Account, Amendment, Item, Package, Rendition

_PREFIX = b"publisher-package-2\n"
Content = dict[str, Any]


def describe(
    item: Item,
    files: dict[str, dict[str, Any]],
    amends: str = "",
    accounts: Mapping[str, str] | None = None,
    basis: Basis | None = None,
) -> Content:
    """Returns everything an Approval covers: texts, files and account by Destination, visibility, and when.

    `amends`: the digest of the Package it replaces while that is public, so that returning to an earlier text takes a
    new Approval. `accounts`: as `accounts_of`. Packages made before accounts were known have none, and keep their
    digest. `basis`: its rows, where they were read already.
    """
    basis = basis or Basis(item, None)
    return {
        **({"amends": amends} if amends else {}),
        **({"accounts": dict(accounts)} if accounts else {}),
        **_own(item),
        "subjects": records.people(basis.subjects) if item.pk else {},
        "record": records.digest(item, basis.record) if item.pk else "",
        "visibility": "public",
        "files": files,
    }


def _own(item: Item) -> Content:
    """Returns what an Approval covers of the Item's own row."""
    return {
        "item": str(item.uuid),
        "reference": item.reference,
        "kind": item.kind,
        "purpose": item.purpose,
        "campaign": item.campaign.slug,
        "title": item.title,
        "caption": item.caption,
        "alt_text": item.alt_text,
        "tags": item.tags,
        "licence": item.licence,
        "comments": item.comments,
        "original": item.original_id,
        "making": {
            "mark": [item.mark_style, item.mark_corner],
            "redactions": item.redactions,
            "audio_authorised": item.audio_authorised,
            "poster_at": item.poster_at,
            # Only where something was said: Packages from before have neither, and keep their digest.
            **({"frame_rate": item.frame_rate} if item.frame_rate else {}),
            **({"track": item.track} if item.track != 1 else {}),
        },
        "when": {"window": [_iso(item.publish_from), _iso(item.publish_until)]}
        if item.publish_from
        else {"next_slot_of": item.campaign.slug},
        "expires": _iso(item.expires_at),
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat() if moment else None


def files_of(
    item: Item, main: Rendition, thumbnail: Rendition | None, alt_text_fields: Collection[str] = ()
) -> dict[str, dict[str, Any]]:
    """Returns the published file of each Destination, with its thumbnail, as hashes.

    `alt_text_fields`: the Destinations that have a field of their own for the alternative text. The others show it
    below the caption.
    """
    file = {
        "sha256": main.sha256,
        "size": main.size,
        "media_type": main.media_type,
        "thumbnail": thumbnail.sha256 if thumbnail else None,
    }
    apart = {"alt_text_field": True}  # only where so: Packages made before this was known keep their digest
    return {name: {**file, **(apart if name in alt_text_fields else {})} for name in item.destinations}


def has_alt_text_field(content: Mapping[str, Any], destination: str) -> bool:
    """Whether it was approved with the alternative text in a field of its own at this Destination."""
    return bool(content["files"][destination].get("alt_text_field"))


def accounts_of(item: Item) -> dict[str, str]:
    """Returns the account that each of its Destinations uses now, where the platform names it."""
    known = Account.objects.filter(destination__in=item.destinations).exclude(identity="")
    return dict(known.values_list("destination", "identity"))


def account_in(package: Package, destination: str) -> str:
    """Returns the account it was approved for; empty where the Package does not say."""
    return str(content_of(package).get("accounts", {}).get(destination, ""))


def digest(content: str) -> str:
    """Returns SHA-256 of a Package's canonical JSON, with a prefix so that it is the digest of nothing else."""
    return hashlib.sha256(_PREFIX + content.encode()).hexdigest()


def content_of(package: Package) -> Content:
    """Returns what was approved: the Package's canonical JSON, parsed."""
    parsed: Content = json.loads(package.content)
    return parsed


def is_purged(package: Package) -> bool:
    """Whether its texts are gone, as they are once everything of it came down and was kept long enough."""
    try:
        content = json.loads(package.content)
    except ValueError:
        return False
    return isinstance(content, dict) and content.get("purged") is True


def filled(content: Mapping[str, Any], day: int | None) -> dict[str, str]:
    """Title and caption as the public reads them. ValueError where they want a day number and there is none."""
    return {part: _fill(content, content[part], day) for part in ("title", "caption")}


def filled_tags(content: Mapping[str, Any], day: int | None) -> tuple[str, ...]:
    """The same for the tags."""
    return tuple(_fill(content, tag, day) for tag in content["tags"])


def _fill(content: Mapping[str, Any], text: str, day: int | None) -> str:
    return texts.fill(text, reference=content["reference"], day=day)


def still_describes(package: Package, item: Item, basis: Basis | None = None) -> bool:
    """Whether Item and Package still say the same, byte for byte, and the Package is unaltered.

    `basis`: the Item's rows, where they were read already.
    """
    if digest(package.content) != package.digest:
        return False
    content = content_of(package)
    described = describe(item, content["files"], content.get("amends", ""), content.get("accounts"), basis)
    return canonical(described) == package.content


def changed(package: Package, item: Item) -> list[str]:
    """Returns the names, in the Package, of what the Item's own row says otherwise; none where they agree.

    Unlike `still_describes` it reads nothing else: the record of who is shown may change while a copy is public. All
    names where somebody wrote something else into the Package, with a digest that fits.
    """
    own = json.loads(canonical(_own(item)))
    try:
        content = json.loads(package.content)
    except ValueError:
        content = None
    known = content if isinstance(content, dict) else {}
    return sorted(name for name in own if own[name] != known.get(name))


def lineage(item: Item) -> set[int]:
    """Returns the ids of the Item's Package and of those it replaced while they were public."""
    replaced = {
        amendment.package_id: amendment.before_id
        for amendment in Amendment.objects.filter(item=item, approved_at__isnull=False)
    }
    line, package = set(), item.package_id
    while package is not None and package not in line:
        line.add(package)
        package = replaced.get(package)
    return line


def mark(key: bytes, item: Item, destination: str, package: Package) -> str:
    """Returns the Mark that every copy of this Post carries: HMAC-SHA256, the first 32 lower-case hex digits.

    Hex because Flickr lower-cases machine tags and drops their punctuation (recorded Flickr replies).
    """
    message = f"{item.uuid}\n{destination}\n{package.digest}".encode()
    return hmac.new(key, message, hashlib.sha256).hexdigest()[:32]

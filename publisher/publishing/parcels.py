"""Parcels: the approved bytes and words of one Post, as a destination takes them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import BinaryIO

from pressqueue import packages
from pressqueue.destination_names import name_of
from pressqueue.models import Item, Post
from publisher.destinations.base import Limits, Parcel, Visibility
from publisher.media.formats import ending_of
from publisher.media.pieces import Checked
from publisher.media.vault import Vault

LONGEST_DAY = 99_999  # stands for a day number that is not known yet


def description_of(caption: str, alt_text: str) -> str:
    """Caption and alternative text, for a platform that has no field of its own for the latter."""
    return f"{caption.strip()}\n\nImage description: {alt_text.strip()}"


def has_alt_text_field(post: Post) -> bool:
    """Whether it was approved with the alternative text in a field of its own."""
    return packages.has_alt_text_field(packages.content_of(post.package), post.destination)


def approved_description(post: Post, caption: str) -> str:
    """What the description is to read at the Post's destination with this caption, as it was approved."""
    alt_text = packages.content_of(post.package)["alt_text"]
    return caption.strip() if has_alt_text_field(post) else description_of(caption, alt_text)


def pack(post: Post, renditions: Vault, opened: Callable[[Checked], BinaryIO]) -> Parcel:
    """The Parcel of a taken Post. Its bytes are hashed again now, and once more as they
    are sent. Raises Damaged.

    `opened` gives the body: it watches the lease while the file is read.
    """
    content = packages.content_of(post.package)
    file = content["files"][post.destination]
    renditions.verify(file["sha256"])
    thumbnail = renditions.open_verified(file["thumbnail"]) if file["thumbnail"] else None
    return Parcel(
        mark=post.mark,
        kind=content["kind"],
        title=post.title,
        description=approved_description(post, post.caption),
        alt_text=content["alt_text"],
        tags=tags_of(post),
        filename=f"{content['reference'].lower()}{ending_of(file['media_type'])}",
        media_type=file["media_type"],
        size=file["size"],
        sha256=file["sha256"],
        open_body=lambda: opened(renditions.open(file["sha256"])),
        visibility=Visibility(content["visibility"]),
        thumbnail=thumbnail,
        licence=content["licence"],
        comments=content["comments"],
    )


def sought(post: Post) -> Parcel:
    """The Parcel of a Post that is looked for, or revealed. It needs no file, no text and no day number, so that a
    lost rendition never keeps a withdrawal from finding its copy. Its body cannot be opened.
    """
    return reworded(post, title=post.title, description=post.caption, tags=())


def reworded(post: Post, *, title: str, description: str, tags: tuple[str, ...]) -> Parcel:
    """The Parcel of a Post with these words and no body: what stands at the platform is to say them."""
    content = packages.content_of(post.package)
    file = content["files"][post.destination]

    def nothing_to_send() -> BinaryIO:
        raise ValueError("this parcel's file is not sent")

    return Parcel(
        mark=post.mark,
        kind=content["kind"],
        title=title,
        description=description,
        alt_text=content["alt_text"],
        tags=tags,
        filename=f"{content['reference'].lower()}{ending_of(file['media_type'])}",
        media_type=file["media_type"],
        size=file["size"],
        sha256=file["sha256"],
        open_body=nothing_to_send,
        licence=content["licence"],
        comments=content["comments"],
    )


def words_of(post: Post) -> dict[str, str]:
    """Title and caption of its Package, filled as they are sent: an amended one may say other than the Post does."""
    return packages.filled(packages.content_of(post.package), _day(post))


def tags_of(post: Post) -> tuple[str, ...]:
    """The approved tags, filled as they are sent."""
    return packages.filled_tags(packages.content_of(post.package), _day(post))


def _day(post: Post) -> int | None:
    return post.booking.day if post.booking is not None else None


def faults(
    item: Item, media_type: str, size: int, limits: Limits, destination: str, seconds: float | None = None
) -> list[str]:
    """Sentences about what this destination would not take, with placeholders filled as long as they can be."""
    reference = item.reference or "REFERENCE-0000"
    content = {"reference": reference, "title": item.title, "caption": item.caption, "tags": item.tags}
    words, tags = packages.filled(content, LONGEST_DAY), packages.filled_tags(content, LONGEST_DAY)
    caption = words["caption"]
    description = caption.strip() if limits.alt_text_field else description_of(caption, item.alt_text)
    found = text_faults(words["title"], description, tags, limits, destination, item.alt_text)
    return found + _file_faults(media_type, size, seconds, limits, name_of(destination))


def as_approved(limits: Limits, item: Item, destination: str) -> Limits:
    """The limits as they are for an amendment: the alternative text stays where it was approved to stand."""
    if item.package is None:
        return limits
    content = packages.content_of(item.package)
    apart = destination in content["files"] and packages.has_alt_text_field(content, destination)
    return replace(limits, alt_text_field=apart)


def text_faults(
    title: str, description: str, tags: tuple[str, ...], limits: Limits, destination: str, alt_text: str = ""
) -> list[str]:
    """The same for words that are filled already: asked again when a Post is taken."""
    found, where = [], name_of(destination)
    if limits.title_chars is not None and len(title) > limits.title_chars:
        found.append(f"The title has {len(title)} characters; {where} takes {limits.title_chars}.")
    if limits.description_chars is not None and len(description) > limits.description_chars:
        found.append(f"The caption is too long for {where}: {len(description)} of {limits.description_chars}.")
    length = len(description.encode())
    if limits.description_bytes is not None and length > limits.description_bytes:
        found.append(f"The caption is too long for {where}: {length} bytes of {limits.description_bytes}.")
    if limits.alt_text_chars is not None and len(alt_text) > limits.alt_text_chars:
        found.append(f"The alternative text is too long for {where}: {len(alt_text)} of {limits.alt_text_chars}.")
    for sign in limits.forbidden_in_text:
        if sign in title or sign in description:
            found.append(f"{where} takes no “{sign}” in title or caption.")
        elif sign in alt_text:
            found.append(f"{where} takes no “{sign}” in the alternative text.")
    return found + _tag_faults(tags, limits, where)


def _tag_faults(tags: tuple[str, ...], limits: Limits, where: str) -> list[str]:
    found = []
    for tag in tags:
        found += [f"{where} takes no “{sign}” in a tag: change the tag “{tag}”."
                  for sign in limits.forbidden_in_text if sign in tag]  # fmt: skip
        if "".join(tag.split()).replace('"', "").lower().startswith(limits.own_tags):
            found.append(f"The tag “{tag}” would be mistaken for the publisher's own mark: remove it.")
    # Both limits of tags are what remains beside our own mark.
    if limits.tags_count is not None and len(tags) > limits.tags_count:
        found.append(f"There are {len(tags)} tags; {where} takes {limits.tags_count} besides our own mark.")
    counted = sum(len(tag) + (2 if " " in tag else 0) for tag in tags) + max(0, len(tags) - 1)
    if limits.tags_chars is not None and counted > limits.tags_chars:
        found.append(f"The tags are too long for {where}: {counted} of {limits.tags_chars} characters.")
    return found


def _file_faults(media_type: str, size: int, seconds: float | None, limits: Limits, where: str) -> list[str]:
    if media_type not in limits.media_types:
        return [f"{where} does not take {media_type.partition('/')[0]} files."]
    most = limits.max_bytes.get(media_type)
    if most is not None and size > most:
        return [f"The file has {size:,} bytes; {where} takes {most:,}."]
    if limits.max_seconds is not None and seconds is not None and seconds > limits.max_seconds:
        return [f"The video is {seconds:.0f} seconds long; {where} takes {limits.max_seconds}. Cut it."]
    return []

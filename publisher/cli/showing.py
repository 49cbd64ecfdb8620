"""`show`: one Item with everything that is known of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from publisher.cli.door import AsJson, enter
from publisher.cli.items import described, find
from publisher.cli.moments import iso, shown
from publisher.cli.speech import show as print_part
from publisher.cli.speech import table, tell

if TYPE_CHECKING:
    from pressqueue.models import Item


def show(
    context: typer.Context,
    reference: Annotated[str, typer.Argument(metavar="REF", help="A reference, such as POD-0001.")],
    as_json: AsJson = False,
) -> None:
    """One Item: its words, its copies, every try, and who did what."""
    here = enter(context)
    item = find(reference)
    found = {**described(item), **_more(item), "attempts": _attempts(item), "log": _entries(item)}
    tell(found, as_json, lambda: _page(found, _when(item, here.office.identity.zone)))
    if not as_json:
        print_part(_log_table(found["log"]))


def _more(item: Item) -> dict[str, Any]:
    """What `list` leaves out."""
    return {
        "caption": item.caption,
        "alt_text": item.alt_text,
        "tags": item.tags,
        "original": item.original_id,
        "package": item.package.digest if item.package else None,
        "renditions": [
            {"role": each.role, "sha256": each.sha256, "size": each.size, "media_type": each.media_type}
            for each in item.renditions.order_by("pk")
        ],
    }


def _attempts(item: Item) -> list[dict[str, Any]]:
    from pressqueue.models import Attempt

    return [
        {
            "destination": each.post.destination,
            "began": iso(each.began_at),
            "ended": iso(each.ended_at),
            "outcome": each.outcome,
            "words": each.words,
        }
        for each in Attempt.objects.filter(post__item=item).select_related("post").order_by("pk")
    ]


def _entries(item: Item) -> list[dict[str, Any]]:
    """The log's lines about an Item and its Posts, oldest first. The log has no foreign keys: its ids are read."""
    from django.db.models import Q

    from pressqueue.models import Entry

    posts = set(item.posts.values_list("pk", flat=True))
    about = Q(about__contains=f'"item":{item.pk}')
    for pk in posts:
        about |= Q(about__contains=f'"post":{pk}')
    found = []
    for entry in Entry.objects.filter(about).order_by("number"):
        ids = json.loads(entry.about)
        if ids.get("item") == item.pk or ids.get("post") in posts:  # the text search also finds 12 for 1
            names = ("number", "at", "act", "actor", "door")
            found.append({name: getattr(entry, name) for name in names} | {"about": ids})
    return found


def _when(item: Item, zone: str) -> str:
    if item.publish_from is None:
        return "at the campaign's next hour"
    return f"{shown(item.publish_from, zone)} to {shown(item.publish_until, zone)}"


def _page(found: dict[str, Any], when: str) -> Table:
    rows: list[tuple[str, Any]] = [
        ("reference", found["reference"]),
        ("state", found["state"] + (" (held)" if found["held"] else "")),
        ("campaign", f"{found['campaign']} ({found['kind']})"),
        ("title", found["title"]),
        ("caption", found["caption"]),
        ("alternative text", found["alt_text"]),
        ("tags", ", ".join(found["tags"])),
        ("goes out", when),
        ("sent back because", found["refusal"]),
    ]
    for post in found["posts"]:
        parts = (post["state"], post["remote_id"], post["url"], post["words"])
        rows.append((f"at {post['destination']}", "  ".join(part for part in parts if part)))
    return table("", "", rows=[row for row in rows if row[1]])


def _log_table(entries: list[dict[str, Any]]) -> Table:
    rows = [(each["number"], each["at"][:19], each["act"], each["actor"]) for each in entries]
    return table("entry", "at (UTC)", "act", "by", rows=rows)

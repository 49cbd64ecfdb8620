"""`show`: one Item with everything that is known of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from publisher.cli.amend import described as describe_amendment
from publisher.cli.items import before_its_hour, describe_post, describe_subject, described, find
from publisher.cli.moments import iso, local, shown
from publisher.cli.session import AsJson, enter
from publisher.output import show as print_part
from publisher.output import table, tell

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from pressqueue.models import Amendment, Approval, Item, SentBack, Subject
    from publisher.scheduling.schedule_text import Outlook

WORDS = frozenset({"title", "caption", "alt_text", "tags", "refusal"})


def show(
    context: typer.Context,
    reference: Annotated[str, typer.Argument(metavar="REF", help="A reference, such as POD-0001.")],
    as_json: AsJson = False,
) -> None:
    """One Item: its words, its copies, every try, and who did what. Of one withdrawn: number, dates and reason."""
    session = enter(context)
    from publisher.scheduling import schedule_text

    if subject := _subject(reference):
        return tell(describe_subject(subject), as_json, lambda: _person(subject, session.office.identity.zone))
    item = find(reference)
    ahead = before_its_hour(session, [item]).get(item.pk, [])
    found = {**described(item), "before_its_hour": ahead, **_more(item)}
    found |= {"posts": _posts(item, session.now), "attempts": _attempts(item), "log": _entries(item)}
    if item.state == "withdrawn":
        from publisher.disclosure import public_texts

        found = _tombstone(found) | {"public_words": public_texts.tombstone(item, session.office.identity.name)}
    zone = session.office.identity.zone
    tell(found, as_json, lambda: _page(found, schedule_text.of(item, session.now), zone))
    if not as_json:
        print_part(_log_table(found["log"], zone))
    return None


def _subject(number: str) -> Subject | None:
    from pressqueue.models import Subject

    return Subject.objects.select_related("campaign").filter(number=number.strip().upper()).first()


def _person(subject: Subject, zone: str) -> Table:
    payload = describe_subject(subject)
    ended = (
        f"{payload['outcome'].replace('_', ' ')}, {shown(subject.outcome_at, zone)}"
        if payload["outcome"]
        else "goes on"
    )
    shows = ", ".join(f"{item['reference']} ({item['state']})" for item in payload["items"])
    rows = [
        ("number", payload["number"]),
        ("made", shown(subject.created_at, zone)),
        ("search", ended),
        ("shown in", shows),
    ]
    return table("", "", rows=[row for row in rows if row[1]])


def _tombstone(found: dict[str, Any]) -> dict[str, Any]:
    """R32: the number stays, with its dates and the code of its reason; the words and the picture's name do not."""
    kept = {name: value for name, value in found.items() if name not in WORDS}
    amendments = [{**amendment, "reason": ""} for amendment in found["amendments"]]
    posts = [{name: post[name] for name in post if name != "title"} for post in found["posts"]]
    return kept | {"posts": posts, "amendments": amendments}


def _more(item: Item) -> dict[str, Any]:
    """What `list` leaves out."""
    from pressqueue.models import MediaAddress

    return {
        "caption": item.caption,
        "alt_text": item.alt_text,
        "tags": item.tags,
        "made": iso(item.created_at),
        "subjects": [subject.number for subject in item.subjects.order_by("number")],
        "original": item.original_id,
        "package": item.package.digest if item.package else None,
        "approvals": [_approval(approval) for approval in _approvals(item)],
        "amendments": [describe_amendment(amendment) for amendment in _amendments(item)],
        "sent_back": [_sent_back(each) for each in _sent_backs(item)],
        "renditions": [
            {
                "role": rendition.role,
                "sha256": rendition.sha256,
                "size": rendition.size,
                "media_type": rendition.media_type,
            }
            for rendition in item.renditions.order_by("pk")
        ],
        "media_still_answering": [
            {
                "destination": address.post.destination,
                "url": address.url,
                "asked": iso(address.checked_at),
            }
            for address in MediaAddress.objects.filter(post__item=item, gone_at__isnull=True).select_related("post")
        ],
    }


def _approvals(item: Item) -> Iterable[Approval]:
    """Every decision for it, void ones too, oldest first."""
    from pressqueue.models import Approval

    return Approval.objects.filter(package__item=item).select_related("approver").order_by("at", "pk")


def _amendments(item: Item) -> Iterable[Amendment]:
    """Every amendment and review of it, oldest first."""
    return item.amendments.select_related("drafted_by", "package", "before").order_by("pk")


def _approval(each: Approval) -> dict[str, Any]:
    """One decision; `seconds` lie between the first byte shown to the approver and the decision (R50)."""
    return {
        "approver": each.approver.username,
        "rank": each.rank,
        "at": iso(each.at),
        "digest": each.digest,
        "seconds": each.seconds,
        "sitting": each.sitting_id,
        "batch": each.batch,
        "others": each.others,
        "void": iso(each.void_at),
        "void_reason": each.void_reason,
    }


def _sent_backs(item: Item) -> Iterable[SentBack]:
    """Every time a version of it that could have been approved was sent back, oldest first."""
    from pressqueue.models import SentBack

    return SentBack.objects.filter(package__item=item).select_related("officer", "package").order_by("at", "pk")


def _sent_back(each: SentBack) -> dict[str, Any]:
    """The same of one."""
    return {
        "officer": each.officer.username,
        "at": iso(each.at),
        "digest": each.package.digest,
        "seconds": each.seconds,
        "sitting": each.sitting_id,
        "batch": each.batch,
    }


def _posts(item: Item, now: datetime) -> list[dict[str, Any]]:
    """Its Posts as `list` gives them, each with the reason why it does not go on."""
    from pressqueue.waiting import reasons

    posts = item.posts.select_related("item__campaign").order_by("pk")
    why = reasons(posts, now)
    return [{**describe_post(post), "why_waiting": why[post.pk]} for post in posts]


def _attempts(item: Item) -> list[dict[str, Any]]:
    from pressqueue.models import Attempt

    return [
        {
            "destination": attempt.post.destination,
            "began": iso(attempt.began_at),
            "ended": iso(attempt.ended_at),
            "outcome": attempt.outcome,
            "words": attempt.words,
        }
        for attempt in Attempt.objects.filter(post__item=item).select_related("post").order_by("pk")
    ]


def _entries(item: Item) -> list[dict[str, Any]]:
    """The log's lines about an Item and its Posts, oldest first."""
    from pressqueue import mentions

    names = ("number", "at", "act", "actor", "door")
    return [
        {name: getattr(entry, name) for name in names} | {"about": json.loads(entry.about)}
        for entry in mentions.entries(mentions.of_item(item), ("item", "items", "post"))
    ]


def _page(found: dict[str, Any], seen: Outlook, zone: str) -> Table:
    rows: list[tuple[str, Any]] = [
        ("reference", found["reference"]),
        ("state", found["state"] + (" (held)" if found["held"] else "")),
        ("campaign", f"{found['campaign']} ({found['kind']})"),
        ("shows", ", ".join(found["subjects"])),
        ("withdrawn because", found["ended_reason"].replace("_", " ")),
        ("what is said of it", found.get("public_words")),
        ("title", found.get("title")),
        ("caption", found.get("caption")),
        ("alternative text", found.get("alt_text")),
        ("tags", ", ".join(found.get("tags", []))),
        (seen.label.lower(), seen.words),
        *(("before then", sentence) for sentence in found["before_its_hour"]),
        ("sent back because", found.get("refusal")),
    ]
    rows += [("approved by", _decided(approval, zone)) for approval in found["approvals"]]
    rows += [(amendment["what"], _amended(amendment)) for amendment in found["amendments"]]
    rows += [("sent back by", _decided(each, zone)) for each in found["sent_back"]]
    for post in found["posts"]:
        why = post.get("why_waiting", "")
        message = "" if post["words"] in why else post["words"]  # what was said last, where the reason does not say it
        parts = (post["state"], post["remote_id"], post["url"], why, message)
        rows.append((f"at {post['destination']}", "  ".join(part for part in parts if part)))
    rows += [("still answers", each["url"]) for each in found["media_still_answering"]]
    return table("", "", rows=[row for row in rows if row[1]])


def _decided(decision: dict[str, Any], zone: str) -> str:
    """Of an approval or a sending back: who, when, and after how long a look."""
    seconds, others, rank = decision["seconds"], decision.get("others"), decision.get("rank")
    parts = (
        (decision.get("approver") or decision["officer"]) + (f" ({rank})" if rank else ""),
        local(decision["at"], zone),
        f"{seconds:.1f} seconds after it was first shown" if seconds is not None else "",
        "one of a batch" if decision["batch"] else "",
        f"declared of others in the frame: {others}" if others else "",
        f"void: {decision['void_reason'].replace('_', ' ')}" if decision.get("void") else "",
    )
    return "  ".join(part for part in parts if part)


def _amended(amendment: dict[str, Any]) -> str:
    parts = (amendment["state"], ", ".join(amendment["changes"]), f"by {amendment['by']}", amendment["reason"])
    return "  ".join(part for part in parts if part)


def _log_table(entries: list[dict[str, Any]], zone: str) -> Table:
    """With the names people have; the codes the log keeps are in --json."""
    from pressqueue.models import Officer

    names = {f"officer:{pk}": username for pk, username in Officer.objects.values_list("pk", "username")}
    rows = [
        (entry["number"], local(entry["at"], zone), entry["act"], names.get(entry["actor"], entry["actor"]))
        for entry in entries
    ]
    return table("entry", "at", "act", "by", rows=rows)

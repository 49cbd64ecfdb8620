"""What is known of one Item, as plain values for the evidence pack. Moments are UTC in ISO 8601, people by name."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

from django.db import models

from pressqueue import mentions, packages, records
from pressqueue.models import (
    Amendment,
    Approval,
    Difference,
    Disclosure,
    Duty,
    Entry,
    EntryText,
    Item,
    MediaAddress,
    Officer,
    Package,
    Post,
    Subject,
    Verification,
    Viewing,
)

Facts = dict[str, Any]
# What a platform answered when it was asked: the ledger's read-backs.
READ_BACKS = ("post_sent", "post_found", "post_seen", "post_unseen", "post_vanished", "post_adopted", "post_amended",
              "post_gone", "media_gone", "removed_by_hand")  # fmt: skip
HANDED_OUT = ("evidence_packed",)
# By which words an Entry is about a case. A list of people is another's as well, so it stands in no pack.
_ABOUT = ("item", "items", "post", "subject", "sha256", "original")


def entries_of(item: Item, last: int) -> list[Entry]:
    """The log's lines about the Item, its Posts, the people it shows and its exhibit, up to entry `last`."""
    return mentions.entries(mentions.of_item(item, people=True), _ABOUT, last=last)


def facts(item: Item, entries: list[Entry]) -> Facts:
    """Everything but the log's own lines."""
    return {
        "item": _item(item),
        "exhibit": _exhibit(item),
        "people": [_subject(subject) for subject in item.subjects.order_by("number")],
        "record": _record(item),
        "packages": [_package(package) for package in Package.objects.filter(item=item).order_by("made_at", "pk")],
        "renditions": [
            _plain(rendition, "role", "sha256", "size", "media_type", "width", "height", "seconds", "recipe", "made_at")
            for rendition in item.renditions.order_by("pk")
        ],
        "edits": [
            {"by": named(each.officer), "at": _iso(each.at), "door": each.door}
            for each in item.edits.select_related("officer").order_by("pk")
        ],
        "viewings": [
            {"by": named(viewing.officer), **_plain(viewing, "sha256", "began_at", "whole_at")}
            for viewing in Viewing.objects.filter(item=item).select_related("officer").order_by("pk")
        ],
        "posts": [_post(post, entries) for post in Post.objects.filter(item=item).order_by("pk")],
        "amendments": [_amendment(amendment) for amendment in Amendment.objects.filter(item=item).order_by("pk")],
        "duties": [
            _plain(duty, "rule", "kind", "words", "who", "since", "due_at", "done_at", "note")
            for duty in Duty.objects.filter(item=item).order_by("pk")
        ],
        "recipients": recipients(item, entries),
        "officers": _officers(entries),
    }


def recipients(item: Item, entries: Iterable[Entry]) -> list[Facts]:
    """Who was handed something of this Item, when, by whom and why: the one place that collects them."""
    handed = [entry for entry in entries if entry.act in HANDED_OUT and json.loads(entry.about).get("item") == item.pk]
    told = [
        {"what": each.act, "at": each.at, "by": _actor(each), "words": _text(each), "entry": each.number}
        for each in handed
    ]
    return told + [_press_pack(each) for each in item.disclosures.select_related("given_by").order_by("pk")]


def _press_pack(disclosure: Disclosure) -> Facts:
    """One recipient of a press pack, and whether they acknowledged its recall."""
    who = f"{disclosure.name}, {disclosure.organisation}, {disclosure.email}"
    recalls = disclosure.item.recalls.filter(email=disclosure.email.lower()).order_by("pk")
    return {
        "what": "press pack",
        "at": _iso(disclosure.given_at),
        "by": named(disclosure.given_by),
        "words": who,
        "archive": disclosure.archive,
        "embargo_until": _iso(disclosure.embargo_until),
        "recalls": [_plain(recall, "state", "acknowledged_at") for recall in recalls],
    }


def read_backs(post: Post, entries: Iterable[Entry]) -> list[Facts]:
    """What the platform answered about this Post, as the log tells it, oldest first."""
    return [
        {
            "entry": entry.number,
            "at": entry.at,
            "answer": entry.act,
            "platform_at": json.loads(entry.about).get("platform_at", ""),
        }
        for entry in entries
        if entry.act in READ_BACKS and json.loads(entry.about).get("post") == post.pk
    ]


def named(officer: Officer | None) -> Facts | None:
    """A person of the system, by name and rank."""
    return None if officer is None else {"name": officer.name, "rank": officer.rank, "account": officer.username}


def _item(item: Item) -> Facts:
    names = ("reference", "kind", "purpose", "state", "title", "caption", "alt_text", "tags", "destinations",
             "licence", "publish_from", "publish_until", "expires_at", "created_at", "approved_at",
             "ended_reason")  # fmt: skip
    campaign = {"slug": item.campaign.slug, "title": item.campaign.title, "kind": item.campaign.kind}
    return {**_plain(item, *names), "uuid": str(item.uuid), "campaign": campaign, "author": named(item.author)}


def _exhibit(item: Item) -> Facts:
    original = item.original
    names = ("sha256", "size", "media_type", "kind", "filename", "received_at")
    return {**_plain(original, *names), "received_by": named(original.received_by)}


def _subject(subject: Subject) -> Facts:
    answers = records.answers_of(subject, records.ANSWERS)
    checks = [
        {**_plain(check, "state", "at", "name", "confirmed_by", "recorded_at", "note"), "by": named(check.by)}
        for check in subject.checks.select_related("by").order_by("pk")
    ]
    ended = {**_plain(subject, "outcome", "outcome_at"), "outcome_by": named(subject.outcome_by)}
    return {"number": subject.number, **answers, **ended, "proceedings": checks}


def _record(item: Item) -> Facts:
    record = records.of(item)
    if record._state.adding:
        return {}
    answers = records.answers_of(record, records.names(item.kind))
    if answers.get("investigator") is not None:
        answers["investigator"] = named(Officer.objects.get(pk=answers["investigator"]))
    return answers


def _package(package: Package) -> Facts:
    content = packages.content_of(package)
    return {
        **_plain(package, "digest", "made_at"),
        **{name: content.get(name) for name in ("title", "caption", "alt_text", "tags")},
        "files": content.get("files", {}),
        "amends": content.get("amends", ""),
        "approvals": [
            _approval(approval) for approval in package.approvals.select_related("approver", "sitting").order_by("pk")
        ],
        "sent_back": [
            {"by": named(each.officer), **_plain(each, "at", "seconds", "batch")}
            for each in package.sent_back.select_related("officer").order_by("pk")
        ],
        "verifications": [_verification(verification) for verification in package.verifications.order_by("pk")],
    }


def _approval(approval: Approval) -> Facts:
    names = ("digest", "at", "rank", "seconds", "batch", "others", "reason", "overrides", "break_glass")
    return {"by": named(approval.approver), **_plain(approval, *names, "void_at", "void_reason")}


def _verification(verification: Verification) -> Facts:
    names = ("digest", "name", "rank", "at", "confirmed_at", "void_at", "void_reason")
    return {
        **_plain(verification, *names),
        "by": named(verification.investigator),
        "form": verification.form_id,
        "confirmed_by": named(verification.confirmed_by),
    }


def _post(post: Post, entries: list[Entry]) -> Facts:
    names = ("destination", "state", "mark", "title", "caption", "remote_id", "url", "media_urls", "reason",
             "created_at", "revealing_at", "asked_public_at", "take_down_asked_at", "by_hand_at")  # fmt: skip
    addresses = MediaAddress.objects.filter(post=post).order_by("pk")
    differences = Difference.objects.filter(post=post).order_by("pk")
    return {
        **_plain(post, *names),
        "package": post.package.digest,
        "live_from": _iso(post.live_at),
        "live_to": _iso(post.removed_at),  # the platform itself said that it is not there
        "by_hand_by": named(post.by_hand_by),
        "attempts": [
            _plain(attempt, "began_at", "ended_at", "outcome", "words") for attempt in post.attempts.order_by("pk")
        ],
        "read_backs": read_backs(post, entries),
        "direct_addresses": [
            _plain(address, "url", "noted_at", "checked_at", "gone_at", "tries") for address in addresses
        ],
        "differences": [
            _plain(difference, "kind", "words", "ours", "theirs", "first_seen_at", "last_seen_at", "ended_at")
            for difference in differences
        ],
    }  # fmt: skip


def _amendment(amendment: Amendment) -> Facts:
    """Which Package followed which while it was public; when each copy was read back with it, its read-backs say."""
    return {
        **_plain(amendment, "state", "is_review", "reason", "changes", "drafted_at", "approved_at", "ended_at"),
        "before": amendment.before.digest,
        "package": amendment.package.digest,
        "by": named(amendment.drafted_by),
    }


def _officers(entries: Iterable[Entry]) -> Facts:
    codes = sorted({entry.actor for entry in entries if entry.actor.startswith("officer:")})
    found = Officer.objects.in_bulk([int(code.removeprefix("officer:")) for code in codes])
    return {code: named(found.get(int(code.removeprefix("officer:")))) for code in codes}


def _actor(entry: Entry) -> Facts | str | None:
    return named(Officer.objects.filter(pk=entry.actor.removeprefix("officer:")).first()) if ":" in entry.actor else (
        entry.actor
    )  # fmt: skip


def _text(entry: Entry) -> str:
    kept = EntryText.objects.filter(number=entry.number).first()
    return str(json.loads(kept.text).get("text", "")) if kept else ""


def _plain(row: models.Model, *names: str) -> Facts:
    values = {name: getattr(row, name) for name in names}
    return {name: _iso(value) if isinstance(value, datetime | date) else value for name, value in values.items()}


def _iso(moment: datetime | date | None) -> str | None:
    if isinstance(moment, datetime):
        return moment.astimezone(UTC).isoformat(timespec="microseconds")
    return moment.isoformat() if moment else None

"""An Item as its page and the lists show it: the approved bytes, who had a hand in it, what happened to it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from pressqueue import gates, mentions, packages
from pressqueue.gates.approval import hands
from pressqueue.gates.shown import not_shown
from pressqueue.models import Entry, EntryText, Item, Officer, Package, Rendition, SentBack
from pressqueue.states import ItemState
from publisher.desk import words


@dataclass(frozen=True, slots=True)
class Shown:
    """One published file: where it goes, and the picture that stands for it in lists."""

    main: Rendition
    thumbnail: Rendition | None
    destinations: tuple[str, ...]

    @property
    def still(self) -> Rendition:
        """What can be shown as a picture: the still itself, or the film's poster."""
        return self.thumbnail or self.main

    @property
    def is_footage(self) -> bool:
        return self.main.media_type.startswith("video/")


def files_of(item: Item) -> list[Shown]:
    """The files of the Item's Package, each once; none while it is written or prepared anew, or once it is purged."""
    if item.package is None or item.purged_at is not None or item.state in (ItemState.DRAFT, ItemState.SUBMITTED):
        return []
    made = {rendition.sha256: rendition for rendition in item.renditions.all()}
    places: dict[tuple[str, str | None], list[str]] = {}
    for name, file in packages.content_of(item.package)["files"].items():
        places.setdefault((file["sha256"], file["thumbnail"]), []).append(name)
    return [
        Shown(made[sha256], made[thumbnail] if thumbnail else None, tuple(sorted(names)))
        for (sha256, thumbnail), names in sorted(places.items(), key=lambda pair: pair[0][0])
    ]


def decision(item: Item, now: datetime, package: Package | None = None, **more: Any) -> gates.Case:
    """The decision about what is in review or, with `package`, about an amendment of what is public."""
    amending, wanted = package is not None, package or item.package
    reviewing = amending and item.amendments.filter(package=package, is_review=True).exists()
    return gates.Case(
        gates.Step.APPROVE, item, now, package=wanted, amending=amending, reviewing=reviewing, **more
    )  # fmt: skip


def may_decide(
    item: Item, officer: Officer, now: datetime, package: Package | None = None, *, batch: bool = False
) -> list[str]:
    """Why this officer may not approve this Item now: every sentence; empty where they may.

    What they were not shown yet (R6) is for them to look at: `still_to_see` says it.
    """
    pass_all = dict.fromkeys(gates.MAY_OVERRIDE, "whatever they will say")
    said = gates.Deciding(
        reason="whatever they will say", break_glass=True, overrides=pass_all, others=True, batch=batch
    )
    case = decision(item, now, package, approver=officer, deciding=said)
    if case.package is not None and case.package.approvals.filter(approver=officer, void_at__isnull=True).exists():
        return ["You have approved this already; it waits for what is still wanting."]
    return [f"{sentence} (Rule {number})" for number, sentence in gates.faults(case) if number != "R6"]


@dataclass(frozen=True, slots=True)
class ToSee:
    """A file that did not go to this session in full yet."""

    words: str
    address: str
    is_footage: bool


def still_to_see(
    item: Item, officer: Officer, session: str, now: datetime, package: Package | None = None
) -> list[ToSee]:
    """What an approver must open before the decision counts (R6)."""
    case = decision(item, now, package, approver=officer, deciding=gates.Deciding(session=session))
    return [_to_see(item, sha256, words) for sha256, words in not_shown(case).items()]


def _to_see(item: Item, sha256: str, message: str) -> ToSee:
    if sha256 == item.original_id:
        return ToSee(message, reverse("original", args=[item.reference]), item.original.kind == "footage")
    made = item.renditions.filter(sha256=sha256).first()
    is_footage = made is not None and made.media_type.startswith("video/")
    return ToSee(message, reverse("rendition", args=[item.reference, sha256]), is_footage)


def to_let_pass(item: Item, now: datetime, package: Package | None = None) -> list[str]:
    """What an approver may let pass, with a reason."""
    case = decision(item, now, package)
    found = [(gate.number, gate.fault(case)) for gate in gates.asked(gates.Step.APPROVE) if gate.may_override]
    return [f"{sentence} (Rule {number})" for number, sentence in found if sentence]


def wanting(item: Item, now: datetime, package: Package | None = None) -> list[str]:
    """What the Approvals given so far do not reach; empty where none was given yet, or nothing is missing."""
    case = decision(item, now, package)
    if case.package is None or not (case.amending or item.state == ItemState.IN_REVIEW):
        return []
    if not case.package.approvals.filter(void_at__isnull=True).exists():
        return []
    return [f"{sentence} (Rule {number})" for number, sentence in gates.wanting(case)]


def rule_status(item: Item, now: datetime) -> list[tuple[str, str, str, bool]]:
    """Every rule asked of the Item before it may go on: number, source, sentence, and whether it holds.

    Four eyes is left out before approval, since it is about the person deciding; `may_decide` says it.
    """
    approved = item.state == ItemState.APPROVED
    step = gates.Step.TAKE if approved else gates.Step.SUBMIT
    case = gates.Case(step, item, now, package=item.package)
    rows = []
    for gate in gates.ALL:
        if step in gate.steps:
            fault = gate.fault(case)
            rows.append((gate.number, gate.source, fault or _meaning(gate), not fault))
    return rows


def _meaning(gate: gates.Gate) -> str:
    text = (gate.__doc__ or "").strip().split("\n")[0]
    said = text.split(": ", 1)[-1]
    return f"{said[:1].upper()}{said[1:]}"


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the audit trail, in words."""

    number: int
    at: datetime
    act: str
    who: str
    door: str
    detail: str
    text: str


def trail_of(item: Item) -> list[Event]:
    """What the log says of the Item, its file and its Posts, newest first."""
    entries = mentions.entries(mentions.of_item(item), ("item", "items", "post", "sha256"))[::-1]
    texts = {row.number: row for row in EntryText.objects.filter(pk__in=[entry.number for entry in entries])}
    people = {str(pk): name for pk, name in Officer.objects.values_list("pk", "name")}
    destinations = dict(item.posts.values_list("pk", "destination"))
    return [_event(entry, texts.get(entry.number), people, destinations) for entry in entries]


def _event(entry: Entry, kept: EntryText | None, people: dict[str, str], destinations: dict[int, str]) -> Event:
    about: dict[str, Any] = json.loads(entry.about)
    who = people.get(entry.actor.removeprefix("officer:"), entry.actor) if ":" in entry.actor else "Publisher"
    return Event(
        number=entry.number,
        at=datetime.fromisoformat(entry.at),
        act=words.of_act(entry.act),
        who=who,
        door={"desk": "at the desk", "cli": "by command line"}.get(entry.door, ""),
        detail=destinations.get(about.get("post", 0), ""),
        text=json.loads(kept.text).get("text", "") if kept else "",
    )


def people_of(item: Item) -> dict[str, Any]:
    """Who had a hand in it, who approved it as it stands, and who ever sent it back."""
    editors = Officer.objects.filter(pk__in=hands(gates.Case(gates.Step.SUBMIT, item, item.created_at)))
    approvals = []
    if item.package is not None:
        approvals = list(item.package.approvals.select_related("approver").order_by("-at"))
    sent_back = SentBack.objects.filter(package__item=item).select_related("officer").order_by("-at")
    return {"hands": list(editors.order_by("name")), "approvals": approvals, "sent_back": list(sent_back)}

"""A small world to test in: an office, its people, a series, an operation, and Items in any state."""

from __future__ import annotations

import hashlib
import itertools
import secrets
from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from pressqueue import gates, policy, sealing
from pressqueue.actors import Actor
from pressqueue.gates.shown import to_be_shown
from pressqueue.models import (
    Approval,
    Campaign,
    Item,
    Office,
    Officer,
    Original,
    Post,
    Rendition,
    Slot,
    Subject,
    Verification,
)
from pressqueue.moves import campaigns, items, officers, posting, public_texts, releases, subjects, viewing
from pressqueue.moves import verification as verification_moves

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # a Monday
KEY = bytes(range(32))
INTEGRITY_KEY = bytes(range(32, 64))
sealing.port.key = sealing.port.key or INTEGRITY_KEY  # where no office was opened
FLICKR = {"flickr": True}
# Every line an appeal must hold.
ROUTES = (
    "If you would rather not say who you are, call the independent charity Crimestoppers anonymously on 0800 555 111. "
    "If this is you, or you know who it is, use text relay on 18001 101, or call 101 quoting {reference}."
)
CAPTION = (
    "We would like to speak to this person, who may be able to help with enquiries into a reported "
    f"burglary in Mill Lane, Northshire. {ROUTES}"
)
_counter = itertools.count(1)


class Clock:
    """Time that is passed in, and moves when told to."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def on(self, **by: float) -> datetime:
        self.now += timedelta(**by)
        return self.now


def office(*, exercise: bool = True) -> Office:
    return Office.objects.get_or_create(id=1, defaults={"exercise": exercise, "made_at": NOW})[0]


def officer(username: str, *roles: str, rank: str = "") -> Officer:
    """Who decides is an inspector unless another rank is given; everybody else has none."""
    found = Officer.objects.filter(username=username).first()
    if found is not None:
        return found
    made = Officer.objects.create_user(username, username.title(), password=None)
    for role in roles:
        setattr(made, officers.ROLES[role], True)
    made.rank = rank or ("inspector" if set(roles) & {"approver", "investigator"} else "")
    made.save()
    return made


def author() -> Actor:
    return Actor(officer("amara", "author").pk, "cli")


def approver() -> Actor:
    return Actor(officer("bran", "approver").pk, "desk")


def investigator() -> Actor:
    """The officer in every case of this world."""
    return Actor(officer("inga", "investigator").pk, "desk")


def bystander() -> Actor:
    """An approver who has a part in nothing: who ends holds."""
    return Actor(officer("sefton", "approver").pk, "desk")


def release(item: Item, *, now: datetime = NOW) -> Item:
    return releases.release(bystander(), item, "The reason is over.", now=now)


def release_campaign(campaign: Campaign, *, now: datetime = NOW) -> None:
    releases.release_campaign(bystander(), campaign, "The reason is over.", now=now)


def thaw(*, to: str = "none", now: datetime = NOW) -> None:
    """Two people who did not place it end a freeze."""
    second = Actor(officer("thea", "author").pk, "desk")
    releases.confirm_ending(second, releases.ask_thaw(bystander(), to, "The reason is over.", now=now), now=now)


def series(slug: str = "photo-of-the-day", **changes: Any) -> Campaign:
    office()
    values = {"title": "Photo of the day", "kind": "series", "prefix": "POD", "now": NOW, **changes}
    return Campaign.objects.filter(slug=slug).first() or _made(slug, values)


def operation(slug: str = "operation-larch", **changes: Any) -> Campaign:
    office()
    values = {"title": "Operation Larch", "kind": "operation", "prefix": "WTN", "now": NOW, **changes}
    return Campaign.objects.filter(slug=slug).first() or _made(slug, values)


def _made(slug: str, values: dict[str, Any]) -> Campaign:
    """A new campaign; where it has an album, a second person has approved its words."""
    campaign = campaigns.make_campaign(author(), slug=slug, **values)
    # It has hours, which come long after every test.
    Slot.objects.create(
        campaign=campaign, weekdays=[6], wall_time=time(8), starts_on=date(2099, 1, 1), ends_on=date(2099, 12, 31)
    )
    for text in campaign.standing_texts.all():
        public_texts.approve_text(approver(), text, text.digest, now=values["now"])
    return campaign


def daily(campaign: Campaign, at: time = time(8, 0), *, since: date = date(2026, 3, 1)) -> Slot:
    waits = campaign.items.filter(state__in=["in_review", "approved"]).exists()
    return campaigns.add_slot(
        bystander() if waits else author(), campaign, weekdays=list(range(7)), wall_time=at, starts_on=since,
        now=datetime.combine(since, time.min, UTC),
    )  # fmt: skip


def original(content: bytes | None = None, *, kind: str = "still") -> Original:
    body = content or f"picture {next(_counter)}".encode()
    return items.receive_original(
        author(),
        sha256=hashlib.sha256(body).hexdigest(),
        size=len(body),
        media_type="image/jpeg" if kind == "still" else "video/mp4",
        kind=kind,
        filename="IMG_0001.jpg",
        probe={},
        now=NOW,
    )


def appeal_record(now: datetime = NOW, **changes: Any) -> dict[str, Any]:
    """Every answer an appeal needs, invented."""
    return {
        "offence": "a reported burglary",
        "crime_reference": "26/001234",
        "location": "Mill Lane, Northshire",
        "incident_at": now - timedelta(days=9),
        "clock_offset": 0,
        "exhibit": "NSP/1",
        "source": "cctv",
        "source_detail": "The shop's own camera",
        "source_verified_by": "DC Okafor",
        "link_to_offence": "The person leaves the shop with the goods.",
        "policing_purpose": "To identify the person.",
        "legal_basis": "Prevention and detection of crime; DPA 2018 Part 3.",
        "means_tried": [{"on": (now - timedelta(days=5)).date().isoformat(), "means": "Internal circulation"}],
        "seriousness": "volume",
        "proportionality": "One face, for four weeks.",
        "reach": "The person may have left the county.",
        "risk": "Low; nobody else is shown.",
        "victim_consulted": "yes",
        "victim_consulted_on": (now - timedelta(days=3)).date(),
        "anonymity": False,
        "restrictions": "none",
        "restrictions_checked_on": (now - timedelta(days=2)).date(),
        "restrictions_checked_by": "Legal services",
        "others_in_frame": "none",
        "do_not_approach": False,
        "contact": "Call 101, or Crimestoppers on 0800 555 111.",
        "conditions_of_use": "For identification only; recalled on removal.",
        "review_at": now + timedelta(days=21),
        "retention_review_on": (now + timedelta(days=365)).date(),
        **changes,
    }


def wanted_record(now: datetime = NOW, **changes: Any) -> dict[str, Any]:
    """The same for somebody who is wanted."""
    more = {"attempts_to_locate": "Both known addresses visited.", "image_taken_on": (now - timedelta(days=90)).date()}
    return appeal_record(now, **{**more, "source": "police", **changes})


def feature_record(**changes: Any) -> dict[str, Any]:
    checklist = [key for key, _ in policy.current().safety_checklist]
    return {
        "basis": "staff", "rights": "Northshire Police", "source": "police", "facet": "dogs", "checklist": checklist,
        **changes,
    }  # fmt: skip


def person(campaign: Campaign | None = None, *, now: datetime = NOW, **answers: Any) -> Subject:
    """Somebody with a number outside the campaign's own sequence, every question answered, looked up now."""
    owner = campaign or operation()
    subject = Subject.objects.create(
        number=f"{owner.prefix}-P{secrets.token_hex(4).upper()}", campaign=owner, created_at=now
    )
    return known(subject, now=now, **answers)


def known(subject: Subject, *, now: datetime = NOW, **answers: Any) -> Subject:
    """What is asked of a person is answered, where it was not yet."""
    subject.refresh_from_db()
    usual = {
        "category": "suspect", "appears_under_18": "no", "appears_under_10": False, "age_basis": "Build and dress",
        "vulnerable": False, "proceedings": "none", "proceedings_at": now,
    }  # fmt: skip
    for name, value in {**usual, **answers}.items():
        if name in answers or getattr(subject, name) in ("", None):
            setattr(subject, name, value)
    subject.save()
    return subject


def looked_up(subject: Subject, *, now: datetime = NOW, by: Actor | None = None) -> list[Item]:
    """Still unidentified: somebody who had no hand in what shows them asked the officer in the case."""
    who = by or bystander()
    return subjects.record_check(who, subject, "none", name="By telephone", confirmed_by="DC Okafor", now=now)


def feature(campaign: Campaign | None = None, **changes: Any) -> Item:
    words: dict[str, Any] = {
        "title": "Day {day} - Northshire Police - Police dog Rufus",
        "caption": "Rufus waits for his handler.",
        "alt_text": "A German shepherd sits beside a patrol car.",
        "destinations": ["flickr"],
        "original": original(),
        "record": feature_record(),
        "now": NOW,
    }
    return items.add_item(author(), campaign=campaign or series(), kind="feature", **{**words, **changes})


def appeal(campaign: Campaign | None = None, **changes: Any) -> Item:
    now, owner = changes.get("now", NOW), campaign or operation()
    ends = changes.get("expires_at") or now + timedelta(days=28)
    words: dict[str, Any] = {
        "title": "Do you know this person? {reference}",
        "caption": CAPTION,
        "alt_text": "A person in a dark coat, seen from behind.",
        "destinations": ["flickr"],
        "purpose": "suspect",
        "publish_from": now,
        "publish_until": now + timedelta(hours=12),
        "expires_at": ends,
        "record": appeal_record(now, review_at=min(ends, now + timedelta(days=21))),
        "now": now,
        **changes,
    }
    words["record"] = {"investigator": officer("inga", "investigator"), **words["record"]}
    if "original" not in words:
        words["original"] = original()
    if words["purpose"] != "property":
        category = words["purpose"]
        people = words.get("subjects") or [person(owner, now=now, category=category)]
        words["subjects"] = [known(each, now=now, category=each.category or category) for each in people]
    return items.add_item(author(), campaign=owner, kind="appeal", **words)


def in_review(
    item: Item, content: bytes | None = None, *, alt_text_fields: Collection[str] = (), now: datetime = NOW
) -> Item:
    """Submitted and prepared, with stand-in bytes where the test needs no picture."""
    items.submit(author(), item, now=now)
    body = content or f"rendition of {item.reference}".encode()
    rendition, _ = Rendition.objects.get_or_create(
        item=item,
        role="main",
        sha256=hashlib.sha256(body).hexdigest(),
        recipe="{}",
        defaults={"size": len(body), "media_type": "image/jpeg", "width": 4, "height": 3, "made_at": now},
    )
    item.refresh_from_db()
    items.rendered(item, rendition, None, alt_text_fields=alt_text_fields, now=now)
    item.refresh_from_db()
    return item


def verified(item: Item, *, now: datetime = NOW) -> Item:
    """The officer in the case has verified it as it stands in review; a feature has none."""
    item.refresh_from_db()
    if item.kind != Item.Kind.FEATURE and item.package is not None:
        verify(investigator(), item, item.package.digest, now=now)
    return item


def verify(who: Actor, item: Item, digest: str, *, now: datetime = NOW) -> Verification:
    """After everything was shown to them."""
    return verification_moves.verify(who, item, digest, session=viewed(item, who, now=now).session, now=now)


def confirm(
    who: Actor, verification: Verification, *, name: str = "DS Mara Voss", rank: str = "sergeant", now: datetime = NOW,
    **said: str,
) -> Verification:  # fmt: skip
    """A signed form is confirmed, after it and everything it is compared with was shown to them."""
    package, form = verification.item.package, verification.form
    assert package is not None and form is not None
    session = viewed(verification.item, who, now=now).session
    whole = (0, form.size)
    viewing.handed_over(who, session, verification.item, form.sha256, whole, size=form.size, began_at=now, now=now)
    read = verification_moves.Read(**{"sha256": form.sha256, "name": name, "rank": rank, "session": session, **said})
    return verification_moves.confirm_form(who, verification, package.digest, read, now=now)


def approved(
    item: Item, content: bytes | None = None, *, alt_text_fields: Collection[str] = (), now: datetime = NOW
) -> Item:
    ready = verified(in_review(item, content, alt_text_fields=alt_text_fields, now=now), now=now)
    assert ready.package is not None
    items.approve(approver(), ready, ready.package.digest, deciding=viewed(ready, now=now), now=now)
    ready.refresh_from_db()
    return ready


def decide(who: Actor, item: Item, digest: str, *, said: gates.Deciding | None = None, now: datetime = NOW) -> Approval:
    """The same for an approver, with what they say."""
    session = viewed(item, who, now=now).session
    deciding = replace(said or gates.Deciding(), session=session, others=True)
    return items.approve(who, item, digest, deciding=deciding, now=now)


def viewed(item: Item, who: Actor | None = None, *, session: str = "", now: datetime = NOW) -> gates.Deciding:
    """Every file a decision about this Item is about was handed over, whole, to a session of this person.

    Answers what they then say: that they looked at everybody in the frame.
    """
    found, actor = Item.objects.get(pk=item.pk), who or approver()
    ours = session or session_key(actor)
    sizes = dict(found.renditions.values_list("sha256", "size")) | {found.original_id: found.original.size}
    for sha256 in to_be_shown(gates.Case(gates.Step.APPROVE, found, now, package=found.package)):
        whole, size = (0, sizes[sha256]), sizes[sha256]
        viewing.handed_over(actor, ours, found, sha256, whole, size=size, began_at=now, now=now)
    return gates.Deciding(session=ours, others=True)


def session_key(who: Actor) -> str:
    """The SHA-256 of the key of the one session each person has here."""
    return hashlib.sha256(f"session of {who.officer_id}".encode()).hexdigest()


def posted(item: Item, *, now: datetime = NOW, conceals: dict[str, bool] | None = None) -> Post:
    """The Post of an approved Item, due now."""
    return posting.open_posts(item, key=KEY, conceals=conceals or FLICKR, due_at=now, now=now)[0]


def rendition(item: Item, content: bytes = b"stand-in") -> Rendition:
    return Rendition.objects.get_or_create(
        item=item,
        role="main",
        sha256=hashlib.sha256(content).hexdigest(),
        recipe="{}",
        defaults={"size": len(content), "media_type": "image/jpeg", "width": 4, "height": 3, "made_at": NOW},
    )[0]


def in_review_again(item: Item, content: bytes = b"another") -> Item:
    """Prepared once more after an edit sent it back to submitted."""
    item.refresh_from_db()
    items.rendered(item, rendition(item, content), None, now=NOW)
    item.refresh_from_db()
    return item

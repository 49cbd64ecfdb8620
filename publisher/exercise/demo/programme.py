"""What the demo publishes: a week of features, a gallery and a film; written by one account, approved by another."""

from __future__ import annotations

import hashlib
import time
from datetime import datetime, timedelta
from datetime import time as wall_time
from typing import Any
from zoneinfo import ZoneInfo

from pressqueue import packages
from pressqueue.actors import Actor
from pressqueue.models import ApprovedText, Campaign, Item, Officer
from pressqueue.moves import account_changes, campaigns, leases, platform_accounts, subjects
from pressqueue.moves import items as item_moves
from pressqueue.proceedings import Proceedings
from pressqueue.states import ItemState
from publisher.configuration.os_user import os_user
from publisher.exercise import samples
from publisher.exercise.demo.stage import ADMINISTRATOR, START_WITHIN, Stage
from publisher.exercise.demo.telling import Telling
from publisher.exercise.demo.visitor import Page, Visitor
from publisher.exercise.samples import Sample, answers
from publisher.media.vault import Vault
from publisher.output import Declined
from publisher.publishing import intake, rendering
from publisher.workers.worker import Worker

AUTHOR, INVESTIGATOR, APPROVER = "author", "investigator", "approver"
RANK = "inspector"  # what the shipped policy asks of whoever decides about adults
TOTALS = (
    "At least {shown} people were shown here, and at least {removed} appeals have come down since. These numbers rise "
    "at most once a week, in steps of five."
)
MOMENTS = 40  # of 50 ms


def queue(stage: Stage, telling: Telling) -> list[Item]:
    """Accounts, campaigns and Items, all by the moves every door uses. Returns the Items, submitted."""
    codes = _people()
    visitor = Visitor(stage.desk)
    visitor.wait_until_open("/sign-in/", START_WITHIN)
    for username, code in codes.items():
        _set_password(stage, username, code)
    author = _actor(AUTHOR)
    series, operation = _campaigns(author)
    _approve_words(stage)
    _attest(stage, author)
    features = [(series, "feature", sample, ["flickr"]) for sample in samples.FEATURES]
    gallery = [(operation, "appeal", sample, ["flickr"]) for sample in samples.APPEALS]
    film = [(operation, "appeal", samples.FOOTAGE, ["flickr", "youtube"])]
    everything = [*gallery, *film, *features]
    made = []
    with telling.phase("Queueing the sample media") as advance:
        for number, (campaign, kind, sample, destinations) in enumerate(everything):
            advance(number, len(everything), sample.file)
            made.append(_add(stage, author, campaign, kind, sample, destinations))
        for item, sample in zip(made, [*samples.APPEALS, samples.FOOTAGE], strict=False):
            _say_who_is_shown(author, item, sample)
        made = [item_moves.submit(author, item, now=leases.database_now()) for item in made]
        advance(len(everything), len(everything), "")
    return made


def _attest(stage: Stage, author: Actor) -> None:
    """Comments are off on the channel; what shows it is a stand-in, as everything of an exercise."""
    seen, now = stage.office.folder / "channel-settings.pdf", leases.database_now()
    seen.write_bytes(b"%PDF-1.7\n% The channel's settings of an exercise: comments are off by default.\n")
    with intake.form_of(author, None, seen, seen.name, Vault(stage.office.media / "originals"), now) as kept:
        platform_accounts.attest_comments_closed(author, "youtube", kept, now=now)
    seen.unlink()


def _people() -> dict[str, str]:
    """An author, the officer in every case, and an inspector who approves; returns their one-time codes."""
    now, administrator = leases.database_now(), _actor(ADMINISTRATOR)
    codes = {}
    for username, role, rank in (
        (AUTHOR, "author", ""), (INVESTIGATOR, "investigator", "sergeant"), (APPROVER, "approver", RANK)
    ):  # fmt: skip
        officer = account_changes.add_officer(
            administrator, username=username, roles=[role], name=username.title(), rank=rank, now=now
        )
        codes[username] = str(account_changes.issue_code(administrator, officer, now=now))
    return codes


def _actor(username: str) -> Actor:
    return Actor(Officer.objects.get(username=username).pk, "cli", shell=os_user())


def _campaigns(author: Actor) -> tuple[Campaign, Campaign]:
    now = leases.database_now()
    series = campaigns.make_campaign(
        author, slug="photo-of-the-day", title="Photo of the day", kind="series", prefix="POD", now=now,
        album_title="Photo of the day", album_description=f"One picture a day from {samples.FORCE}.",
    )  # fmt: skip
    operation = campaigns.make_campaign(
        author, slug="operation-larch", title=samples.OPERATION, kind="operation", prefix="WTN", now=now,
        album_title=samples.OPERATION, album_description=f"Can you help? {samples.CONTACT}.\n\n{TOTALS}",
    )  # fmt: skip
    tomorrow = now.astimezone(ZoneInfo(series.zone)).date() + timedelta(days=1)
    campaigns.add_slot(author, series, weekdays=list(range(7)), wall_time=wall_time(8), starts_on=tomorrow, now=now)
    return series, operation


def _approve_words(stage: Stage) -> None:
    """The second account reads, at the desk, what the albums are to say, and approves it."""
    visitor = _signed_in(stage, APPROVER)
    for text in ApprovedText.objects.order_by("pk"):
        visitor.send(visitor.get("/texts/"), f"/texts/{text.pk}/approve/")


def _add(stage: Stage, author: Actor, campaign: Campaign, kind: str, sample: Sample, destinations: list[str]) -> Item:
    now = leases.database_now()
    path = samples.path(sample.file)
    original = intake.receive(author, path, sample.file, Vault(stage.office.media / "originals"), now)
    appeal = kind == "appeal"
    number = campaign.items.count() + 1
    terms = {
        "purpose": ("witness" if sample is samples.FOOTAGE else "suspect") if appeal else "",
        "mark_style": "strip" if appeal else "plate",
        "publish_from": now if appeal else None,
        "publish_until": now + timedelta(days=2) if appeal else None,
        "expires_at": now + timedelta(days=28) if appeal else None,
        "record": _record(sample, number, now) if appeal else answers.of_feature(sample),
    }
    return item_moves.add_item(
        author, campaign=campaign, kind=kind, original=original, now=now, destinations=destinations,
        title=sample.title, caption=sample.caption, alt_text=sample.alt_text, tags=list(sample.tags),
        poster_at=sample.poster_at, **terms,
    )  # fmt: skip


def _say_who_is_shown(author: Actor, item: Item, sample: Sample) -> None:
    """A number for everybody in it, what is asked of them, and the officer's word: they are still unidentified."""
    now, shown = leases.database_now(), []
    for given in answers.of_people(sample):
        person = subjects.make_subject(author, item.campaign, now=now)
        subjects.describe(author, person, given, now=now)
        shown.append(person)
    item_moves.edit(author, item, subjects=shown, now=now)
    for person in shown:
        subjects.record_check(_actor(INVESTIGATOR), person, Proceedings.NONE, name=answers.CHECK, now=now)


def _record(sample: Sample, number: int, now: datetime) -> dict[str, Any]:
    """The appeal's answers, with the account of the officer in the case."""
    return answers.of_appeal(sample, number, now) | {"investigator": Officer.objects.get(username=INVESTIGATOR)}


def prepare(worker: Worker, items: list[Item], telling: Telling) -> None:
    """Make the Renditions, as the clock's round does. Raises Declined where one could not be made."""
    with telling.phase("Preparing the marked pictures and the video") as advance:
        done = 0

        def film(reference: str, share: float) -> None:
            advance(done + share, len(items), reference)

        while rendering.prepare_next(worker, film):
            done += 1
            advance(done, len(items), "")
    back = Item.objects.filter(pk__in=[item.pk for item in items]).exclude(state=ItemState.IN_REVIEW).first()
    if back is not None:
        raise Declined(f"{back.reference} could not be prepared. {back.refusal}")


def approve(stage: Stage, items: list[Item], telling: Telling) -> None:
    """The second account signs in at the desk, looks at the very bytes of each Item, and approves it there.

    Before that the officer in the case has done the same with every appeal, and verified it.
    """
    _verify(stage, [item for item in items if item.kind != Item.Kind.FEATURE])
    visitor = _signed_in(stage, APPROVER)
    with telling.phase("Approving at the desk, by the second account") as advance:
        for number, item in enumerate(items):
            advance(number, len(items), item.reference)
            page = _looked_at(visitor, item)
            visitor.send(page, f"/items/{item.reference}/approve/", confirm="on", others="on")
        advance(len(items), len(items), "")


def _verify(stage: Stage, appeals: list[Item]) -> None:
    visitor = _signed_in(stage, INVESTIGATOR)
    for item in appeals:
        page = _looked_at(visitor, item)
        visitor.send(page, f"/items/{item.reference}/verify/", confirm="on")


def _signed_in(stage: Stage, username: str) -> Visitor:
    visitor = Visitor(stage.desk)
    visitor.send(visitor.get("/sign-in/"), "/sign-in/", username=username, password=stage.password_of(username))
    return visitor


def _looked_at(visitor: Visitor, item: Item) -> Page:
    """The Item's page, after everything it shows was opened to its end."""
    page = visitor.get(f"/items/{item.reference}/")
    if page.location:  # asked once, why one looks at pictures of people sought
        visitor.send(visitor.get(page.location), "/why/", why="To decide about the demo's appeals.")
    _look(visitor, item)
    return _when_shown(visitor, item)


def _when_shown(visitor: Visitor, item: Item) -> Page:
    """The Item's page, once the desk has noted that the last byte left: a moment after a program has it."""
    for _ in range(MOMENTS):
        page = visitor.get(f"/items/{item.reference}/")
        if b"Not shown to you in full yet" not in page.body:
            break
        time.sleep(0.05)
    return page


def _look(visitor: Visitor, item: Item) -> None:
    """What the approver is shown must be what the Package names: the exhibit and every file of it, in full."""
    item.refresh_from_db()
    assert item.package is not None
    addresses = {item.original_id: f"/items/{item.reference}/original/"}
    for file in packages.content_of(item.package)["files"].values():
        for sha256 in filter(None, (file["sha256"], file["thumbnail"])):
            addresses.setdefault(sha256, f"/items/{item.reference}/renditions/{sha256}/")
    for sha256, address in addresses.items():
        shown = visitor.get(address)
        if hashlib.sha256(shown.body).hexdigest() != sha256:
            raise Declined(f"The desk showed other bytes of {item.reference} than the ones to be approved.")


def _set_password(stage: Stage, username: str, code: str) -> None:
    visitor, password = Visitor(stage.desk), stage.password_of(username)
    visitor.send(
        visitor.get("/set-password/"), "/set-password/", username=username, code=code, password=password, again=password
    )

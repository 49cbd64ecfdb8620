"""Retention: evidence outlives publication, holds keep it, two people purge it, the chain stays whole (R40)."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import press
import pytest
import world
from django.apps import apps
from django.db import models

from pressqueue import audit, packages, register
from pressqueue.actors import Actor
from pressqueue.errors import Forbidden
from pressqueue.models import (
    Campaign,
    Duty,
    Entry,
    EntryText,
    Item,
    LegalHold,
    Notice,
    Original,
    Package,
    Post,
    Purge,
    RecallNotice,
    RegisterLine,
    StandingText,
    Subject,
)  # fmt: skip
from pressqueue.moves import (
    duties,
    holds,
    items,
    press_packs,
    public_texts,
    recalls,
    recovery,
    retention,
    subjects,
    takedown,
)
from pressqueue.register import Told

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("office")]
NOW = world.NOW
# Its record says: to be reviewed a year after NOW.
OVER = NOW + timedelta(days=366)
AUTHORITY = "Retention board, 1 March 2027"
# Words that occur nowhere but in the texts of one Item, its record and its person.
PLANTED = "Zephyrine"


def down(item: Item, reason: str = "identified") -> Item:
    """Shown live, withdrawn, seen gone, its direct address silent."""
    post = press.live(item)
    takedown.withdraw(world.approver(), item, reason, now=NOW)
    press.removed(post, now=NOW)
    press.addresses_gone(post, now=NOW)
    item.refresh_from_db()
    return item


@pytest.fixture
def item() -> Item:
    return down(world.approved(world.appeal()))


def purged(item: Item) -> Purge:
    asked = retention.ask_purge(world.author(), item, AUTHORITY, now=OVER)
    return retention.confirm_purge(world.approver(), asked, now=OVER)


def stored_texts() -> str:
    """Every value of every row, as one text."""
    found = []
    for model in apps.get_app_config("pressqueue").get_models():
        columns = [field.attname for field in model._meta.concrete_fields if not isinstance(field, models.BinaryField)]
        found += [json.dumps(row, default=str) for row in model._default_manager.values(*columns)]
    return "\n".join(found)


def test_nothing_is_purged_before_its_retention_review(item: Item) -> None:
    day = NOW + timedelta(days=364)
    assert any("retention review on 2 March 2027" in each for each in retention.why_kept(item, day))
    assert retention.purgeable(day) == []
    with pytest.raises(Forbidden, match="retention review"):
        retention.ask_purge(world.author(), item, AUTHORITY, now=day)
    assert retention.why_kept(item, OVER) == []
    assert retention.purgeable(OVER) == [item]


def test_a_retention_review_keeps_it_longer(item: Item) -> None:
    later = OVER + timedelta(days=400)
    retention.review_retention(world.author(), item, later.date(), "The appeal is still open.", now=OVER)
    assert retention.purgeable(OVER) == []
    assert retention.kept_until(item) == later.date()
    assert retention.purgeable(later) == [item]
    with pytest.raises(Forbidden, match="lies in the past"):
        retention.review_retention(world.author(), item, NOW.date(), "x", now=OVER)


def test_an_appeal_that_no_review_was_ever_set_for_is_kept(item: Item) -> None:
    type(item.appeal_record).objects.update(retention_review_on=None)  # type: ignore[attr-defined]
    assert retention.why_kept(item, OVER) == ["No retention review was ever set: set its day first."]
    assert retention.purgeable(OVER) == []


def _live(item: Item) -> None:
    press.live(item)


def _coming_down(item: Item) -> None:
    press.live(item)
    takedown.withdraw(world.approver(), item, "identified", now=NOW)


def _address_answers(item: Item) -> None:
    post = press.live(item)
    takedown.withdraw(world.approver(), item, "identified", now=NOW)
    press.removed(post, now=NOW)


def _duty_open(item: Item) -> None:
    takedown.withdraw(world.approver(), item, "eliminated", now=NOW)


def _recall_open(item: Item) -> None:
    press.disclosed(item)
    takedown.withdraw(world.approver(), item, "identified", now=NOW)


@pytest.mark.parametrize(
    ("what", "words"),
    [
        (_live, "only what was withdrawn"),
        (_coming_down, "not confirmed down"),
        (_address_answers, "still answers"),
        (_duty_open, "Duties"),
        (_recall_open, "has not acknowledged"),
    ],
)
def test_nothing_is_purged_while_it_is_up_or_something_is_owed(what: Callable[[Item], None], words: str) -> None:
    item = world.approved(world.appeal())
    what(item)
    item.refresh_from_db()
    with pytest.raises(Forbidden, match=words):
        retention.ask_purge(world.author(), item, AUTHORITY, now=OVER)


@pytest.mark.parametrize("of", ["item", "subject"])
def test_a_legal_hold_on_the_item_or_the_person_keeps_it(item: Item, of: str) -> None:
    on = item if of == "item" else item.subjects.get()
    asked = retention.ask_purge(world.author(), item, AUTHORITY, now=OVER)
    hold = retention.place_hold(world.author(), on, "An appeal is pending.", "Legal services, 3 March", now=OVER)
    assert any("An appeal is pending" in each for each in retention.why_kept(item, OVER))
    with pytest.raises(Forbidden, match="legal hold"):  # also what was asked for before
        retention.confirm_purge(world.approver(), asked, now=OVER)
    retention.lift_hold(world.approver(), hold, "Legal services, 9 March", now=OVER)
    assert retention.confirm_purge(world.approver(), asked, now=OVER).erased_at == OVER


def test_a_hold_says_why_and_by_whom_and_is_lifted_by_another(item: Item) -> None:
    both = Actor(world.officer("cleo", "author", "approver").pk, "desk")
    for why, authority in (("", "Legal"), ("A case", " ")):
        with pytest.raises(Forbidden, match="Say"):
            retention.place_hold(both, item, why, authority, now=NOW)
    hold = retention.place_hold(both, item, "A case", "Legal", now=NOW)
    with pytest.raises(Forbidden, match="somebody else must lift it"):
        retention.lift_hold(both, hold, "Legal", now=NOW)
    with pytest.raises(Forbidden, match="Only an active approver"):
        retention.lift_hold(world.author(), hold, "Legal", now=NOW)
    retention.lift_hold(world.approver(), hold, "Legal", now=NOW)
    with pytest.raises(Forbidden, match="lifted already"):
        retention.lift_hold(world.approver(), hold, "Legal", now=NOW)


def test_two_people_purge_and_never_the_same_one_twice(item: Item) -> None:
    both = Actor(world.officer("cleo", "author", "approver").pk, "desk")
    with pytest.raises(Forbidden, match="Say which retention decision"):
        retention.ask_purge(both, item, " ", now=OVER)
    asked = retention.ask_purge(both, item, AUTHORITY, now=OVER)
    with pytest.raises(Forbidden, match="asked for already"):
        retention.ask_purge(world.author(), item, AUTHORITY, now=OVER)
    with pytest.raises(Forbidden, match="somebody else must confirm"):
        retention.confirm_purge(both, asked, now=OVER)
    with pytest.raises(Forbidden, match="Only an active approver"):
        retention.confirm_purge(world.author(), asked, now=OVER)
    item.refresh_from_db()
    assert (item.purged_at, bool(item.title)) == (None, True)
    done = retention.confirm_purge(world.approver(), asked, now=OVER)
    assert (done.asked_by_id, done.confirmed_by, done.authority) == (
        both.officer_id,
        world.officer("bran"),
        AUTHORITY,
    )
    with pytest.raises(Forbidden, match="purged already"):
        retention.ask_purge(world.author(), item, AUTHORITY, now=OVER)


def test_a_purge_that_was_dropped_erases_nothing_and_may_be_asked_for_again(item: Item) -> None:
    asked = retention.ask_purge(world.author(), item, AUTHORITY, now=OVER)
    assert retention.purgeable(OVER) == []
    retention.drop_purge(world.approver(), asked, now=OVER)
    with pytest.raises(Forbidden, match="dropped already"):
        retention.confirm_purge(world.approver(), asked, now=OVER)
    assert retention.purgeable(OVER) == [item]
    assert purged(item).erased_at == OVER


def planted() -> Item:
    """An Item whose every text holds a word that occurs nowhere else."""
    record = {
        name: f"{PLANTED} {name}"
        for name in (
            "offence", "location", "exhibit", "source_detail", "source_verified_by", "link_to_offence", "legal_basis",
            "policing_purpose", "proportionality", "reach", "risk", "restrictions_checked_by", "contact",
            "conditions_of_use", "victim_reason",
        )
    }  # fmt: skip
    record |= {"means_tried": [{"on": "2026-02-25", "means": f"{PLANTED} means"}]}  # type: ignore[dict-item]
    original = items.receive_original(
        world.author(), sha256="ef" * 32, size=3, media_type="image/jpeg", kind="still", filename=f"{PLANTED}.jpg",
        probe={"camera": PLANTED}, now=NOW,
    )  # fmt: skip
    person = world.person(age_basis=f"{PLANTED} build", vulnerability=f"{PLANTED} health")
    item = world.appeal(
        title=f"{PLANTED} {{reference}}", caption=f"{world.CAPTION} {PLANTED} was seen.",
        alt_text=f"{PLANTED} in a coat", tags=[PLANTED], original=original, subjects=[person],
        record=world.appeal_record(**record),
    )  # fmt: skip
    items.edit(world.author(), item, alt_text=f"{PLANTED} in a dark coat", now=NOW)
    item.refresh_from_db()
    holds.hold(world.author(), item, f"{PLANTED} asks", now=NOW)
    world.release(item, now=NOW)
    subjects.record_check(world.author(), person, "none", name=f"PNC {PLANTED}", confirmed_by=f"DC {PLANTED}", now=NOW)
    words = public_texts.draft_text(
        world.author(), "album", item.campaign, title=PLANTED, body=f"{PLANTED}'s album", now=NOW
    )
    public_texts.approve_text(world.approver(), words, words.digest, now=NOW)
    public_texts.drop_text(world.author(), words, now=NOW)
    Campaign.objects.update(album_title="", album_description="")  # the campaign itself is no text of an Item
    ready = world.approved(item)
    press.disclosed(ready, press_packs.Recipient("Northshire Echo", f"Ines {PLANTED}", f"{PLANTED}@echo.example"))
    hold = retention.place_hold(world.author(), ready, f"{PLANTED} appeals", f"{PLANTED}'s solicitor", now=NOW)
    retention.lift_hold(world.approver(), hold, f"{PLANTED} ended", now=NOW)
    down(ready, "eliminated")
    recall = RecallNotice.objects.get()
    recalls.acknowledge_for(world.author(), recall, f"Ines {PLANTED}, by telephone", now=NOW)
    for duty in Duty.objects.order_by("pk"):
        duties.duty_done(world.author(), duty, f"{PLANTED} was written to", now=NOW)
    return ready


def test_a_purge_leaves_no_text_anywhere_and_the_chain_whole() -> None:
    item = planted()
    before = stored_texts()
    assert before.lower().count(PLANTED.lower()) > 30  # the control: there was something to erase
    entries = list(Entry.objects.order_by("number").values_list("number", "hash"))
    purged(item)
    assert PLANTED.lower() not in stored_texts().lower()
    assert list(Entry.objects.order_by("number").values_list("number", "hash"))[: len(entries)] == entries
    assert audit.verify() == Entry.objects.count()


# What a purge keeps of the rows about an Item: ids, hashes, codes, addresses of organisations. Everything else is text.
KEPT = {
    "AppealRecord": {"salt"},
    "Approval": {"digest", "rank", "others", "void_reason"},
    "Attempt": {"owner", "outcome"},
    "BlockedImage": {"sha256", "reason"},
    "Consultation": {"sha256"},
    "Difference": {"destination", "remote_id", "seen"},
    "Disclosure": {"digest", "archive", "files", "organisation", "recall_address", "door"},
    "Duty": {"rule", "kind", "cause", "who"},
    "Edit": {"door"},
    "Item": {"reference", "destinations", "licence", "frame_rate", "mark_style", "mark_corner", "ended_reason"},
    "MediaAddress": {"url", "owner"},
    "Amendment": {"ended_reason"},
    "Notice": {"cause", "reference", "people"},
    "Package": {"digest", "content"},  # its texts lie within the content: see `planted`
    "Post": {"destination", "account", "mark", "owner", "reason", "remote_id", "url", "media_urls", "looks"},
    "Purge": {"authority", "original", "renditions", "forms"},
    "RecallAttempt": {"token"},
    "RecallNotice": {"organisation", "recall_address", "reason", "email"},
    "Rendition": {"role", "sha256", "media_type", "recipe"},
    "Step": {"kind", "state"},
    "Stop": {"what"},
    "StopEnding": {"to"},
    "Verification": {"digest", "void_reason"},
    "Viewing": {"session", "sha256", "parts"},
}


def about_an_item() -> dict[str, type[models.Model]]:
    """Every model whose rows belong to one Item: by a key of their own, or through a Post, a Package or a recall."""
    owners = {"Item", "Post", "Package", "RecallNotice"}
    found: dict[str, type[models.Model]] = {"Notice": Notice}  # names its Item by reference
    for model in apps.get_app_config("pressqueue").get_models():
        keys = {field.related_model.__name__ for field in model._meta.concrete_fields if field.is_relation}  # type: ignore[union-attr]
        if model.__name__ in owners or keys & owners:
            found[model.__name__] = model
    del found["FeatureRecord"]  # an appeal has none; `_erase_record` is the same for both
    return found


def rows_about(item: Item, model: type[models.Model]) -> models.QuerySet[Any]:
    """There is one Item, so that all of them are its own; but for Notices, some of which are the office's."""
    rows: models.QuerySet[Any] = models.QuerySet(model)
    return rows.filter(reference=item.reference) if model.__name__ == "Notice" else rows


def texts_of(model: type[models.Model]) -> list[models.Field[Any, Any]]:
    """Its columns that hold a text and are not KEPT."""
    kinds = (models.CharField, models.TextField, models.JSONField)
    kept = KEPT.get(model.__name__, set())
    return [
        field
        for field in model._meta.concrete_fields
        if isinstance(field, kinds) and not field.choices and field.name not in kept
    ]


def test_a_purge_erases_every_text_of_every_row_about_the_item() -> None:
    """The class: a column that is added to one of these models is erased, or named in KEPT."""
    item = planted()
    post, package, person = item.posts.get(), item.package, world.approver().officer_id
    recall = RecallNotice.objects.get()
    ours: dict[str, Any] = {
        "Item": item.pk,
        "Post": post.pk,
        "Package": package.pk if package else 0,
        "RecallNotice": recall.pk,
    }
    ours |= {
        "reference": item.reference,
        "Officer": person,
        "Original": item.original_id,
        "Subject": item.subjects.get().pk,
    }
    planted_in = []
    for name, model in about_an_item().items():
        rows = rows_about(item, model)
        if texts_of(model) and not rows.exists():
            rows.bulk_create([model(**least(model, ours))])
        for field in texts_of(model):
            value: Any = [PLANTED] if isinstance(field, models.JSONField) else PLANTED[: field.max_length]
            rows.update(**{field.name: value})
            planted_in.append(f"{name}.{field.name}")
    assert len(planted_in) > 60, planted_in
    purged(item)
    left = [
        f"{name}.{field.name}"
        for name, model in about_an_item().items()
        for field in texts_of(model)
        for value in rows_about(item, model).values_list(field.name, flat=True)
        if PLANTED[:8] in str(value)
    ]
    assert left == []


def least(model: type[models.Model], ours: dict[str, Any]) -> dict[str, Any]:
    """What a row of this model cannot do without, about our Item."""
    values: dict[str, Any] = {}
    for field in model._meta.concrete_fields:
        if field.is_relation and field.related_model.__name__ in ours:  # type: ignore[union-attr]
            values[field.attname] = ours[field.related_model.__name__]  # type: ignore[union-attr]
        elif field.name == "reference":
            values[field.name] = ours["reference"]
        elif isinstance(field, models.DateTimeField) and not field.null:
            values[field.name] = NOW
        elif isinstance(field, models.DateField) and not field.null:
            values[field.name] = NOW.date()
        elif isinstance(field, models.IntegerField) and not (field.null or field.primary_key or field.has_default()):
            values[field.name] = 1
    return values


def test_what_stays_is_a_stub_of_hashes_with_its_authority() -> None:
    item = planted()
    package = item.package
    assert package is not None
    files = packages.content_of(package)["files"]
    done = purged(item)
    stub = Package.objects.get(pk=package.pk)
    assert stub.digest == package.digest
    assert packages.content_of(stub)["files"] == files
    assert (done.original, done.renditions) == (item.original_id, [files["flickr"]["sha256"]])
    assert done.authority == AUTHORITY
    about = json.loads(Entry.objects.get(act="purged").about)
    assert about["packages"] == [package.digest]
    assert set(about["sha256"]) == {item.original_id, files["flickr"]["sha256"]}
    post = Post.objects.get()
    assert (post.state, bool(post.remote_id), bool(post.live_at), bool(post.removed_at)) == (
        "removed",
        True,
        True,
        True,
    )
    assert Item.objects.get(pk=item.pk).reference == item.reference


def test_the_texts_of_other_items_stay() -> None:
    other = world.approved(world.appeal(caption=f"{world.CAPTION} Quillfeather."))
    holds.hold(world.author(), other, "Quillfeather asks.", now=NOW)
    texts = set(EntryText.objects.filter(text__contains="Quillfeather").values_list("number", flat=True))
    purged(planted())
    other.refresh_from_db()
    assert "Quillfeather" in other.caption
    assert set(EntryText.objects.filter(text__contains="Quillfeather").values_list("number", flat=True)) == texts
    assert texts


def test_an_albums_old_words_stay_while_an_item_of_its_campaign_does() -> None:
    other = down(world.approved(world.appeal()))
    first = planted()
    purged(first)
    text = StandingText.objects.get()
    assert text.body == f"{PLANTED}'s album"
    digest = text.digest
    purged(other)
    text.refresh_from_db()
    assert (text.title, text.body, text.digest) == ("", "", digest)


def test_a_person_whom_another_item_shows_keeps_their_answers_until_that_is_purged_too() -> None:
    person = world.person(age_basis="Quillfeather")
    first = down(world.approved(world.appeal(subjects=[person])))
    second = world.approved(world.appeal(subjects=[person]))
    down(second)
    purged(first)
    assert Subject.objects.get(pk=person.pk).age_basis == "Quillfeather"
    purged(second)
    person.refresh_from_db()
    assert (person.age_basis, person.number != "") == ("", True)


def test_an_original_that_another_item_uses_keeps_its_name() -> None:
    shared = world.original()
    first = down(world.approved(world.appeal(original=shared), b"one"))
    world.appeal(original=shared)
    purged(first)
    assert Original.objects.get(pk=shared.pk).purged_at is None
    assert Original.objects.get(pk=shared.pk).filename


def test_bytes_that_are_received_anew_stand_again(item: Item) -> None:
    mine = item.original
    purged(item)
    mine.refresh_from_db()
    assert (mine.purged_at, mine.filename) == (OVER, "")
    items.receive_original(
        world.author(), sha256=mine.sha256, size=mine.size, media_type="image/jpeg", kind="still", filename="again.jpg",
        probe={}, now=OVER,
    )  # fmt: skip
    mine.refresh_from_db()
    assert (mine.purged_at, mine.filename, mine.received_at) == (None, "again.jpg", OVER)


def lines() -> list[Told]:
    return [register.read(row.line) for row in RegisterLine.objects.order_by("pk")]


def lost(item: Item) -> None:
    """The database as it was before the purge, as far as it matters here."""
    Purge.objects.all().delete()
    Item.objects.filter(pk=item.pk).update(purged_at=None, title="Zephyrine", caption="Zephyrine")


def test_a_restore_purges_again_what_was_purged_since(item: Item) -> None:
    purged(item)
    kept = lines()
    lost(item)
    assert recovery.replay(kept, now=OVER)["purged"] == 1
    item.refresh_from_db()
    assert (bool(item.purged_at), item.title) == (True, "")
    assert list(retention.purges_with_files()) == [Purge.objects.get()]
    assert "purged" not in recovery.replay(kept, now=OVER)
    assert [each.kind for each in lines()].count("purged") == 1


def test_what_an_older_database_believes_to_be_up_is_purged_once_it_is_seen_gone(item: Item) -> None:
    purged(item)
    kept = [each for each in lines() if each.kind == "purged"]
    lost(item)
    Post.objects.update(state="removing", removed_at=None)
    assert recovery.replay(kept, now=OVER)["purged"] == 1
    item.refresh_from_db()
    assert item.title == "Zephyrine"
    (waiting,) = retention.purges_to_carry_out()
    assert not retention.carry_out_purge(waiting, now=OVER)
    Post.objects.update(state="removed")
    assert retention.carry_out_purge(waiting, now=OVER)
    assert not retention.carry_out_purge(waiting, now=OVER)
    item.refresh_from_db()
    assert item.title == ""


def test_a_restore_places_and_lifts_legal_holds_again(item: Item) -> None:
    hold = retention.place_hold(world.author(), item, "A case", "Legal", now=NOW)
    placed = lines()
    LegalHold.objects.all().delete()
    assert recovery.replay(placed, now=OVER)["legal_hold"] == 1
    assert any("legal hold" in each for each in retention.why_kept(item, OVER))
    assert "legal_hold" not in recovery.replay(placed, now=OVER)
    retention.lift_hold(world.approver(), LegalHold.objects.get(), "Legal", now=OVER)
    LegalHold.objects.update(lifted_at=None)
    assert recovery.replay(lines(), now=OVER)["legal_hold_lifted"] == 1
    assert retention.why_kept(item, OVER) == []
    assert hold.placed_at == LegalHold.objects.get().placed_at

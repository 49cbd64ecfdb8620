"""A purge erases every text of an Item, keeps a stub of hashes, and leaves what other Items need (R40)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.apps import apps
from django.db import models

from pressqueue import audit, packages
from pressqueue.models import (
    ApprovedText,
    Campaign,
    Duty,
    Entry,
    EntryText,
    Item,
    Notice,
    Original,
    Package,
    Post,
    RecallNotice,
    Subject,
)
from pressqueue.moves import duties, holds, items, press_packs, public_texts, recalls, retention, subjects

from support import factories, pack_recipients
from support.purgeable_items import AUTHORITY, down, purged

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("office")]
NOW = factories.NOW

# Words that occur nowhere but in the texts of one Item, its record and its person.
PLANTED = "Zephyrine"


def stored_texts() -> str:
    """Every value of every row, as one text."""
    found = []
    for model in apps.get_app_config("pressqueue").get_models():
        columns = [field.attname for field in model._meta.concrete_fields if not isinstance(field, models.BinaryField)]
        found += [json.dumps(row, default=str) for row in model._default_manager.values(*columns)]
    return "\n".join(found)


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
    record |= {"means_tried": [{"on": "2026-02-25", "means": f"{PLANTED} means"}]}  # type: ignore[dict-item]  # a list among texts
    original = items.receive_original(
        factories.author(), sha256="ef" * 32, size=3, media_type="image/jpeg", kind="still", filename=f"{PLANTED}.jpg",
        probe={"camera": PLANTED}, now=NOW,
    )  # fmt: skip
    person = factories.person(age_basis=f"{PLANTED} build", vulnerability=f"{PLANTED} health")
    item = factories.appeal(
        title=f"{PLANTED} {{reference}}", caption=f"{factories.CAPTION} {PLANTED} was seen.",
        alt_text=f"{PLANTED} in a coat", tags=[PLANTED], original=original, subjects=[person],
        record=factories.appeal_record(**record),
    )  # fmt: skip
    items.edit(factories.author(), item, alt_text=f"{PLANTED} in a dark coat", now=NOW)
    item.refresh_from_db()
    holds.hold(factories.author(), item, f"{PLANTED} asks", now=NOW)
    factories.release(item, now=NOW)
    subjects.record_check(
        factories.author(), person, "none", name=f"PNC {PLANTED}", confirmed_by=f"DC {PLANTED}", now=NOW
    )
    words = public_texts.draft_text(
        factories.author(), "album", item.campaign, title=PLANTED, body=f"{PLANTED}'s album", now=NOW
    )
    public_texts.approve_text(factories.approver(), words, words.digest, now=NOW)
    public_texts.drop_text(factories.author(), words, now=NOW)
    Campaign.objects.update(album_title="", album_description="")  # the campaign itself is no text of an Item
    ready = factories.approved(item)
    pack_recipients.disclosed(
        ready, press_packs.Recipient("Northshire Echo", f"Ines {PLANTED}", f"{PLANTED}@echo.example")
    )
    hold = retention.place_hold(factories.author(), ready, f"{PLANTED} appeals", f"{PLANTED}'s solicitor", now=NOW)
    retention.lift_hold(factories.approver(), hold, f"{PLANTED} ended", now=NOW)
    down(ready, "eliminated")
    recall = RecallNotice.objects.get()
    recalls.acknowledge_for(factories.author(), recall, f"Ines {PLANTED}, by telephone", now=NOW)
    for duty in Duty.objects.order_by("pk"):
        duties.duty_done(factories.author(), duty, f"{PLANTED} was written to", now=NOW)
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
        keys = {field.related_model.__name__ for field in model._meta.concrete_fields if field.is_relation}  # type: ignore[union-attr]  # no generic key
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
    post, package, person = item.posts.get(), item.package, factories.approver().officer_id
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
        if field.is_relation and field.related_model.__name__ in ours:  # type: ignore[union-attr]  # the same
            values[field.attname] = ours[field.related_model.__name__]  # type: ignore[union-attr]  # the same
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
    other = factories.approved(factories.appeal(caption=f"{factories.CAPTION} Quillfeather."))
    holds.hold(factories.author(), other, "Quillfeather asks.", now=NOW)
    texts = set(EntryText.objects.filter(text__contains="Quillfeather").values_list("number", flat=True))
    purged(planted())
    other.refresh_from_db()
    assert "Quillfeather" in other.caption
    assert set(EntryText.objects.filter(text__contains="Quillfeather").values_list("number", flat=True)) == texts
    assert texts


def test_an_albums_old_words_stay_while_an_item_of_its_campaign_does() -> None:
    other = down(factories.approved(factories.appeal()))
    first = planted()
    purged(first)
    text = ApprovedText.objects.get()
    assert text.body == f"{PLANTED}'s album"
    digest = text.digest
    purged(other)
    text.refresh_from_db()
    assert (text.title, text.body, text.digest) == ("", "", digest)


def test_a_person_whom_another_item_shows_keeps_their_answers_until_that_is_purged_too() -> None:
    person = factories.person(age_basis="Quillfeather")
    first = down(factories.approved(factories.appeal(subjects=[person])))
    second = factories.approved(factories.appeal(subjects=[person]))
    down(second)
    purged(first)
    assert Subject.objects.get(pk=person.pk).age_basis == "Quillfeather"
    purged(second)
    person.refresh_from_db()
    assert (person.age_basis, person.number != "") == ("", True)


def test_an_original_that_another_item_uses_keeps_its_name() -> None:
    shared = factories.original()
    first = down(factories.approved(factories.appeal(original=shared), b"one"))
    factories.appeal(original=shared)
    purged(first)
    assert Original.objects.get(pk=shared.pk).purged_at is None
    assert Original.objects.get(pk=shared.pk).filename

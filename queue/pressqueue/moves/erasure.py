"""What a purge takes out of the database: every text about an Item. What stays are ids, times, codes and hashes.

The audit log keeps its Entries: their texts are rows of their own, hashed with a random salt, so that the chain holds
without them and nothing can be guessed from what is left.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import models

from pressqueue import mentions, records
from pressqueue.hashing import canonical
from pressqueue.models import (
    Amendment,
    Approval,
    ApprovedText,
    Attempt,
    BreakGlass,
    Difference,
    Duty,
    EntryText,
    Item,
    LegalHold,
    Notice,
    Original,
    Package,
    ProceedingsCheck,
    Purge,
    RecallAttempt,
    RecallNotice,
    Step,
    StopEnding,
    Subject,
    Verification,
)
from pressqueue.models.items import fresh_salt

# Texts of a Package; the rest of its content are hashes, codes and times.
_WORDS_OF_A_PACKAGE = {"title": "", "caption": "", "alt_text": "", "tags": []}


def erase(item: Item, now: datetime) -> tuple[list[str], list[int]]:
    """Erase every text about `item`. Returns the signed forms nothing else needs, and the Entries without a text now.

    The caller holds the Item with its people and Posts, and calls it inside its transaction.
    """
    people = [subject for subject in item.subjects.order_by("pk") if _shown_by_nothing_else(subject, item)]
    forms = _forms(item)
    _erase_words(item, now)
    _erase_record(item)
    _erase_posts(item)
    _erase_disclosures(item)
    _erase_notices(item)
    for person in people:
        _erase_person(person)
    _erase_files(item, forms, now)
    texts = _erase_log(item, people)
    _erase_standing(item)
    return forms, texts


def _erase_words(item: Item, now: datetime) -> None:
    item.title = item.caption = item.alt_text = item.refusal = ""
    item.tags, item.redactions, item.purged_at = [], [], now
    item.save(update_fields=["title", "caption", "alt_text", "refusal", "tags", "redactions", "purged_at"])
    for package in item.packages.all():
        left = {**json.loads(package.content), **_WORDS_OF_A_PACKAGE, "purged": True}
        Package.objects.filter(pk=package.pk).update(content=canonical(left))  # its digest stays: the stub
    item.renditions.update(warnings=[])
    Approval.objects.filter(package__item=item).update(reason="", overrides={})
    BreakGlass.objects.filter(item=item).update(reason="")
    Verification.objects.filter(item=item).update(name="", rank="", read_name="", read_rank="")
    StopEnding.objects.filter(item=item).update(reason="")
    Amendment.objects.filter(item=item).update(reason="", refusal="", changes={})
    item.retention_reviews.update(why="")
    LegalHold.objects.filter(item=item).update(why="", authority="", lifted_authority="")
    Duty.objects.filter(item=item).update(words="", note="")


def _erase_record(item: Item) -> None:
    record = records.of(item)
    if record._state.adding:
        return
    _blank(record, [*records.names(item.kind), "salt"], keep=("retention_review_on",))


def _erase_posts(item: Item) -> None:
    item.posts.update(title="", caption="", words="", journal={})
    Attempt.objects.filter(post__item=item).update(words="")
    Step.objects.filter(post__item=item).update(words="")
    Difference.objects.filter(post__item=item).update(words="", ours="", theirs="")


def _erase_disclosures(item: Item) -> None:
    """Which organisation had which bytes stays; who there it was does not."""
    item.disclosures.update(name="", email="", conditions="")
    for recall in item.recalls.all():
        RecallNotice.objects.filter(pk=recall.pk).update(name="", email=f"erased-{recall.pk}", note="", words="")
    RecallAttempt.objects.filter(recall__item=item).update(words="")


def _erase_notices(item: Item) -> None:
    """One that is still open says what became of its text: a page that lists it must not show an empty line."""
    ours = Notice.objects.filter(reference=item.reference)
    ours.filter(cleared_at__isnull=False).update(words="")
    ours.filter(cleared_at__isnull=True).update(words=f"{item.reference} was purged, and this notice's text with it.")


def _erase_person(person: Subject) -> None:
    _blank(person, [*records.ANSWERS, "salt"])
    ProceedingsCheck.objects.filter(subject=person).update(name="", confirmed_by="")
    LegalHold.objects.filter(subject=person).update(why="", authority="", lifted_authority="")
    person.inherited.update(title="")


def _erase_files(item: Item, forms: list[str], now: datetime) -> None:
    """The rows stay as stubs; what their bytes are removed for is marked, so that a file received anew is kept."""
    gone = [*forms]
    if not original_needed(item.original_id):
        gone.append(item.original_id)
    Original.objects.filter(pk__in=gone).update(filename="", probe={}, purged_at=now)


def _erase_standing(item: Item) -> None:
    """Words that were in force for the campaign's albums, once the last of its Items is purged; their digests stay."""
    if Item.objects.filter(campaign_id=item.campaign_id, purged_at__isnull=True).exclude(pk=item.pk).exists():
        return
    for text in ApprovedText.objects.filter(campaign_id=item.campaign_id, ended_at__isnull=False):
        _blank(text, ["title", "body", "salt"])


def _erase_log(item: Item, people: Iterable[Subject]) -> list[int]:
    original = ("original", str(item.original_id))
    rows = mentions.of_item(item) - {original} | {("subject", str(person.pk)) for person in people}
    # A text that is about several of a kind stays: it is the others' too.
    about = mentions.entries(rows, ("item", "post", "subject"))
    if Original.objects.filter(pk=item.original_id, purged_at__isnull=False).exists():
        about += [each for each in mentions.entries([original], ("sha256",)) if each.act == "original_received"]
    texts = EntryText.objects.filter(number__in=[each.number for each in about])
    numbers = sorted(texts.values_list("number", flat=True))
    texts.delete()
    return numbers


def _blank(row: models.Model, names: Iterable[str], keep: Iterable[str] = ()) -> None:
    """Every answer to what it was before anybody gave one; a new salt, so that its digest can be made by nobody."""
    changes: dict[str, Any] = {}
    for name in names:
        field = row._meta.get_field(name)
        if name in keep or not isinstance(field, models.Field):
            continue
        changes[name] = fresh_salt() if name == "salt" else None if field.null else field.get_default()
    type(row)._default_manager.filter(pk=row.pk).update(**changes)


def _shown_by_nothing_else(person: Subject, item: Item) -> bool:
    return not person.items.filter(purged_at__isnull=True).exclude(pk=item.pk).exists()


def _forms(item: Item) -> list[str]:
    """Signed forms attached to this Item only."""
    attached = Verification.objects.filter(item=item, form__isnull=False).values_list("form_id", flat=True)
    elsewhere = Verification.objects.filter(form__in=attached, item__purged_at__isnull=True).exclude(item=item)
    queued = Item.objects.filter(original__in=attached, purged_at__isnull=True).exclude(pk=item.pk)
    needed = {*elsewhere.values_list("form_id", flat=True), *queued.values_list("original_id", flat=True)}
    return sorted({str(each) for each in attached} - {str(each) for each in needed})


def original_needed(sha256: str) -> bool:
    """Whether an Item that was not purged is made from this Original, or attaches it as a signed form."""
    return (
        Item.objects.filter(original_id=sha256, purged_at__isnull=True).exists()
        or Verification.objects.filter(form_id=sha256, item__purged_at__isnull=True).exists()
    )


def rendition_needed(sha256: str) -> bool:
    """Whether an Item that was not purged is published as these bytes."""
    return Item.objects.filter(renditions__sha256=sha256, purged_at__isnull=True).exists()


def still_needed(purge: Purge) -> tuple[list[str], list[str]]:
    """Returns the files of a purge that other Items still need: Originals (and forms), and Renditions."""
    received = [purge.original, *purge.forms]
    standing = set(Original.objects.filter(pk__in=received, purged_at__isnull=True).values_list("pk", flat=True))
    return [each for each in received if each in standing or original_needed(each)], [
        rendition for rendition in purge.renditions if rendition_needed(rendition)
    ]

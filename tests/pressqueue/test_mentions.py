"""The Entries of an Item are found by an index, which says exactly what the Entries say."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from django.db import DatabaseError, transaction
from django.db.models import QuerySet

from pressqueue import audit, mentions
from pressqueue.errors import Tampered
from pressqueue.models import ChainHead, Entry, EntryLink, Item
from pressqueue.moves import holds, takedown

from support import factories
from support.factories import NOW

pytestmark = pytest.mark.usefixtures("office")

# what an Entry is about, and the rows that it names
NAMED: list[tuple[dict[str, object], set[tuple[str, str]]]] = [
    ({"item": 7}, {("item", "7")}),
    ({"items": [7, 12]}, {("item", "7"), ("item", "12")}),
    ({"post": 3, "item": 7, "fence": 1}, {("post", "3"), ("item", "7")}),
    ({"posts": []}, set()),
    ({"subject": 2, "subjects": [2, 5]}, {("subject", "2"), ("subject", "5")}),
    ({"sha256": "ab" * 32}, {("original", "ab" * 32)}),
    ({"original": "cd" * 32, "sha256": None}, {("original", "cd" * 32)}),
    ({"campaign": 1, "officer": 4, "digest": "7"}, set()),
]


@pytest.mark.parametrize(("about", "rows"), NAMED)
def test_what_an_entry_names(about: dict[str, object], rows: set[tuple[str, str]]) -> None:
    assert mentions.named(about) == rows


def furnished() -> list[Item]:
    """Items whose numbers begin alike, with Posts, a hold and a withdrawal of all."""
    campaign = factories.operation()
    items = [factories.appeal(campaign) for _ in range(11)]
    for item in items[:2]:
        factories.posted(factories.approved(item, item.reference.encode()))
    holds.hold(factories.approver(), items[2], "Wait.", now=NOW)
    takedown.withdraw_operation(factories.approver(), campaign, now=NOW)
    return items


def read_through(item: Item) -> list[int]:
    """The numbers of the Entries that name the Item, by reading the whole log."""
    wanted = mentions.of_item(item)
    entries = Entry.objects.order_by("number")
    return [entry.number for entry in entries if wanted & mentions.named(json.loads(entry.about))]


def test_the_index_finds_what_reading_the_whole_log_finds() -> None:
    for item in furnished():
        found = [entry.number for entry in mentions.entries(mentions.of_item(item), mentions.KINDS)]
        assert found == read_through(item)
        assert len(found) >= 2  # it was made, and withdrawn with the others
    assert mentions.entries([], mentions.KINDS) == []


def test_only_the_words_that_are_asked_for_count_and_nothing_after_the_last() -> None:
    item = furnished()[0]
    rows, everything = mentions.of_item(item), mentions.entries(mentions.of_item(item), mentions.KINDS)
    withdrawn = [entry for entry in everything if entry.act == "operation_withdrawn"]
    assert len(withdrawn) == 1  # it names the Items in a list
    assert withdrawn[0] not in mentions.entries(rows, ["item"])
    assert withdrawn[0] in mentions.entries(rows, ["items"])
    assert withdrawn[0] not in mentions.entries(rows, mentions.KINDS, last=withdrawn[0].number - 1)


@pytest.mark.parametrize("about", ["", "nothing", "null", "[]", "[1]", "7"])
def test_an_entry_that_somebody_spoiled_names_nothing(about: str) -> None:
    assert mentions.links_of(Entry(about=about)) == []


def test_a_link_that_somebody_put_in_the_way_stops_no_withdrawal() -> None:
    item = factories.posted(factories.approved(factories.appeal())).item
    head = ChainHead.objects.get().number
    EntryLink.objects.bulk_create(EntryLink(entry=head + more, kind="item", row=str(item.pk)) for more in range(1, 50))
    assert mentions.stray() == head + 1
    takedown.withdraw(factories.approver(), item, "identified", now=NOW)
    item.refresh_from_db()
    assert item.state == "withdrawn"
    with pytest.raises(Tampered, match="index of entry"):
        audit.verify()


def test_every_entry_has_its_links_and_no_link_is_without_its_entry() -> None:
    furnished()
    told = {(link.entry, link.kind, link.row) for link in EntryLink.objects.all()}
    assert told == {
        (entry.number, *row) for entry in Entry.objects.all() for row in mentions.named(json.loads(entry.about))
    }


@pytest.mark.parametrize("attack", [QuerySet.delete, lambda rows: rows.update(row="999")], ids=["delete", "change"])
def test_the_database_itself_refuses_to_change_the_index(attack: Callable[[QuerySet[EntryLink]], object]) -> None:
    factories.feature()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        attack(EntryLink.objects.all())


def test_an_entry_that_is_rolled_back_leaves_no_link() -> None:
    item, before = factories.feature(), EntryLink.objects.count()
    with pytest.raises(RuntimeError), transaction.atomic():
        holds.hold(factories.approver(), item, "Wait.", now=NOW)
        raise RuntimeError
    assert EntryLink.objects.count() == before

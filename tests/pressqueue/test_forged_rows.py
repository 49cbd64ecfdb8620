"""Somebody writes into the database past this program, without its key: what a publication rests on is not believed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection

from pressqueue import audit, hashing, sealing, seals, vouching
from pressqueue.basis import Basis
from pressqueue.errors import Forbidden, GatesClosed
from pressqueue.models import Approval, ChainHead, Entry, Item, Officer, Post, Seal
from pressqueue.moves import configuration, holds, leases, posts, recovery, takedown

from support import factories
from support.factories import NOW

pytestmark = pytest.mark.usefixtures("office")
LEASE = timedelta(minutes=5)
TITLE = "Rufus - Northshire Police"


def sql(statement: str, *values: object) -> None:
    """As somebody does who has the database's password, and not the key."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def taken(post: Post) -> bool:
    return leases.take(Post.objects.get(pk=post.pk), "w1", LEASE, now=NOW) is not None


def refused(post: Post) -> str:
    with pytest.raises((Forbidden, GatesClosed)) as why:
        taken(post)
    return str(why.value)


def forged_approval() -> Post:
    """One INSERT and one UPDATE, as an unapproved picture was once published."""
    item = factories.in_review(factories.feature(title=TITLE, publish_from=NOW, publish_until=NOW + timedelta(hours=9)))
    approver = Officer.objects.get(pk=factories.approver().officer_id)
    assert item.package is not None
    sql(
        "INSERT INTO pressqueue_approval (package_id, digest, approver_id, at, rank, reason, batch, others, overrides,"
        " break_glass, void_reason) VALUES (%s, %s, %s, %s, 'inspector', '', %s, '', '{}', %s, '')",
        item.package.pk, item.package.digest, approver.pk, NOW, False, False,
    )  # fmt: skip
    sql("UPDATE pressqueue_item SET state = 'approved', approved_at = %s WHERE id = %s", NOW, item.pk)
    return factories.posted(Item.objects.get(pk=item.pk))


def approved() -> Post:
    return factories.posted(
        factories.approved(factories.feature(title=TITLE, publish_from=NOW, publish_until=NOW + timedelta(hours=9)))
    )


def appealed() -> Post:
    return factories.posted(
        factories.approved(factories.appeal(publish_from=NOW, publish_until=NOW + timedelta(hours=9)))
    )


def known() -> Post:
    post = approved()
    configuration.account_known("flickr", "flickr:northshire", now=NOW)
    return post


def test_an_approval_that_was_only_inserted_publishes_nothing() -> None:
    post = forged_approval()
    assert "by something other than this program" in refused(post)
    (forged,) = seals.faults([f"package:{post.package_id}"])
    assert (forged.kind, forged.what) == ("approval", "added")
    assert audit.verify() > 0, "the log by itself holds: it never told of an approval"


def test_control_where_nobody_asks_for_seals_the_forged_approval_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vouching, "demand", lambda held, post: Basis.of(held, post.package_id, post.destination))
    assert taken(forged_approval())


# name: (what is approved, the statements that make it more than that, what the refusal names)
FORGERIES: dict[str, tuple[Callable[[], Post], list[str], str]] = {
    "an item is made approved": (approved, ["UPDATE pressqueue_item SET author_id = author_id + 1"], "item"),
    "a void approval counts again": (
        approved,
        ["UPDATE pressqueue_approval SET at = '2026-03-02 09:00:01+00:00'"],
        "approval",
    ),
    "an approver's name is put in another's place": (
        approved,
        ["UPDATE pressqueue_approval SET rank = 'chief constable'"],
        "approval",
    ),
    "an approval's reason is written": (
        approved,
        ["UPDATE pressqueue_approval SET reason = 'it is needed'"],
        "approval",
    ),
    "an approver gets a rank": (
        approved,
        ["UPDATE pressqueue_officer SET rank = 'chief constable' WHERE username = 'bran'"],
        "officer",
    ),
    "an approver's bar is lifted": (
        approved,
        ["UPDATE pressqueue_officer SET barred_until = '2026-01-01 00:00:00+00:00' WHERE username = 'bran'"],
        "officer",
    ),
    "the officer in the case gets a rank": (
        appealed,
        ["UPDATE pressqueue_verification SET rank = 'chief constable'"],
        "verification",
    ),
    "an edit is taken out": (approved, ["DELETE FROM pressqueue_edit"], "edit"),
    "an edit names somebody else": (approved, ["UPDATE pressqueue_edit SET officer_id = officer_id + 1"], "edit"),
    "a picture was received by somebody else": (
        approved,
        ["UPDATE pressqueue_original SET received_by_id = received_by_id + 1"],
        "original",
    ),
    "proceedings were looked up today": (
        appealed,
        ["UPDATE pressqueue_subject SET proceedings_at = '2026-03-02 08:59:00+00:00'"],
        "subject",
    ),
    "a post goes somewhere else": (approved, ["UPDATE pressqueue_post SET mark = 'another'"], "post"),
    "a post has another title": (approved, ["UPDATE pressqueue_post SET title = 'Wanted'"], "post"),
    "a post has another caption": (approved, ["UPDATE pressqueue_post SET caption = 'Wanted'"], "post"),
    "a post was taken for another account": (known, ["UPDATE pressqueue_post SET account = 'flickr:x'"], "post"),
    "the platform's account is another": (known, ["UPDATE pressqueue_account SET identity = 'flickr:x'"], "account"),
    "nobody attested the channel's comments": (
        approved,
        [
            "INSERT INTO pressqueue_account (destination, failures, stop, words, comments_closed_at) VALUES"
            " ('flickr', 0, 'none', '', '2026-03-02 08:00:00+00:00')"
        ],
        "account",
    ),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_row_that_was_written_past_the_program_publishes_nothing(name: str) -> None:
    make, statements, kind = FORGERIES[name]
    post = make()
    for statement in statements:
        sql(statement)
    assert f"The {kind} " in refused(post)


@pytest.mark.parametrize("make", [approved, appealed], ids=["feature", "appeal"])
def test_what_nobody_forged_is_taken(make: Callable[[], Post]) -> None:
    assert taken(make())


# name: (the move that stops it, the statement that undoes the stop)
STOPS: dict[str, tuple[Callable[[Post], object], str]] = {
    "a hold of an item": (
        lambda post: holds.hold(factories.approver(), post.item, "Wait.", now=NOW),
        f"UPDATE pressqueue_item SET held = {'0' if connection.vendor == 'sqlite' else 'false'}",
    ),
    "a hold of a campaign": (
        lambda post: holds.hold_campaign(factories.approver(), post.item.campaign, "Wait.", now=NOW),
        f"UPDATE pressqueue_campaign SET held = {'0' if connection.vendor == 'sqlite' else 'false'}",
    ),
    "a freeze": (
        lambda _: holds.freeze(factories.approver(), "all", now=NOW),
        "UPDATE pressqueue_office SET frozen = 'none'",
    ),
    "a recovery": (
        lambda _: recovery.begin_recovery("Restored.", now=NOW),
        "UPDATE pressqueue_office SET recovering_since = NULL",
    ),
    "a withdrawal": (
        lambda post: takedown.withdraw(factories.approver(), post.item, "eliminated", now=NOW),
        "UPDATE pressqueue_item SET state = 'approved'; UPDATE pressqueue_post SET state = 'waiting'",
    ),
}


@pytest.mark.parametrize("name", STOPS)
def test_a_stop_that_was_ended_past_the_program_still_stops(name: str) -> None:
    stop, undo = STOPS[name]
    post = appealed()
    stop(post)
    for statement in undo.split("; "):
        sql(statement)
    assert "by something other than this program" in refused(post)


def test_a_title_that_was_purged_is_in_no_seal() -> None:
    post = leases.take(approved(), "w1", LEASE, now=NOW)
    assert post is not None and post.title == TITLE
    assert not Seal.objects.filter(values__contains=TITLE).exists()
    Post.objects.filter(pk=post.pk).update(title="", caption="")
    assert not seals.faults([f"post:{post.pk}"])


def test_a_move_that_follows_a_forgery_does_not_make_it_true() -> None:
    post = approved()
    holds.hold(factories.approver(), post.item, "Wait.", now=NOW)
    sql("UPDATE pressqueue_item SET held = %s", False)
    Item.objects.filter(pk=post.item_id).update(state="approved")
    assert "(held)" in refused(post)


def test_a_seal_that_was_copied_from_another_row_is_none() -> None:
    first, second = approved(), forged_approval()
    seal = Seal.objects.filter(kind="approval").order_by("-number").first()
    head = ChainHead.objects.get()
    forged = Approval.objects.get(package=second.package_id)
    assert seal is not None
    assert first.pk != second.pk
    sql(
        'INSERT INTO pressqueue_seal (number, scope, kind, "row", "values", entry, entry_hash, previous, mac)'
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
        head.seals + 1, f"package:{second.package_id}", "approval", str(forged.pk), seal.values, seal.entry,
        seal.entry_hash, seal.previous, seal.mac,
    )  # fmt: skip
    assert [each.what for each in seals.faults([f"package:{second.package_id}"])] == ["forged"]
    assert "by something other than this program" in refused(second)


def test_the_log_must_tell_of_an_approval() -> None:
    """Written by this program's own hand, but by no move."""
    item = factories.in_review(factories.feature(title=TITLE, publish_from=NOW, publish_until=NOW + timedelta(hours=9)))
    assert item.package is not None
    approver = Officer.objects.get(pk=factories.approver().officer_id)
    Approval.objects.create(package=item.package, digest=item.package.digest, approver=approver, at=NOW)
    Item.objects.filter(pk=item.pk).update(state="approved", approved_at=NOW)
    assert "does not tell of the approval" in refused(factories.posted(Item.objects.get(pk=item.pk)))


def test_what_is_hidden_is_not_revealed_once_a_row_was_forged() -> None:
    post = leases.take(approved(), "w1", LEASE, now=NOW)
    assert post is not None
    hidden = posts.sent(post, post.fence, remote_id="r1", url="", media_urls=[], now=NOW)
    sql("UPDATE pressqueue_approval SET rank = 'chief constable'")
    with pytest.raises(Forbidden, match="something other than this program"):
        posts.begin_reveal(hidden, hidden.fence, needs_attestation=False, now=NOW)


def test_without_the_key_nothing_is_taken_and_everything_is_withdrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    post = approved()
    monkeypatch.setattr(sealing.port, "key", None)
    assert "The integrity key is missing" in refused(post)
    withdrawn = takedown.withdraw(factories.approver(), post.item, "eliminated", now=NOW)
    assert withdrawn.state == "withdrawn"
    assert Entry.objects.filter(act="item_withdraw").exists()
    assert ChainHead.objects.get().mac == "", "nobody vouches for the head until it is sealed again"
    assert audit.verify() > 0


def test_an_entry_that_was_appended_past_the_program_stops_publishing_and_the_next_move_does_not_cover_it() -> None:
    post = approved()
    append_forged("approved")
    assert "The audit log or its head was not written by this program" in refused(post)
    holds.hold(factories.approver(), post.item, "Wait.", now=NOW)
    factories.release(post.item)
    assert "The audit log or its head was not written by this program" in refused(post)
    assert audit.verify() > 0, "control: by its hashes alone the log holds"


def test_what_is_no_mac_at_all_keeps_no_withdrawal_back() -> None:
    post = approved()
    sql("UPDATE pressqueue_chainhead SET mac = 'é'")
    assert "was not written by this program" in refused(post)
    assert takedown.withdraw(factories.approver(), post.item, "eliminated", now=NOW).state == "withdrawn"


def append_forged(act: str) -> Entry:
    """With our own hash functions, which are no secret."""
    head = ChainHead.objects.get()
    entry = Entry(
        number=head.number + 1, previous=head.hash, at="2026-03-02T09:00:00.000000+00:00", act=act, actor="officer:1",
        door="desk", about="{}", salt="0" * 32,
    )  # fmt: skip
    sql(
        "INSERT INTO pressqueue_entry (number, previous, hash, at, act, actor, door, about, text_digest, salt)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, '', %s)",
        entry.number, entry.previous, hashing.entry_hash(entry), entry.at, entry.act, entry.actor, entry.door,
        entry.about, entry.salt,
    )  # fmt: skip
    sql("UPDATE pressqueue_chainhead SET number = %s, hash = %s", entry.number, hashing.entry_hash(entry))
    return entry

"""Items: queued, changed, approved by somebody else, withdrawn."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from pressqueue.actors import Actor
from pressqueue.errors import Forbidden, GatesClosed
from pressqueue.models import Approval, Edit, Entry, Item, Post, SentBack
from pressqueue.moves import items

from support import factories
from support.factories import NOW

pytestmark = pytest.mark.usefixtures("office")


def state_of(item: Item) -> str:
    return Item.objects.get(pk=item.pk).state


def test_references_are_numbered_in_order_and_a_refused_item_leaves_no_gap() -> None:
    first = factories.feature()
    with pytest.raises(GatesClosed):
        factories.feature(alt_text="")
    second = factories.feature()
    assert (first.reference, second.reference) == ("POD-0001", "POD-0002")


def test_a_refusal_lists_every_rule_that_failed() -> None:
    with pytest.raises(GatesClosed) as refused:
        factories.appeal(alt_text="", caption="", title="No number here", licence="4")
    assert {number for number, _ in refused.value.failures} == {"R1", "R14", "R17", "R44"}


def test_a_placeholder_nobody_fills_is_refused() -> None:
    with pytest.raises(GatesClosed, match=r"\{name\}"):
        factories.feature(title="Day {day} - {name}")


def test_a_window_that_has_passed_is_refused() -> None:
    with pytest.raises(GatesClosed, match="has passed"):
        factories.appeal(publish_from=NOW - timedelta(days=2), publish_until=NOW - timedelta(days=1))


def test_an_appeal_is_not_filed_as_a_feature() -> None:
    with pytest.raises(GatesClosed, match="belongs to a daily series"):
        factories.feature(factories.operation())
    with pytest.raises(GatesClosed, match="belongs to an operation"):
        factories.appeal(factories.series())


def test_the_way_of_an_item_to_approval() -> None:
    item = factories.feature()
    assert state_of(item) == "draft"
    assert state_of(factories.in_review(item)) == "in_review"
    assert item.package is not None
    items.approve(factories.approver(), item, item.package.digest, deciding=factories.viewed(item), now=NOW)
    assert state_of(item) == "approved"


@pytest.mark.parametrize("door", ["cli", "import", "machine"])
def test_approval_is_given_at_the_desk_only(door: str) -> None:
    item = factories.in_review(factories.feature())
    assert item.package is not None
    with pytest.raises(Forbidden, match="at the desk"):
        items.approve(Actor(factories.approver().officer_id, door), item, item.package.digest, now=NOW)


def test_the_author_cannot_approve_by_any_door() -> None:
    item = factories.in_review(factories.feature())
    both = factories.officer("amara", "author")
    both.may_approve = both.administrator = True
    both.save()
    assert item.package is not None
    with pytest.raises(GatesClosed, match="You wrote or changed"):
        items.approve(Actor(both.pk, "desk"), item, item.package.digest, now=NOW)


def test_whoever_edited_by_the_command_line_cannot_approve_at_the_desk() -> None:
    item = factories.feature()
    editor = factories.officer("cato", "author", "approver")
    items.edit(Actor(editor.pk, "cli"), item, title="Day {day} - Rufus again", now=NOW)
    item = factories.in_review(item)
    assert item.package is not None
    with pytest.raises(GatesClosed, match="You wrote or changed"):
        items.approve(Actor(editor.pk, "desk"), item, item.package.digest, now=NOW)
    items.approve(factories.approver(), item, item.package.digest, deciding=factories.viewed(item), now=NOW)


def test_whoever_handed_in_the_file_cannot_approve_it() -> None:
    sender = factories.officer("dara", "author", "approver")
    file = items.receive_original(
        Actor(sender.pk, "desk"), sha256="ab" * 32, size=1, media_type="image/jpeg", kind="still",
        filename="a.jpg", probe={}, now=NOW,
    )  # fmt: skip
    item = factories.in_review(factories.feature(original=file))
    assert item.package is not None
    with pytest.raises(GatesClosed, match="somebody else"):
        items.approve(Actor(sender.pk, "desk"), item, item.package.digest, now=NOW)


def test_an_account_without_the_role_or_disabled_cannot_approve() -> None:
    item = factories.in_review(factories.feature())
    assert item.package is not None
    writer = factories.officer("edda", "author")
    with pytest.raises(GatesClosed, match="approver role"):
        items.approve(Actor(writer.pk, "desk"), item, item.package.digest, now=NOW)
    gone = factories.officer("finn", "approver")
    gone.is_active = False
    gone.save()
    with pytest.raises(Forbidden, match="active account"):
        items.approve(Actor(gone.pk, "desk"), item, item.package.digest, now=NOW)


def test_an_approval_of_another_digest_than_the_one_shown_is_refused() -> None:
    item = factories.in_review(factories.feature())
    shown = item.package.digest if item.package else ""
    items.edit(factories.author(), item, caption="Rufus runs.", now=NOW)
    again = factories.in_review_again(item)
    with pytest.raises(Forbidden, match="changed while you looked"):
        items.approve(factories.approver(), again, shown, now=NOW)


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Day {day} - another title"},
        {"caption": "Other words."},
        {"alt_text": "Another description."},
        {"tags": ["dogs"]},
        {"destinations": ["flickr", "folder"]},
        {"licence": "4"},
        {"redactions": [{"x": 0, "y": 0, "width": 5, "height": 5}]},
        {"mark_style": "plate"},
        {"publish_from": NOW + timedelta(days=1), "publish_until": NOW + timedelta(days=2)},
        {"expires_at": NOW + timedelta(days=40)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_any_edit_after_approval_sends_the_item_back(change: dict[str, object]) -> None:
    item = factories.approved(factories.feature())
    items.edit(factories.author(), item, now=NOW, **change)
    assert state_of(item) == "submitted"
    assert not Approval.objects.filter(package__item=item, void_at__isnull=True).exists()


def test_another_picture_after_approval_sends_the_item_back_and_cancels_its_post() -> None:
    item = factories.approved(factories.appeal())
    post = factories.posted(item)
    items.edit(factories.author(), item, original=factories.original(), now=NOW)
    assert state_of(item) == "submitted"
    assert Post.objects.get(pk=post.pk).state == "cancelled"


def test_a_change_made_past_the_moves_is_noticed_before_anything_is_sent() -> None:
    item = factories.approved(factories.appeal())
    Item.objects.filter(pk=item.pk).update(caption="Somebody changed the row by hand.")
    from pressqueue.moves import leases

    post = factories.posted(item)
    with pytest.raises(GatesClosed, match="has changed"):
        leases.take(post, "w1", timedelta(seconds=60), now=NOW)
    assert Post.objects.get(pk=post.pk).state == "waiting"


def test_a_rendering_of_an_older_edition_is_dropped() -> None:
    item = factories.feature()
    items.submit(factories.author(), item, now=NOW)
    before = Item.objects.get(pk=item.pk)
    items.edit(factories.author(), item, redactions=[{"x": 1, "y": 1, "width": 2, "height": 2}], now=NOW)
    rendition = factories.rendition(before)
    assert items.rendered(before, rendition, None, now=NOW) is None
    assert state_of(item) == "submitted"


def test_what_is_public_is_not_edited() -> None:
    item = factories.approved(factories.appeal())
    post = factories.posted(item)
    Post.objects.filter(pk=post.pk).update(state="live")
    with pytest.raises(Forbidden, match="public"):
        items.edit(factories.author(), item, caption="Other words {reference}.", now=NOW)
    assert Item.objects.get(pk=item.pk).caption != "Other words {reference}."


def test_sending_back_needs_a_reason_and_tells_the_author() -> None:
    item = factories.in_review(factories.feature())
    with pytest.raises(Forbidden, match="Say why"):
        items.send_back(factories.approver(), item, "  ", now=NOW)
    looked = factories.viewed(item, now=NOW - timedelta(seconds=7))
    items.send_back(factories.approver(), item, "The plate can be read.", deciding=looked, now=NOW)
    kept = SentBack.objects.get()
    assert (kept.officer_id, kept.seconds, kept.batch) == (factories.approver().officer_id, 7.0, False)
    assert json.loads(Entry.objects.get(act="sent_back").about)["milliseconds"] == 7000
    assert Item.objects.get(pk=item.pk).refusal == "The plate can be read."


def test_only_an_author_writes() -> None:
    reader = factories.officer("gus", "approver")
    with pytest.raises(Forbidden, match="author role"):
        items.add_item(
            Actor(reader.pk, "cli"), campaign=factories.series(), kind="feature", original=factories.original(), now=NOW
        )


def test_every_move_is_written_to_the_log_with_who_and_by_which_door() -> None:
    item = factories.approved(factories.feature())
    acts = list(Entry.objects.order_by("number").values_list("act", "door"))
    assert acts[-5:] == [
        ("item_submit", "cli"),
        ("item_rendered", "machine"),
        ("package_made", "machine"),
        ("item_approve", "desk"),
        ("approved", "desk"),
    ]
    assert Edit.objects.filter(item=item).count() == 1


def test_the_failure_of_an_older_rendering_does_not_send_the_mended_item_back() -> None:
    item = factories.feature()
    items.submit(factories.author(), item, now=NOW)
    before = Item.objects.get(pk=item.pk)
    items.edit(factories.author(), item, original=factories.original(), now=NOW)
    items.render_failed(before, "The old file could not be read.", now=NOW)
    assert state_of(item) == "submitted"


def test_an_unknown_kind_is_refused_and_a_destination_named_twice_is_one() -> None:
    with pytest.raises(Forbidden, match="no kind of Item"):
        items.add_item(
            factories.author(),
            campaign=factories.operation(),
            kind="missing",
            original=factories.original(),
            now=NOW,
            title="x",
        )
    assert factories.feature(destinations=["flickr", "flickr"]).destinations == ["flickr"]


def test_nothing_is_filled_into_the_alternative_text() -> None:
    with pytest.raises(GatesClosed, match="write it out"):
        factories.feature(alt_text="See {reference}.")

"""Whose account a destination is belongs to what is approved: another one in its place publishes nothing of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pressqueue import packages
from pressqueue.audit import verify
from pressqueue.errors import Forbidden
from pressqueue.models import Album, Entry, Item, Notice, Post
from pressqueue.moves import configuration, leases, posts, takedown

from support import factories
from support.factories import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("office")]
LEASE = timedelta(minutes=2)
OURS, ANOTHER = "flickr:111@N01", "flickr:222@N02"


def known(identity: str = OURS, *, at: int = 0) -> list[str]:
    return configuration.account_known("flickr", identity, now=NOW + timedelta(seconds=at))


def content(item: Item) -> packages.Content:
    assert item.package is not None
    return packages.content_of(item.package)


def test_the_account_is_part_of_what_is_approved() -> None:
    known()
    item = factories.approved(factories.appeal())
    assert content(item)["accounts"] == {"flickr": OURS}
    assert item.package is not None
    assert packages.still_describes(item.package, item)


def test_a_package_from_before_accounts_were_known_keeps_its_digest_and_goes_out() -> None:
    item = factories.approved(factories.appeal())
    assert item.package is not None
    assert "accounts" not in content(item)
    known()
    item.refresh_from_db()
    assert (item.state, packages.still_describes(item.package, item)) == ("approved", True)
    mine = leases.take(factories.posted(item), "w", LEASE, now=NOW, account=OURS)
    assert mine is not None
    assert mine.account == OURS


def test_what_was_approved_for_one_account_is_not_sent_to_another() -> None:
    known()
    post = factories.posted(factories.approved(factories.appeal()))
    with pytest.raises(Forbidden, match="approved for another account"):
        leases.take(post, "w", LEASE, now=NOW, account=ANOTHER)
    with pytest.raises(Forbidden, match="approved for another account"):
        leases.take(post, "w", LEASE, now=NOW, account="")  # one that says nothing of itself is no proof
    post.refresh_from_db()
    assert (post.state, post.attempts.count()) == ("waiting", 0)
    assert leases.take(post, "w", LEASE, now=NOW, account=OURS) is not None  # the control: to its own it goes


def test_the_control_without_the_question_it_would_be_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    known()
    post = factories.posted(factories.approved(factories.appeal()))
    monkeypatch.setattr("pressqueue.publishable._demand_its_account", lambda *_: None)
    assert leases.take(post, "w", LEASE, now=NOW, account=ANOTHER) is not None


@pytest.mark.parametrize("from_before", [False, True])
def test_what_was_sent_to_one_account_is_not_revealed_at_another(from_before: bool) -> None:
    if not from_before:
        known()
    mine = leases.take(factories.posted(factories.approved(factories.appeal())), "w", LEASE, now=NOW, account=OURS)
    assert mine is not None
    mine = posts.sent(mine, mine.fence, remote_id="1", url="", media_urls=(), now=NOW)
    with pytest.raises(Forbidden, match="approved for another account"):
        posts.begin_reveal(mine, mine.fence, needs_attestation=False, account=ANOTHER, now=NOW)
    assert posts.begin_reveal(mine, mine.fence, needs_attestation=False, account=OURS, now=NOW).state == "revealing"


def test_another_account_sends_back_to_review_what_is_approved_and_not_public() -> None:
    known()
    approved, reviewed = factories.approved(factories.appeal()), factories.in_review(factories.appeal())
    public, draft = factories.approved(factories.feature(title="Rufus")), factories.feature(title="Rufus rests")
    mine = leases.take(factories.posted(public), "w", LEASE, now=NOW)
    assert mine is not None
    mine = posts.sent(mine, mine.fence, remote_id="1", url="", media_urls=(), now=NOW)
    posts.begin_reveal(mine, mine.fence, needs_attestation=False, now=NOW)

    assert known(ANOTHER, at=1) == sorted([approved.reference, reviewed.reference])
    states = {each.reference: str(each.state) for each in Item.objects.all()}
    assert states == {
        approved.reference: "submitted", reviewed.reference: "submitted", public.reference: "approved",
        draft.reference: "draft",
    }  # fmt: skip
    (entry,) = Entry.objects.filter(act="account_changed")
    assert "flickr:222" in entry.about
    notice = Notice.objects.get(cause__startswith="account:flickr:another")
    assert approved.reference in notice.words
    assert known(ANOTHER, at=2) == []  # said once
    verify()
    again = factories.in_review_again(approved)
    assert content(again)["accounts"] == {"flickr": ANOTHER}


def test_the_albums_of_another_account_are_not_taken_for_this_one_s() -> None:
    known()
    for destination in ("flickr", "youtube"):
        Album.objects.create(account=destination, key="series", mark="ab" * 16, remote_id="72157", written="words")
    known(ANOTHER, at=1)
    assert list(Album.objects.order_by("account").values_list("remote_id", "written")) == [("", ""), ("72157", "words")]


def test_what_was_approved_before_accounts_were_known_goes_back_as_well_when_it_changes() -> None:
    item = factories.approved(factories.appeal())
    assert known() == []  # for the first time: taken for the one everything was approved for
    assert known(ANOTHER, at=1) == [item.reference]


def test_where_things_stand_when_an_account_is_first_known_is_remembered() -> None:
    mine = leases.take(factories.posted(factories.approved(factories.appeal())), "w", LEASE, now=NOW)
    assert mine is not None
    posts.sent(mine, mine.fence, remote_id="1", url="", media_urls=(), now=NOW)
    assert Post.objects.get().account == ""
    known()
    known(ANOTHER, at=1)
    assert Post.objects.get().account == OURS


def test_withdrawing_asks_nothing_of_accounts() -> None:
    known()
    mine = leases.take(factories.posted(factories.approved(factories.appeal())), "w", LEASE, now=NOW, account=OURS)
    assert mine is not None
    posts.sent(mine, mine.fence, remote_id="1", url="", media_urls=(), now=NOW)
    known(ANOTHER, at=1)
    item = Item.objects.get()
    takedown.withdraw(factories.author(), item, "wrong_image", now=NOW)
    assert [str(post.state) for post in item.posts.all()] == ["removing"]


def test_an_amendment_names_the_account_it_is_written_at() -> None:
    from support import amended_posts, pack_recipients

    known()
    item = factories.approved(factories.appeal())
    pack_recipients.live(item)
    amendment = amended_posts.amend(item, caption=amended_posts.MENDED)
    assert packages.account_in(amendment.package, "flickr") == OURS


def test_settings_are_remembered_and_a_change_is_an_entry_and_a_notice() -> None:
    factories.approver()
    first = {"office.name": "a1", "destinations.gallery.path": "b1"}
    assert configuration.configuration_known(first, now=NOW) == []
    assert configuration.configuration_known(first, now=NOW) == []
    changed = configuration.configuration_known({**first, "destinations.gallery.path": "b2"}, now=NOW)
    assert changed == ["destinations.gallery.path"]
    gone = configuration.configuration_known({"office.name": "a1"}, now=NOW)
    assert gone == ["destinations.gallery.path"]
    acts = Entry.objects.filter(act__startswith="configuration_").order_by("number").values_list("act", flat=True)
    assert list(acts) == ["configuration_known", "configuration_changed", "configuration_changed"]
    told = Notice.objects.filter(cause__startswith="configuration:")
    assert all("destinations.gallery.path" in each.words and each.people for each in told)
    assert told.count() == 2
    verify()

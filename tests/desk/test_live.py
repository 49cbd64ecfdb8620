"""What is live, and taking it down: never shown as done before it is."""

from __future__ import annotations

from datetime import timedelta
from html import unescape

from django.test import Client

from pressqueue.models import Item, MediaAddress, Post
from pressqueue.moves import holds, leases, media_addresses, posting, posts, subjects, takedown

from support import factories
from support.desk_officers import say_why

LEASE = timedelta(minutes=5)


def live(item: Item | None = None) -> Post:
    post = factories.posted(factories.approved(item or factories.feature(title="Police dog Rufus")))
    post = taken(post)
    post = posts.sent(
        post, post.fence, remote_id=str(post.pk), url=f"http://127.0.0.1:9/{post.pk}/", media_urls=[], now=factories.NOW
    )
    post = posts.begin_reveal(post, post.fence, needs_attestation=False, now=factories.NOW)
    return posts.seen(post, post.fence, now=factories.NOW)


def taken(post: Post) -> Post:
    mine = leases.take(post, "worker", LEASE, now=factories.NOW)
    assert mine is not None
    return mine


def take_down(client: Client, item: Item, reason: str = "identified") -> object:
    return client.post(f"/items/{item.reference}/take-down/", {"reason": reason})


def text(client: Client, address: str) -> str:
    return unescape(client.get(address).content.decode())


def test_what_is_live_is_listed_with_its_address_and_its_button(approver: Client) -> None:
    post = live()
    shown = text(approver, "/live/")
    assert post.url in shown
    assert '<time datetime="2026-03-02T09:00:00+00:00">Mon 2 Mar 2026, 09:00</time>' in shown
    assert f'href="/items/{post.item.reference}/take-down/"' in shown


def test_one_reason_and_one_button_take_it_down(approver: Client) -> None:
    post = live()
    assert take_down(approver, post.item).status_code == 302
    post.refresh_from_db()
    post.item.refresh_from_db()
    assert (post.state, post.reason, post.item.state) == ("removing", "identified", "withdrawn")


def test_what_is_coming_down_is_never_shown_as_done(approver: Client) -> None:
    post = live()
    take_down(approver, post.item)
    shown = text(approver, "/live/")
    assert "Removal in progress" in shown
    assert post.item.reference in shown
    assert "Nothing has been taken down" in text(approver, "/live/removed/")
    assert "Confirmed down" not in text(approver, f"/items/{post.item.reference}/")


def test_what_was_being_sent_is_shown_as_not_confirmed_down(approver: Client) -> None:
    post = taken(factories.posted(factories.approved(factories.feature(title="Police dog Rufus"))))
    take_down(approver, post.item)
    assert "Removal unconfirmed: still checking with the platform" in text(approver, "/live/")
    assert "Removal unconfirmed" in text(approver, f"/items/{post.item.reference}/")


def test_a_page_says_why_a_post_waits_and_what_was_said_of_it_last(approver: Client) -> None:
    post = factories.posted(factories.approved(factories.feature()))
    Post.objects.filter(pk=post.pk).update(words="The connection broke.", tries=1)
    assert "The connection broke. Publisher works on it next." in text(approver, f"/items/{post.item.reference}/")
    holds.hold(factories.author(), post.item, "Wait.", now=factories.NOW)
    page = text(approver, f"/items/{post.item.reference}/")
    assert f"<p>{post.item.reference} is held.</p><p>The connection broke.</p>" in page


def test_a_tombstone_keeps_the_number_and_neither_picture_nor_words(approver: Client) -> None:
    post = live()
    take_down(approver, post.item)
    post.refresh_from_db()
    posts.gone(post, post.fence, now=factories.NOW + timedelta(minutes=1))
    shown = text(approver, "/live/removed/")
    assert post.item.reference in shown
    assert "The person has been identified" in shown
    assert "Rufus" not in shown
    assert "/renditions/" not in shown
    assert "Nothing is live." in text(approver, "/live/")


def test_without_a_reason_nothing_comes_down(approver: Client) -> None:
    post = live()
    for reason in ("", "because"):
        assert take_down(approver, post.item, reason).status_code == 400
    post.refresh_from_db()
    assert post.state == "live"


def test_looking_at_the_page_takes_nothing_down(approver: Client) -> None:
    post = live()
    assert "Flickr: live" in text(approver, f"/items/{post.item.reference}/take-down/")
    post.refresh_from_db()
    assert post.state == "live"


def test_taking_down_twice_is_no_error(approver: Client) -> None:
    post = live()
    assert take_down(approver, post.item).status_code == 302
    assert take_down(approver, post.item).status_code == 302


def test_any_officer_may_even_with_no_role_at_all() -> None:
    post = live()
    client = Client()
    client.force_login(factories.officer("gwen"))
    assert take_down(client, post.item).status_code == 302


def test_something_blocked_or_missing_still_counts_as_public(approver: Client) -> None:
    post = live()
    posts.vanished(post, post.fence, message="Flickr no longer has it.", now=factories.NOW)
    assert "Gone or changed at the platform" in text(approver, "/live/")


def test_an_item_at_two_places_is_listed_once(approver: Client) -> None:
    first = live(factories.feature(title="Police dog Rufus", destinations=["flickr", "youtube"]))
    posting.open_posts(
        first.item, key=factories.KEY, conceals={"youtube": True}, due_at=factories.NOW, now=factories.NOW
    )
    Post.objects.filter(destination="youtube").update(state="live", remote_id="other", live_at=factories.NOW)
    rows = approver.get("/live/").context["rows"]
    assert [(row.item.reference, len(row.posts)) for row in rows] == [(first.item.reference, 2)]


def test_a_direct_address_that_may_still_answer_is_shown_until_it_does_not(approver: Client) -> None:
    post = live()
    address = "http://127.0.0.1:9/live/65535/1_a_b.jpg"
    Post.objects.filter(pk=post.pk).update(media_urls=[address])
    take_down(approver, post.item)
    post = Post.objects.get(pk=post.pk)
    posts.gone(post, post.fence, now=factories.NOW)
    for page in ("/live/", f"/items/{post.item.reference}/"):
        assert address in text(approver, page)
    row = MediaAddress.objects.get()
    assert media_addresses.lease_address(row, "worker", LEASE, now=factories.NOW)
    assert media_addresses.address_gone(row, now=factories.NOW)
    for page in ("/live/", f"/items/{post.item.reference}/"):
        assert address not in text(approver, page)


def test_what_was_handed_to_a_person_says_so(approver: Client) -> None:
    post = live()
    take_down(approver, post.item)
    post = Post.objects.get(pk=post.pk)
    takedown.hand_over(post, now=factories.NOW)
    assert "Remove it there by hand" in text(approver, f"/items/{post.item.reference}/")
    assert "I have removed it by hand" in text(approver, f"/items/{post.item.reference}/")
    assert approver.post(f"/posts/{post.pk}/by-hand/").status_code == 302
    assert "by Bran, not confirmed by the platform yet" in text(approver, f"/items/{post.item.reference}/")


def test_a_whole_operation_comes_down_once_its_name_is_typed(approver: Client) -> None:
    post = live()
    page = f"/holds/{post.item.campaign.slug}/take-down/"
    assert page in text(approver, "/holds/")
    assert "1 Item, 1 copy at the platforms" in text(approver, page)
    for typed in ("", "photo of the da", "operation-larch"):
        assert approver.post(page, {"confirm": typed}).status_code == 400
    assert Post.objects.get(pk=post.pk).state == "live"
    assert approver.post(page, {"confirm": " photo-of-the-day "}).status_code == 302
    assert Post.objects.get(pk=post.pk).state == "removing"
    assert Item.objects.get(pk=post.item_id).ended_reason == "kill_switch"


def test_an_outcome_is_recorded_on_the_persons_own_page(approver: Client) -> None:
    person = subjects.make_subject(factories.author(), factories.operation(), now=factories.NOW)
    post = live(factories.appeal(subjects=[person]))
    say_why(approver)
    page = f"/people/{person.number}/"
    assert f'href="{page}"' in text(approver, f"/items/{post.item.reference}/")
    assert approver.get(f"/items/{person.number}/").headers["Location"] == page  # as a Notice links to it
    assert post.item.reference in text(approver, page)
    assert approver.post(page, {"outcome": ""}).status_code == 400
    assert approver.post(page, {"outcome": "named_unconfirmed"}).headers["Location"] == page
    assert "named, which is not confirmed" in text(approver, page)
    assert Post.objects.get(pk=post.pk).state == "live"
    assert approver.post(page, {"outcome": "identified"}).headers["Location"] == "/live/"
    assert Post.objects.get(pk=post.pk).state == "removing"
    assert "Do you know this person" not in text(approver, page)
    assert approver.get("/people/WTN-9999/").status_code == 404

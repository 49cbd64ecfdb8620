"""What needs action, and what a person can do about it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from pressqueue.models import Post
from pressqueue.moves import leases, notices, posts, takedown

from support import factories

LEASE = timedelta(minutes=5)


def post_in(state: str) -> Post:
    post = factories.posted(factories.approved(factories.feature(title="Police dog Rufus")))
    mine = leases.take(post, "worker", LEASE, now=factories.NOW)
    assert mine is not None
    if state == "failed":
        return posts.refuse(mine, mine.fence, message="Flickr does not take this file.", now=factories.NOW)
    if state == "unsure":
        return posts.mark_unconfirmed(
            mine, mine.fence, message="The line broke.", not_before=factories.NOW, now=factories.NOW
        )
    mine = posts.sent(mine, mine.fence, remote_id="77", url="", media_urls=[], now=factories.NOW)
    mine = posts.begin_reveal(mine, mine.fence, needs_attestation=False, now=factories.NOW)
    return posts.unseen(mine, mine.fence, message="It stays private.", now=factories.NOW)


def answer(client: Client, post: Post, **form: str) -> object:
    named = {f"post{post.pk}-{name}" if name != "answer" else name: value for name, value in form.items()}
    return client.post(f"/posts/{post.pk}/settle/", named)


def test_a_quiet_day_says_so(approver: Client) -> None:
    assert b"There is nothing for you to do." in approver.get("/attention/").content


def test_a_notice_is_shown_until_it_is_cleared(approver: Client) -> None:
    notices.notify("render:1", "POD-0001 could not be prepared.", factories.NOW)
    page = approver.get("/attention/")
    assert b"could not be prepared" in page.content
    assert b'class="count">1<' in page.content
    notices.clear("render:1", factories.NOW)
    assert b"could not be prepared" not in approver.get("/attention/").content


def test_what_failed_is_shown_with_its_words_and_tried_again(author: Client) -> None:
    post = post_in("failed")
    assert b"Flickr does not take this file." in author.get("/attention/").content
    assert author.post(f"/posts/{post.pk}/retry/").status_code == 302
    post.refresh_from_db()
    assert post.state == "waiting"


def test_an_officer_says_where_it_is(approver: Client) -> None:
    post = post_in("unsure")
    assert b"I have checked the platform" in approver.get("/attention/").content
    assert answer(approver, post, answer="there", remote_id="5412", url="http://127.0.0.1:9/5412/").status_code == 302
    post.refresh_from_db()
    # It is looked at before it is believed: only what carries our mark is taken.
    assert (post.state, post.remote_id, post.journal[posts.POINTED_AT]) == ("unsure", None, "5412")


def test_an_officer_says_that_it_is_not_there(approver: Client) -> None:
    post = post_in("unsure")
    answer(approver, post, answer="absent")
    post.refresh_from_db()
    assert post.state == "waiting"


def test_without_its_number_the_answer_is_asked_again_and_the_rest_is_kept(approver: Client) -> None:
    post = post_in("unsure")
    asked = answer(approver, post, answer="there", remote_id="", url="http://127.0.0.1:9/5412/")
    assert asked.status_code == 400
    assert f'href="#id_post{post.pk}-remote_id"'.encode() in asked.content
    assert b'value="http://127.0.0.1:9/5412/"' in asked.content
    post.refresh_from_db()
    assert post.state == "unsure"


def test_what_is_no_longer_wanted_and_not_there_is_closed(approver: Client) -> None:
    post = post_in("unsure")
    takedown.withdraw(factories.approver(), post.item, "identified", now=factories.NOW)
    answer(approver, post, answer="absent")
    post.refresh_from_db()
    assert post.state == "cancelled"


def test_what_is_blocked_is_shown_but_cannot_be_retried(approver: Client) -> None:
    post = post_in("blocked")
    page = approver.get("/attention/").content
    assert b"Not public although Publisher asked for it" in page
    assert f"/posts/{post.pk}/retry/".encode() not in page
    refused = approver.post(f"/posts/{post.pk}/retry/")
    assert refused.status_code == 403
    assert b"there is nothing to retry" in refused.content


@pytest.mark.parametrize("address", ["/posts/4711/retry/", "/posts/4711/settle/"])
def test_there_is_no_such_post(approver: Client, address: str) -> None:
    assert approver.post(address).status_code == 404

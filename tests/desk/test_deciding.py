"""The Item's page and the decision: by whom, on what, and what is said when it is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape

from django.test import Client

from pressqueue.models import Approval, Item
from pressqueue.moves import items as item_moves
from pressqueue.states import ItemState, PostState
from publisher.desk import words

from support import factories
from support.desk_officers import shown, signed_in

Reviewed = Callable[..., Item]


def approve(client: Client, item: Item, digest: str | None = None, **form: str) -> object:
    """After everything was shown to whoever is signed in there."""
    shown(client, item)
    seen = digest if digest is not None else item.package.digest
    return client.post(f"/items/{item.reference}/approve/", {"digest": seen, "confirm": "on", "others": "on", **form})


def page(client: Client, item: Item) -> str:
    return unescape(client.get(f"/items/{item.reference}/").content.decode())


def test_a_second_person_approves_what_they_were_shown(approver: Client, reviewed: Reviewed) -> None:
    item = reviewed()
    digest = approver.get(f"/items/{item.reference}/").context["approve"]["digest"].value()
    assert approve(approver, item, digest).status_code == 302
    item.refresh_from_db()
    assert item.state == "approved"
    approval = Approval.objects.get()
    assert (approval.digest, approval.approver.username) == (item.package.digest, "bran")


def test_the_author_sees_why_they_may_not_approve_and_gets_no_button(reviewed: Reviewed) -> None:
    item = reviewed()
    both = signed_in("amara", "author")
    factories.officer("amara").__class__.objects.filter(username="amara").update(may_approve=True)
    said = page(both, item)
    assert "somebody else must approve it" in said
    assert 'action="/items/POD-0001/approve/"' not in said


def test_the_author_cannot_approve_even_by_a_hand_made_post(author: Client, reviewed: Reviewed) -> None:
    item = reviewed()
    type(item.author).objects.filter(username="amara").update(may_approve=True)
    answer = approve(author, item)
    assert answer.status_code == 403
    assert "You wrote or changed this Item" in unescape(answer.content.decode())
    item.refresh_from_db()
    assert item.state == "in_review"
    assert not Approval.objects.exists()


def test_somebody_who_changed_it_by_command_line_cannot_approve_it(reviewed: Reviewed) -> None:
    item = reviewed()
    editor = factories.officer("esi", "author", "approver")
    item_moves.edit(factories.Actor(editor.pk, "cli"), item, title="Day {day} - changed", now=factories.NOW)
    factories.in_review_again(item)
    assert approve(signed_in("esi"), item).status_code == 403
    assert not Approval.objects.exists()


def test_an_officer_without_the_role_cannot_approve(reviewed: Reviewed) -> None:
    item = reviewed()
    assert approve(signed_in("femi", "author"), item).status_code == 403
    assert not Approval.objects.exists()


def test_what_changed_while_it_was_looked_at_is_not_approved(approver: Client, reviewed: Reviewed) -> None:
    item = reviewed()
    seen = item.package.digest
    item_moves.edit(factories.author(), item, caption="Other words.", now=factories.NOW)
    factories.in_review_again(item)
    answer = approve(approver, item, seen)
    assert answer.status_code == 409
    text = unescape(answer.content.decode())
    assert "changed while you looked at it" in text
    assert "Other words." in text  # what it is now
    assert "checked" not in text.split('id="decision"')[1].split("</form>")[0]  # the tick was for the other words
    assert not Approval.objects.exists()


def test_without_the_tick_nothing_is_approved(approver: Client, reviewed: Reviewed) -> None:
    item = reviewed()
    answer = approver.post(f"/items/{item.reference}/approve/", {"digest": item.package.digest})
    assert answer.status_code == 400
    assert b"There is a problem" in answer.content
    assert b'href="#id_confirm"' in answer.content
    assert not Approval.objects.exists()


def test_approving_twice_says_that_it_moved_on(approver: Client, reviewed: Reviewed) -> None:
    item = reviewed()
    digest = item.package.digest
    approve(approver, item, digest)
    again = approve(approver, item, digest)
    assert again.status_code == 409
    assert Approval.objects.count() == 1


def test_closed_gates_are_listed_one_by_one(approver: Client, reviewed: Reviewed) -> None:
    now = datetime.now(UTC)
    past = {"publish_from": now - timedelta(hours=2), "publish_until": now - timedelta(hours=1)}
    item = factories.appeal(expires_at=now - timedelta(minutes=30), now=now - timedelta(hours=3), **past)
    item = factories.in_review(item, b"stand-in", now=now - timedelta(hours=3))
    answer = approve(approver, item)
    assert answer.status_code == 409
    text = unescape(answer.content.decode())
    assert "The time this was to be published has passed" in text
    assert "Its expiry date has passed." in text
    assert "(Rule R5)" in text
    assert "(Rule R34)" in text


def test_sending_back_needs_a_reason_and_gives_it_to_the_author(
    approver: Client, author: Client, reviewed: Reviewed
) -> None:
    item = reviewed()
    empty = approver.post(f"/items/{item.reference}/send-back/", {"back-reason": " "})
    assert empty.status_code == 400
    assert b'href="#id_back-reason"' in empty.content
    reason = "The badge number is <legible>."
    assert approver.post(f"/items/{item.reference}/send-back/", {"back-reason": reason}).status_code == 302
    item.refresh_from_db()
    assert item.state == "draft"
    assert "The badge number is &lt;legible&gt;." in author.get(f"/items/{item.reference}/").content.decode()


def test_a_refused_sending_back_keeps_what_was_typed(approver: Client) -> None:
    item = factories.approved(factories.feature())
    answer = approver.post(f"/items/{item.reference}/send-back/", {"back-reason": "Too late, I know."})
    assert answer.status_code == 403
    assert "There is a problem" in answer.content.decode()
    assert answer.context["send_back"]["reason"].value() == "Too late, I know."


def test_the_words_are_shown_as_they_will_be_published(approver: Client, reviewed: Reviewed) -> None:
    item = reviewed(factories.feature(caption="Ask for {reference}. <b>Not bold</b> & day {day}."))
    raw = approver.get(f"/items/{item.reference}/").content.decode()
    assert 'Ask for POD-0001. &lt;b&gt;Not bold&lt;/b&gt; &amp; day <mark class="day">number</mark>.' in raw
    assert "Image description: A German shepherd sits beside a patrol car." in raw
    assert "The next is 1." in raw


def test_the_page_shows_the_exact_rendition_and_the_digest(approver: Client, reviewed: Reviewed) -> None:
    item = reviewed()
    sha256 = item.renditions.get().sha256
    said = page(approver, item)
    assert f'src="/items/{item.reference}/renditions/{sha256}/"' in said
    assert f'alt="{item.alt_text}"' in said
    assert item.package.digest in said


def test_the_page_tells_who_did_what_and_which_rules_hold(approver: Client, reviewed: Reviewed) -> None:
    said = page(approver, reviewed())
    assert "<strong>Written</strong> by Amara" in said
    assert "<strong>Prepared for review</strong> by Publisher" in said
    assert "R44" in said


def test_one_items_trail_does_not_hold_anothers(approver: Client) -> None:
    items = [factories.feature() for _ in range(12)]  # 1 is not 11
    events = approver.get(f"/items/{items[0].reference}/").context["trail"]
    assert [event.act for event in events] == ["Written", "File received"]


def test_an_item_that_waits_for_preparation_says_so(approver: Client, author: Client) -> None:
    item = factories.feature()
    assert author.post(f"/items/{item.reference}/submit/").status_code == 302
    assert "Publisher is preparing it" in page(approver, item)
    assert 'src="/items/POD-0001/original/"' in page(approver, item)  # meanwhile: as it was received
    assert 'id="decision"' not in page(approver, item)


def test_a_stranger_to_the_author_role_cannot_submit(approver: Client) -> None:
    item = factories.feature()
    answer = approver.post(f"/items/{item.reference}/submit/")
    assert answer.status_code == 403
    assert "lacks the author role" in answer.content.decode()


def test_holding_and_releasing_one_item(approver: Client, reviewed: Reviewed) -> None:
    item = reviewed()
    assert approver.post(f"/items/{item.reference}/hold/", {"hold-reason": ""}).status_code == 400
    approver.post(f"/items/{item.reference}/hold/", {"hold-reason": "The family asked us to wait."})
    item.refresh_from_db()
    assert item.held
    assert "POD-0001 is held." in page(approver, item)
    form = {"release-reason": "The family agrees."}
    assert approver.post(f"/items/{item.reference}/release/", form).status_code == 403  # who placed it
    signed_in("sefton", "approver").post(f"/items/{item.reference}/release/", form)
    item.refresh_from_db()
    assert not item.held


def test_there_is_no_item_by_a_wrong_reference(approver: Client) -> None:
    answer = approver.get("/items/POD-9999/")
    assert answer.status_code == 404
    assert "There is no such page" in answer.content.decode()


def test_a_reference_is_found_however_it_is_typed(approver: Client) -> None:
    factories.feature()
    assert approver.get("/items/pod-0001/").status_code == 200


def test_every_state_has_plain_words() -> None:
    assert set(words.ITEM_STATES) == set(words.ITEM_TONES) == set(ItemState)
    assert set(words.POST_STATES) == set(PostState)

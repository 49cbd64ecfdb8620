"""Decisions one after another: each on its own picture, with its own seconds; none holds up the next (R7, R49, R50)."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from html import unescape
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from pressqueue.models import Approval, Entry, Item, ReviewSession, SentBack, Subject
from pressqueue.moves import items
from publisher.configuration.office_file import Office

from support import factories
from support.desk_officers import keep, picture, say_why, shown, signed_in

NOW = datetime.now(UTC)  # the desk asks the database what time it is
RECEIVED = picture("navy", (32, 20))
CHILD = {"less_intrusive": "Schools were asked first.", "child_welfare": "Children's services were told."}


@pytest.fixture
def waiting(desk: Office) -> Callable[..., Item]:
    """An appeal that the officer in the case has verified, both its files in the vaults."""

    def make(
        record: dict[str, Any] | None = None, *, subjects: list[Subject] | None = None, ready: bool = True
    ) -> Item:
        body = picture("maroon", (40 + Item.objects.count(), 30))
        keep(desk, RECEIVED, "originals")
        keep(desk, body)
        answers = factories.appeal_record(NOW, **(record or {}))
        more = {"subjects": subjects} if subjects else {}
        item = factories.appeal(now=NOW, record=answers, original=factories.original(RECEIVED), **more)
        item = factories.in_review(item, body, now=NOW)
        return factories.verified(item, now=NOW) if ready else item

    return make


Waiting = Callable[..., Item]


@pytest.fixture
def deciding(approver: Client) -> Client:
    """Bran, who has said why he looks."""
    say_why(approver)
    return approver


def up(client: Client) -> Item | None:
    """What the page shows to be decided next."""
    answer = client.get("/sitting/")
    assert answer.status_code == 200
    return answer.context.get("item")


def look(client: Client, item: Item) -> None:
    """As the page's two pictures load."""
    for address in ("original/", f"renditions/{item.renditions.get().sha256}/"):
        b"".join(client.get(f"/items/{item.reference}/{address}").streaming_content)


def approve(client: Client, item: Item, **said: str) -> HttpResponse:
    assert item.package is not None
    form = {"digest": item.package.digest, "confirm": "on", "others": "on", **said}
    return client.post(f"/sitting/{item.reference}/approve/", form)


def send_back(client: Client, item: Item, reason: str) -> HttpResponse:
    return client.post(f"/sitting/{item.reference}/send-back/", {"back-reason": reason})


def text(answer: HttpResponse) -> str:
    return unescape(answer.content.decode())


def test_each_still_comes_up_with_its_exhibit_its_words_and_its_record(deciding: Client, waiting: Waiting) -> None:
    first, second = waiting(), waiting()
    said = text(deciding.get("/sitting/"))
    assert f'src="/items/{first.reference}/original/"' in said
    assert f'src="/items/{first.reference}/renditions/{first.renditions.get().sha256}/"' in said
    assert "who may be able to help with enquiries" in said
    assert "The person leaves the shop with the goods." in said
    assert second.reference not in said
    assert 'accesskey="a"' in said
    assert "Not shown to you in full yet" not in said  # both are on the page, and count as it loads
    assert "Approve all" not in said


def test_a_decision_is_its_own_and_leads_straight_to_the_next(deciding: Client, waiting: Waiting) -> None:
    first, second, third = waiting(), waiting(), waiting()
    look(deciding, first)
    answer = approve(deciding, first)
    assert (answer.status_code, answer["Location"]) == (302, "/sitting/")
    assert up(deciding) == second
    look(deciding, second)
    assert send_back(deciding, second, "The plate can be read.").status_code == 302
    assert up(deciding) == third
    sitting, approval, back = ReviewSession.objects.get(), Approval.objects.get(), SentBack.objects.get()
    assert (approval.batch, approval.sitting, approval.others) == (True, sitting, "none")
    assert (back.batch, back.sitting, back.package.item) == (True, sitting, second)
    assert approval.seconds is not None
    assert back.seconds is not None
    about = json.loads(Entry.objects.get(act="approved").about)
    assert (about["batch"], about["sitting"], about["milliseconds"]) == (
        True, sitting.pk, round(approval.seconds * 1000),
    )  # fmt: skip
    page = text(deciding.get("/sitting/"))
    assert "Reviewed since you signed in</span>" in page
    assert "2</a>, 1 of them approved" in page
    rows = deciding.get("/sitting/decided/").context["rows"]
    assert [(row.item.reference, row.approved) for row in rows] == [(second.reference, False), (first.reference, True)]
    assert ", one of a batch" in text(deciding.get(f"/items/{first.reference}/"))
    assert "Sent back by" in text(deciding.get(f"/items/{second.reference}/"))


def test_nothing_is_decided_that_was_not_shown_here_in_full(deciding: Client, waiting: Waiting) -> None:
    first, second = waiting(), waiting()
    look(deciding, first)  # the one before does not stand for this one
    answer = approve(deciding, second)
    assert answer.status_code == 409
    assert "(Rule R6)" in text(answer)
    assert approve(deciding, first).status_code == 302
    assert Approval.objects.get().package.item == first


@pytest.mark.parametrize("missing", ["confirm", "others"])
def test_both_ticks_are_asked_for_every_single_picture(deciding: Client, waiting: Waiting, missing: str) -> None:
    item = waiting()
    look(deciding, item)
    answer = approve(deciding, item, **{missing: ""})
    assert answer.status_code == 400
    assert f'href="#id_{missing}"' in text(answer)
    assert not Approval.objects.exists()


def test_one_that_cannot_be_approved_holds_nothing_up(deciding: Client, waiting: Waiting) -> None:
    bad, good = waiting(ready=False), waiting()
    page = text(deciding.get("/sitting/"))
    assert "You cannot approve this here:" in page
    assert "has not verified this picture" in page
    assert deciding.post(f"/sitting/{bad.reference}/skip/").status_code == 302
    assert up(deciding) == good
    look(deciding, good)
    assert approve(deciding, good).status_code == 302
    assert "There are no images for you to review except those you skipped." in text(deciding.get("/sitting/"))
    deciding.post("/sitting/again/")
    assert up(deciding) == bad


def test_what_was_skipped_comes_up_again_once_it_is_changed(deciding: Client, waiting: Waiting, desk: Office) -> None:
    item = waiting()
    deciding.post(f"/sitting/{item.reference}/skip/")
    assert up(deciding) is None
    items.edit(factories.author(), item, caption=f"{factories.CAPTION} Thank you.", now=NOW)
    body = picture("olive", (50, 30))
    keep(desk, body)
    factories.in_review_again(item, body)
    assert up(deciding) == item


def test_what_somebody_else_decided_meanwhile_is_said_and_passed_over(deciding: Client, waiting: Waiting) -> None:
    first, second = waiting(), waiting()
    look(deciding, first)
    factories.decide(
        factories.Actor(factories.officer("cleo", "approver").pk, "desk"), first, first.package.digest, now=NOW
    )
    answer = deciding.post(
        f"/sitting/{first.reference}/approve/", {"digest": first.package.digest, "confirm": "on", "others": "on"},
        follow=True,
    )  # fmt: skip
    assert "not in review" in text(answer)
    assert answer.context["item"] == second
    assert Approval.objects.count() == 1


def test_a_changed_one_is_shown_anew_with_empty_ticks(deciding: Client, waiting: Waiting, desk: Office) -> None:
    item = waiting()
    seen = item.package.digest
    look(deciding, item)
    items.edit(factories.author(), item, caption=f"{factories.CAPTION} Other words.", now=NOW)
    factories.in_review_again(item)
    answer = approve(deciding, item, digest=seen)
    assert answer.status_code == 409
    assert "changed while you looked at it" in text(answer)
    assert "Other words." in text(answer)
    assert " checked" not in text(answer).split('id="decision"')[1].split("</form>")[0]


def test_a_child_comes_up_for_a_superintendent_with_a_reason_and_for_nobody_below(
    deciding: Client, waiting: Waiting
) -> None:
    item = waiting(CHILD, subjects=[factories.person(now=NOW, appears_under_18="unsure")])
    look(deciding, item)
    assert "in a batch only a superintendent or above decides on it" in text(deciding.get("/sitting/"))
    refused = approve(deciding, item, reason="He was asked for at his school.")
    assert refused.status_code == 409
    assert "(Rule R7)" in text(refused)
    factories.officer("suri", "approver", rank="superintendent")
    above = signed_in("suri")
    say_why(above)
    look(above, item)
    assert "give the reason for this picture. (Rule R7)" in text(approve(above, item))
    assert not Approval.objects.exists()
    assert approve(above, item, reason="He was asked for at his school.").status_code == 302
    item.refresh_from_db()
    assert item.state == "approved"


def test_alone_the_same_child_may_have_an_inspector_s_first_word(deciding: Client, waiting: Waiting) -> None:
    """The control: outside a batch the approval is kept, and waits for the superintendent."""
    item = waiting(CHILD, subjects=[factories.person(now=NOW, appears_under_18="unsure")])
    look(deciding, item)
    form = {"digest": item.package.digest, "confirm": "on", "others": "on"}
    assert deciding.post(f"/items/{item.reference}/approve/", form).status_code == 302
    assert not Approval.objects.get().batch


def test_features_are_decided_in_the_same_sitting(deciding: Client, desk: Office) -> None:
    body = picture("green", (44, 30))
    keep(desk, RECEIVED, "originals")
    keep(desk, body)
    item = factories.in_review(factories.feature(original=factories.original(RECEIVED)), body)
    assert up(deciding) == item
    assert 'id="id_others"' not in text(deciding.get("/sitting/"))
    look(deciding, item)
    assert approve(deciding, item).status_code == 302
    assert (Approval.objects.get().sitting, Approval.objects.get().others) == (ReviewSession.objects.get(), "")
    assert [row.item for row in deciding.get("/sitting/decided/").context["rows"]] == [item]


def test_nobody_meets_what_they_made_verified_or_decided_already(deciding: Client, waiting: Waiting) -> None:
    item = waiting({"anonymity": True})  # takes two
    both = signed_in("amara")
    factories.officer("amara").__class__.objects.filter(username__in=["amara", "inga"]).update(may_approve=True)
    for client in (both, signed_in("inga")):  # its author, and the officer in the case
        say_why(client)
        assert up(client) is None
    assert up(deciding) == item
    look(deciding, item)
    kept = deciding.post(
        f"/sitting/{item.reference}/approve/", {"digest": item.package.digest, "confirm": "on", "others": "on"},
        follow=True,
    )  # fmt: skip
    assert "your approval is kept. Somebody in this case has a right to anonymity" in text(kept)
    assert kept.context.get("item") is None
    shown(both, item)
    assert approve(both, item).status_code == 403  # a hand-made post is refused as on the Item's own page


def test_films_are_left_for_their_own_page(deciding: Client) -> None:
    factories.in_review(factories.feature(original=factories.original(kind="footage")))
    assert up(deciding) is None


def test_who_may_not_approve_is_told_so_and_who_did_not_say_why_is_asked(author: Client, approver: Client) -> None:
    assert author.get("/sitting/").status_code == 403
    assert "approver role" in text(author.get("/sitting/"))
    asked = approver.get("/sitting/")
    assert (asked.status_code, asked["Location"]) == (302, "/why/?next=%2Fsitting%2F")


def test_the_list_of_what_waits_leads_here(deciding: Client, author: Client, waiting: Waiting) -> None:
    waiting(), waiting()
    assert "Review 2 images" in text(deciding.get("/"))
    assert "Review 2 images" not in text(author.get("/"))

"""R37: pictures of people sought are looked at with a reason, asked once a sitting; every read of one is logged."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import pytest
from django.test import Client

from pressqueue import policy
from pressqueue.models import Consultation, Entry, EntryText, Item, ReviewSession
from publisher.configuration import policy_file
from publisher.configuration.office_file import Office

from support import factories
from support.desk_officers import keep, picture, say_why, signed_in

RECEIVED, PUBLISHED = picture("navy", (320, 200)), picture("maroon")
WHY = "To decide about this week's appeals."
REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def prepare(desk: Office) -> Callable[..., Item]:
    """An appeal in review, both its files in the vaults."""

    def make(**changes: object) -> Item:
        keep(desk, RECEIVED, "originals")
        keep(desk, PUBLISHED)
        return factories.in_review(factories.appeal(original=factories.original(RECEIVED), **changes), PUBLISHED)

    return make


Prepare = Callable[..., Item]


def page(item: Item) -> str:
    return f"/items/{item.reference}/"


def addresses(item: Item) -> list[str]:
    """Every door that hands out its bytes."""
    rendition = f"{page(item)}renditions/{item.renditions.get().sha256}/"
    return [rendition, f"{rendition}small/", f"{page(item)}original/"]


def read(client: Client, address: str, **headers: str) -> int:
    answer = client.get(address, headers=headers)
    if answer.streaming:
        b"".join(answer.streaming_content)
    code: int = answer.status_code
    return code


def reads() -> list[dict[str, object]]:
    return [json.loads(entry.about) for entry in Entry.objects.filter(act="picture_read").order_by("number")]


def backdate(**by: float) -> None:
    """As if the sitting had begun, and its last look had been, so much earlier."""
    for sitting in ReviewSession.objects.all():
        sitting.began_at -= timedelta(**by)
        sitting.used_at -= timedelta(**by)
        sitting.save()


def test_without_a_reason_no_door_shows_a_person_sought(approver: Client, prepare: Prepare) -> None:
    item = prepare()
    for address in [page(item), *addresses(item)]:
        answer = approver.get(address)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/why/?next=%2Fitems%2FWTN-0001%2F")
        assert answer.content == b""
    assert not reads()


def test_the_reason_is_asked_once_and_leads_on_to_where_one_was_going(approver: Client, prepare: Prepare) -> None:
    item = prepare()
    asked = approver.get(page(item))["Location"]
    form = unescape(approver.get(asked).content.decode())
    assert "Why are you viewing these images?" in form
    assert f'name="next" value="{page(item)}"' in form
    answer = approver.post("/why/", {"why": WHY, "next": page(item)})
    assert (answer.status_code, answer["Location"]) == (302, page(item))
    assert all(read(approver, address) == 200 for address in [page(item), *addresses(item)])
    assert approver.get(asked)["Location"] == page(item)  # not asked again
    sitting = ReviewSession.objects.get()
    assert (sitting.officer.username, sitting.why, sitting.ended_at) == ("bran", WHY, None)
    began = Entry.objects.get(act="sitting_began")
    assert json.loads(began.about) == {"officer": sitting.officer_id, "sitting": sitting.pk}
    assert json.loads(EntryText.objects.get(pk=began.number).text)["text"] == WHY


@pytest.mark.parametrize("why", ["", "    ", "x", "y" * 501])
def test_without_words_the_question_stays(approver: Client, why: str) -> None:
    answer = approver.post("/why/", {"why": why, "next": "/live/"})
    assert answer.status_code == 400
    assert b"There is a problem" in answer.content
    assert b'name="next" value="/live/"' in answer.content
    assert not ReviewSession.objects.exists()


@pytest.mark.parametrize(
    "elsewhere",
    ["https://example.org/", "//example.org/", "javascript:alert(1)", "http:///example.org", "\\\\example.org", "",
     "/why/", "/why/?next=/why/"],
)  # fmt: skip
def test_the_way_on_never_leads_out_of_the_desk_or_round_in_a_ring(approver: Client, elsewhere: str) -> None:
    answer = approver.post("/why/", {"why": WHY, "next": elsewhere})
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert approver.get("/why/", {"next": elsewhere})["Location"] == "/"


def test_each_picture_is_logged_once_a_sitting_however_many_parts_it_is_read_in(
    approver: Client, prepare: Prepare
) -> None:
    item = prepare()
    say_why(approver)
    rendition, small, original = addresses(item)
    for asked in ("bytes=0-9", "bytes=10-99", "bytes=100-"):
        assert read(approver, rendition, Range=asked) == 206
    read(approver, rendition)
    read(approver, small)
    read(approver, original)
    sitting = ReviewSession.objects.get()
    told = {"item": item.pk, "officer": sitting.officer_id, "sitting": sitting.pk}
    assert reads() == [{**told, "sha256": item.renditions.get().sha256}, {**told, "sha256": item.original_id}]
    line = Entry.objects.filter(act="picture_read").first()
    assert (line.actor, line.door) == (f"officer:{sitting.officer_id}", "desk")
    assert unescape(approver.get(page(item)).content.decode()).count("An image was viewed</strong> by Bran") == 2


def test_the_line_is_written_before_the_first_byte_goes(approver: Client, prepare: Prepare) -> None:
    item = prepare()
    say_why(approver)
    answer = approver.get(addresses(item)[0])
    assert len(reads()) == 1  # nothing was taken from the body yet
    answer.close()


def test_a_head_and_a_part_that_is_not_there_are_no_reads(approver: Client, prepare: Prepare) -> None:
    item = prepare()
    say_why(approver)
    approver.head(addresses(item)[0]).close()
    assert approver.get(addresses(item)[0], headers={"Range": "bytes=999999-"}).status_code == 416
    assert not reads()


def test_after_half_an_hour_without_a_look_the_reason_is_asked_again(approver: Client, prepare: Prepare) -> None:
    item = prepare()
    say_why(approver)
    backdate(minutes=29)
    assert read(approver, addresses(item)[0]) == 200  # a look, from which the half hour counts anew
    ReviewSession.objects.update(began_at=factories.NOW)
    ReviewSession.objects.update(began_at=ReviewSession.objects.get().used_at - timedelta(minutes=40))
    assert read(approver, page(item)) == 200
    backdate(minutes=30)
    assert read(approver, page(item)) == 302
    say_why(approver)
    assert read(approver, addresses(item)[0]) == 200
    first, second = ReviewSession.objects.order_by("pk")
    assert (first.ended_at, second.ended_at) == (first.used_at, None)
    assert [line["sitting"] for line in reads()] == [first.pk, second.pk]  # read again: logged again


def test_after_a_working_day_it_is_asked_again_however_busy_it_was(approver: Client, prepare: Prepare) -> None:
    item = prepare()
    say_why(approver)
    sitting = ReviewSession.objects.get()
    ReviewSession.objects.update(began_at=sitting.began_at - timedelta(hours=7, minutes=59))
    assert read(approver, page(item)) == 200
    ReviewSession.objects.update(began_at=sitting.began_at - timedelta(hours=8))
    assert read(approver, page(item)) == 302


def test_a_force_sets_both_lengths_itself(approver: Client, prepare: Prepare) -> None:
    item, rules = prepare(), policy_file.load()
    assert (rules.sitting_idle, rules.sitting_longest) == (timedelta(minutes=30), timedelta(hours=8))
    say_why(approver)
    backdate(minutes=6)
    with policy.using(replace(rules, sitting_idle=timedelta(minutes=5))):
        assert read(approver, page(item)) == 302
    assert read(approver, page(item)) == 200


def test_a_sitting_belongs_to_one_person_and_one_sign_in(approver: Client, prepare: Prepare) -> None:
    item = prepare()
    say_why(approver)
    assert read(approver, page(item)) == 200
    assert read(signed_in("bran", "approver"), page(item)) == 302
    assert read(signed_in("cato", "approver"), page(item)) == 302


def test_a_feature_asks_nothing_and_logs_nothing(approver: Client, desk: Office) -> None:
    keep(desk, RECEIVED, "originals")
    keep(desk, PUBLISHED)
    item = factories.in_review(factories.feature(original=factories.original(RECEIVED)), PUBLISHED)
    assert all(read(approver, address) == 200 for address in [page(item), *addresses(item)])
    assert not ReviewSession.objects.exists()
    assert not Consultation.objects.exists()
    assert not reads()


def test_lists_show_no_person_sought_until_the_reason_is_said(approver: Client, prepare: Prepare) -> None:
    item = prepare()
    assert "small/" not in approver.get("/").content.decode()
    assert '<a href="/why/?next=%2F">Give a reason for viewing</a>' in approver.get("/").content.decode()
    assert addresses(item)[1] not in approver.get(f"{page(item)}take-down/").content.decode()
    say_why(approver)
    assert addresses(item)[1] in approver.get("/").content.decode()


def test_what_was_typed_is_kept_where_the_sitting_ended_meanwhile(approver: Client, prepare: Prepare) -> None:
    item = prepare()
    say_why(approver)
    backdate(minutes=31)
    answer = approver.post(f"{page(item)}send-back/", {"back-reason": " "})
    assert answer.status_code == 400
    assert "Give a reason for viewing to see the images" in answer.content.decode()
    assert addresses(item)[0] not in answer.content.decode().split('class="compare"')[0]


def test_the_decision_names_the_sitting_the_picture_was_looked_at_in(approver: Client, desk: Office) -> None:
    now = datetime.now(UTC)
    keep(desk, RECEIVED, "originals")
    keep(desk, PUBLISHED)
    item = factories.in_review(factories.appeal(original=factories.original(RECEIVED), now=now), PUBLISHED, now=now)
    factories.verified(item, now=now)
    say_why(approver)
    for address in addresses(item):
        read(approver, address)
    backdate(minutes=31)  # the officer was called away before the button was pressed
    form = {"digest": item.package.digest, "confirm": "on", "others": "on"}
    assert approver.post(f"{page(item)}approve/", form).status_code == 302
    approval = item.package.approvals.get()
    assert approval.sitting == ReviewSession.objects.get()
    assert approval.seconds is not None


def test_no_other_part_of_the_product_hands_a_file_to_a_person() -> None:
    """The desk's view of files and its press packs are the only doors: whoever adds another one meets this line.

    Tokens of the command line open none: `publisher` prints hashes and addresses, never a picture.
    """
    opens = ("open_verified(", ".path(", "FileResponse(", "StreamingHttpResponse(")
    folders = [REPOSITORY / "publisher" / name for name in ("desk", "cli")]
    found = {
        file.relative_to(REPOSITORY / "publisher").as_posix()
        for folder in folders
        for file in folder.rglob("*.py")
        if any(each in file.read_text().replace("samples.path(", "") for each in opens)
    }
    assert found == {"desk/ranges.py", "desk/views/accounts.py", "desk/views/press.py"}

"""What Flickr's answer to an upload proves: sent, certainly not sent, refused, or nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from publisher.destinations.errors import NotSent, Refused, Stop, Unsure

from support.flickr_replies import DOCUMENTED, RECORDED, failure, info

if TYPE_CHECKING:
    from conftest import NotedJournal, Scripted

    from publisher.destinations.base import Parcel

    Parcels = Callable[..., Parcel]
    Journals = type[NotedJournal]


# What the answer proves


@pytest.mark.parametrize("reply", [RECORDED, DOCUMENTED])
def test_both_shapes_of_success_are_read(scripted: Scripted, send: Any, reply: str) -> None:
    scripted.will_say(reply)
    receipt = send()
    assert receipt.remote_id == "43123716831"
    assert receipt.url == f"{scripted.base}/photos/24573443@N04/43123716831/"


@pytest.mark.parametrize("code", [0, 2, 3, 14, 105, 106, 201, 4711], ids=lambda code: f"code-{code}")
def test_a_code_that_only_says_something_is_wrong_proves_nothing(scripted: Scripted, send: Any, code: int) -> None:
    scripted.will_say(failure(code))
    with pytest.raises(Unsure):
        send()


@pytest.mark.parametrize("code", [4, 5, 8, 116], ids=lambda code: f"code-{code}")
def test_a_code_that_judges_the_file_or_the_text_is_final(scripted: Scripted, send: Any, code: int) -> None:
    scripted.will_say(failure(code))
    with pytest.raises(Refused) as refusal:
        send()
    assert refusal.value.stop is Stop.NONE


@pytest.mark.parametrize("code", [6, 7], ids=lambda code: f"code-{code}")
def test_a_full_account_stops_the_account_and_loses_no_post(scripted: Scripted, send: Any, code: int) -> None:
    scripted.will_say(failure(code))
    with pytest.raises(NotSent) as refusal:
        send()
    assert refusal.value.stop is Stop.ACCOUNT


@pytest.mark.parametrize("code", [96, 97, 98, 99, 100], ids=lambda code: f"code-{code}")
def test_a_consent_that_no_longer_holds_stops_until_a_new_one(scripted: Scripted, send: Any, code: int) -> None:
    scripted.will_say(failure(code))
    with pytest.raises(NotSent) as refusal:
        send()
    assert refusal.value.stop is Stop.AUTH


def test_an_oauth_refusal_is_http_401_in_plain_text(scripted: Scripted, send: Any) -> None:
    scripted.will_say("oauth_problem=token_revoked", code=401)
    with pytest.raises(NotSent) as refusal:
        send()
    assert refusal.value.stop is Stop.AUTH


def test_a_wrong_clock_is_named(scripted: Scripted, send: Any) -> None:
    scripted.will_say("oauth_problem=timestamp_refused&oauth_acceptable_timestamps=1-2", code=401)
    with pytest.raises(NotSent, match="clock"):
        send()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("oauth_problem=nonce_used", 401),  # somebody repeated the request: the first may be stored
        ("<html>Sign in to the hotel's network</html>", 401),
        ("<html><h1>429 Too Many Requests</h1></html>", 429),  # the whole file had arrived
        ("Internal Server Error", 500),
        ("", 503),
        ("<html>Gateway Timeout</html>", 504),
        ("moved", 307),
    ],
    ids=["nonce_used", "portal", "429", "500", "503", "504", "307"],
)
def test_an_answer_from_before_or_behind_flickr_proves_nothing(
    scripted: Scripted, send: Any, body: str, code: int
) -> None:
    scripted.will_say(body, code=code)
    with pytest.raises(Unsure):
        send()


@pytest.mark.parametrize(
    "body",
    [
        "<html><p>We'll be right back</html>",  # expat's code 7, Flickr's "video upload limit"
        "",  # expat's code 3, Flickr's "general upload failure"
        RECORDED[:70],
        '{"stat":"fail","message":"Sorry, the Flickr API service is not currently available.","code":201},',
        "<rsp />",
        '<rsp stat="fail" />',
        '<rsp stat="fail"><err msg="Sorry" /></rsp>',
        '<rsp stat="fail"><err code="many" msg="Sorry" /></rsp>',
        '<rsp stat="ok" />',
        '<rsp stat="ok"><photoid>soon</photoid></rsp>',
        '<rsp stat="ok"><ticketid>200775939-72157722968227621</ticketid></rsp>',
        '<!DOCTYPE rsp [<!ENTITY a "43123716831">]><rsp stat="ok"><photoid>&a;</photoid></rsp>',
    ],
)
def test_two_hundred_with_something_else_than_a_photo_proves_nothing(scripted: Scripted, send: Any, body: str) -> None:
    scripted.will_say(body)
    with pytest.raises(Unsure):
        send()


def test_too_large_at_the_door_is_final(scripted: Scripted, send: Any) -> None:
    scripted.will_say("Request Entity Too Large", code=413)
    with pytest.raises(Refused, match="larger"):
        send()


def test_a_redirect_is_not_followed(scripted: Scripted, send: Any) -> None:
    scripted.will_say("", code=302, Location=f"{scripted.base}/services/upload/elsewhere/")
    scripted.will_say(RECORDED)
    with pytest.raises(Unsure):
        send()
    assert len(scripted.heard) == 1


def test_a_connection_closed_after_the_file_proves_nothing(scripted: Scripted, send: Any) -> None:
    scripted.answers.append(b"")
    with pytest.raises(Unsure):
        send()


def test_no_connection_proves_that_nothing_left(scripted: Scripted, send: Any) -> None:
    scripted.stop()
    with pytest.raises(NotSent) as refusal:
        send()
    assert refusal.value.stop is Stop.NONE


# Error 9


def test_a_duplicate_that_carries_our_mark_is_success(
    scripted: Scripted, send: Any, journals: Journals, parcels: Parcels
) -> None:
    scripted.will_say(failure(9, "\t<duplicate_photo_id>777</duplicate_photo_id>\n"))
    scripted.will_say(info(parcels().mark))
    assert send(journals(flickr__sent_before="1")).remote_id == "777"


def test_a_duplicate_of_another_account_is_not_ours_whatever_mark_it_carries(
    scripted: Scripted, send: Any, journals: Journals, parcels: Parcels
) -> None:
    scripted.will_say(failure(9, "\t<duplicate_photo_id>777</duplicate_photo_id>\n"))
    scripted.will_say(info(parcels().mark, owner="1@N00"))
    with pytest.raises(Refused, match="777"):
        send(journals(flickr__sent_before="1"))


def test_a_duplicate_under_another_item_is_refused_by_number(scripted: Scripted, send: Any, journals: Journals) -> None:
    scripted.will_say(failure(9, "\t<duplicate_photo_id>777</duplicate_photo_id>\n"))
    scripted.will_say(info("f" * 32))
    with pytest.raises(Refused, match="777"):
        send(journals(flickr__sent_before="1"))


def test_a_duplicate_that_is_gone_again_is_refused_by_number(scripted: Scripted, send: Any, journals: Journals) -> None:
    scripted.will_say(failure(9, "\t<duplicate_photo_id>777</duplicate_photo_id>\n"))
    scripted.will_say(failure(1))
    with pytest.raises(Refused, match="777"):
        send(journals(flickr__sent_before="1"))


@pytest.mark.parametrize("looked_at", ["", failure(105), "<html>"])
def test_a_duplicate_that_cannot_be_looked_at_proves_nothing(
    scripted: Scripted, send: Any, journals: Journals, looked_at: str
) -> None:
    scripted.will_say(failure(9, "\t<duplicate_photo_id>777</duplicate_photo_id>\n"))
    scripted.will_say(looked_at)
    with pytest.raises(Unsure):
        send(journals(flickr__sent_before="1"))


def test_a_duplicate_without_a_name_proves_nothing(scripted: Scripted, send: Any, journals: Journals) -> None:
    scripted.will_say(failure(9))
    with pytest.raises(Unsure):
        send(journals(flickr__sent_before="1"))


def test_a_tag_cannot_forge_a_mark(scripted: Scripted, send: Any) -> None:
    with pytest.raises(Refused, match="publisher:mark"):
        send(tags=("police", 'Publisher:"Mark"=' + "f" * 32))
    assert scripted.heard == []


def test_no_word_of_flickrs_reaches_the_officer(scripted: Scripted, send: Any) -> None:
    scripted.will_say('<rsp stat="fail"><err code="5" msg="Filetype was not recognised, sig=abc" /></rsp>')
    with pytest.raises(Refused) as refusal:
        send()
    assert "sig=abc" not in refusal.value.message + str(refusal.value)

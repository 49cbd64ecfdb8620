"""One upload as it leaves and what its answer proves; the platform says exactly what each test wrote."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import pytest

from publisher.destinations.errors import NotSent, Refused, Stop, Unsure
from publisher.destinations.flickr.body import Body, BodyFault

if TYPE_CHECKING:
    from conftest import NotedJournal, Scripted

    from publisher.destinations.base import Destination, Parcel

    Parcels = Callable[..., Parcel]
    Journals = type[NotedJournal]

# As recorded from Flickr, and as its documentation shows it.
RECORDED = (Path(__file__).parent / "fixtures/flickr/upload.xml").read_text("utf-8")
DOCUMENTED = '<?xml version="1.0" encoding="utf-8" ?>\n<rsp stat="ok">\n<photoid>43123716831</photoid>\n</rsp>\n'
MP4 = b"\x00\x00\x00\x18ftypmp42 footage"


def failure(code: int, inner: str = "") -> str:
    head = '<?xml version="1.0" encoding="utf-8" ?>\n'
    return f'{head}<rsp stat="fail">\n\t<err code="{code}" msg="Sorry" />\n{inner}</rsp>\n'


def info(mark: str, number: str = "777", owner: str = "24573443@N04") -> str:
    return (
        f'<rsp stat="ok"><photo id="{number}" media="photo"><owner nsid="{owner}" /><title>t</title><description />'
        '<visibility ispublic="0" isfriend="0" isfamily="0" /><permissions permcomment="3" permaddmeta="2" />'
        f'<tags><tag raw="publisher:mark={mark}" machine_tag="1">publisher:mark={mark}</tag></tags></photo></rsp>'
    )


@pytest.fixture
def send(on_scripted: Destination, parcels: Parcels, journals: Journals) -> Callable[..., Any]:
    """Send a parcel (with changes) under a journal (a fresh one unless given)."""

    def call(journal: NotedJournal | None = None, **changes: Any) -> Any:
        return on_scripted.send(parcels(**changes), journal or journals())

    return call


def part(scripted: Scripted, name: str) -> tuple[str, bytes]:
    """Headers and content of one part of the last form that arrived."""
    spoken = scripted.heard[-1]
    boundary = (spoken.header("Content-Type") or "").partition("boundary=")[2].encode()
    for piece in spoken.body.split(b"--" + boundary):
        head, _, content = piece.partition(b"\r\n\r\n")
        if f'name="{name}"'.encode() in head:
            return head.decode().strip(), content.removesuffix(b"\r\n")
    raise AssertionError(f"no part called {name}")


# What leaves


def test_the_file_goes_with_its_name_and_its_kind(scripted: Scripted, send: Any, parcels: Parcels) -> None:
    scripted.will_say(RECORDED)
    send(filename="appeal-17", media_type="video/mp4", **_body(parcels(MP4)))
    head, content = part(scripted, "photo")
    assert 'filename="appeal-17.mp4"' in head
    assert "Content-Type: video/mp4" in head
    assert content == MP4


def _body(parcel: Parcel) -> dict[str, Any]:
    return {"size": parcel.size, "sha256": parcel.sha256, "open_body": parcel.open_body}


def test_the_token_signs_the_upload(scripted: Scripted, send: Any) -> None:
    scripted.will_say(RECORDED)
    send()
    assert 'oauth_token="72157-token"' in (scripted.heard[0].header("Authorization") or "")


def test_every_privacy_argument_is_sent(scripted: Scripted, send: Any) -> None:
    scripted.will_say(RECORDED)
    send()
    said = {name: part(scripted, name)[1] for name in ("is_public", "is_friend", "is_family")}
    assert said == {"is_public": b"0", "is_friend": b"0", "is_family": b"0"}


def test_safety_kind_and_search_are_never_left_to_the_account(scripted: Scripted, send: Any) -> None:
    scripted.will_say(RECORDED)
    send()
    # hidden: 1 keeps it in searches, 2 hides it; 0 is not a value here
    said = {name: part(scripted, name)[1] for name in ("safety_level", "content_type", "hidden")}
    assert said == {"safety_level": b"1", "content_type": b"1", "hidden": b"1"}


def test_a_title_is_always_sent_so_that_no_file_name_becomes_public(scripted: Scripted, send: Any) -> None:
    with pytest.raises(Refused, match="title"):
        send(title="  ", filename="custody-image-of-j-smith.jpg")
    assert scripted.heard == []


def test_nothing_but_text_is_sent_as_text(scripted: Scripted, on_scripted: Any, parcels: Parcels) -> None:
    for wrong in (None, ["a", "b"]):
        body = Body(parcels(), io.BytesIO())
        with pytest.raises(TypeError, match="tags"):
            on_scripted.calls.upload({"title": "t", "tags": wrong}, body)
    assert scripted.heard == []


def test_half_a_character_is_refused_in_words(scripted: Scripted, send: Any) -> None:
    with pytest.raises(Refused, match="half a character"):
        send(title="Day 1 \ud83d")
    assert scripted.heard == []


def test_an_empty_file_never_leaves(scripted: Scripted, send: Any, parcels: Parcels) -> None:
    scripted.will_say(RECORDED)
    with pytest.raises(Refused, match="empty"):
        send(**_body(parcels(b"")))
    assert scripted.heard == []


def test_a_file_opened_half_way_is_not_sent_as_the_rest(scripted: Scripted, send: Any, parcels: Parcels) -> None:
    def half_read() -> BinaryIO:
        body = parcels().open_body()
        body.read(50)
        return body

    scripted.will_say(RECORDED)
    with pytest.raises(Refused, match="not the one that was approved"):
        send(open_body=half_read)
    assert scripted.heard == []


@pytest.mark.timeout(5)
def test_a_file_that_shrinks_on_the_way_ends_the_upload(scripted: Scripted, send: Any, parcels: Parcels) -> None:
    opened: list[BinaryIO] = []

    def shrinking() -> BinaryIO:
        whole = parcels().open_body().read()
        opened.append(io.BytesIO(whole if not opened else whole[:-100]))
        return opened[-1]

    with pytest.raises(Unsure):
        send(open_body=shrinking)
    assert len(opened) == 2
    # Its declared length never came, so that no server takes it for the whole file.
    spoken = scripted.broken_off()
    assert len(spoken.body) < int(spoken.header("Content-Length") or 0)


def test_a_file_that_changes_on_the_way_never_arrives_whole(scripted: Scripted, send: Any, parcels: Parcels) -> None:
    opened: list[BinaryIO] = []

    def changing() -> BinaryIO:
        whole = parcels().open_body().read()
        opened.append(io.BytesIO(whole if not opened else b"!" * len(whole)))
        return opened[-1]

    with pytest.raises(Unsure):
        send(open_body=changing)
    spoken = scripted.broken_off()
    assert len(spoken.body) < int(spoken.header("Content-Length") or 0)


def test_a_disk_that_fails_on_the_way_is_not_taken_for_the_servers_reset(
    scripted: Scripted, send: Any, parcels: Parcels
) -> None:
    class Failing(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise ConnectionResetError(104, "a network disk went away")

    opened: list[int] = []

    def failing() -> BinaryIO:
        opened.append(1)
        return parcels().open_body() if len(opened) == 1 else Failing()

    scripted.will_say(RECORDED)
    with pytest.raises(Unsure) as fault:
        send(open_body=failing)
    assert isinstance(fault.value.__cause__, BodyFault)


def test_a_password_file_does_not_replace_the_signature(
    scripted: Scripted, send: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login press password hunter2\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    scripted.will_say(RECORDED)
    send()
    assert (scripted.heard[0].header("Authorization") or "").startswith("OAuth ")


def test_nothing_secret_reaches_the_log(scripted: Scripted, send: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    scripted.will_say(RECORDED)
    send(title="A name not to be logged", filename="evidence-4711.jpg")
    signature = (scripted.heard[0].header("Authorization") or "").partition('oauth_signature="')[2][:20]
    assert signature
    for secret in ("72157-token", "token-secret", signature, "A name not to be logged", "evidence-4711"):
        assert secret not in caplog.text


# What is written down


def test_the_journal_knows_of_the_upload_before_its_first_byte(
    scripted: Scripted, send: Any, journals: Journals, parcels: Parcels
) -> None:
    journal, known = journals(), []

    class Watched(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            known.append(journal.get("flickr.sent_before"))
            return super().read(size)

    scripted.will_say(RECORDED)
    send(journal, open_body=lambda: Watched(parcels().open_body().read()))
    assert known[-1] == "1"


def test_a_first_upload_goes_without_dedup_check_and_a_repeated_one_with_it(
    scripted: Scripted, send: Any, journals: Journals
) -> None:
    journal = journals()
    scripted.will_say("<html>", code=504)
    with pytest.raises(Unsure):
        send(journal)
    assert b"dedup_check" not in scripted.heard[0].body
    scripted.will_say(RECORDED)
    send(journal)
    assert part(scripted, "dedup_check")[1] == b"1"


def test_what_was_certainly_not_sent_but_had_left_whole_is_checked_for_a_double_from_then_on(
    scripted: Scripted, send: Any, journals: Journals
) -> None:
    journal = journals()
    scripted.will_say(failure(98))
    with pytest.raises(NotSent):
        send(journal)
    assert journal.kept == {"flickr.sent_before": "1"}
    scripted.will_say(RECORDED)
    send(journal)
    assert part(scripted, "dedup_check")[1] == b"1"


def test_what_may_have_been_sent_once_counts_for_ever(scripted: Scripted, send: Any, journals: Journals) -> None:
    journal = journals(flickr__sent_before="1")
    scripted.will_say(failure(98))
    with pytest.raises(NotSent):
        send(journal)
    assert journal.kept == {"flickr.sent_before": "1"}


def test_a_file_on_which_flickr_fails_three_times_goes_to_a_person(
    scripted: Scripted, send: Any, journals: Journals
) -> None:
    journal = journals()
    for _ in range(3):
        scripted.will_say(failure(3))
        with pytest.raises(Unsure):
            send(journal)
    with pytest.raises(Refused, match="three times"):
        send(journal)
    assert len(scripted.heard) == 3


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
    assert "sig=abc" not in refusal.value.words + str(refusal.value)

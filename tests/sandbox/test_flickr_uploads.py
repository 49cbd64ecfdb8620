"""What Flickr's upload takes, refuses and makes of what it takes."""

from __future__ import annotations

import socket
from hashlib import sha256
from urllib.parse import urlsplit

import pytest

from support.patience import PATIENCE

PICTURE = b"\xff\xd8\xff\xe0 a picture"
FOOTAGE = b"\x00\x00\x00\x18ftypmp42 footage"


def test_the_bytes_sent_are_the_bytes_held(stage):
    caller = stage.flickr()
    picture = PICTURE + bytes(range(256)) * 4000 + b"\r\n--x\r\n--xx-not-the-end"
    thing = stage.thing(caller.photo(picture))
    assert (thing["sha256"], thing["size"]) == (sha256(picture).hexdigest(), len(picture))


def test_left_out_privacy_means_public(stage):
    stage.flickr().upload()
    (thing,) = stage.control.things()
    assert thing["visibility"] == "public"
    assert thing["public"] == [[stage.clock.now, None]]


def test_left_out_privacy_follows_the_account(open_stage):
    stage = open_stage(account_default_public=False)
    stage.flickr().upload()
    assert stage.control.things()[0]["public"] == []


def test_nine_is_the_accounts_default_too(stage):
    stage.flickr().upload(is_public="9")
    assert stage.control.things()[0]["visibility"] == "public"


def test_a_title_left_out_publishes_the_file_name(stage):
    caller = stage.flickr()
    body, headers = caller.form(PICTURE, "exhibit AB-12.jpg", {"is_public": "0"})
    stage.http("POST", "/services/upload/", body, **headers)
    assert stage.control.things()[0]["title"] == "exhibit AB-12"


@pytest.mark.parametrize(
    ("photo", "filename", "knobs", "code"),
    [
        (None, "", {}, 2),
        (b"", "a.jpg", {}, 4),
        (b"plain text", "a.jpg", {}, 5),  # known by its bytes, not by its name
        (FOOTAGE, "dummy name", {}, 5),  # footage needs a telling name
        (PICTURE, "a.jpg", {"photo_bytes": len(PICTURE) - 1}, 8),
        (FOOTAGE, "a.mp4", {"video_bytes": len(FOOTAGE) - 1}, 8),
        (PICTURE, "a.jpg", {"flickr_items_limit": 0}, 6),
    ],
)
def test_what_is_refused_is_not_stored(open_stage, photo, filename, knobs, code):
    stage = open_stage(**knobs)
    assert stage.flickr().upload(photo, filename).failure[0] == code
    assert stage.control.things() == []
    assert list((stage.sandbox._world.ledger.folder / "arriving").iterdir()) == []


def test_the_same_bytes_are_error_9_only_when_asked(stage):
    caller = stage.flickr()
    first = caller.photo()
    caller.photo()  # without dedup_check a double is stored without a word
    refused = caller.upload(dedup_check="1")
    assert refused.failure[0] == 9
    assert refused.xml.findtext("duplicate_photo_id") == first
    assert refused.xml.findtext("duplicate_photo_status") == "0"
    assert len(stage.control.things()) == 2


def test_hidden_is_one_or_two_here_and_nought_or_one_in_set_safety_level(stage):
    caller = stage.flickr()
    photo = caller.photo(hidden="2")
    assert stage.thing(photo)["parts"]["hidden"] is True
    assert caller.call("photos.setSafetyLevel", photo_id=photo, hidden=2).failure[0] == 2
    caller.call("photos.setSafetyLevel", photo_id=photo, hidden=0)
    assert stage.thing(photo)["parts"]["hidden"] is False


def test_an_asynchronous_upload_answers_a_hyphenated_ticket_with_four_states(open_stage):
    stage = open_stage(processing_seconds=60)
    caller = stage.flickr()
    ticket = caller.upload(FOOTAGE, "a.mp4", **{"async": "1"}).xml.findtext("ticketid")
    stage.control.fault("flickr.upload", "processing_failed")
    bad = caller.upload(FOOTAGE, "b.mp4", **{"async": "1"}).xml.findtext("ticketid")
    assert "-" in ticket and not ticket.isdigit()

    def states():
        answer = caller.call("photos.upload.checkTickets", tickets=f"{ticket},{bad},1-2")
        return [one.attrib for one in answer.xml.iter("ticket")]

    pending = states()
    stage.control.advance(61)
    done = states()
    photo = stage.control.things()[0]["id"]
    assert [one.get("complete") for one in pending] == ["0", "0", None]
    assert pending[2]["invalid"] == "1"
    assert done[0] == {"id": ticket, "complete": "1", "photoid": photo}
    assert done[1]["complete"] == "2"


def test_a_short_body_is_never_stored(stage):
    caller = stage.flickr()
    body, headers = caller.form(PICTURE, "a.jpg", {"title": "t"})
    address = urlsplit(stage.base)
    with socket.create_connection((address.hostname, address.port), timeout=PATIENCE) as sock:
        lines = {**headers, "Host": address.netloc, "Content-Length": str(len(body) + 10)}
        head = "POST /services/upload/ HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in lines.items())
        sock.sendall(head.encode() + b"\r\n" + body)
        sock.shutdown(socket.SHUT_WR)
        assert sock.recv(100) == b""
    assert stage.control.things() == []
    assert [one["outcome"] for one in stage.control.requests("flickr.upload")] == ["ShortBody"]


def test_a_body_without_its_end_holds_nothing(stage):
    caller = stage.flickr()
    body, headers = caller.form(PICTURE, "a.jpg", {"title": "t"})
    answer = stage.http("POST", "/services/upload/", body.replace(b"--xx--", b"--x"), **headers)
    assert answer.code == 401, "not even the signed fields are read"
    assert stage.control.things() == []


def test_permissions_cannot_be_set_while_footage_is_processed(open_stage):
    stage = open_stage(processing_seconds=60)
    caller = stage.flickr()
    video = caller.photo(FOOTAGE, "a.mp4")
    flags = {"is_public": 1, "is_friend": 0, "is_family": 0}
    assert caller.call("photos.setPerms", photo_id=video, **flags).failure[0] == 106
    info = caller.call("photos.getInfo", photo_id=video).xml.find("photo/video").attrib
    assert (info["ready"], info["pending"], info["failed"]) == ("0", "1", "0")
    stage.control.advance(61)
    assert caller.call("photos.setPerms", photo_id=video, **flags).xml.attrib["stat"] == "ok"
    assert stage.thing(video)["visibility"] == "public"

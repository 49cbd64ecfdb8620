"""The resumable protocol, byte by byte, and what comes of an upload."""

from __future__ import annotations

import json
import socket
import struct
from hashlib import sha256
from urllib.parse import urlsplit

import pytest

from support.patience import PATIENCE

BLOCK = 256 * 1024
FOOTAGE = bytes(range(256)) * 1024 * 3 + b"the end"  # three blocks and a tail
TOTAL = len(FOOTAGE)


def part(first, last):
    return FOOTAGE[first : last + 1], f"bytes {first}-{last}/{TOTAL}"


def test_a_session_opens_with_an_absolute_address_and_no_body(stage):
    answer = stage.youtube().open(TOTAL)
    assert (answer.code, answer.body, answer.headers["Content-Length"]) == (200, b"", "0")
    assert answer.headers["Location"].startswith(f"{stage.base}/upload/youtube/v3/videos?")
    assert "upload_id=" in answer.headers["Location"]


def test_chunks_add_up_to_the_bytes_sent(stage):
    caller = stage.youtube()
    session = caller.session(TOTAL)
    first = caller.put(session, *part(0, BLOCK - 1))
    assert (first.code, first.headers["Range"], first.headers["Content-Length"]) == (308, f"bytes=0-{BLOCK - 1}", "0")
    last = caller.put(session, *part(BLOCK, TOTAL - 1))
    assert last.code == 201
    thing = stage.thing(last.json["id"])
    assert (thing["sha256"], thing["size"]) == (sha256(FOOTAGE).hexdigest(), TOTAL)


def test_a_query_tells_what_is_stored_and_says_nothing_for_nothing(stage):
    caller = stage.youtube()
    session = caller.session(TOTAL)
    nothing = caller.put(session, b"", f"bytes */{TOTAL}")
    assert nothing.code == 308 and nothing.headers["Range"] is None
    caller.put(session, *part(0, BLOCK - 1))
    assert caller.put(session, b"", f"bytes */{TOTAL}").headers["Range"] == f"bytes=0-{BLOCK - 1}"


def test_a_query_after_completion_gives_the_completions_own_answer(stage):
    caller = stage.youtube()
    session = caller.session(TOTAL)
    done = caller.put(session, FOOTAGE)
    again = caller.put(session, b"", f"bytes */{TOTAL}")
    assert (again.code, again.body) == (done.code, done.body)
    assert caller.put(session, FOOTAGE).json["id"] == done.json["id"]
    assert len(stage.control.things("youtube")) == 1


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (0, BLOCK - 1),  # overlaps what is stored
        (BLOCK - 256, 2 * BLOCK - 257),
        (2 * BLOCK, 3 * BLOCK - 1),  # leaves a gap
    ],
)
def test_an_overlap_or_a_gap_spoils_the_session(stage, first, last):
    caller = stage.youtube()
    session = caller.session(TOTAL)
    caller.put(session, *part(0, BLOCK - 1))
    assert caller.put(session, *part(first, last)).code == 400
    assert caller.put(session, *part(BLOCK, TOTAL - 1)).code == 400, "none of the remaining content is taken"
    assert stage.control.things() == []


@pytest.mark.parametrize(
    ("data", "content_range"),
    [
        (FOOTAGE[:1000], f"bytes 0-999/{TOTAL}"),  # no multiple of 256 KiB
        (FOOTAGE[:BLOCK], f"bytes 0-{BLOCK}/{TOTAL}"),  # says one byte more than it has
        (FOOTAGE[:BLOCK], f"bytes 0-{BLOCK - 1}/{TOTAL + 1}"),  # another total than declared
        (FOOTAGE[:BLOCK], "bytes=0-1"),
        (FOOTAGE[:BLOCK], None),  # the whole file, but it is not
    ],
)
def test_a_chunk_that_does_not_add_up_is_refused_and_not_stored(stage, data, content_range):
    caller = stage.youtube()
    session = caller.session(TOTAL)
    assert caller.put(session, data, content_range).code == 400
    assert caller.put(session, b"", f"bytes */{TOTAL}").headers["Range"] is None


def cut_off(stage, session, sent):
    """A PUT that announces the whole file and leaves after `sent`."""
    address = urlsplit(stage.base)
    with socket.create_connection((address.hostname, address.port), timeout=PATIENCE) as sock:
        head = (
            f"PUT {session.removeprefix(stage.base)} HTTP/1.1\r\nHost: {address.netloc}\r\n"
            f"Content-Length: {TOTAL}\r\nContent-Range: bytes 0-{TOTAL - 1}/{TOTAL}\r\n\r\n"
        )
        sock.sendall(head.encode() + sent)
        sock.shutdown(socket.SHUT_WR)
        assert sock.recv(100) == b""


@pytest.mark.parametrize(("keeps", "expected"), [(True, f"bytes=0-{BLOCK - 1}"), (False, None)])
def test_of_a_chunk_cut_off_only_whole_blocks_are_ever_kept(open_stage, keeps, expected):
    stage = open_stage(keep_cut_chunks=keeps)
    caller = stage.youtube()
    session = caller.session(TOTAL)
    cut_off(stage, session, FOOTAGE[: BLOCK + 5000])
    assert caller.put(session, b"", f"bytes */{TOTAL}").headers["Range"] == expected
    assert stage.control.things() == []


def test_a_session_ends_with_its_time(open_stage):
    stage = open_stage(session_seconds=60)
    caller = stage.youtube()
    session = caller.session(TOTAL)
    stage.control.advance(61)
    assert caller.put(session, b"", f"bytes */{TOTAL}").code == 404
    assert caller.put(session, FOOTAGE).code == 404


def test_an_empty_file_uploads_and_then_fails(stage):
    caller = stage.youtube()
    video = caller.video(b"")
    stage.control.advance(60)
    assert caller.listed(video)["status"]["failureReason"] == "emptyFile"


def test_left_out_privacy_means_public(stage):
    caller = stage.youtube()
    body = caller.metadata()
    del body["status"]["privacyStatus"]
    video = caller.video(FOOTAGE, body)
    assert stage.thing(video)["public"] == [[stage.clock.now, None]]


def test_the_private_lock_keeps_everything_private_without_a_word(open_stage):
    stage = open_stage(private_lock=True)
    caller = stage.youtube()
    video = caller.video(FOOTAGE, caller.metadata(privacyStatus="public"))
    answer = caller.ask("PUT", "videos", {"id": video, "status": {"privacyStatus": "public"}}, part="status")
    assert (answer.code, answer.json["status"]["privacyStatus"]) == (200, "private")
    assert stage.thing(video)["public"] == []


@pytest.mark.parametrize(
    ("snippet", "reason"),
    [
        ({"title": ""}, "invalidTitle"),
        ({"title": "x" * 101}, "invalidTitle"),
        ({"title": "a < b"}, "invalidTitle"),
        ({"description": "é" * 2501}, "invalidDescription"),  # 5,002 bytes
        ({"description": "a > b"}, "invalidDescription"),
        ({"tags": ""}, "invalidTags"),
        ({"tags": ["x" * 250, "y" * 250]}, "invalidTags"),  # 501 with the comma
        ({"tags": ["x" * 250 + " " + "y" * 248]}, "invalidTags"),  # 501 with its two quotes
        ({"categoryId": None}, "invalidCategoryId"),
    ],
)
def test_metadata_past_a_limit_opens_no_session(stage, snippet, reason):
    caller = stage.youtube()
    body = caller.metadata()
    body["snippet"] |= snippet
    answer = caller.open(TOTAL, body)
    assert (answer.code, answer.reason) == (400, reason)


def test_metadata_at_every_limit_is_taken(stage):
    caller = stage.youtube()
    body = caller.metadata()
    body["snippet"] |= {"title": "é" * 100, "description": "é" * 2500, "tags": ["x" * 249, "y" * 250]}
    assert caller.open(TOTAL, body).code == 200


def test_a_file_too_large_or_no_video_opens_no_session(stage):
    caller = stage.youtube()
    assert caller.open(274_877_906_945).code == 413
    assert caller.open(TOTAL, kind="image/jpeg").reason == "badContent"


def test_two_sessions_make_two_videos(stage):
    caller = stage.youtube()
    assert caller.video(FOOTAGE) != caller.video(FOOTAGE)
    assert len(stage.control.things("youtube")) == 2


def test_the_same_bytes_again_may_be_rejected_as_a_duplicate(open_stage):
    stage = open_stage(reject_duplicates=True)
    caller = stage.youtube()
    caller.video(FOOTAGE)
    video = caller.video(FOOTAGE)
    stage.control.advance(60)
    status = caller.listed(video)["status"]
    assert (status["uploadStatus"], status["rejectionReason"]) == ("rejected", "duplicate")


def film(seconds, scale=1000):
    """As much of an MP4 as tells how long it runs."""
    return b"\x00\x00\x00\x6cmvhd" + bytes(12) + struct.pack(">II", scale, seconds * scale) + bytes(80)


@pytest.mark.parametrize(("seconds", "state"), [(900, "processed"), (901, "rejected")])
def test_long_footage_needs_a_verified_channel(open_stage, seconds, state):
    stage = open_stage(channel_verified=False)
    caller = stage.youtube()
    video = caller.video(film(seconds))
    stage.control.advance(60)
    seen = caller.listed(video, "status,contentDetails")
    assert (seen["status"]["uploadStatus"], seen["contentDetails"]["duration"]) == (state, f"PT{seconds}S")
    assert seen["status"].get("rejectionReason") == ("length" if state == "rejected" else None)


def test_processing_takes_its_time(open_stage):
    stage = open_stage(processing_seconds=30)
    caller = stage.youtube()
    video = caller.video(FOOTAGE)
    before = caller.listed(video)
    stage.control.advance(31)
    after = caller.listed(video)
    assert before["status"]["uploadStatus"] == "uploaded"
    assert before["processingDetails"]["processingStatus"] == "processing"
    assert isinstance(before["processingDetails"]["processingProgress"]["partsTotal"], str)
    assert after["status"]["uploadStatus"] == "processed"
    assert after["processingDetails"]["processingStatus"] == "succeeded"


def test_file_details_tell_size_as_a_string(stage):
    caller = stage.youtube()
    details = caller.listed(caller.video(FOOTAGE), "fileDetails")["fileDetails"]
    assert details["fileSize"] == str(TOTAL)


def test_a_thumbnail_comes_as_bare_bytes(stage):
    caller = stage.youtube()
    video = caller.video(FOOTAGE)
    picture = b"\xff\xd8\xff\xe0 poster"
    path = f"/upload/youtube/v3/thumbnails/set?videoId={video}&uploadType=media"
    headers = {"Authorization": f"Bearer {caller.access}", "Content-Type": "image/jpeg"}
    assert stage.http("POST", path, picture, **headers).json["kind"] == "youtube#thumbnailSetResponse"
    assert stage.thing(video)["thumbnail_sha256"] == sha256(picture).hexdigest()
    assert stage.http("GET", f"/vi/{video}/hqdefault.jpg").body == picture
    assert stage.http("POST", path, b"no picture", **headers).reason == "invalidImage"


def test_a_channel_without_verification_gets_no_thumbnail(open_stage):
    stage = open_stage(channel_verified=False)
    caller = stage.youtube()
    path = f"/upload/youtube/v3/thumbnails/set?videoId={caller.video(FOOTAGE)}&uploadType=media"
    answer = stage.http(
        "POST", path, b"\xff\xd8\xff", Authorization=f"Bearer {caller.access}", Content_Type="image/jpeg"
    )
    assert (answer.code, answer.json["error"]["errors"][0]["domain"]) == (403, "youtube.thumbnail")


def caption(stage, caller, video, language="en"):
    body = {"snippet": {"videoId": video, "language": language, "name": ""}}
    raw = (
        f"--b\nContent-Type: application/json\nMIME-Version: 1.0\n\n{json.dumps(body)}\n"
        "--b\nContent-Type: text/vtt\nMIME-Version: 1.0\n\nWEBVTT\n--b--"
    ).encode()
    return stage.http(
        "POST",
        "/upload/youtube/v3/captions?part=snippet&uploadType=multipart",
        raw,
        Authorization=f"Bearer {caller.access}",
        Content_Type='multipart/related; boundary="b"',
    )


def test_a_caption_track_exists_once(stage, recorded):
    caller = stage.youtube()
    video = caller.video(FOOTAGE)
    made = caption(stage, caller, video)
    real = json.loads(recorded("youtube/captions-insert_response.json"))
    assert set(made.json) == set(real) and set(made.json["snippet"]) == set(real["snippet"])
    again = caption(stage, caller, video)
    assert (again.code, again.reason) == (409, "captionExists")
    assert caption(stage, caller, video, "cy").code == 200
    listed = caller.ask("GET", "captions", part="id,snippet", videoId=video).json["items"]
    assert [one["snippet"]["language"] for one in listed] == ["en", "cy"]
    assert caller.ask("DELETE", "captions", id=made.json["id"]).code == 204
    assert caption(stage, caller, video).code == 200


def test_a_thumbnail_may_come_by_the_resumable_protocol_too(stage):
    caller = stage.youtube()
    video = caller.video(FOOTAGE)
    path = f"/upload/youtube/v3/thumbnails/set?videoId={video}&uploadType=resumable"
    headers = {"Authorization": f"Bearer {caller.access}", "X-Upload-Content-Type": "image/png"}
    opened = stage.http("POST", path, b"", **headers)
    png = b"\x89PNG\r\n\x1a\n rest"
    assert caller.put(opened.headers["Location"], png).json["kind"] == "youtube#thumbnailSetResponse"
    assert stage.thing(video)["thumbnail_sha256"] == sha256(png).hexdigest()

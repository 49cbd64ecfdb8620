"""The control address, the request log, the ledger's memory, and the pages a person sees."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from publisher.exercise.sandbox.control import Control, ControlError
from publisher.exercise.sandbox.server import Sandbox

PICTURE = b"\xff\xd8\xff\xe0 a picture"
FOOTAGE = b"\x00\x00\x00\x18ftypmp42 footage"


def test_the_control_address_wants_the_runs_secret(stage):
    assert stage.http("POST", "/control/things", b"{}").code == 403
    assert stage.http("POST", "/control/things", b"{}", X_Sandbox_Secret="guess").code == 403
    assert stage.http("GET", "/control/things", X_Sandbox_Secret=stage.sandbox.secret).code == 403
    assert stage.http("POST", "/control/things", b"{}", X_Sandbox_Secret=stage.sandbox.secret).code == 200
    with pytest.raises(ControlError, match="secret"):
        Control(stage.base, "guess").things()


@pytest.mark.parametrize("path", ["/", "/control/things", "/services/rest/", "/token"])
@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example:80"])
def test_no_page_under_another_name_reaches_it(stage, path, host):
    answer = stage.http("POST", path, b"{}", Host=host, X_Sandbox_Secret=stage.sandbox.secret)
    assert answer.code == 403
    assert stage.http("GET", "/", Host="localhost:1").code == 200


def test_an_unknown_knob_or_verb_is_refused_in_words(stage):
    with pytest.raises(ControlError, match="no setting called speed"):
        stage.control.settings(speed=1)
    assert stage.http("POST", "/control/fly", b"{}", X_Sandbox_Secret=stage.sandbox.secret).code == 404


def test_knobs_change_while_it_runs(stage):
    assert stage.control.settings(listing_delay=5)["listing_delay"] == 5
    assert stage.control.settings()["listing_delay"] == 5


def test_time_is_the_clocks_and_what_was_added(stage):
    stage.control.advance(10.5)
    assert stage.control.now() == stage.clock.now + 10.5


def test_the_log_counts_requests_and_holds_no_secret(stage):
    caller = stage.flickr()
    caller.upload()
    caller.call("photos.delete", photo_id="none")
    stage.youtube()
    log = stage.control.requests()
    assert [(one["operation"], one["outcome"], one["code"]) for one in log] == [
        ("flickr.upload", "ok", 200),
        ("flickr.photos.delete", "fail 1", 200),
        ("google.token", "ok", 200),
    ]
    assert stage.control.count("flickr.upload") == 1
    text = json.dumps(log)
    assert caller.token["secret"] not in text and caller.token["token"] not in text


def test_a_stand_in_started_again_knows_all_it_knew(open_stage, tmp_path):
    first = open_stage(tmp_path / "same")
    caller = first.flickr()
    photo = caller.photo(tags="publisher:mark=0a")
    caller.call("photosets.create", title="A", primary_photo_id=photo)
    tube = first.youtube()
    session = tube.session(len(FOOTAGE))
    first.control.advance(100)
    before = (first.control.things(), first.control.albums(), first.control.requests(), first.control.now())
    first.sandbox.stop()

    again = open_stage(tmp_path / "same")
    assert (again.control.things(), again.control.albums(), again.control.requests(), again.control.now()) == before
    caller.stage = tube.stage = again
    assert caller.call("photos.getInfo", photo_id=photo).xml.find("photo").attrib["id"] == photo
    moved = session.replace(first.base, again.base)
    assert tube.put(moved, FOOTAGE).code == 201
    source = f"/live/65535/{photo}_{again.thing(photo)['parts']['secret']}_b.jpg"
    assert again.http("GET", source).body == PICTURE


def started(folder):
    """A stand-in in a process of its own: (process, control)."""
    command = [sys.executable, "-m", "publisher.exercise.sandbox", "--folder", str(folder), "--secret", "s"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])
    told = json.loads(process.stdout.readline())
    assert told["secret"] == "s"
    return process, Control(told["base"], "s")


def test_a_stand_in_that_was_killed_has_lost_nothing(tmp_path):
    first, control = started(tmp_path / "f")
    with first:
        (photo,) = control.plant("flickr", title="Planted")
        control.edit("flickr", photo, visibility="private")
        before = control.things()
        first.kill()
        assert first.wait(120) == -signal.SIGKILL
    again, control = started(tmp_path / "f")
    with again:
        assert control.things() == before
        again.terminate()
        assert again.wait(120) == 0


def test_one_that_never_served_can_be_stopped(tmp_path):
    Sandbox(tmp_path / "f").stop()


def test_things_come_change_and_go_by_hand(stage):
    one, two = stage.control.plant("flickr", 2, title="Old {n}", tags=["a"], visibility="private")
    stage.control.edit("flickr", one, title="Edited", visibility="public")
    stage.control.delete("flickr", two)
    assert [stage.thing(key)["title"] for key in (one, two)] == ["Edited", "Old 2"]
    assert stage.thing(one)["public"] == [[stage.clock.now, None]]
    assert stage.thing(two)["deleted"] == stage.clock.now
    with pytest.raises(ControlError, match="There is no"):
        stage.control.delete("flickr", two)


def test_the_pages_say_public_and_private_in_words(stage):
    caller = stage.flickr()
    caller.photo(title="Hidden <b>one</b>")
    caller.photo(title="Shown", is_public="1")
    page = stage.http("GET", "/photos/sandbox-police/").text
    assert "SANDBOX: nothing here is public" in page
    assert '<span class="state private">Private</span>' in page
    assert '<span class="state public">Public</span>' in page
    assert "Hidden &lt;b&gt;one&lt;/b&gt;" in page and "<b>one" not in page
    assert "2 here, 1 of them public" in page


def test_every_address_given_out_leads_to_a_page(stage):
    caller, tube = stage.flickr(), stage.youtube()
    photo, video = caller.photo(), tube.video(FOOTAGE)
    album = caller.call("photosets.create", title="The album", primary_photo_id=photo).xml.find("photoset")
    body = {"snippet": {"title": "The playlist"}}
    playlist = tube.ask("POST", "playlists", body, part="snippet").json["id"]
    photo_page = caller.call("photos.getInfo", photo_id=photo).xml.findtext("photo/urls/url")
    for address, words in (
        ("/", "What stands at the platforms"),
        (photo_page, "never"),
        (album.attrib["url"], "The album"),
        ("/channel/UCsandboxPoliceChannel00", "A title"),
        (f"/watch?v={video}", f"/media/{video}.mp4"),
        (f"/playlist?list={playlist}", "The playlist"),
    ):
        answer = stage.http("GET", address)
        assert answer.code == 200 and words in answer.text, address
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert stage.http("GET", f"/media/{video}.mp4").body == FOOTAGE


@pytest.mark.parametrize(
    ("asked", "code", "content_range", "body"),
    [
        ("bytes=0-3", 206, f"bytes 0-3/{len(FOOTAGE)}", FOOTAGE[:4]),
        ("bytes=8-", 206, f"bytes 8-{len(FOOTAGE) - 1}/{len(FOOTAGE)}", FOOTAGE[8:]),
        ("bytes=4-999", 206, f"bytes 4-{len(FOOTAGE) - 1}/{len(FOOTAGE)}", FOOTAGE[4:]),
        ("bytes=99-", 416, f"bytes */{len(FOOTAGE)}", b""),
        ("lines=1-2", 200, None, FOOTAGE),
    ],
)
def test_a_player_may_ask_for_a_part_of_the_film(stage, asked, code, content_range, body):
    answer = stage.http("GET", f"/media/{stage.youtube().video(FOOTAGE)}.mp4", Range=asked)
    assert (answer.code, answer.headers["Content-Range"], answer.body) == (code, content_range, body)


def test_what_is_gone_has_no_page(stage):
    caller = stage.flickr()
    photo = caller.photo()
    caller.call("photos.delete", photo_id=photo)
    for address in (f"/photos/sandbox-police/{photo}/", "/watch?v=nothing", "/playlist?list=x", "/nowhere"):
        assert stage.http("GET", address).code == 404


def test_a_browser_may_look_but_not_write(stage):
    assert stage.http("HEAD", "/").body == b""
    assert stage.http("DELETE", "/").code == 405
    assert stage.http("PATCH", "/").code == 501

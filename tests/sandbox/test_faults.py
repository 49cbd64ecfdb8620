"""Faults on demand: each kind strikes as named, before or after the effect, and is reported."""

from __future__ import annotations

import http.client
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest

from support.patience import PATIENCE

BLOCK = 256 * 1024
FOOTAGE = b"x" * (4 * BLOCK + 7)
TOTAL = len(FOOTAGE)
UNAVAILABLE = "Sorry, the Flickr API service is not currently available."


def kinds_met(stage):
    return [(one["operation"], one["kind"], one["when"]) for one in stage.control.met()]


def until(what):
    """Wait for `what` to be true, as long as a test may take; the stand-in's threads do it, not time."""
    deadline = time.monotonic() + PATIENCE
    while not (found := what()):
        assert time.monotonic() < deadline, "it never happened"
    return found


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    ("kind", "code", "says"),
    [
        ("500", 500, "<h1>500"),
        ("503", 503, "<h1>503"),
        ("504html", 504, "<h1>504"),
        ("429html", 429, "<h1>429 Too Many Requests</h1>"),
        ("401", 401, "oauth_problem=token_rejected"),
        ("413", 413, "<h1>413"),
        ("302", 302, ""),
        ("retry_after", 503, ""),
        ("html200", 200, "<html>"),
        ("empty200", 200, ""),
        ("truncated_xml", 200, '<rsp stat="ok">\n<photo'),
        ("json_in_xml", 200, f'"message": "{UNAVAILABLE}", "code": 201}},'),
        ("code201", 200, f'<err code="201" msg="{UNAVAILABLE}" />'),
        ("code105", 200, '<err code="105" msg="Service currently unavailable" />'),
    ],
)
def test_an_answer_goes_wrong_and_the_photo_is_stored_or_not(stage, kind, code, says, when):
    caller = stage.flickr()
    stage.control.fault("flickr.upload", kind, when=when)
    answer = caller.upload()
    assert answer.code == code
    assert says in answer.text
    assert len(stage.control.things()) == (when == "after")
    assert kinds_met(stage) == [("flickr.upload", kind, when)]
    assert stage.control.requests("flickr.upload")[0]["fault"] == kind
    assert caller.upload().xml.attrib["stat"] == "ok", "a fault planned once strikes once"


def test_details_of_a_fault_travel(stage):
    caller = stage.flickr()
    stage.control.fault("flickr.test.login", "retry_after", seconds=7)
    stage.control.fault("flickr.test.login", "302", location="/trap")
    assert caller.call("test.login").headers["Retry-After"] == "7"
    assert caller.call("test.login").headers["Location"] == "/trap"


def test_truncated_xml_cannot_be_parsed(stage):
    stage.control.fault("flickr.test.login", "truncated_xml")
    with pytest.raises(ElementTree.ParseError):
        _ = stage.flickr().call("test.login").xml


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    ("kind", "error"), [("closed", http.client.RemoteDisconnected), ("reset", ConnectionResetError)]
)
def test_a_connection_ends_without_an_answer(stage, kind, error, when):
    caller = stage.flickr()
    stage.control.fault("flickr.upload", kind, when=when)
    with pytest.raises(error) as met:
        caller.upload()
    assert kind == "closed" or not isinstance(met.value, http.client.RemoteDisconnected)
    assert len(stage.control.things()) == (when == "after")
    assert kinds_met(stage) == [("flickr.upload", kind, when)]


@pytest.mark.parametrize("kind", ["closed", "reset"])
def test_an_upload_is_cut_while_its_body_is_read(stage, kind):
    caller = stage.flickr()
    stage.control.fault("flickr.upload", kind, after_bytes=100_000)
    with pytest.raises((OSError, http.client.HTTPException)):
        caller.upload(b"\xff\xd8\xff\xe0" + b"x" * 20_000_000)
    assert stage.control.things() == []
    assert kinds_met(stage) == [("flickr.upload", kind, "before")]


def test_an_upload_is_refused_while_its_body_is_read(stage):
    caller = stage.flickr()
    stage.control.fault("flickr.upload", "413", after_bytes=1_000)
    assert caller.upload(b"\xff\xd8\xff\xe0" + b"x" * 1_000_000).code == 413
    assert stage.control.things() == []


def test_a_fault_waits_for_its_words(stage):
    caller = stage.flickr()
    stage.control.fault("flickr.upload", "500", match="the second")
    assert caller.upload(title="the first").code == 200
    assert caller.upload(title="the second").code == 500


def test_a_cut_waits_for_its_words_too(stage):
    caller = stage.flickr()
    stage.control.fault("flickr.upload", "closed", after_bytes=50, match="the second")
    assert caller.upload(title="the first", description="x" * 100).code == 200
    assert stage.control.met() == []
    with pytest.raises((OSError, http.client.HTTPException)):
        caller.upload(title="the second", description="x" * 100)
    assert len(stage.control.things()) == 1


def test_a_pattern_strikes_any_operation_and_as_often_as_asked(stage):
    caller = stage.flickr()
    stage.control.fault("flickr.photos.*", "503", times=2)
    codes = [caller.call(method).code for method in ("test.login", "photos.search", "photos.getInfo", "photos.search")]
    assert codes == [200, 503, 503, 200]


def test_many_clients_at_once_are_served_apart(stage):
    caller = stage.flickr()
    stage.control.fault("flickr.upload", "503", times=7)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda number: caller.upload(title=str(number)), range(80)))
    stored = [one["title"] for one in stage.control.things()]
    assert sum(answer.code == 503 for answer in answers) == len(stage.control.met()) == 7
    assert sorted(stored) == sorted(str(number) for number, answer in enumerate(answers) if answer.code == 200)


def test_cleared_faults_do_not_strike(stage):
    stage.control.fault("flickr.*", "503", times=9)
    stage.control.clear_faults()
    assert stage.flickr().call("test.login").code == 200
    assert stage.control.met() == []


def test_an_unknown_kind_or_moment_is_refused(stage):
    for kind, when in (("507", "before"), ("503", "during")):
        with pytest.raises(Exception, match="fault"):
            stage.control.fault("flickr.*", kind, when=when)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_stalled_request_is_held_until_released(stage, when):
    caller = stage.flickr()
    stage.control.fault("flickr.upload", "stall", when=when)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(caller.upload, title="held", tags="publisher:mark=0a")
        (held,) = until(stage.control.held)
        assert (held["operation"], held["when"]) == ("flickr.upload", when)
        assert held["fields"]["tags"] == "publisher:mark=0a"
        assert len(stage.control.things()) == (when == "after")
        stage.control.release(held["id"])
        assert waiting.result().xml.findtext("photoid")
    assert stage.control.held() == []
    assert len(stage.control.things()) == 1


def leave(stage, caller, **detail):
    """Start an upload, and go once it is held."""
    stage.control.fault("flickr.upload", "stall", **detail)
    body, headers = caller.form(b"\xff\xd8\xff\xe0 p", "a.jpg", {"title": "t"})
    address = urlsplit(stage.base)
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=PATIENCE)
    connection.request("POST", "/services/upload/", body, headers)
    until(stage.control.held)
    connection.close()
    until(lambda: not stage.control.held())
    until(lambda: stage.control.requests("flickr.upload"))


@pytest.mark.parametrize(("detail", "stored"), [({}, 0), ({"when": "after"}, 1), ({"although_gone": True}, 1)])
def test_a_client_that_leaves_while_held_loses_what_was_not_stored(stage, detail, stored):
    leave(stage, stage.flickr(), **detail)
    assert len(stage.control.things()) == stored


def test_an_upload_stalls_in_the_middle_of_its_body(stage):
    caller = stage.flickr()
    stage.control.fault("flickr.upload", "stall", after_bytes=64)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(caller.upload, b"\xff\xd8\xff\xe0" + b"x" * 500_000)
        until(stage.control.held)
        assert stage.control.things() == []
        stage.control.release()
        assert waiting.result().xml.findtext("photoid")


def test_a_stopping_stand_in_lets_go_of_what_it_holds(open_stage):
    stage = open_stage()
    caller = stage.flickr()
    stage.control.fault("flickr.test.login", "stall")
    left = threading.Event()

    def wait():
        with pytest.raises((OSError, http.client.HTTPException)):
            caller.call("test.login")
        left.set()

    thread = threading.Thread(target=wait)
    thread.start()
    until(stage.control.held)
    stage.sandbox._server.end()
    assert left.wait(120)
    thread.join()


def test_an_answer_drips(stage):
    caller = stage.flickr()
    stage.control.fault("flickr.test.login", "drip", seconds=0.02, count=10)
    begun = time.monotonic()
    assert caller.call("test.login").xml.attrib["stat"] == "ok"
    assert time.monotonic() - begun >= 0.2


def test_a_search_under_load_has_no_total_and_no_rows(stage):
    stage.control.plant("flickr", 3)
    stage.control.fault("flickr.photos.search", "total_empty")
    photos = stage.flickr().call("photos.search", user_id="me").xml.find("photos")
    assert photos.attrib["total"] == "" and len(photos) == 0


def chunk(first, last):
    return FOOTAGE[first : last + 1], f"bytes {first}-{last}/{TOTAL}"


def stored(caller, session):
    return caller.put(session, b"", f"bytes */{TOTAL}").headers["Range"]


@pytest.mark.parametrize(("when", "expected"), [("before", None), ("after", f"bytes=0-{BLOCK - 1}")])
@pytest.mark.parametrize("kind", ["500", "503", "401"])
def test_a_chunk_fails_before_or_after_it_is_stored(stage, kind, when, expected):
    caller = stage.youtube()
    session = caller.session(TOTAL)
    stage.control.fault("youtube.chunk", kind, when=when)
    answer = caller.put(session, *chunk(0, BLOCK - 1))
    assert answer.code == int(kind)
    assert answer.reason == ("authError" if kind == "401" else "backendError")
    assert stored(caller, session) == expected


def test_a_chunk_is_stored_in_part(stage):
    caller = stage.youtube()
    session = caller.session(TOTAL)
    stage.control.fault("youtube.chunk", "partial", stored=2 * BLOCK + 5)
    answer = caller.put(session, FOOTAGE)
    assert (answer.code, answer.headers["Range"]) == (308, f"bytes=0-{2 * BLOCK - 1}")
    assert caller.put(session, *chunk(2 * BLOCK, TOTAL - 1)).code == 201


def test_a_chunk_cut_at_a_byte_leaves_whole_blocks(stage):
    caller = stage.youtube()
    session = caller.session(TOTAL)
    stage.control.fault("youtube.chunk", "closed", after_bytes=3 * BLOCK + 1)
    with pytest.raises((OSError, http.client.HTTPException)):
        caller.put(session, FOOTAGE)
    assert stored(caller, session) == f"bytes=0-{3 * BLOCK - 1}"


@pytest.mark.parametrize("operation", ["youtube.chunk", "youtube.query"])
def test_a_session_is_gone(stage, operation):
    caller = stage.youtube()
    session = caller.session(TOTAL)
    stage.control.fault(operation, "session404")
    if operation == "youtube.chunk":
        assert caller.put(session, FOOTAGE).code == 404
    assert caller.put(session, b"", f"bytes */{TOTAL}").code == 404
    assert stage.control.things() == []


def test_a_session_is_gone_after_the_video_was_made(stage):
    caller = stage.youtube()
    session = caller.session(TOTAL)
    stage.control.fault("youtube.chunk", "session404", when="after")
    assert caller.put(session, FOOTAGE).code == 404
    assert len(stage.control.things("youtube")) == 1


@pytest.mark.parametrize(
    ("kind", "code", "reason"),
    [
        ("daily429", 429, "rateLimitExceeded"),
        ("uploadLimitExceeded", 400, "uploadLimitExceeded"),
        ("quotaExceeded", 403, "quotaExceeded"),
    ],
)
def test_limits_strike_on_demand(stage, kind, code, reason):
    stage.control.fault("youtube.session", kind)
    answer = stage.youtube().open(TOTAL)
    assert (answer.code, answer.reason) == (code, reason)


@pytest.mark.parametrize(
    ("outcome", "key", "reason"),
    [("failed:codec", "failureReason", "codec"), ("rejected:copyright", "rejectionReason", "copyright")],
)
@pytest.mark.parametrize("operation", ["youtube.session", "youtube.chunk"])
def test_processing_fails_later(stage, operation, outcome, key, reason):
    caller = stage.youtube()
    stage.control.fault(operation, "processing_failed", outcome=outcome)
    video = caller.video(FOOTAGE)
    assert caller.listed(video)["status"]["uploadStatus"] == "uploaded"
    stage.control.advance(60)
    assert caller.listed(video)["status"][key] == reason


def test_the_token_endpoint_fails_on_demand(stage):
    caller = stage.youtube()
    stage.control.fault("google.token", "503")
    body = b"grant_type=refresh_token"
    answer = stage.http("POST", "/token", body, Content_Type="application/x-www-form-urlencoded")
    assert answer.code == 503
    assert caller.ask("GET", "videos", id="x", part="id").code == 200


def test_any_refusal_can_be_ordered_in_each_platforms_own_envelope(stage):
    ordered = stage.control.fault
    ordered("youtube.session", "youtube_error", http=418, domain="d", reason="r", message="m", retry_after=7)
    answer = stage.youtube().open(TOTAL)
    assert (answer.code, answer.reason, answer.headers["Retry-After"]) == (418, "r", "7")
    ordered("google.token", "google_error", http=400, error="invalid_grant", message="m")
    ordered("google.token", "http", code=502, message="Bad")
    form = (b"grant_type=refresh_token",)
    said = stage.http("POST", "/token", *form, Content_Type="application/x-www-form-urlencoded")
    assert said.code == 400 and b"invalid_grant" in said.body
    assert stage.http("POST", "/token", *form, Content_Type="application/x-www-form-urlencoded").code == 502
    ordered("flickr.test.login", "flickr_error", code=77, msg="too many")
    ordered("flickr.test.login", "flickr_oauth", problem="token_rejected", msg="POST&x")
    asked = b"method=flickr.test.login"
    said = stage.http("POST", "/services/rest/", asked, Content_Type="application/x-www-form-urlencoded")
    assert said.code == 200 and b'code="77" msg="too many"' in said.body
    said = stage.http("POST", "/services/rest/", asked, Content_Type="application/x-www-form-urlencoded")
    assert said.code == 401 and said.body == b"oauth_problem=token_rejected&debug_sbs=POST&x"

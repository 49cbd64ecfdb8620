"""Every row of the error tables, end to end: the platform's refusal ordered from the sandbox, met by the real client
libraries, carried through the real rounds. What is asserted of each: the Post's state, what stops at the account,
the officer's sentence, and exactly which requests the fault cost while it lasted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, cast

import armed
import pytest
import world
from armed import UGLY, ring_out
from world import Clock

from pressqueue.models import Account, Album, Notice, Post, Step
from pressqueue.moves import takedown
from publisher.destinations.base import AlbumKey
from publisher.destinations.errors import Later, Refused
from publisher.destinations.flickr.errors import BUSY, CALLS, CONSENT, OAUTH, UNSURE, UPLOAD, UPLOAD_HTTP
from publisher.destinations.youtube.errors import SIGN_IN, VERDICTS, Complaint, judge
from publisher.exercise.sandbox.control import Control
from publisher.publishing import parcels
from publisher.publishing.delivery import receipt_of
from publisher.workers import worker as workers
from publisher.workers.worker import Worker

pytestmark = pytest.mark.slow

Queued = Callable[[str], Post]
Rounds = Callable[..., list[str]]


class Case(NamedTuple):
    """Where a row is met and what comes of it. `cost`: requests by operation, for as long as the fault lasts."""

    method: str  # at whose call the fault begins
    operation: str
    state: str
    cost: dict[str, int]
    stop: str = "none"
    http: int = 400  # YouTube's code
    parked: bool = False


WHOAMI = {"flickr": "auth.oauth.checkToken", "youtube": "channels.list"}


def cost(at: armed.Armed) -> dict[str, int]:
    """Without what a consent was asked after with."""
    return {name: count for name, count in at.cost().items() if name not in WHOAMI.values()}


@pytest.fixture
def met(
    worker: Worker, clock: Clock, control: Control, queued: Queued, rounds: Rounds, caplog: pytest.LogCaptureFixture
) -> Callable[..., Post]:
    """Queue one Post, or two where the account is to stop; let the fault come; ring until nothing more happens."""
    caplog.set_level("DEBUG")

    def meet(destination: str, case: Case, words: str, *, kind: str, **detail: Any) -> Post:
        at = armed.arm(worker, destination, case.method, control, operation=case.operation, kind=kind, **detail)
        if case.stop == "auth":  # the account itself says so as well, else one call's word would stop nothing
            control.fault(f"{destination}.{WHOAMI[destination]}", kind, times=1000, **detail)
        post = queued(destination)
        _come_to(case.method, post, worker, rounds)
        ring_out(worker)
        post.refresh_from_db()
        assert (post.state, post.parked_at is not None) == (case.state, case.parked), post.words
        assert cost(at) == case.cost
        assert said(post) == words
        _the_account(destination, case.stop, words)
        _stays_so(post, case, at, worker, clock, queued)
        assert "Zq7ugly-of-the-platform" not in armed.everything_written() + caplog.text
        return post

    return meet


def _come_to(method: str, post: Post, worker: Worker, rounds: Rounds) -> None:
    """Withdrawing begins with a live Post; `dress` on what somebody changed by hand meanwhile."""
    if method in ("conceal", "remove"):
        rounds("live")
        takedown.withdraw(world.approver(), post.item, "identified", now=worker.clock())


def said(post: Post) -> str:
    """The sentence the officer reads: of the filing where that is what failed, else the Post's own."""
    step = Step.objects.filter(post=post).exclude(words="").first()
    return step.words if step else post.words


def _the_account(destination: str, stop: str, words: str) -> None:
    account = Account.objects.filter(pk=destination).first()
    assert (account.stop if account else "none") == stop
    if stop != "none":
        assert account is not None and account.words.startswith(words)
        told = Notice.objects.get(cause__startswith=f"account:{destination}:{stop}")
        assert told.words == f"Publishing to {destination} has stopped. {account.words}"


def _stays_so(post: Post, case: Case, at: armed.Armed, worker: Worker, clock: Clock, queued: Queued) -> None:
    """Waiting does not ask again what was refused; where the account stopped, no other Post asks either."""
    stopped = case.stop != "none" and case.state != "removing"
    if stopped:
        queued(post.destination)
    if stopped or case.parked or case.state == "failed":
        clock.now += timedelta(minutes=2)
        ring_out(worker)
        assert cost(at) == case.cost


# -- Flickr ---------------------------------------------------------------------------------------------------

LOOK = {"photos.recentlyUpdated": 1, "people.getPhotos": 1}
LOST = Case("send", "upload", "unsure", {"upload": 1, **LOOK})
REFUSED = Case("send", "upload", "failed", {"upload": 1})
STOPPED = Case("send", "upload", "waiting", {"upload": 1}, "auth")

UPLOADS: dict[int, Case] = {
    **dict.fromkeys([4, 5, 8, 116], REFUSED),
    **dict.fromkeys([6, 7, 95, 96, 97, 98, 99, 100], STOPPED),
    **dict.fromkeys([0, 2, 3, 14, 105, 106, 201], LOST),
}


@pytest.mark.parametrize("code", UPLOAD)
def test_each_code_of_a_flickr_upload(code: int, met: Callable[..., Post]) -> None:
    words = UNSURE if UPLOADS[code] is LOST else UPLOAD[code].words
    met("flickr", UPLOADS[code], words, kind="flickr_error", code=code, msg=UGLY)


@pytest.mark.parametrize("code", [1, 10, 13, 77, 999])
def test_a_code_of_a_flickr_upload_that_nobody_knows_is_looked_for(code: int, met: Callable[..., Post]) -> None:
    met("flickr", LOST, UNSURE, kind="flickr_error", code=code, msg=UGLY)


OAUTH_CASES = {"timestamp_refused": STOPPED, "nonce_used": LOST}


@pytest.mark.parametrize("problem", OAUTH)
def test_each_oauth_problem_of_an_upload(problem: str, met: Callable[..., Post]) -> None:
    met("flickr", OAUTH_CASES[problem], OAUTH[problem].words, kind="flickr_oauth", problem=problem, msg=UGLY)


@pytest.mark.parametrize("problem", ["token_rejected", "signature_invalid", "token_revoked", "neverHeardOf"])
def test_any_other_oauth_problem_asks_for_a_new_consent(problem: str, met: Callable[..., Post]) -> None:
    met("flickr", STOPPED, CONSENT, kind="flickr_oauth", problem=problem, msg=UGLY)


@pytest.mark.parametrize(
    ("problem", "words", "stop"),
    [("timestamp_refused", OAUTH["timestamp_refused"].words, "auth"), ("nonce_used", BUSY, "none")],
)
def test_each_oauth_problem_of_a_call(problem: str, words: str, stop: str, met: Callable[..., Post]) -> None:
    case = Case("look", "photos.getInfo", "concealed", {"photos.getInfo": 1}, stop)
    met("flickr", case, words, kind="flickr_oauth", problem=problem, msg=UGLY)


@pytest.mark.parametrize("code", UPLOAD_HTTP)
def test_each_http_code_of_a_flickr_upload(code: int, met: Callable[..., Post]) -> None:
    met("flickr", {413: REFUSED}[code], UPLOAD_HTTP[code].words, kind="http", code=code, message=UGLY)


@pytest.mark.parametrize("code", [302, 400, 403, 404, 408, 429, 500, 502, 503, 504])
def test_an_http_code_of_a_flickr_upload_that_proves_nothing_is_looked_for(code: int, met: Callable[..., Post]) -> None:
    met("flickr", LOST, UNSURE, kind="http", code=code, message=UGLY)


def looked(stop: str = "none") -> Case:
    return Case("look", "photos.getInfo", "concealed", {"photos.getInfo": 1}, stop, parked=stop == "none")


DRESSING = {"photos.getInfo": 1, "photos.setPerms": 1}
FILING = {"photosets.getList": 1}
CALL_CASES: dict[tuple[str, int], Case] = {
    **{("*", code): looked("auth") for code in (95, 96, 97, 98, 99, 100)},
    ("*", 116): looked(),
    ("photos.getInfo", 1): Case("dress", "photos.getInfo", "concealed", {"photos.getInfo": 1}),
    ("photos.setPerms", 1): Case("dress", "photos.setPerms", "concealed", DRESSING),
    **{
        (method, code): Case("dress", method, "concealed", {**DRESSING, method: 1}, parked=code != 1)
        for method, code in [
            ("photos.licenses.setLicense", 1),
            ("photos.licenses.setLicense", 2),
            ("photos.setSafetyLevel", 1),
            ("photos.setSafetyLevel", 3),
        ]
    },
    **{
        (method, code): Case("file_under", method, "live", {**FILING, method: 1})
        for method, code in [
            ("photosets.create", 1),
            ("photosets.create", 2),
            ("photosets.create", 3),
            ("photosets.addPhoto", 2),
            ("photosets.addPhoto", 10),
        ]
    },
    ("photosets.editMeta", 2): Case("describe_album", "photosets.editMeta", "", {"photosets.editMeta": 1}),
    ("photos.setMeta", 1): Case("amend", "photos.setMeta", "", {"photos.setMeta": 1}),
    ("photos.setTags", 1): Case("amend", "photos.setTags", "", {"photos.setMeta": 1, "photos.setTags": 1}),
    ("photos.setTags", 2): Case("amend", "photos.setTags", "", {"photos.setMeta": 1, "photos.setTags": 1}),
}


def by_hand(row: tuple[str, int], control: Control) -> None:
    """What somebody changed at the photo meanwhile, so that dressing it has something to set right."""
    changes: dict[str, dict[str, Any]] = {
        "photos.licenses.setLicense": {"licence": "4"},
        "photos.setSafetyLevel": {"safety": 2},
    }
    if row[0] in changes:
        control.edit("flickr", control.things("flickr")[-1]["id"], **changes[row[0]])


# What no Post's way leads to is asked of the destination itself.
ASKED_ITSELF = ("photos.setMeta", "photos.setTags", "photosets.editMeta")


@pytest.mark.parametrize("row", [row for row in CALLS if not row[0].startswith(ASKED_ITSELF)])
def test_each_code_of_a_flickr_call(
    row: tuple[str, int], met: Callable[..., Post], queued: Queued, rounds: Rounds, control: Control, worker: Worker
) -> None:
    if row[0] == "photosets.addPhoto":  # the album is there already
        queued("flickr")
        rounds("live")
    inner = worker.destinations["flickr"]
    worker.destinations["flickr"] = armed.before(inner, "dress", lambda: by_hand(row, control))
    met("flickr", CALL_CASES[row], CALLS[row].words, kind="flickr_error", code=row[1], msg=UGLY)


@pytest.mark.parametrize("row", [row for row in CALLS if row[0].startswith(("photos.setMeta", "photos.setTags"))])
def test_each_code_of_amending_at_flickr(
    row: tuple[str, int], queued: Queued, rounds: Rounds, worker: Worker, control: Control
) -> None:
    post = queued("flickr")
    rounds("live")
    post.refresh_from_db()
    case = CALL_CASES[row]
    armed.arm(worker, "flickr", "amend", control, operation=case.operation, kind="flickr_error", code=row[1], msg=UGLY)
    with pytest.raises(Later if row[1] == 1 else Refused) as refused:
        worker.destinations["flickr"].amend(receipt_of(post), parcels.sought(post))
    assert refused.value.words == CALLS[row].words
    assert cast("armed.Armed", worker.destinations["flickr"]).cost() == case.cost


@pytest.mark.parametrize("row", [row for row in CALLS if row[0] == "photosets.editMeta"])
def test_each_code_of_describing_an_album_at_flickr(
    row: tuple[str, int], queued: Queued, rounds: Rounds, worker: Worker, control: Control
) -> None:
    queued("flickr")
    rounds("live")
    album = Album.objects.get(account="flickr")
    case = CALL_CASES[row]
    armed.arm(worker, "flickr", case.method, control, operation=case.operation, kind="flickr_error", code=row[1])
    with pytest.raises(Refused) as refused:
        worker.destinations["flickr"].describe_album(album.remote_id, AlbumKey("k", "Title", "Words", album.mark))
    assert refused.value.words == CALLS[row].words
    assert cast("armed.Armed", worker.destinations["flickr"]).cost() == case.cost


@pytest.mark.parametrize("code", [code for method, code in CALLS if method == "*"])
def test_a_withdrawal_goes_on_whatever_flickr_says_of_the_account(
    code: int, met: Callable[..., Post], worker: Worker, clock: Clock, control: Control
) -> None:
    stop = "none" if code == 116 else "auth"
    case = Case("remove", "photos.delete", "removing", {"photos.delete": 1}, stop)
    met("flickr", case, CALLS["*", code].words, kind="flickr_error", code=code, msg=UGLY)
    clock.now += timedelta(seconds=worker.office.pace.withdraw_most)
    ring_out(worker)
    assert control.count("flickr.photos.delete") == 2


# -- YouTube --------------------------------------------------------------------------------------------------

TOKEN = {"token": 1}
ONE = {"session": 1}


def sent(state: str, stop: str = "none", http: int = 400, cost: dict[str, int] = ONE) -> Case:
    return Case("send", "session", state, {**TOKEN, **cost}, stop, http)


def revealed(state: str, http: int, stop: str = "none") -> Case:
    # Read before it is written; and once more, in case a person had mended it already.
    return Case("reveal", "videos.update", state, {"videos.list": 2, "videos.update": 1}, stop, http, parked=True)


# A 401 is met with a fresh access token once before it is believed; and so is the one of asking who we are.
REFRESHED = {"token": 3, "session": 2}
TEXTS = ("invalidTitle", "invalidDescription", "invalidTags", "invalidCategoryId", "invalidVideoMetadata")
SETTINGS = ("forbiddenPrivacySetting", "forbiddenLicenseSetting", "forbiddenEmbedSetting")
FILED = {"playlists.list": 1, "playlists.insert": 1, "playlistItems.list": 1}
CASES: dict[tuple[str, str], Case] = {
    **{("*", reason): sent("failed") for reason in (*TEXTS, "invalidFilename", "mediaBodyRequired")},
    **{("*", reason): sent("failed", http=403) for reason in SETTINGS},
    ("*", "uploadLimitExceeded"): sent("waiting", "uploads"),
    ("*", "quotaExceeded"): sent("waiting", "account", 403),
    ("*", "dailyLimitExceeded"): sent("waiting", "account", 403),
    ("*", "rateLimitExceeded"): sent("waiting", http=429),
    ("*", "userRateLimitExceeded"): sent("waiting", http=403),
    ("*", "SERVICE_UNAVAILABLE"): sent("waiting", http=403),
    ("*", "backendError"): sent("waiting", http=503),
    ("*", "internalError"): sent("waiting", http=500),
    ("*", "processingFailure"): sent("waiting", http=400),
    **{
        ("*", reason): sent("waiting", "auth", 401, REFRESHED)
        for reason in ("authError", "authorizationRequired", "required", "youtubeSignupRequired")
    },
    ("*", "insufficientPermissions"): sent("waiting", "auth", 403),
    ("*", "accountSuspended"): sent("waiting", "auth", 403),
    ("session", "forbidden"): sent("waiting", "auth", 403),
    ("*", "keyInvalid"): sent("waiting", "auth"),
    ("*", "accessNotConfigured"): sent("waiting", "auth", 403),
    ("*", "forbidden"): revealed("blocked", 403),
    # One "not found" is no proof: it is asked again.
    ("*", "videoNotFound"): Case(
        "reveal", "videos.update", "revealing", {"videos.list": 1, "videos.update": 1}, http=404
    ),
    ("thumbnails.set", "forbidden"): Case(
        "dress", "thumbnails.set", "concealed", {"videos.list": 1, "thumbnails.set": 1}, http=403, parked=True
    ),
    ("thumbnails.set", "uploadRateLimitExceeded"): Case(
        "dress", "thumbnails.set", "concealed", {"videos.list": 1, "thumbnails.set": 1}, http=429
    ),
    ("thumbnails.set", "videoNotFound"): Case(
        "dress", "thumbnails.set", "concealed", {"videos.list": 1, "thumbnails.set": 1}, http=404
    ),
    ("playlistItems.insert", "videoNotFound"): Case(
        "file_under", "playlistItems.insert", "live", {**FILED, "playlistItems.insert": 1}, http=404
    ),
    ("playlistItems.insert", "playlistNotFound"): Case(
        "file_under", "playlistItems.insert", "live", {**FILED, "playlistItems.insert": 1}, http=404
    ),
    ("playlistItems.list", "playlistNotFound"): Case("file_under", "playlistItems.list", "live", FILED, http=404),
    ("captions.insert", "invalidMetadata"): Case("dress", "captions.insert", "", {"captions.insert": 1}),
}


@pytest.mark.parametrize("row", [row for row in VERDICTS if row[0] != "captions.insert"], ids=" ".join)
def test_each_reason_of_youtube(row: tuple[str, str], met: Callable[..., Post]) -> None:
    case = CASES[row]
    met("youtube", case, VERDICTS[row].words, kind="youtube_error", reason=row[1], message=UGLY, http=case.http)


@pytest.mark.parametrize("row", [row for row in VERDICTS if row[0] == "captions.insert"], ids=" ".join)
def test_each_reason_of_captions_at_youtube(
    row: tuple[str, str], queued: Queued, rounds: Rounds, worker: Worker, control: Control, tmp_path: Path
) -> None:
    """No Package has captions yet, so the destination is asked itself."""
    post = queued("youtube")
    rounds("live")
    post.refresh_from_db()
    (tmp_path / "en.vtt").write_text("WEBVTT\n", encoding="utf-8")
    parcel = replace(parcels.sought(post), captions=(("en", tmp_path / "en.vtt"),))
    control.fault("youtube.captions.insert", "youtube_error", reason=row[1], message=UGLY, http=CASES[row].http)
    with pytest.raises(Refused) as refused:
        worker.destinations["youtube"].dress(receipt_of(post), parcel)
    assert refused.value.words == VERDICTS[row].words
    assert control.count("youtube.captions.insert") == 1


DAILY = "Quota exceeded for quota metric 'Video Uploads' and limit 'Video Uploads per day'. " + UGLY
BY_CODE = [
    # http, reason, message -> the verdict's words begin with, state, stop, cost
    (429, "rateLimitExceeded", DAILY, "YouTube's daily allowance of uploads", sent("waiting", "uploads")),
    (401, "neverHeardOf", UGLY, "YouTube no longer accepts", sent("waiting", "auth", cost=REFRESHED)),
    (404, "neverHeardOf", UGLY, "YouTube did not open an upload", sent("waiting")),
    (409, "ALREADY_EXISTS", UGLY, "YouTube is still busy", sent("waiting")),
    (429, "neverHeardOf", UGLY, "YouTube asks us to slow down", sent("waiting")),
    (418, "neverHeardOf", UGLY, "YouTube refused the request for a reason", sent("failed")),
    (408, "neverHeardOf", UGLY, "YouTube has a fault of its own", sent("waiting")),
    (500, "neverHeardOf", UGLY, "YouTube has a fault of its own", sent("waiting")),
    (504, "neverHeardOf", UGLY, "YouTube has a fault of its own", sent("waiting")),
]


@pytest.mark.parametrize(("http", "reason", "message", "words", "case"), BY_CODE, ids=lambda given: str(given)[:20])
def test_what_youtube_says_without_a_reason_we_know(
    http: int, reason: str, message: str, words: str, case: Case, met: Callable[..., Post]
) -> None:
    (sentence,) = {judge("session", Complaint(http, reason, message=message)).words}
    assert sentence.startswith(words)
    met("youtube", case, sentence, kind="youtube_error", reason=reason, message=message, http=http)


@pytest.mark.parametrize("error", SIGN_IN)
def test_each_no_of_the_token_endpoint_stops_the_account(error: str, met: Callable[..., Post]) -> None:
    case = Case("send", "google.token", "waiting", {"token": 2}, "auth")
    met("youtube", case, SIGN_IN[error], kind="google_error", error=error, message=UGLY)


DOWN = "Google's sign-in service does not answer at the moment."


@pytest.mark.parametrize(
    ("words", "order"),
    [
        (DOWN, {"kind": "google_error", "error": "temporarily_unavailable", "http": 503}),
        (DOWN, {"kind": "google_error", "error": "rate_limit_exceeded", "http": 429}),
        (DOWN, {"kind": "http", "code": 503, "message": UGLY}),
        ("YouTube did not answer, or not in a way that can be understood.", {"kind": "closed"}),
        ("YouTube did not answer, or not in a way that can be understood.", {"kind": "stall"}),
    ],
    ids=["503-json", "429-json", "503-html", "closed", "silent"],
)
def test_a_token_endpoint_that_is_down_stops_nothing(
    words: str, order: dict[str, Any], met: Callable[..., Post], worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "Account", partial(workers.Account, read_timeout=0.3))
    worker.destinations = worker.rebuild() if worker.rebuild else {}
    case = Case("send", "google.token", "waiting", {"token": 1})
    met("youtube", case, words, **order)


def test_every_row_has_a_case_and_every_case_a_row() -> None:
    assert set(UPLOADS) == set(UPLOAD)
    assert set(OAUTH_CASES) == set(OAUTH)
    assert set(CALL_CASES) == set(CALLS)
    assert set(CASES) == set(VERDICTS)

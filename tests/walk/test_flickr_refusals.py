"""Each code and OAuth problem of Flickr, ordered from the sandbox, has its state, its sentence and its requests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, cast

import pytest

from pressqueue.models import Album, Post
from publisher.destinations.base import AlbumKey
from publisher.destinations.errors import Later, Refused
from publisher.destinations.flickr.errors import BUSY, CALLS, CONSENT, OAUTH, UNSURE, UPLOAD, UPLOAD_HTTP
from publisher.exercise.sandbox.control import Control
from publisher.publishing import parcels
from publisher.publishing.delivery import receipt_of
from publisher.workers.worker import Worker

from support import faults_at_calls
from support.error_cases import CALL_CASES, LOST, OAUTH_CASES, REFUSED, STOPPED, UPLOADS
from support.factories import Clock
from support.faults_at_calls import UGLY, ring_out
from support.refused_calls import Case

pytestmark = pytest.mark.slow

Queued = Callable[[str], Post]
Rounds = Callable[..., list[str]]


@pytest.mark.parametrize("code", UPLOAD)
def test_each_code_of_a_flickr_upload(code: int, met: Callable[..., Post]) -> None:
    words = UNSURE if UPLOADS[code] is LOST else UPLOAD[code].message
    met("flickr", UPLOADS[code], words, kind="flickr_error", code=code, msg=UGLY)


@pytest.mark.parametrize("code", [1, 10, 13, 77, 999])
def test_a_code_of_a_flickr_upload_that_nobody_knows_is_looked_for(code: int, met: Callable[..., Post]) -> None:
    met("flickr", LOST, UNSURE, kind="flickr_error", code=code, msg=UGLY)


@pytest.mark.parametrize("problem", OAUTH)
def test_each_oauth_problem_of_an_upload(problem: str, met: Callable[..., Post]) -> None:
    met("flickr", OAUTH_CASES[problem], OAUTH[problem].message, kind="flickr_oauth", problem=problem, msg=UGLY)


@pytest.mark.parametrize("problem", ["token_rejected", "signature_invalid", "token_revoked", "neverHeardOf"])
def test_any_other_oauth_problem_asks_for_a_new_consent(problem: str, met: Callable[..., Post]) -> None:
    met("flickr", STOPPED, CONSENT, kind="flickr_oauth", problem=problem, msg=UGLY)


@pytest.mark.parametrize(
    ("problem", "words", "stop"),
    [("timestamp_refused", OAUTH["timestamp_refused"].message, "auth"), ("nonce_used", BUSY, "none")],
)
def test_each_oauth_problem_of_a_call(problem: str, words: str, stop: str, met: Callable[..., Post]) -> None:
    case = Case("look", "photos.getInfo", "concealed", {"photos.getInfo": 1}, stop)
    met("flickr", case, words, kind="flickr_oauth", problem=problem, msg=UGLY)


@pytest.mark.parametrize("code", UPLOAD_HTTP)
def test_each_http_code_of_a_flickr_upload(code: int, met: Callable[..., Post]) -> None:
    met("flickr", {413: REFUSED}[code], UPLOAD_HTTP[code].message, kind="http", code=code, message=UGLY)


@pytest.mark.parametrize("code", [302, 400, 403, 404, 408, 429, 500, 502, 503, 504])
def test_an_http_code_of_a_flickr_upload_that_proves_nothing_is_looked_for(code: int, met: Callable[..., Post]) -> None:
    met("flickr", LOST, UNSURE, kind="http", code=code, message=UGLY)


def by_hand(row: tuple[str, int], control: Control) -> None:
    """What somebody changed at the photo before it is looked at, so that its terms have to be set right."""
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
    worker.destinations["flickr"] = faults_at_calls.before(inner, "look", lambda: by_hand(row, control))
    met("flickr", CALL_CASES[row], CALLS[row].message, kind="flickr_error", code=row[1], msg=UGLY)


@pytest.mark.parametrize("row", [row for row in CALLS if row[0].startswith(("photos.setMeta", "photos.setTags"))])
def test_each_code_of_amending_at_flickr(
    row: tuple[str, int], queued: Queued, rounds: Rounds, worker: Worker, control: Control
) -> None:
    post = queued("flickr")
    rounds("live")
    post.refresh_from_db()
    case = CALL_CASES[row]
    faults_at_calls.arm(
        worker, "flickr", "amend", control, operation=case.operation, kind="flickr_error", code=row[1], msg=UGLY
    )
    with pytest.raises(Later if row[1] == 1 else Refused) as refused:
        worker.destinations["flickr"].amend(receipt_of(post), parcels.sought(post))
    assert refused.value.message == CALLS[row].message
    assert cast("faults_at_calls.Armed", worker.destinations["flickr"]).cost() == case.cost


@pytest.mark.parametrize("row", [row for row in CALLS if row[0] == "photosets.editMeta"])
def test_each_code_of_describing_an_album_at_flickr(
    row: tuple[str, int], queued: Queued, rounds: Rounds, worker: Worker, control: Control
) -> None:
    queued("flickr")
    rounds("live")
    album = Album.objects.get(account="flickr")
    case = CALL_CASES[row]
    faults_at_calls.arm(
        worker, "flickr", case.method, control, operation=case.operation, kind="flickr_error", code=row[1]
    )
    with pytest.raises(Refused) as refused:
        worker.destinations["flickr"].describe_album(album.remote_id, AlbumKey("k", "Title", "Words", album.mark))
    assert refused.value.message == CALLS[row].message
    assert cast("faults_at_calls.Armed", worker.destinations["flickr"]).cost() == case.cost


@pytest.mark.parametrize("code", [code for method, code in CALLS if method == "*"])
def test_a_withdrawal_goes_on_whatever_flickr_says_of_the_account(
    code: int, met: Callable[..., Post], worker: Worker, clock: Clock, control: Control
) -> None:
    stop = "none" if code == 116 else "auth"
    case = Case("remove", "photos.delete", "removing", {"photos.delete": 1}, stop)
    met("flickr", case, CALLS["*", code].message, kind="flickr_error", code=code, msg=UGLY)
    clock.now += timedelta(seconds=worker.office.pace.withdraw_most)
    ring_out(worker)
    assert control.count("flickr.photos.delete") == 2

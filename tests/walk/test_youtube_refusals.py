"""Each reason of YouTube and of Google's sign-in, ordered there, has its state, its sentence and its requests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from pressqueue.models import Post
from publisher.destinations.errors import Refused
from publisher.destinations.youtube.errors import SIGN_IN, VERDICTS, Complaint, judge
from publisher.exercise.sandbox.control import Control
from publisher.publishing import parcels
from publisher.publishing.delivery import receipt_of
from publisher.workers import worker as workers
from publisher.workers.worker import Worker

from support.error_cases import CASES, REFRESHED, sent
from support.faults_at_calls import UGLY
from support.refused_calls import Case

pytestmark = pytest.mark.slow

Queued = Callable[[str], Post]
Rounds = Callable[..., list[str]]


@pytest.mark.parametrize("row", [row for row in VERDICTS if row[0] != "captions.insert"], ids=" ".join)
def test_each_reason_of_youtube(row: tuple[str, str], met: Callable[..., Post]) -> None:
    case = CASES[row]
    met("youtube", case, VERDICTS[row].message, kind="youtube_error", reason=row[1], message=UGLY, http=case.http)


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
        worker.destinations["youtube"].apply_metadata(
            receipt_of(post), parcel, worker.destinations["youtube"].look(receipt_of(post))
        )
    assert refused.value.message == VERDICTS[row].message
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
    (sentence,) = {judge("session", Complaint(http, reason, message=message)).message}
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

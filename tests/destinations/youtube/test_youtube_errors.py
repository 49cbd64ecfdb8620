"""What YouTube's refusals mean, row by row; the envelopes are recorded ones or quoted in public issues."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from publisher.destinations.base import Purpose
from publisher.destinations.errors import Later, Refused, Stop
from publisher.destinations.youtube.errors import VERDICTS, Complaint, as_error, judge, read_complaint

FIXTURES = Path(__file__).parent / "fixtures"
NOW = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)  # noon in California
MIDNIGHT = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)

# googleapis/google-api-python-client#2753, with the consumer's number changed.
DAILY = (
    "Quota exceeded for quota metric 'Video Uploads' and limit 'Video Uploads per day' of service "
    "'youtube.googleapis.com' for consumer 'project_number:1'."
)


class Ledger:
    """Remembers what was said to be empty."""

    def __init__(self) -> None:
        self.empty: list[tuple[str, datetime | None]] = []

    def spend(self, bucket: str, units: int, purpose: Purpose) -> None: ...

    def exhausted(self, bucket: str, until: datetime | None) -> None:
        self.empty.append((bucket, until))


def envelope(code: int, reason: str, message: str = "", domain: str = "youtube", **extra: object) -> bytes:
    errors = [{"domain": domain, "reason": reason, "message": message}]
    return json.dumps({"error": {"code": code, "message": message, "errors": errors, **extra}}).encode()


def outcome(operation: str, code: int, reason: str, message: str = "", ledger: Ledger | None = None) -> Later | Refused:
    complaint = read_complaint(code, envelope(code, reason, message))
    return as_error(judge(operation, complaint), complaint, ledger or Ledger(), NOW)


def test_an_emptied_upload_bucket_stops_uploads_until_midnight_in_california() -> None:
    ledger = Ledger()
    error = outcome("session", 429, "rateLimitExceeded", DAILY, ledger)
    assert isinstance(error, Later)
    assert (error.stop, error.retry_at) == (Stop.UPLOADS, MIDNIGHT)
    assert ledger.empty == [("uploads", MIDNIGHT)]


def test_the_same_reason_without_a_day_in_it_is_a_passing_rate_limit() -> None:
    ledger = Ledger()
    error = outcome("session", 429, "rateLimitExceeded", "Too many requests.", ledger)
    assert isinstance(error, Later)
    assert (error.stop, error.retry_at, ledger.empty) == (Stop.NONE, None, [])


def test_a_daily_limit_met_by_other_requests_empties_the_general_bucket() -> None:
    ledger = Ledger()
    outcome("videos.list", 429, "rateLimitExceeded", "limit 'Queries per day' of service", ledger)
    assert ledger.empty == [("units", MIDNIGHT)]


@pytest.mark.parametrize("reason", ["quotaExceeded", "dailyLimitExceeded"])
def test_the_general_pool_is_empty_until_midnight_in_california(reason: str) -> None:
    ledger = Ledger()
    error = outcome("videos.update", 403, reason, ledger=ledger)
    assert isinstance(error, Later)
    assert (error.stop, error.retry_at) == (Stop.ACCOUNT, MIDNIGHT)
    assert ledger.empty == [("units", MIDNIGHT)]


@pytest.mark.parametrize("code", [400, 403, 429])
def test_the_channels_own_limit_is_known_by_its_reason_whatever_the_code(code: int) -> None:
    error = outcome("session", code, "uploadLimitExceeded", "The user has exceeded the number of videos.")
    assert isinstance(error, Later)
    assert (error.stop, error.retry_at) == (Stop.UPLOADS, datetime(2026, 11, 24, 20, 0, tzinfo=UTC))


@pytest.mark.parametrize(
    ("operation", "code", "reason", "kind", "stop"),
    [
        ("videos.list", 401, "authError", Later, Stop.AUTH),
        ("videos.list", 401, "authorizationRequired", Later, Stop.AUTH),
        ("videos.list", 401, "", Later, Stop.AUTH),  # no envelope: the code is all there is
        ("captions.insert", 403, "insufficientPermissions", Later, Stop.AUTH),
        ("session", 401, "youtubeSignupRequired", Later, Stop.AUTH),  # sources differ between 401 ...
        ("session", 403, "youtubeSignupRequired", Later, Stop.AUTH),  # ... and 403
        ("session", 403, "forbidden", Later, Stop.ACCOUNT),  # the wrong Google account
        ("videos.delete", 403, "forbidden", Refused, Stop.NONE),  # one video that is not ours
        ("thumbnails.set", 403, "forbidden", Refused, Stop.NONE),  # channel not verified
        ("session", 409, "ALREADY_EXISTS", Later, Stop.NONE),
        ("session", 400, "invalidTitle", Refused, Stop.NONE),
        ("session", 400, "neverHeardOf", Refused, Stop.NONE),
        ("session", 503, "backendError", Later, Stop.NONE),
        ("session", 500, "", Later, Stop.NONE),
        ("videos.list", 302, "", Later, Stop.NONE),  # a redirect is not followed
        ("videos.list", 408, "", Later, Stop.NONE),
        ("videos.update", 404, "videoNotFound", Later, Stop.NONE),  # one answer is no proof
        ("playlistItems.insert", 404, "videoNotFound", Later, Stop.NONE),  # the race after an upload
        ("thumbnails.set", 429, "uploadRateLimitExceeded", Later, Stop.NONE),
    ],
)
def test_what_each_refusal_means(
    operation: str, code: int, reason: str, kind: type[Later] | type[Refused], stop: Stop
) -> None:
    error = outcome(operation, code, reason)
    assert type(error) is kind
    assert error.stop is stop


def test_the_reason_is_read_although_the_reply_carries_details() -> None:
    # The library's error_details would hold the google.rpc block here, and no YouTube reason at all.
    details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "RATE_LIMIT_EXCEEDED"}]
    content = envelope(403, "quotaExceeded", "quota", "youtube.quota", details=details, status="X")
    assert read_complaint(403, content).reason == "quotaExceeded"


def test_a_recorded_permission_reply_is_a_passing_fault() -> None:
    complaint = read_complaint(403, (FIXTURES / "error_permission_resp.json").read_bytes())
    error = as_error(judge("videos.list", complaint), complaint, Ledger(), NOW)
    assert isinstance(error, Later)
    assert error.stop is Stop.NONE


def test_a_recorded_reply_about_the_client_key_stops_the_account() -> None:
    complaint = read_complaint(400, (FIXTURES / "error_response.json").read_bytes())
    error = as_error(judge("videos.list", complaint), complaint, Ledger(), NOW)
    assert isinstance(error, Later)
    assert (error.stop, error.answered) == (Stop.ACCOUNT, True)


@pytest.mark.parametrize(
    "content", [b"", b"<html>Bad Gateway</html>", b"[]", b'"x"', b'{"error": {"errors": []}}', b"\xff"]
)
def test_a_reply_that_is_no_envelope_is_judged_by_its_code(content: bytes) -> None:
    assert read_complaint(502, content) == Complaint(502)


def test_an_error_that_is_only_a_word_is_its_own_reason() -> None:
    content = (FIXTURES / "error_response_simple.json").read_bytes()
    assert read_complaint(400, content).reason == "error message"


def test_no_sentence_is_the_platforms_own_text() -> None:
    error = outcome("session", 400, "invalidTitle", "platform text")
    assert "platform text" not in error.message


@pytest.mark.parametrize("row", VERDICTS, ids=" ".join)
def test_every_row_speaks_in_a_sentence(row: tuple[str, str]) -> None:
    assert VERDICTS[row].message.endswith(".")
    assert len(VERDICTS[row].message.split()) > 3

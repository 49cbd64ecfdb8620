"""What YouTube reports, in the contract's words."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from publisher.destinations.base import Processing, Visibility
from publisher.destinations.youtube.seen import seen

FIXTURES = Path(__file__).parent / "fixtures"
WATCH = "https://www.youtube.com/watch?v={id}"


def item(status: dict[str, Any], details: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"id": "abcdefghijk", "snippet": {}, "status": status, "processingDetails": details or {}}


def test_a_recorded_video_is_read() -> None:
    recorded = json.loads((FIXTURES / "videos-videos_info_single.json").read_text())["items"][0]
    video = seen(recorded, WATCH)
    assert video.title == "What are Actions on Google (Assistant on Air)"
    assert video.url == "https://www.youtube.com/watch?v=D-lhorsDlUQ"
    assert video.uploaded_at == datetime(2019, 3, 21, 20, 37, 49, tzinfo=UTC)
    assert all(address.startswith("https://i.ytimg.com/vi/D-lhorsDlUQ/") for address in video.media_urls)
    assert video.media_urls


@pytest.mark.parametrize(
    ("status", "details", "state"),
    [
        ({"uploadStatus": "uploaded"}, {}, Processing.PENDING),
        ({"uploadStatus": "uploaded"}, {"processingStatus": "processing"}, Processing.PENDING),
        ({"uploadStatus": "uploaded"}, {"processingStatus": "succeeded"}, Processing.DONE),
        ({"uploadStatus": "processed"}, {}, Processing.DONE),
        ({"uploadStatus": "failed", "failureReason": "codec"}, {}, Processing.FAILED),
        ({"uploadStatus": "uploaded"}, {"processingStatus": "terminated"}, Processing.FAILED),
        ({"uploadStatus": "rejected", "rejectionReason": "duplicate"}, {}, Processing.FAILED),
        ({"uploadStatus": "deleted"}, {}, Processing.FAILED),
        ({}, {}, Processing.PENDING),
    ],
)
def test_uploaded_processed_and_failed_are_told_apart(
    status: dict[str, Any], details: dict[str, Any], state: Processing
) -> None:
    assert seen(item(status, details), WATCH).processing is state


@pytest.mark.parametrize(
    ("status", "word"),
    [
        ({"uploadStatus": "failed", "failureReason": "codec"}, "codec"),
        ({"uploadStatus": "failed", "failureReason": "unheardOf"}, "no reason"),
        ({"uploadStatus": "rejected", "rejectionReason": "length"}, "15 minutes"),
        ({"uploadStatus": "rejected", "rejectionReason": "duplicate"}, "already"),
        ({"uploadStatus": "rejected"}, "without a reason"),
    ],
)
def test_a_failure_is_told_in_a_sentence(status: dict[str, Any], word: str) -> None:
    assert word in seen(item(status), WATCH).message


@pytest.mark.parametrize("status", [{}, {"privacyStatus": "members"}])
def test_what_is_not_certainly_concealed_counts_as_public(status: dict[str, Any]) -> None:
    assert seen(item(status), WATCH).visibility is Visibility.PUBLIC

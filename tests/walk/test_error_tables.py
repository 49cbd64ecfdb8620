"""Every row of the error tables is met somewhere, end to end."""

from __future__ import annotations

import pytest

from publisher.destinations.flickr.errors import CALLS, OAUTH, UPLOAD
from publisher.destinations.youtube.errors import VERDICTS

from support.error_cases import CALL_CASES, CASES, OAUTH_CASES, UPLOADS

pytestmark = pytest.mark.slow


def test_every_row_has_a_case_and_every_case_a_row() -> None:
    assert set(UPLOADS) == set(UPLOAD)
    assert set(OAUTH_CASES) == set(OAUTH)
    assert set(CALL_CASES) == set(CALLS)
    assert set(CASES) == set(VERDICTS)

"""The demonstration's texts read like real ones: every rule of wording accepts them."""

from __future__ import annotations

import pytest

from pressqueue import wording
from publisher.exercise import samples
from publisher.exercise.samples import Sample

APPEALS = [(each, "suspect") for each in samples.APPEALS] + [(samples.FOOTAGE, "witness")]
EVERYTHING = [*APPEALS, *((each, "feature") for each in samples.FEATURES)]


@pytest.mark.parametrize(("sample", "kind"), EVERYTHING, ids=[each.file for each, _ in EVERYTHING])
def test_no_sample_accuses_and_no_appeal_lacks_a_line(sample: Sample, kind: str) -> None:
    texts = {
        "title": sample.title, "caption": sample.caption, "alternative text": sample.alt_text,
        "tags": " ".join(f"#{tag}" for tag in sample.tags), "campaign title": samples.OPERATION,
    }  # fmt: skip
    assert wording.current().check(texts, kind) == []
    said = f"{sample.title}\n{sample.caption}"
    assert wording.current().missing(said, kind, do_not_approach=False) == []


@pytest.mark.parametrize("sample", [each for each, _ in APPEALS], ids=lambda sample: sample.file)
def test_an_appeals_date_is_a_day_of_the_calendar_with_its_weekday(sample: Sample) -> None:
    (named,) = wording.current().dates[0].find(sample.caption)
    day = named.on(2026)
    assert day is not None and day.weekday() == named.weekday

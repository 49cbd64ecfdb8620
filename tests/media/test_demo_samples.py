"""The demonstration's samples can be published: sound files, whole texts, honest licences, small enough to ship."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from publisher.exercise import samples
from publisher.exercise.samples import answers
from publisher.media.probe import probe

ALL = (*samples.FEATURES, *samples.APPEALS, samples.FOOTAGE)
FOLDER = Path(samples.__file__).parent


@pytest.mark.parametrize("sample", ALL, ids=[sample.file for sample in ALL])
def test_every_sample_is_sound(sample: samples.Sample) -> None:
    found = probe(samples.path(sample.file), declared_name=sample.file)
    assert found.kind == ("footage" if sample is samples.FOOTAGE else "still")
    assert not found.has_gps


def test_there_is_a_week_of_features_a_gallery_and_a_film() -> None:
    assert len(samples.FEATURES) == 7 and len(samples.APPEALS) == 6
    assert len({sample.file for sample in ALL}) == len(ALL)
    found = probe(samples.path(samples.FOOTAGE.file), declared_name=samples.FOOTAGE.file)
    assert found.seconds is not None and samples.FOOTAGE.poster_at < found.seconds


@pytest.mark.parametrize("sample", ALL, ids=[sample.file for sample in ALL])
def test_every_text_is_there_and_fits(sample: samples.Sample) -> None:
    assert 0 < len(sample.alt_text) <= 250
    assert sample.alt_text != sample.file and sample.alt_text.endswith(".")
    assert sample.caption and sample.credit and sample.tags
    assert 0 < len(sample.title) <= 100
    assert "<" not in sample.title + sample.caption and ">" not in sample.title + sample.caption


@pytest.mark.parametrize("sample", (*samples.APPEALS, samples.FOOTAGE), ids=lambda sample: sample.file)
def test_an_appeal_says_what_an_appeal_must_say(sample: samples.Sample) -> None:
    for words in (
        "We would like to speak to",
        "may be able to help",
        "{reference}",
        "101",
        "0800 555 111",
        "Is this you?",
    ):
        assert words in sample.caption
    assert "{reference}" in sample.title


@pytest.mark.parametrize("sample", samples.FEATURES, ids=lambda sample: sample.file)
def test_a_feature_carries_its_day(sample: samples.Sample) -> None:
    assert sample.title.startswith("Day {day} - Northshire Police - ")


@pytest.mark.parametrize("sample", (*samples.APPEALS, samples.FOOTAGE), ids=lambda sample: sample.file)
def test_nobody_is_called_anything(sample: samples.Sample) -> None:
    text = " ".join((sample.title, sample.caption, sample.alt_text, *sample.tags)).lower()
    for word in ("criminal", "looter", "rioter", "thief", "thug", "guilty", "suspect", "involved in", "responsible"):
        assert word not in text


@pytest.mark.parametrize(
    ("today", "saturday"),
    [
        (date(2026, 11, 26), date(2026, 11, 21)),  # a Thursday: five days before
        (date(2026, 11, 25), date(2026, 11, 14)),  # a Wednesday: four days are too few
        (date(2026, 11, 28), date(2026, 11, 21)),
        (date(2027, 1, 3), date(2026, 12, 26)),
    ],
)
def test_the_disorder_was_on_the_last_saturday_five_days_gone(today: date, saturday: date) -> None:
    assert samples.saturday_before(today) == saturday


@pytest.mark.parametrize("sample", (*samples.APPEALS, samples.FOOTAGE), ids=lambda sample: sample.file)
def test_text_and_record_name_the_same_day_which_has_been(sample: samples.Sample) -> None:
    now = datetime.now(UTC)
    record = answers.of_appeal(sample, 1, now)
    day = record["incident_at"].astimezone(answers.ZONE)
    assert f"{day:%A} {day.day} {day:%B %Y}" in sample.caption
    assert record["incident_at"] < record["incident_until"] < now
    assert record["incident_until"].astimezone(answers.ZONE).time() == time(16), "the captions say until 4pm"
    for each in record["means_tried"]:
        assert samples.INCIDENT < date.fromisoformat(each["on"]) < now.date()
    assert now + timedelta(days=8) < record["review_at"] < now + timedelta(days=28), "after the week the demo skips"
    assert all({"category", "appears_under_18", "age_basis", "vulnerable"} <= set(p) for p in answers.of_people(sample))


def test_no_two_features_in_a_row_are_alike() -> None:
    facets = [answers.of_feature(sample)["facet"] for sample in samples.FEATURES]
    assert all(facets) and len(set(facets)) == len(facets)


def test_every_file_has_its_licence_and_all_of_them_are_small() -> None:
    licences = (FOLDER / "LICENCES.txt").read_text()
    for sample in ALL:
        stem = sample.file.split("-")[0] if sample.file.startswith("counter") else sample.file
        assert stem in licences
    assert sum(place.stat().st_size for place in FOLDER.rglob("*") if place.is_file()) < 8_000_000


def test_an_unknown_sample_is_an_error() -> None:
    with pytest.raises(FileNotFoundError, match="no sample called"):
        samples.path("astronaut.png")

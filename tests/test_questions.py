"""The questions of the record fit the record: none is missing, none asks for what nobody keeps."""

from __future__ import annotations

from django.db import models

from pressqueue import records
from pressqueue.models import AppealRecord, FeatureRecord, Subject
from publisher.desk import questions
from publisher.desk.questions import APPEAL_GROUPS, FEATURE_GROUPS, PERSON_GROUPS, QUESTIONS, Question

from support.loops import at_least_one


def names(groups: dict[str, dict[str, Question]]) -> list[str]:
    return [name for asked in groups.values() for name in asked]


def test_every_answer_of_every_record_is_asked_once() -> None:
    assert sorted(names(APPEAL_GROUPS)) == sorted(records.names("appeal"))
    assert sorted(names(FEATURE_GROUPS)) == sorted(records.names("feature"))
    assert sorted(names(PERSON_GROUPS)) == sorted(records.ANSWERS)


def test_every_question_is_a_label_and_a_sentence() -> None:
    for name, each in at_least_one(QUESTIONS.items()):
        assert each.label[:1].isupper() and not each.label.endswith("."), name
        assert each.help[:1].isupper() and each.help.endswith("."), name


def test_every_choice_has_its_word_and_no_other_does() -> None:
    for model in (AppealRecord, FeatureRecord, Subject):
        for field in at_least_one(field for field in model._meta.fields if field.name in QUESTIONS):
            values = {str(key) for key, _ in field.choices or () if key}
            if isinstance(field, models.BooleanField):
                values = {"true", "false"}
            assert set(QUESTIONS[field.name].choices) == values, field.name


def test_an_answer_is_shown_in_words() -> None:
    assert questions.said("source", "body_worn") == "Body-worn video"
    assert questions.said("vulnerable", False) == "No"
    assert questions.said("risk", "Low.") == "Low."
    assert questions.said("review_at", None) == ""

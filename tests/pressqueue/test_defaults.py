"""What an approver reads as an officer's answer was answered by an officer: no field of it comes answered."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import models

from pressqueue.models import AppealRecord, FeatureRecord, Item, Subject
from pressqueue.moves import subjects

from support import factories

pytestmark = pytest.mark.usefixtures("office")
UNANSWERED: tuple[Any, ...] = (None, "", [], {})
# Fields that begin with a value because no officer answers them; each with its reason.
NO_ANSWER: dict[str, dict[str, str]] = {
    "Subject": {
        "salt": "random, of its answers' digest",
        "proceedings_asked": "the safe one: a check counts only once whoever made it has named whom they asked",
    },
    "AppealRecord": {"salt": "random, of its answers' digest"},
    "FeatureRecord": {"salt": "random, of its answers' digest"},
    "Item": {
        "uuid": "random, its identity",
        "state": "follows from moves",
        "held": "a hold is a move of its own; nobody placed one",
        "licence": "the safe one: all rights reserved; R17 refuses another one of an appeal",
        "comments": "the safe one: comments are closed until an officer opens them",
        "audio_authorised": "the safe one: sound is removed until an officer authorises it",
        "poster_at": "which second of the film is its still picture: the approver sees the picture itself",
        "track": "the first film in the file, where an officer chose no other: the approver sees the film itself",
        "mark_style": "how the mark is shown: the approver sees the picture itself",
        "mark_corner": "how the mark is shown: the approver sees the picture itself",
        "edition": "counted by the machine",
        "queue_order": "given by the machine with the reference",
        "rendering_tries": "counted by the machine",
    },
}


@pytest.mark.parametrize("model", [Subject, AppealRecord, FeatureRecord, Item])
def test_no_answer_of_an_officer_is_given_by_a_default(model: type[models.Model]) -> None:
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    answered = {field.name for field in fields if field.get_default() not in UNANSWERED}
    assert answered == set(NO_ANSWER[model.__name__])


def test_a_person_is_neither_a_child_nor_grown_up_before_somebody_says_so() -> None:
    person = subjects.make_subject(factories.author(), factories.operation(), now=factories.NOW)
    person.refresh_from_db()
    assert person.appears_under_10 is None
    subjects.describe(factories.author(), person, {"appears_under_10": False}, now=factories.NOW)
    person.refresh_from_db()
    assert person.appears_under_10 is False


def test_a_stored_answer_keeps_its_digest() -> None:
    from pressqueue.records import ANSWERS, _sha256, answers_of

    person = Subject(salt="s", appears_under_18="no", appears_under_10=False)
    before = {"category": "", "name": "", "appears_under_18": "no", "appears_under_10": False, "age_basis": "",
              "vulnerable": None, "vulnerability": ""}  # fmt: skip
    assert _sha256("s", answers_of(person, ANSWERS)) == _sha256("s", before)

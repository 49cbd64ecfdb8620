"""The page on which two people end an alarm of the integrity check."""

from __future__ import annotations

import inspect
import re

import pytest

from pressqueue import integrity
from pressqueue.models import Alarm
from pressqueue.moves import alarms as alarm_moves
from publisher.desk.views import alarms
from publisher.evidence import integrity as checks

from support import factories
from support.desk_officers import signed_in
from support.factories import NOW

pytestmark = pytest.mark.usefixtures("desk")


def test_two_people_end_an_alarm_at_the_desk() -> None:
    factories.office()
    chief, approver, author = (
        signed_in(name, role) for name, role in (("chief", "administrator"), ("bran", "approver"), ("amara", "author"))
    )
    assert "There are no open alarms" in chief.get("/alarms/").content.decode()
    alarm_moves.raise_alarm("rows", "The approval 7 was changed by something other than this program (rank).", now=NOW)
    assert "The approval 7 was changed" in approver.get("/alarms/").content.decode()
    assert author.post("/alarms/", {"reason": "It was me."}).status_code == 403
    assert chief.post("/alarms/", {"reason": ""}).status_code == 400
    assert chief.post("/alarms/", {"reason": "A test."}).status_code == 302
    assert Alarm.objects.filter(ended_at__isnull=True).exists()
    assert "has said that this is explained" in approver.get("/alarms/").content.decode()
    assert approver.post("/alarms/", {"reason": "Seen and mended."}).status_code == 302
    assert not Alarm.objects.filter(ended_at__isnull=True).exists()


def test_every_page_tells_that_there_is_an_alarm_and_the_page_offers_its_end_to_those_who_may() -> None:
    factories.office()
    approver, author = signed_in("bran", "approver"), signed_in("amara", "author")
    assert "There is an alarm." not in author.get("/").content.decode()
    alarm_moves.raise_alarm("rows", "The approval 7 was changed by something other than this program (rank).", now=NOW)
    assert "There is an alarm." in author.get("/").content.decode()
    assert "A row of the database" in author.get("/alarms/").content.decode()
    assert "What was found is explained" not in author.get("/alarms/").content.decode()
    assert "What was found is explained" in approver.get("/alarms/").content.decode()


def test_every_alarm_has_a_heading() -> None:
    raised = {
        "high water",
        "register",
    }  # by `publisher/evidence/integrity.py` and `publisher/register/sync.py`, under a name of theirs
    for module in (integrity, checks):
        raised |= set(re.findall(r'Finding\(\s*"(\w+)"', inspect.getsource(module)))
    assert {"rows", "anchors"} < raised <= set(alarms.HEADINGS)

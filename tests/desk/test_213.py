"""As many stills as came out on 14 December 2011, decided in one sitting at the desk, each on its own (R49, R50)."""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from datetime import UTC, datetime

import pytest
from django.test import Client

from pressqueue import audit
from pressqueue.models import Approval, Consultation, Entry, Item, ReviewSession, SentBack
from publisher.configuration.office_file import Office

from support import factories
from support.desk_officers import keep, picture, say_why, signed_in

STILLS = 213
PICTURE = re.compile(r'<img src="(/items/[^"]+)" alt="As ')
DIGEST = re.compile(r'name="digest" value="([0-9a-f]{64})"')
CHILD = {"less_intrusive": "Schools were asked first.", "child_welfare": "Children's services were told."}
SCHOOL = "Nobody at the two schools nearby knew this face."
# What is the matter with every so many of them, by their number in the row.
FAULTS = {7: "unverified", 11: "wrong", 16: "child"}
EVERY = 20


def fault(number: int) -> str:
    return FAULTS.get(number % EVERY, "")


@pytest.fixture
def batch(desk: Office) -> dict[str, str]:
    """By reference, what is the matter with it. Small files of their own for each: what is measured is deciding."""
    now, operation, found = datetime.now(UTC), factories.operation(), {}
    record = factories.appeal_record(now, **CHILD)
    for number in range(STILLS):
        received, published = f"picture {number}".encode(), picture("maroon", (16, 12)) + number.to_bytes(2, "big")
        keep(desk, received, "originals")
        keep(desk, published)
        age = "yes" if fault(number) == "child" else "no"
        person = factories.person(operation, now=now, appears_under_18=age)
        item = factories.appeal(
            operation, now=now, original=factories.original(received), record=record, subjects=[person]
        )
        item = factories.in_review(item, published, now=now)
        if fault(number) != "unverified":
            factories.verified(item, now=now)
        found[item.reference] = fault(number)
    return found


def decide(client: Client, batch: dict[str, str], *, may_children: bool) -> Counter[str]:
    """Whatever comes up is looked at and decided on, until nothing does. Answers how often what was done."""
    done: Counter[str] = Counter()
    while True:
        page = client.get("/sitting/")
        html, item = page.content.decode(), page.context.get("item")
        if item is None:
            return done
        here, matter = f"/sitting/{item.reference}", batch[item.reference]
        if matter == "unverified" or (matter == "child" and not may_children):
            assert 'class="go"' not in html  # no button, and the reason why
            done["skipped"] += client.post(f"{here}/skip/").status_code == 302
            continue
        pictures = PICTURE.findall(html)
        assert len(pictures) == 2
        for address in pictures:
            b"".join(client.get(address).streaming_content)
        if matter == "wrong":
            answer = client.post(f"{here}/send-back/", {"back-reason": "This is the man from WTN-0003."})
            done["sent back"] += answer.status_code == 302
            continue
        [digest] = DIGEST.findall(html)
        said = {"digest": digest, "confirm": "on", "others": "on", "reason": SCHOOL if matter == "child" else ""}
        answer = client.post(f"{here}/approve/", said)
        assert answer.status_code == 302, answer.content.decode()
        done["approved"] += 1


@pytest.mark.slow
def test_213_stills_are_decided_in_one_sitting_one_by_one(approver: Client, batch: dict[str, str]) -> None:
    say_why(approver, "The batch of Operation Larch.")
    began = time.monotonic()
    done = decide(approver, batch, may_children=False)
    took = time.monotonic() - began
    of = Counter(batch.values())
    assert done == {"approved": of[""], "sent back": of["wrong"], "skipped": of["unverified"] + of["child"]}
    print(f"{STILLS} stills in {took:.1f} s: {dict(done)}")

    sitting = ReviewSession.objects.get()
    approvals, back = Approval.objects.filter(sitting=sitting, batch=True), SentBack.objects.filter(sitting=sitting)
    assert (approvals.count(), back.count()) == (of[""], of["wrong"])
    seconds = [*approvals.values_list("seconds", flat=True), *back.values_list("seconds", flat=True)]
    assert all(each is not None and 0 < each <= took for each in seconds)
    assert len(set(seconds)) > len(seconds) / 2  # counted for each, not once for all
    assert set(approvals.values_list("others", flat=True)) == {"none"}
    logged = [json.loads(each.about) for each in Entry.objects.filter(act__in=["approved", "sent_back"])]
    assert len(logged) == len(seconds)
    assert all(each["batch"] and each["sitting"] == sitting.pk and each["milliseconds"] > 0 for each in logged)
    assert Consultation.objects.filter(sitting=sitting).count() == 2 * len(seconds)  # none but what was decided on
    states = Counter(Item.objects.values_list("state", flat=True))
    assert states == {"approved": of[""], "draft": of["wrong"], "in_review": of["unverified"] + of["child"]}

    factories.officer("suri", "approver", rank="superintendent")
    above = signed_in("suri")
    say_why(above, "Those who appear under 18.")
    assert decide(above, batch, may_children=True) == {"approved": of["child"], "skipped": of["unverified"]}
    reasons = Approval.objects.filter(approver__username="suri").values_list("rank", "reason")
    assert sorted(reasons) == [("superintendent", SCHOOL)] * of["child"]
    assert audit.verify() == Entry.objects.count()

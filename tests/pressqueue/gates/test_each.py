"""Every rule at each of its steps: what breaks it alone is refused there by its number, and passes when mended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest

from pressqueue import gates
from pressqueue.gates import (
    Gate,
    Step,
    authority,
    blocked,
    emergency,
    features,
    people,
    proceedings,
    publishing,
    records,
    shown,
    wording,
)
from pressqueue.gates import approval as approving
from pressqueue.gates import words as must_be
from pressqueue.gates.base import PUBLISHING

from support import items_at_steps
from support.factories import CAPTION, NOW, ROUTES
from support.items_at_steps import SECOND, Changes

pytestmark = pytest.mark.usefixtures("office")
ONE = ({"who": "bran", "rank": "inspector"},)
LONG_AGO = NOW - timedelta(days=60)
APPROVING = frozenset({Step.APPROVE})
ALL: frozenset[Step] = frozenset()  # every step the rule declares


@dataclass(frozen=True)
class Broken:
    """How one rule is broken, on which good Item, and at which of its steps (all of them unless said)."""

    gate: type[Gate]
    base: str
    changes: Changes
    steps: frozenset[Step] = ALL
    also: tuple[type[Gate], ...] = ()  # others of the same number that such an Item cannot but break

    @property
    def asked_at(self) -> frozenset[Step]:
        return self.steps or self.gate.steps


def record(gate: type[Gate], **values: object) -> Broken:
    return Broken(gate, "appeal", {"record": values})


def person(gate: type[Gate], base: str = "appeal", **values: object) -> Broken:
    return Broken(gate, base, {"person": values})


def item(gate: type[Gate], base: str = "appeal", **values: object) -> Broken:
    return Broken(gate, base, {"item": values})


def decided(
    gate: type[Gate], base: str = "appeal", *, steps: frozenset[Step] = frozenset(), **values: object
) -> Broken:
    return Broken(gate, base, {"standing": values}, steps)


def wanted(gate: type[Gate], **values: object) -> Broken:
    return Broken(gate, "wanted", {"record": values})


def feature(gate: type[Gate], **values: object) -> Broken:
    return Broken(gate, "feature", {"feature": values})


UNANSWERED = {name: [] if name == "means_tried" else "" for name in records.REQUIRED} | {
    "incident_at": None, "review_at": None,
}  # fmt: skip
BROKEN: dict[str, Broken] = {
    # R1
    "no title": item(must_be.HasWords, "feature", title=" "),
    "no caption": item(must_be.HasWords, "feature", caption=""),
    "an unknown placeholder": item(must_be.HasWords, "feature", caption="Rufus, {name}."),
    "something filled into the alternative text": item(must_be.HasWords, alt_text="A person. {reference}"),
    "nowhere to go": item(must_be.HasWords, "feature", destinations=[]),
    **{f"no answer: {name}": record(records.RecordComplete, **{name: value}) for name, value in UNANSWERED.items()},
    "nobody says what is sought": Broken(
        records.SaysWhatIsSought, "appeal", {"item": {"purpose": ""}, "person": {"category": "witness"}}
    ),
    "no link to the offence": record(records.RecordComplete, link_to_offence=""),
    "the camera's clock not known": record(records.RecordComplete, clock_offset=None),
    "nobody says when it comes down": item(records.RecordComplete, expires_at=None),
    "nobody checked for restrictions": record(records.RecordComplete, restrictions_checked_by=""),
    "an incident to come": record(records.DatesPossible, incident_at=NOW + timedelta(days=1)),
    "an incident that ends before it begins": record(records.DatesPossible, incident_until=NOW - timedelta(days=10)),
    "a consultation to come": record(records.DatesPossible, victim_consulted_on=NOW.date() + timedelta(days=1)),
    "a review after its end": record(records.DatesPossible, review_at=NOW + timedelta(days=29)),
    "down before it is up": Broken(
        records.DatesPossible, "appeal",
        {"item": {"publish_from": NOW + timedelta(hours=2), "expires_at": NOW + timedelta(hours=1)}},
        frozenset({Step.DRAFT, Step.SUBMIT, Step.APPROVE}),
    ),
    "a review long after": Broken(
        records.DatesNear, "appeal",
        {"record": {"review_at": NOW + timedelta(days=40)}, "item": {"expires_at": NOW + timedelta(days=50)}},
    ),
    "a review that has passed": record(records.DatesNear, review_at=NOW - timedelta(hours=1)),
    "an end after more than a year": item(records.DatesNear, expires_at=NOW + timedelta(days=400)),
    "a reporting restriction": record(records.NoRestriction, restrictions="in_force"),
    # R2
    "decided by its author": decided(approving.FourEyes, decider="amara", steps=APPROVING),
    "approved by its author": decided(
        approving.FourEyes, approvals=({"who": "amara", "rank": "inspector"},), steps=PUBLISHING
    ),
    "approved by nobody": decided(approving.FourEyes, approvals=(), steps=PUBLISHING),
    "not verified": decided(approving.Verified, verified=False),
    "approved by the form's confirmer alone": decided(approving.ConfirmerNotAlone, confirmer="bran"),
    "too low a rank": decided(
        authority.AuthorityReached, verifier_rank="sergeant", approvals=({"who": "bran", "rank": "sergeant"},)
    ),
    # R3 to R6
    "another word since": decided(approving.SameDigest, since=" Thank you."),
    "an appeal approved three days ago": decided(approving.ApprovalFresh, approved_at=NOW - timedelta(hours=73)),
    "a feature approved a month ago": decided(
        approving.ApprovalFresh, "feature", approved_at=NOW - timedelta(days=31)
    ),
    "its time has passed": item(publishing.WithinWindow, publish_from=LONG_AGO, publish_until=NOW),
    "its time is to come": Broken(
        publishing.WithinWindow, "appeal", {"item": {"publish_from": NOW + timedelta(hours=1)}}, PUBLISHING
    ),
    "not shown": decided(shown.BytesShown, shown=False),
    # R7 to R12
    "no answer: age": person(people.AgeAnswered, appears_under_18=""),
    "an age that rests on nothing": person(people.AgeAnswered, age_basis=""),
    "a child, and no answer whether under ten": person(people.AgeAnswered, "child", appears_under_10=None),
    "a child without a word why": Broken(people.ChildJustified, "child", {"record": {"less_intrusive": ""}}),
    "a child without a word of its welfare": Broken(people.ChildJustified, "child", {"record": {"child_welfare": ""}}),
    "a child on an inspector's word": decided(authority.ChildAuthorised, "child", approvals=ONE),
    "a child without a reason": decided(authority.ChildAuthorised, "child", approvals=({**SECOND, "reason": " "},)),
    "a child in a batch, by an inspector": decided(
        authority.ChildInBatch, "child", said={"batch": True, "reason": "Why less intrusive options would not work."}
    ),
    "under ten": person(people.NeverUnderTen, appears_under_10=True),
    "a victim": person(people.NoVictim, category="victim"),
    "no answer: anonymity": record(records.AnonymityAnswered, anonymity=None),
    "anonymity, approved once": record(authority.AnonymityTwice, anonymity=True),
    "no answer: the victim": record(records.VictimConsulted, victim_consulted=""),
    "the victim, on no day": record(records.VictimConsulted, victim_consulted_on=None),
    "the victim not asked, and no word why": record(records.VictimConsulted, victim_consulted="no"),
    "no answer: vulnerable": person(people.VulnerabilityAnswered, vulnerable=None),
    "vulnerable, approved once": person(authority.VulnerableTwice, vulnerable=True, vulnerability="Frail."),
    "no answer: others": record(records.OthersCovered, others_in_frame=""),
    "others, and no word why": record(records.OthersCovered, others_in_frame="justified"),
    "others said to be covered": record(records.OthersCovered, others_in_frame="covered"),
    "others not declared by who decides": decided(shown.OthersDeclared, said={"others": False}),
    # R13 to R17
    "an insult": item(wording.NeverSaid, caption=f"This thug. {CAPTION}"),
    "guilt": item(wording.NoGuiltSaid, title="Do you know this thief? {reference}"),
    "no stem": item(wording.SaysItMayHelp, title="{reference}", caption=f"A person. {ROUTES}"),
    "a name": Broken(
        wording.NamesOnlyWanted, "appeal",
        {"person": {"name": "Ada Quill"}, "item": {"caption": f"Ada Quill. {CAPTION}"}},
    ),
    "no reference": Broken(
        must_be.ReferenceShown, "appeal",
        {"item": {"title": "Do you know this person?", "caption": CAPTION.replace(" quoting {reference}", "")}},
    ),
    "no Crimestoppers": item(wording.RoutesGiven, caption=CAPTION.replace("Crimestoppers", "us")),
    "no answer: approach": record(records.ApproachAnswered, do_not_approach=None),
    "a danger the record does not know": item(
        wording.ApproachAsRecorded, caption=f"Do not approach, call 999. {CAPTION}"
    ),
    "ethnicity": item(wording.EthnicityReasoned, caption=f"A white male. {CAPTION}"),
    "another date": item(wording.DateAsRecorded, caption=f"On 20 February 2026. {CAPTION}"),
    "an open licence": item(publishing.AppealTerms, licence="4"),
    "comments": item(publishing.AppealTerms, comments=True),
    "comments nobody attested": decided(publishing.CommentsClosed, about={"needs_comment_attestation": True}),
    # R19 to R24
    "not looked for": wanted(records.WantedJustified, attempts_to_locate=""),
    "a picture of no day": wanted(records.WantedJustified, image_taken_on=None),
    "an old picture": wanted(records.WantedJustified, image_taken_on=(NOW - timedelta(days=800)).date()),
    "a custody photograph": wanted(records.WantedJustified, source="custody"),
    "nobody by name": person(records.WantedJustified, "wanted", name=" "),
    **{
        f"unidentified: {state}": person(proceedings.UnidentifiedOnly, proceedings=state)
        for state in ("warrant_issued", "failed_to_appear", "unlawfully_at_large", "recalled")
    },
    **{
        f"wanted: {state}": person(proceedings.NamedWhileAtLarge, "wanted", proceedings=state)
        for state in ("failed_to_appear", "unlawfully_at_large", "recalled")
    },
    **{
        f"{base}: {state}": person(proceedings.NotAfterArrest, base, proceedings=state)
        for base in ("appeal", "wanted")
        for state in ("arrested", "bailed_rui", "summonsed", "charged", "concluded_not_guilty", "nfa")
    },
    "a court's result": person(proceedings.NoCourtResult, proceedings="concluded_guilty"),
    "no answer: sought as what": person(people.CategoryFits, category=""),
    "somebody convicted": person(people.CategoryFits, category="convicted"),
    "a witness in an appeal for a suspect": person(people.CategoryFits, category="witness"),
    "unidentified, not looked up in three days": person(
        proceedings.CheckedLately, proceedings_at=NOW - timedelta(hours=73)
    ),
    "wanted, not looked up in a day": person(
        proceedings.CheckedLately, "wanted", proceedings_at=NOW - timedelta(hours=25)
    ),
    "never looked up": person(proceedings.CheckedLately, proceedings_at=None),
    "kept up, and not looked up for it": Broken(
        proceedings.CheckedAtReview, "appeal",
        {"person": {"proceedings_at": NOW - timedelta(hours=73)}, "standing": {"about": {"reviewing": True}}},
    ),
    "up, and not looked up in a week": person(
        proceedings.CheckedWhileLive, "wanted", proceedings_at=NOW - timedelta(days=8)
    ),
    # R29, R34
    "a picture that came down": decided(blocked.NotBlocked, blocked=True),
    "its expiry": item(publishing.NotExpired, "feature", expires_at=NOW),
    "a review that is due": record(publishing.ReviewDue, review_at=NOW),
    "a review nobody made": Broken(
        publishing.ReviewedInTime, "appeal", {"record": {"review_at": NOW - timedelta(days=7)}},
        also=(publishing.ReviewDue,),
    ),
    # R43 to R55
    "no basis": feature(features.FeatureRecordComplete, basis=""),
    "nobody's consent": feature(features.FeatureRecordComplete, basis="consent"),
    "no rights": feature(features.FeatureRecordComplete, rights=""),
    "a checklist not answered": feature(features.FeatureRecordComplete, checklist=[]),
    "consent that has run out": feature(features.ConsentStands, consent_until=NOW),
    "rights that have run out": feature(features.ConsentStands, rights_until=NOW),
    "no alternative text": item(must_be.AltText, alt_text=""),
    "a file name for one": item(must_be.AltText, alt_text="IMG_0001.jpg"),
    "one that is too long": item(must_be.AltText, alt_text="A dog. " * 40),
    "CCTV as a feature": feature(features.FeatureIsNoAppeal, source="cctv"),
    "a custody picture as a feature": feature(features.FeatureIsNoAppeal, source="custody"),
    "a person without a number": decided(people.PersonNumbered, people=False),
    "an emergency one approver does not know of": Broken(
        emergency.BothKnew, "emergency",
        {"standing": {"said": {"reason": "It looks right."}, "approvals": ONE}},
    ),
    "an emergency without a reason": decided(
        emergency.BothKnew, "emergency", said={"break_glass": True}, steps=APPROVING
    ),
    "an emergency's answers after a day": Broken(
        emergency.DeferredAnswered, "emergency",
        {"record": {"risk": ""}, "standing": {"now": NOW + timedelta(hours=24)}},
    ),
}  # fmt: skip
BASES = ("appeal", "child", "wanted", "feature", "emergency")


def failing(case: gates.Case) -> tuple[set[type[Gate]], set[str]]:
    """Which rules refuse, each asked by itself, and which numbers the refusal names."""
    refused = gates.faults(case)
    assert all(sentence.endswith((".", "”")) for _, sentence in refused)
    return {type(gate) for gate in gates.asked(case.step) if gate.fault(case)}, {number for number, _ in refused}


@pytest.mark.parametrize("base", BASES)
def test_what_is_good_is_refused_at_no_step(base: str) -> None:
    made = getattr(items_at_steps, base)()
    found = {step: failing(case) for step, case in made.cases(Step).items()}
    assert found == {step: (set(), set()) for step in Step}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_what_breaks_one_rule_alone_is_refused_by_it_at_each_of_its_steps(broken: Broken) -> None:
    made = getattr(items_at_steps, broken.base)()
    expected = ({broken.gate, *broken.also}, {broken.gate.number})
    with made.but(broken.changes):
        found = {step: failing(case) for step, case in made.cases(broken.asked_at).items()}
    assert found == dict.fromkeys(broken.asked_at, expected)
    good = made.cases(broken.asked_at).values()
    assert [gates.faults(case) for case in good] == [[]] * len(broken.asked_at)


def test_every_rule_has_a_case_at_each_of_its_steps() -> None:
    asked = {(type(gate), step) for gate in gates.ALL for step in gate.steps}
    assert asked - {(each.gate, step) for each in BROKEN.values() for step in each.asked_at} == set()

"""What is asked of an officer for the record: each answer's label, and a sentence of what it wants. Words only.

The command line's template and the desk's forms take them from here, so that both doors ask alike. Which answers
there are is the models' business (`pressqueue/models/records.py`, `pressqueue/records.py`); a test holds this table
to them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Question:
    """One answer's label, help (a sentence or two), and, where it is a choice, what each value means."""

    label: str
    help: str
    choices: Mapping[str, str] = field(default_factory=dict)


_YES_NO = {"true": "Yes", "false": "No"}
SOURCES = {
    "cctv": "CCTV",
    "body_worn": "Body-worn video",
    "police": "Taken by the force itself",
    "public": "A member of the public",
    "custody": "A custody photograph",
    "agency": "An agency or photographer",
}

_INCIDENT = {
    "offence": Question(
        "Offence", "In the words of a reported crime: “a reported burglary”. Do not suggest that anybody is guilty."
    ),
    "crime_reference": Question("Crime reference", "The crime or occurrence reference."),
    "location": Question("Location", "Where it happened, as the public may read it; no private address."),
    "incident_at": Question(
        "When it happened",
        "The true time, corrected for the camera's clock. For a period, give its start.",
    ),
    "incident_until": Question("Until", "The end of the span, where only a span is known."),
}
_PICTURE = {
    "exhibit": Question("Exhibit reference", "Under which the original is kept, such as NSP/1."),
    "source": Question(
        "Where the picture comes from", "A CCTV, custody or body-worn picture is never a feature.", SOURCES
    ),
    "source_detail": Question("Whose it is", "Whose camera, or who handed it over."),
    "source_verified_by": Question("Source verified by", "Who checked that it is the right picture."),
    "clock_offset": Question(
        "Camera's clock, seconds fast",
        "For CCTV: how many seconds the camera's clock was fast. Put a minus if it was slow, 0 if it was right.",
    ),
    "link_to_offence": Question(
        "Link to the offence", "Why this person is connected with it: what the picture shows, and what else is known."
    ),
    "others_in_frame": Question(
        "Others in the picture",
        "Whether anybody else can be recognised in it.",
        {
            "none": "Nobody else can be recognised",
            "covered": "They are covered by redactions",
            "justified": "They can be recognised, and must be",
        },
    ),
    "others_reason": Question("Why others must be recognised", "Only where others can be recognised and must be."),
}
_WHY = {
    "policing_purpose": Question("Policing purpose", "What the appeal is for."),
    "legal_basis": Question("Legal basis", "The power and the data-protection basis it rests on."),
    "means_tried": Question(
        "Other means tried",
        "What else was tried to identify or find the person, each with its day: at least one. The police "
        "lost Crook v CC Essex on this point.",
    ),
    "seriousness": Question(
        "Seriousness",
        "How serious it is; with age and reach it decides who may approve.",
        {"volume": "Volume crime", "serious": "Serious crime", "threat_to_life": "A threat to life"},
    ),
    "proportionality": Question(
        "Proportionality", "Why it is proportionate: the effect on the person, their family and the community."
    ),
    "reach": Question(
        "Reach", "Why a worldwide platform: what is published there is seen everywhere and is hard to take back."
    ),
    "risk": Question("Risk assessment", "The harm that publishing it could cause to anybody, and how you reduce it."),
    "do_not_approach": Question(
        "Do not approach", "Whether the public must be told not to approach, and to call 999.", _YES_NO
    ),
}
_VICTIM = {
    "victim_consulted": Question(
        "Victim consulted",
        "Whether the victim was asked before it is published.",
        {"yes": "Yes", "no": "No, for a reason", "no_identifiable_victim": "There is no victim who can be identified"},
    ),
    "victim_consulted_on": Question("Consulted on", "The day on which the victim was asked, if they were."),
    "victim_reason": Question("Why not consulted", "Only where the victim was not asked."),
    "anonymity": Question(
        "Right to anonymity",
        "Whether this is a sexual offence, or somebody in it has a right to anonymity.",
        _YES_NO,
    ),
    "restrictions": Question(
        "Reporting restrictions",
        "Whether a court's reporting restriction is in force. Nothing is published against one.",
        {"none": "None", "in_force": "One is in force"},
    ),
    "restrictions_checked_on": Question("Restrictions checked on", "The day on which that was looked up."),
    "restrictions_checked_by": Question("Restrictions checked by", "Who looked it up."),
}
_CHILD = {
    "less_intrusive": Question(
        "Why less intrusive options would not work",
        "Only where somebody shown appears to be under 18, or nobody is sure: why nothing less intrusive would do.",
    ),
    "child_welfare": Question("The child's welfare", "In the same case: what was considered for the child's welfare."),
}
_TEXT = {
    "contact": Question(
        "Contact details",
        "Telephone numbers and addresses in the text. If you leave it empty, Publisher uses the campaign's own.",
    ),
    "conditions_of_use": Question("Conditions of use", "What others may do with the picture, and until when."),
    "ethnicity_reason": Question("Why ethnicity is named", "Only where the text names a person's ethnicity."),
    "date_reason": Question("Why the date differs", "Only where the text gives another date than the recorded one."),
}
_DATES = {
    "review_at": Question("Review", "When an officer reviews whether it is still needed; before it is taken down."),
    "retention_review_on": Question(
        "Retention review", "The day on which it is decided how much longer the record and the original are kept."
    ),
}
_INVESTIGATOR = {
    "investigator": Question("Officer in the case", "The user name of their account here; without one, name and rank."),
    "investigator_name": Question("Their name", "Of the SIO or OIC, where they have no account."),
    "investigator_rank": Question("Their rank", "Of the SIO or OIC, where they have no account."),
}
_WANTED = {
    "attempts_to_locate": Question(
        "Attempts to find the person",
        "Wanted: what was done to find them first (Crook v CC Essex).",
    ),
    "image_taken_on": Question("Picture taken on", "Wanted: the day on which the picture was taken."),
    "image_age_reason": Question("Why an old picture", "Wanted: why one is used that is older than the force allows."),
    "custody_reason": Question("Why a custody photograph", "Wanted: only where the picture comes from custody."),
    "legal_check": Question(
        "Legal check", "Wanted and already charged or convicted: who advised that it may be published, and when."
    ),
}

APPEAL_GROUPS: dict[str, dict[str, Question]] = {
    "What happened": _INCIDENT,
    "The picture": _PICTURE,
    "Why it is needed": _WHY,
    "The victim, and the court": _VICTIM,
    "Somebody under 18": _CHILD,
    "The text": _TEXT,
    "Dates": _DATES,
    "The officer in the case": _INVESTIGATOR,
    "A wanted person": _WANTED,
}
FEATURE_GROUPS: dict[str, dict[str, Question]] = {
    "The people in it": {
        "basis": Question(
            "Basis",
            "Why those who can be recognised may be shown.",
            {
                "consent": "They consented",
                "public_place": "Taken in a public place",
                "staff": "They work for the force",
                "nobody": "Nobody can be recognised",
            },
        ),
        "consent_detail": Question("Consent", "Whose consent, how it was given, and where it is kept."),
        "consent_until": Question("Consent until", "When it runs out; left out, it has no end. It comes down then."),
    },
    "The picture": {
        "source": _PICTURE["source"],
        "rights": Question("Rights", "Who holds the rights in the picture."),
        "rights_until": Question("Rights until", "When they run out; left out, they have no end. It comes down then."),
        "facet": Question("Topic", "What it is about, in a word: dogs, roads, people. The series mixes topics."),
        "checklist": Question("Safety checklist", "Name each question to which the answer is yes; all are needed."),
    },
}
PERSON_GROUPS: dict[str, dict[str, Question]] = {
    "The person shown": {
        "category": Question(
            "Sought as",
            "What they are in this investigation. A victim is never shown.",
            {"suspect": "Suspect", "witness": "Witness", "victim": "Victim", "convicted": "Convicted"},
        ),
        "name": Question("Name", "Only for a wanted person. Leave it empty for anybody else."),
        "appears_under_18": Question(
            "Appears under 18",
            "How old the person looks in the picture. Unsure counts as yes.",
            {"yes": "Yes", "no": "No", "unsure": "Unsure"},
        ),
        "appears_under_10": Question("Appears under 10", "Such a picture is never published.", _YES_NO),
        "age_basis": Question("How you assessed age", "Build, dress, a date of birth: why you answered so."),
        "vulnerable": Question("Vulnerable", "Whether they are known, or seen, to be vulnerable.", _YES_NO),
        "vulnerability": Question("In what way", "Only of somebody who is vulnerable."),
    },
}


def _flat(*groups: dict[str, dict[str, Question]]) -> dict[str, Question]:
    return {name: each for group in groups for asked in group.values() for name, each in asked.items()}


# Every answer of every record by its name; `source` is the only one two records share, and asks both the same.
QUESTIONS: dict[str, Question] = _flat(APPEAL_GROUPS, FEATURE_GROUPS, PERSON_GROUPS)


def said(name: str, value: object) -> str:
    """An answer as it is shown to a person: the meaning of a choice, yes or no, else the text itself."""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return QUESTIONS[name].choices.get(str(value), "" if value is None else str(value))

"""What an officer would answer for the samples: invented, and whole, as the record of a real appeal must be."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from publisher.exercise import samples
from publisher.exercise.samples import Sample

ZONE = ZoneInfo("Europe/London")
CHECK = "Custody and case system, by the officer in the case"
OFFICER = {"investigator_name": "Hannah Osei", "investigator_rank": "detective sergeant"}
# Every safety question of the shipped policy; each picture was looked at for them.
SAFE = ["no_children", "no_address", "no_screens", "no_operation", "no_officer_at_risk"]
_ON_THE_ROAD = ("roadspolicing", "training", "volunteers")


def at(wall: time) -> datetime:
    """The moment the clock showed this on the day of the incident, in UTC."""
    return datetime.combine(samples.INCIDENT, wall, ZONE).astimezone(UTC)


def of_feature(sample: Sample) -> dict[str, Any]:
    """The record of a feature: whose picture it is, who can be recognised, that it is safe."""
    road = sample.facet in _ON_THE_ROAD
    return {
        "basis": "public_place" if road else "nobody",
        "rights": sample.credit,
        "source": "agency",
        "facet": sample.facet,
        "checklist": SAFE,
    }


def of_appeal(sample: Sample, number: int, now: datetime) -> dict[str, Any]:
    """The record of the `number`th appeal, every date of it reckoned from `now`."""
    film = sample is samples.FOOTAGE
    return {
        **_INCIDENT,
        **OFFICER,
        "incident_at": at(time(15, 50) if film else time(15)),
        "incident_until": at(time(16)),
        "location": "Quayside car park, Northshire" if film else "Harbour Street customer centre, Northshire",
        "exhibit": f"NSP/LARCH/{number}",
        "source_detail": "The car park's own camera" if film else "The customer centre's own camera",
        "link_to_offence": _SEEN if film else _INSIDE,
        "policing_purpose": "To find people who may have seen it." if film else "To identify the person shown.",
        "means_tried": [
            {"on": (samples.INCIDENT + timedelta(days=days)).isoformat(), "means": means}
            for days, means in ((2, "Shown to the local team"), (3, "Circulated to neighbouring forces"))
        ],
        "victim_consulted_on": samples.INCIDENT + timedelta(days=3),
        "restrictions_checked_on": now.astimezone(ZONE).date(),
        "review_at": now + timedelta(days=14),
        "retention_review_on": (now + timedelta(days=365)).date(),
    }


def of_people(sample: Sample) -> list[dict[str, Any]]:
    """Whom an appeal shows, and what is answered of each: the film's three drivers, or one person."""
    if sample is samples.FOOTAGE:
        return [_PERSON | {"category": "witness", "age_basis": "Drives a car alone."}] * 3
    return [_PERSON | {"category": "suspect", "age_basis": "Build, dress and bearing of an adult."}]


_PERSON = {"appears_under_18": "no", "vulnerable": False}
_INSIDE = "The person is at the counter while the damage is done there, and nobody else who was has named them."
_SEEN = "Each car leaves the car park past the customer centre while the damage is done there."
_INCIDENT = {
    "offence": "reported violent disorder and criminal damage",
    "crime_reference": "46/118204/26",
    "clock_offset": 0,
    "source": "cctv",
    "source_verified_by": "Exhibits officer, against the recorder's own clock",
    "legal_basis": "Prevention and detection of crime; Data Protection Act 2018, Part 3.",
    "seriousness": "serious",
    "proportionality": (
        "Staff were hurt, and the community asks who was there. One picture each, from behind, for four weeks; no "
        "name, no family and no home can be told from it."
    ),
    "reach": (
        "People came from other counties, so a gallery of the force's own would not reach those who know them. What "
        "is worldwide is hard to take back: it comes down after four weeks, or at once when a person is known."
    ),
    "risk": "Low: nobody is named. The neighbourhood team has been told, and looks out for reprisals.",
    "victim_consulted": "yes",
    "anonymity": False,
    "restrictions": "none",
    "restrictions_checked_by": "Legal services",
    "others_in_frame": "none",
    "do_not_approach": False,
    "contact": f"{samples.CONTACT}.",
    "conditions_of_use": "For identifying the person shown, until recalled; not to be altered or sold.",
}

"""The demonstration's pictures and film, with the texts they are published under.

The force, the operation, the incidents and the references are invented; nobody is recognisable. Sources and
licences are in LICENCES.txt beside this file.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from importlib import resources
from pathlib import Path

FORCE = "Northshire Police"
OPERATION = "Operation Larch"
CONTACT = "Call 101 quoting the reference, or Crimestoppers on 0800 555 111"
HANDLE = "@NorthshirePol"


@dataclass(frozen=True, slots=True)
class Sample:
    """One thing to publish: its file, texts and tags. Texts may hold the placeholders {day} and {reference}."""

    file: str
    title: str
    caption: str
    alt_text: str
    credit: str
    tags: tuple[str, ...]
    poster_at: float = 0.0  # seconds; for footage
    facet: str = ""  # of a feature: what its series is mixed by


def path(name: str) -> Path:
    """Where a sample file lies. FileNotFoundError where there is none of that name."""
    found = Path(str(resources.files(__name__) / name))
    if not found.is_file():
        raise FileNotFoundError(f"there is no sample called {name}")
    return found


def saturday_before(today: date) -> date:
    """The last Saturday that is at least five days gone: time enough to have looked elsewhere first."""
    latest = today - timedelta(days=5)
    return latest - timedelta(days=(latest.weekday() - 5) % 7)


# The invented disorder has happened whenever the demonstration is shown: no appeal is for what is yet to come.
INCIDENT = saturday_before(date.today())  # noqa: DTZ011  # past in every zone
_DAY = f"{INCIDENT:%A} {INCIDENT.day} {INCIDENT:%B %Y}"
_HOW_TO_TELL_US = (
    "If you can help, call 101 (text relay 18001 101) or report online quoting reference {reference}. If you would "
    "rather not say who you are, call the independent charity Crimestoppers anonymously on 0800 555 111.\n\n"
    "Is this you? Please call 101 and quote {reference}, so that we can speak to you."
)
_GALLERY = (
    "We would like to speak to this person, who may be able to help with enquiries into disorder at the Harbour Street "
    f"customer centre in Northshire on {_DAY}, between 3pm and 4pm. {{what}}\n\n" + _HOW_TO_TELL_US
)
_GALLERY_TAGS = ("northshirepolice", "operationlarch", "appeal")
_INTEL = "Intel Corporation, CC BY 4.0 (a frame of a software test recording)"
_UDACITY = "Udacity, Inc., MIT"


def _feature(file: str, subject: str, caption: str, alt_text: str, credit: str, *tags: str) -> Sample:
    return Sample(
        file=file,
        title=f"Day {{day}} - Northshire Police - {subject}",
        caption=f"{caption}\n\n{HANDLE} #PhotoOfTheDay",
        alt_text=alt_text,
        credit=credit,
        tags=("northshirepolice", "photooftheday", *tags),
        facet=tags[-1],
    )


def _appeal(number: int, wearing: str, alt_text: str) -> Sample:
    return Sample(
        file=f"counter-{number}.jpg",
        title="Operation Larch - can you help? - {reference}",
        caption=_GALLERY.replace("{what}", f"The person is {wearing}."),
        alt_text=alt_text,
        credit=_INTEL,
        tags=_GALLERY_TAGS,
    )


FEATURES: tuple[Sample, ...] = (
    _feature(
        "chelsea.png",
        "The station cat keeps watch",
        "Chelsea arrived at Saltmarsh police station on a wet night in March and has not missed a shift since. "
        '"She takes every briefing from the top of the radiator," says the early turn.',
        "Close-up of a tabby cat with green eyes, looking past the camera.",
        "Stéfan van der Walt, CC0",
        "stationlife",
    ),
    _feature(
        "coffee.png",
        "Coffee with your local team",
        "Our neighbourhood team is at the Harbour Street café every Tuesday from 10am. No appointment and no form: "
        "tell us what worries you in your street, and the coffee is on us.",
        "A red cup of coffee on a red saucer, with a spoon, on a wooden table.",
        "Rachel Michetti, CC0",
        "neighbourhood",
    ),
    _feature(
        "rocket.jpg",
        "Our cadets reach for the sky",
        "Science week at the police cadets: this picture of a rocket on its launch pad started an evening about "
        "forensics, drones and everything else that needs a head for numbers. New cadets are welcome from 13.",
        "A white rocket on its launch pad at dusk, lit by floodlights between four lattice towers.",
        "SpaceX, CC0",
        "cadets",
    ),
    _feature(
        "road-curve.jpg",
        "Keeping two seconds apart",
        "Only a fool breaks the two-second rule. Our roads policing unit uses pictures like this one in every driver "
        "course: choose a sign, watch the car ahead pass it, and count.",
        "A driver's view of a four-lane motorway in sunshine, with cars well apart in the lanes to the left.",
        _UDACITY,
        "roadspolicing",
    ),
    _feature(
        "hawk.jpg",
        "A wet day for wildlife",
        "Our wildlife crime officers met this hawk after a night of rain. Taking birds of prey or their eggs is a "
        "crime; if you see it happen, call 101, or 999 if it is happening now.",
        "A rain-soaked brown and white hawk on a branch, its head turned to the right.",
        "nealvis, CC0",
        "wildlifecrime",
    ),
    _feature(
        "road-hills.jpg",
        "An empty road on Sunday morning",
        "Sunday, a little after six: the quietest hour on the hill road, seen from a training car. The learner at the "
        "wheel passed her advanced course on Friday.",
        "A driver's view of an empty motorway that runs between dry hills under a blue sky.",
        _UDACITY,
        "roadspolicing",
        "training",
    ),
    _feature(
        "road-straight.jpg",
        "Eyes on the horizon",
        "Look where you want to go. It is the first thing our driving school teaches and the last thing an old hand "
        "forgets. Applications for volunteer drivers are open until the end of the month.",
        "A driver's view of a straight motorway towards distant hills, with a few cars in the left-hand lanes.",
        _UDACITY,
        "roadspolicing",
        "volunteers",
    ),
)

APPEALS: tuple[Sample, ...] = (
    _appeal(
        1,
        "of slim build with long fair hair, wearing a long grey cardigan, grey trousers and dark shoes",
        "A person seen from behind at a counter: slim build, long fair hair, long grey cardigan, grey trousers.",
    ),
    _appeal(
        2,
        "of medium build with short dark hair, wearing a black jacket, dark jeans turned up at the hem and dark boots",
        "A person seen from behind at a counter: medium build, short dark hair, black jacket, turned-up dark jeans.",
    ),
    _appeal(
        3,
        "of slim build with very long fair hair, wearing a loose black top, black trousers and pale flat shoes",
        "A person seen from behind at a counter: slim build, very long fair hair, black top, black trousers.",
    ),
    _appeal(
        4,
        "of medium build with short dark hair and glasses, wearing a black T-shirt, dark trousers and dark shoes",
        "A person seen from behind at a counter: medium build, short dark hair, glasses, black T-shirt.",
    ),
    _appeal(
        5,
        "of medium build with dark shoulder-length hair, wearing a grey knitted jumper, dark jeans and dark boots",
        "A person seen from behind at a counter: medium build, dark shoulder-length hair, grey knitted jumper.",
    ),
    _appeal(
        6,
        "of large build with short brown hair, wearing a pale grey short-sleeved shirt, blue jeans and dark trainers",
        "A person seen from behind at a counter: large build, short brown hair, pale grey shirt, blue jeans.",
    ),
)

FOOTAGE = Sample(
    file="car-park.mp4",
    title="Operation Larch - were you in this car park? - {reference}",
    caption=(
        "We would like to speak to the drivers of a white, a pale green and a red car that left the Quayside car park "
        f"in Northshire on {_DAY}, shortly before 4pm. They may be able to help with enquiries into "
        "disorder nearby, as people who could have seen it.\n\n" + _HOW_TO_TELL_US
    ),
    alt_text="Footage without sound from above a car park: a white, a pale green and a red car drive past one by one.",
    credit="Intel Corporation, CC BY 4.0 (a software test recording)",
    tags=_GALLERY_TAGS,
    poster_at=16.6,
)

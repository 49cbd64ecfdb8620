"""Standing texts: which placeholders they may hold, what they may never say, which is in force, and what it becomes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from pressqueue import wording
from pressqueue.gates.wording import faults_of_campaign
from pressqueue.hashing import canonical
from pressqueue.models import ApprovedText, Campaign, Subject, Totals

Kind = ApprovedText.Kind
# Never a name, and never what became of one number: neither is a placeholder.
PLACEHOLDERS: dict[str, tuple[str, ...]] = {
    Kind.ALBUM: ("shown", "removed"),
    Kind.TOMBSTONE: ("reference", "published", "force", "contact"),
    Kind.CORRECTION: ("reference", "published", "force", "contact"),
}
# The shortest of what albums take: a playlist's title at YouTube has 150 characters, its description 5,000, of which
# our own mark wants some; neither takes < or >.
TITLE_CHARS, BODY_BYTES, FORBIDDEN = 150, 4800, "<>"
# R33: what becomes of people is told of nobody, and of no number that stands for one. A correction says of its person
# that nothing is alleged, which is what it is for.
OUTCOMES = (
    "arrested", "bailed", "charged", "summonsed", "cautioned", "convicted", "sentenced", "jailed", "imprisoned",
    "acquitted", "surrendered", "identified", "eliminated",
)  # fmt: skip
_ALLOWED = {Kind.CORRECTION: ("eliminated",)}
_PREFIX = b"publisher-standing-text-1\n"
_HOLE = re.compile(r"\{([^{}]*)\}|[{}]")
_SPACED_HOLE = re.compile(r"( ?)\{([^{}]*)\}")
_REFERENCE = re.compile(r"\b([A-Za-z]{2,8})-\d{1,9}\b")


def digest(text: ApprovedText) -> str:
    """Returns SHA-256 over kind, campaign and text, with the row's salt: an approval binds to it."""
    campaign = text.campaign.slug if text.campaign else ""
    content = canonical([text.salt, text.kind, campaign, text.title, text.body])
    return hashlib.sha256(_PREFIX + content.encode()).hexdigest()


def in_force(kind: str, campaign: Campaign | None = None) -> ApprovedText | None:
    """Returns the approved text of this campaign, else of the whole office.

    None where there is none, or where it was altered.
    """
    approved = ApprovedText.objects.filter(kind=kind, approved_at__isnull=False, ended_at__isnull=True)
    own = approved.filter(campaign=campaign).select_related("campaign").first() if campaign else None
    found = own or approved.filter(campaign__isnull=True).first()
    return found if found is not None and digest(found) == found.digest else None


def waiting(kind: str, campaign: Campaign | None = None) -> ApprovedText | None:
    """Returns the draft of exactly this campaign, or of the office, that nobody has decided about yet."""
    return ApprovedText.objects.filter(
        kind=kind, campaign=campaign, approved_at__isnull=True, ended_at__isnull=True
    ).first()


def filled(text: str, values: Mapping[str, str]) -> str:
    """Returns `text` with every placeholder filled, in one pass.

    One without a value is left out with the space before it.
    """

    def fill(hole: re.Match[str]) -> str:
        value = values.get(hole[2], "")
        return f"{hole[1]}{value}" if value else ""

    return _SPACED_HOLE.sub(fill, text).strip()


def of_totals(totals: Totals | None) -> dict[str, str]:
    """Returns the values of an album's placeholders; 0 where no totals were published yet."""
    return {"shown": str(totals.shown if totals else 0), "removed": str(totals.removed if totals else 0)}


def faults(kind: str, campaign: Campaign | None, title: str, body: str) -> list[tuple[str, str]]:
    """Returns (rule number, sentence) of everything that this text may not be or say."""
    return [
        *(("R1", sentence) for sentence in _form(kind, campaign, title, body)),
        *_wording(kind, campaign, title, body),
        *(("R33", sentence) for sentence in _tells(kind, title, body)),
        *(("R13", sentence) for sentence in _names(f"{title}\n{body}")),
    ]


def _form(kind: str, campaign: Campaign | None, title: str, body: str) -> list[str]:
    found = []
    if kind == Kind.ALBUM and campaign is None:
        found.append("An album belongs to a campaign: name it.")
    if kind == Kind.ALBUM and not title.strip():
        found.append("An album has a title.")
    if kind != Kind.ALBUM and title.strip():
        found.append(f"A {kind} has no title: its words are the text alone.")
    if kind != Kind.ALBUM and not body.strip():
        found.append("The text is empty.")
    if kind != Kind.ALBUM and "{reference}" not in body:
        found.append("The text must show the number it is about: write {reference} where it belongs.")
    if len(title) > TITLE_CHARS:
        found.append(f"The title has {len(title)} characters; {TITLE_CHARS} is what every platform takes.")
    if len(body.encode()) > BODY_BYTES:
        found.append(f"The text has {len(body.encode())} bytes; {BODY_BYTES} is what every platform takes.")
    found += [f"No platform takes “{sign}” in it." for sign in FORBIDDEN if sign in title + body]
    if "{" in title or "}" in title:
        found.append("Nothing is filled into a title: write it out, without { and }.")
    strange = [hole.group(0) for hole in _HOLE.finditer(body) if hole.group(1) not in PLACEHOLDERS[kind]]
    if strange:
        there = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS[kind])
        found.append(f"The text holds {strange[0]}; only these are filled in: {there}.")
    return found


def _wording(kind: str, campaign: Campaign | None, title: str, body: str) -> list[tuple[str, str]]:
    """R13 and R15, as a campaign's words are checked; the office's own as those of an operation."""
    texts = {"album title": title, "album description": body} if kind == Kind.ALBUM else {"standing text": body}
    of = campaign.kind if campaign else Campaign.Kind.OPERATION
    return faults_of_campaign(of, campaign.prefix if campaign else "", texts)


def _tells(kind: str, title: str, body: str) -> list[str]:
    words = {token.form for token in wording.tokens(f"{title}\n{body}")}
    said = [each for each in OUTCOMES if each in words and each not in _ALLOWED.get(Kind(kind), ())]
    found = [f"“{each}” tells what became of people: say only that appeals came down." for each in said]
    prefixes = set(Campaign.objects.values_list("prefix", flat=True))
    for match in _REFERENCE.finditer(f"{title}\n{body}"):
        if match[1].upper() in prefixes:
            found.append(f"“{match[0]}” is one number; a standing text is about no particular one.")
    return found


def _names(text: str) -> list[str]:
    """Nobody's recorded name stands in it, a wanted person's neither: it outlives their appeal."""
    forms = [token.form for token in wording.tokens(text)]
    for number, name in Subject.objects.exclude(name="").values_list("number", "name"):
        own = [token.form for token in wording.tokens(name)]
        if own and any(forms[n : n + len(own)] == own for n in range(len(forms))):
            return [f"It holds the name recorded for {number}. Take it out: standing texts name nobody."]
    return []

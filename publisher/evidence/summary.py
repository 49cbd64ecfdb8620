"""The evidence pack's summary: a PDF that a solicitor reads. The same facts give the same bytes."""

from __future__ import annotations

import io
import unicodedata
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Flowable, KeepTogether, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

_FONTS = Path(__file__).parent / "fonts"
_PLAIN = TTFont("DejaVuSans", str(_FONTS / "DejaVuSans.ttf"))
_BOLD = TTFont("DejaVuSans-Bold", str(_FONTS / "DejaVuSans-Bold.ttf"))
_WIDTH = A4[0] - 36 * mm
_INK, _FAINT = colors.HexColor("#0b1f3f"), colors.HexColor("#c3cad5")
_NAMES = {"post_sent": "arrived, not shown", "post_found": "found there", "post_seen": "read back as public",
          "post_unseen": "still not public", "post_vanished": "removed or changed outside Publisher",
          "post_adopted": "found public after a restore", "post_gone": "read back as not there",
          "post_amended": "read back with amended words",
          "media_gone": "image link no longer works", "removed_by_hand": "recorded as removed by hand"}  # fmt: skip
# What the record calls its answers, where the field's name does not say it.
_QUESTIONS = {"incident_at": "incident (true time)", "clock_offset": "camera clock fast by (seconds)",
              "means_tried": "other means tried", "reach": "why a worldwide platform"}  # fmt: skip

Facts = dict[str, Any]
Rows = list[tuple[str, Any]]


def _style(name: str, size: float, **more: Any) -> ParagraphStyle:
    return ParagraphStyle(name, fontName="DejaVuSans", fontSize=size, leading=size * 1.35, **more)


_TEXT, _CELL = _style("text", 9), _style("cell", 8)
_LABEL = ParagraphStyle("label", parent=_CELL, fontName="DejaVuSans-Bold", textColor=_INK)
_TITLE = ParagraphStyle("title", parent=_TEXT, fontName="DejaVuSans-Bold", fontSize=16, leading=21, textColor=_INK)
_HEADING = ParagraphStyle(
    "heading", parent=_TITLE, fontSize=11, leading=15, spaceBefore=10, spaceAfter=4, keepWithNext=1
)


def pdf(facts: Facts, zone: str) -> bytes:
    """The summary of a pack's facts, with its times in `zone`."""
    for font in (_PLAIN, _BOLD):
        pdfmetrics.registerFont(font)
    file = io.BytesIO()
    reference = facts["item"]["reference"]
    page = SimpleDocTemplate(
        file, pagesize=A4, leftMargin=18 * mm, rightMargin=18 * mm, topMargin=18 * mm, bottomMargin=18 * mm,
        title=f"Evidence pack: {reference}", author=printable(facts["office"]["name"]), invariant=1, lang="en-GB",
    )  # fmt: skip
    footer = f"{reference}, as of entry {facts['as_of']['entry']} of the audit log"

    def draw_footer(canvas: Any, document: Any) -> None:
        canvas.setFont("DejaVuSans", 7)
        canvas.drawString(18 * mm + 6, 10 * mm, footer)
        canvas.drawRightString(A4[0] - 18 * mm - 6, 10 * mm, f"page {document.page}")

    page.build(_Story(facts, zone).told(), onFirstPage=draw_footer, onLaterPages=draw_footer)
    return file.getvalue()


def printable(text: str) -> str:
    """The words as this font can show them; what it cannot, or would show in the wrong order, by code point.

    Right-to-left script would be set from left to right here, which is worse than a number: the name would be another.
    """
    return "".join(sign if _can_be_shown(sign) else f"[U+{ord(sign):04X}]" for sign in text)


def _can_be_shown(sign: str) -> bool:
    if sign == "\n":
        return True
    right_to_left = unicodedata.bidirectional(sign) in {"R", "AL", "AN"}
    return sign.isprintable() and not right_to_left and ord(sign) in _PLAIN.face.charToGlyph


def _paragraph(value: Any, style: ParagraphStyle = _CELL) -> Paragraph:
    return Paragraph(escape(printable(str(value))).replace("\n", "<br/>"), style)


class _Story:
    """The sections, in the order in which they are asked about."""

    def __init__(self, facts: Facts, zone: str) -> None:
        self.facts, self.zone = facts, ZoneInfo(zone)

    def told(self) -> list[Flowable]:
        """Everything, in order."""
        item, as_of, office = self.facts["item"], self.facts["as_of"], self.facts["office"]
        kind = "EXERCISE: nothing of this was ever public. " if office["exercise"] else ""
        story: list[Flowable] = [
            _paragraph(f"Evidence pack: {item['reference']}", _TITLE),
            Spacer(1, 4),
            _paragraph(
                f"{kind}What {office['name']} published under this reference, who approved it, where and for how long. "
                f"Read from the audit log up to entry {as_of['entry']}, written {self._at(as_of['at'])}. Times are in "
                f"{self.zone.key}, to the second. Letters this page's font lacks stand as numbers, such as [U+0000]; "
                "record.json in this pack has every text in full, and README.txt says how the pack is verified.",
                _TEXT,
            ),
        ]
        for heading, blocks in (
            ("What was published, and for how long", [self._post(post) for post in self.facts["posts"]]),
            ("Who approved it", [self._package(package) for package in self.facts["packages"]]),
            ("The Item", [self._pairs(self._item())]),
            ("The exhibit", [self._pairs(self._exhibit())]),
            ("Who is shown", [self._pairs(self._person(person)) for person in self.facts["people"]]),
            ("Why it was published", [self._pairs(self._record())]),
            ("Who received it", [self._recipients()]),
            ("The audit log's lines", [self._log()]),
        ):
            story.append(_paragraph(heading, _HEADING))
            found = [block for block in blocks if block]
            for block in found or [[_paragraph("None.", _TEXT)]]:
                story += [*block, Spacer(1, 5)]
        return story

    def _at(self, moment: str | None) -> str:
        if not moment:
            return ""
        local = datetime.fromisoformat(moment).astimezone(self.zone)
        return f"{local.day} {local:%B %Y, %H:%M:%S %Z}"

    def _pairs(self, rows: Rows) -> list[Flowable]:
        kept = [(label, value) for label, value in rows if value not in (None, "", [], {})]
        if not kept:
            return []
        cells = [[Paragraph(escape(label), _LABEL), _paragraph(value)] for label, value in kept]
        return [Table(cells, colWidths=[42 * mm, _WIDTH - 42 * mm], style=_ruled(), hAlign="LEFT")]

    def _columns(self, widths: list[float], headings: list[str], rows: list[list[Any]]) -> list[Flowable]:
        cells = [[Paragraph(each, _LABEL) for each in headings]]
        cells += [[_paragraph(value) for value in row] for row in rows]
        sizes = [width * _WIDTH / sum(widths) for width in widths]
        return [Table(cells, colWidths=sizes, style=_ruled(), repeatRows=1, hAlign="LEFT")] if rows else []

    def _post(self, post: Facts) -> list[Flowable]:
        rows: Rows = [
            ("at", post["destination"]),
            ("address", post["url"] or post["remote_id"]),
            ("title as published", post["title"]),
            ("caption as published", post["caption"]),
            ("live from", self._at(post["live_from"]) or "was never live"),
            ("taking down asked", self._at(post["take_down_asked_at"])),
            ("reason", (post["reason"] or "").replace("_", " ")),
            ("live to", self._at(post["live_to"]) or ("" if not post["live_from"] else "not confirmed gone")),
            ("package", post["package"]),
        ]
        answers = [
            [self._at(each["at"]), self._at(each["platform_at"]), _NAMES[each["answer"]], each["entry"]]
            for each in post["read_backs"]
        ]
        tries = [
            [
                self._at(attempt["began_at"]),
                self._at(attempt["ended_at"]),
                f"{attempt['outcome']} {attempt['words']}".strip(),
            ]
            for attempt in post["attempts"]
        ]
        addresses = [[each["url"], self._at(each["gone_at"]) or "still asked"] for each in post["direct_addresses"]]
        return [
            *self._pairs(rows),
            *self._columns([3, 3, 3, 1], ["the platform answered, at", "by its own clock", "answer", "entry"], answers),
            *self._columns([3, 3, 2], ["sending began", "ended", "outcome"], tries),
            *self._columns([4, 2], ["direct address of the bytes", "gone at"], addresses),
        ]

    def _package(self, package: Facts) -> list[Flowable]:
        hashes = sorted({file["sha256"] for file in package["files"].values()})
        rows: Rows = [
            ("package", package["digest"]),
            ("made", self._at(package["made_at"])),
            ("takes the place of", package["amends"]),
            ("because", self._amended_because(package["digest"])),
            ("title", package["title"]),
            ("caption", package["caption"]),
            ("alternative text", package["alt_text"]),
            ("file, SHA-256", "\n".join(hashes)),
        ]
        approvals = [self._approval(approval) for approval in package["approvals"]]
        sent_back = [[_name(each["by"]), self._at(each["at"]), _seconds(each)] for each in package["sent_back"]]
        verified = [
            [verification["name"], verification["rank"], self._at(verification["at"]), self._ended(verification)]
            for verification in package["verifications"]
        ]
        return [
            KeepTogether(self._pairs(rows)),
            *self._columns([2.6, 2, 3.6, 1.4, 3], ["approved by", "rank", "at", "seconds", "remarks"], approvals),
            *self._columns([3, 4, 2], ["sent back by", "at", "seconds"], sent_back),
            *self._columns([3, 2, 3, 3], ["verified by (officer in the case)", "rank", "at", "remarks"], verified),
        ]

    def _amended_because(self, digest: str) -> str:
        found = [amendment for amendment in self.facts["amendments"] if amendment["package"] == digest]
        return "\n".join(f"{each['reason']} ({each['state']}, drafted by {_name(each['by'])})" for each in found)

    def _approval(self, approval: Facts) -> list[Any]:
        overrides = [f"{rule}: {why}" for rule, why in sorted(approval["overrides"].items())]
        glass = ["break-glass"] if approval["break_glass"] else []
        looked = [f"others in the frame: {approval['others']}"] if approval["others"] else []
        row = ["one of a batch"] if approval["batch"] else []
        told = [approval["reason"], *looked, *row, *overrides, *glass, self._ended(approval)]
        remarks = "\n".join(filter(None, told))
        return [_name(approval["by"]), approval["rank"], self._at(approval["at"]), _seconds(approval), remarks]

    def _ended(self, row: Facts) -> str:
        return f"void {self._at(row['void_at'])} ({row['void_reason']})" if row["void_at"] else ""

    def _item(self) -> Rows:
        item = self.facts["item"]
        return [
            ("reference", item["reference"]), ("kind", f"{item['kind']} {item['purpose']}".strip()),
            ("campaign", item["campaign"]["title"]), ("state", item["state"]), ("written by", _name(item["author"])),
            ("written", self._at(item["created_at"])), ("ended because", item["ended_reason"].replace("_", " ")),
        ]  # fmt: skip

    def _exhibit(self) -> Rows:
        exhibit, record = self.facts["exhibit"], self.facts["record"]
        return [
            ("SHA-256", exhibit["sha256"]), ("size, bytes", f"{exhibit['size']:,}"), ("kind", exhibit["media_type"]),
            ("exhibit reference", record.get("exhibit")), ("received", self._at(exhibit["received_at"])),
            ("received by", _name(exhibit["received_by"])),
            ("no longer kept", "\n".join(self.facts["bytes_no_longer_kept"])),
        ]  # fmt: skip

    def _person(self, person: Facts) -> Rows:
        checks = [
            f"{each['state']}, {self._at(each['at'])}, {each['name']}{' (a note, counted for nothing)' * each['note']}"
            for each in person["proceedings"]
        ]
        return [
            ("number", person["number"]), ("name", person["name"]), ("category", person["category"]),
            ("appears under 18", ": ".join(filter(None, [person["appears_under_18"], person["age_basis"]]))),
            ("proceedings", "\n".join(checks)), ("outcome", person["outcome"].replace("_", " ")),
            ("outcome at", self._at(person["outcome_at"])), ("outcome by", _name(person["outcome_by"])),
        ]  # fmt: skip

    def _record(self) -> Rows:
        return [
            (_QUESTIONS.get(name, name.replace("_", " ")), self._answer(name, value))
            for name, value in self.facts["record"].items()
        ]

    def _answer(self, name: str, value: Any) -> Any:
        if isinstance(value, bool):
            return "yes" if value else "no"
        if name == "means_tried":
            return "\n".join(f"{each['on']}: {each['means']}" for each in value)
        if isinstance(value, list):
            return ", ".join(map(str, value))
        if isinstance(value, dict):
            return _name(value)
        return self._at(value) if value and name.endswith(("_at", "_until")) else value

    def _recipients(self) -> list[Flowable]:
        rows = [
            [self._at(each["at"]), each["words"], _name(each["by"]), each["what"].replace("_", " ")]
            for each in self.facts["recipients"]
        ]
        return self._columns([3, 4, 2, 2], ["at", "to whom and why", "given by", "what"], rows)

    def _log(self) -> list[Flowable]:
        people = self.facts["officers"]
        rows = [
            [each["number"], self._at(each["at"]), each["act"].replace("_", " "),
             _name(people.get(each["actor"]) or each["actor"])]
            for each in self.facts["log"]
        ]  # fmt: skip
        return self._columns([1, 3, 3, 3], ["entry", "at", "what", "by"], rows)


def _seconds(decision: Facts) -> str:
    """How long it was looked at; empty where nothing was shown."""
    return "" if decision["seconds"] is None else f"{decision['seconds']:.1f}"


def _name(person: Any) -> str:
    if isinstance(person, dict):
        return f"{person['rank']} {person['name']}".strip()
    return str(person or "")


def _ruled() -> TableStyle:
    return TableStyle(
        [
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LINEBELOW", (0, 0), (-1, -1), 0.4, _FAINT),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("TOPPADDING", (0, 0), (-1, -1), 2),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
        ]
    )

"""Texts to start from: a template, filled from an Item's record, with every line it must hold."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from pressqueue import records, wording
from pressqueue.errors import Forbidden, NotFound
from pressqueue.gates.wording import kind_of
from pressqueue.models import AppealRecord, Campaign, Item
from pressqueue.wording import Template


def template(name: str) -> Template:
    """Returns the template of this name, unfilled. Raises NotFound naming the known ones."""
    known = wording.current().templates
    if name not in known:
        raise NotFound(f"There is no template “{name}”. There are: {', '.join(known)}.")
    return known[name]


def usual(item: Item) -> str:
    """Returns the name of the template that such an Item starts from. Raises Forbidden for a feature."""
    kind = kind_of(item, ())
    if kind == "feature":
        raise Forbidden("A feature tells its own story: there is no template for it.")
    return kind


def start(item: Item, name: str, *, force: str) -> Template:
    """Returns the texts of an Item to start from; {reference} stays for the machine to fill.

    Raises NotFound, or Forbidden where the record lacks what the template needs.
    """
    chosen, record = template(name), records.of(item)
    if not isinstance(record, AppealRecord):
        raise Forbidden(f"{item.reference} is a feature: templates are for appeals.")
    try:
        made = chosen.filled(_values(item, record, force))
    except wording.NotFilled as error:
        raise Forbidden(str(error)) from None
    return _completed(made, bool(record.do_not_approach))


def _completed(made: Template, do_not_approach: bool) -> Template:
    """With every line it lacks: what warns the public first, everything else last."""
    lines = wording.current().missing(f"{made.title}\n{made.caption}", made.kind, do_not_approach=do_not_approach)
    first = dict.fromkeys(line.better for line in lines if line.only_if)
    last = dict.fromkeys(line.better for line in lines if not line.only_if)
    caption = "\n\n".join(part for part in (" ".join(first), made.caption, " ".join(last)) if part)
    return Template(made.name, made.kind, made.title, caption, made.alt_text)


def _values(item: Item, record: AppealRecord, force: str) -> dict[str, str]:
    zone = ZoneInfo(item.campaign.zone)
    return {
        "reference": "{reference}",
        "location": record.location,
        "offence": record.offence,
        "date": written(record.incident_at, zone),
        "published": published(item),
        "name": " and ".join(subject.name for subject in item.subjects.order_by("number") if subject.name),
        "contact": record.contact.strip() or contact(item.campaign),
        "force": force,
    }


def published(item: Item) -> str:
    """Returns the day on which it was first public, in words; an empty text where it never was."""
    first = item.posts.filter(live_at__isnull=False).order_by("live_at").values_list("live_at", flat=True).first()
    return written(first, ZoneInfo(item.campaign.zone))


def contact(campaign: Campaign) -> str:
    """Returns how to reach the force about a campaign: its own text, else the line every appeal may use."""
    call_us = wording.current().line("force")
    return campaign.contact.strip() or (call_us.better if call_us else "")


def written(moment: datetime | None, zone: ZoneInfo) -> str:
    """Returns the moment's day as the force's language writes it; an empty text for None."""
    dates = wording.current().dates
    if moment is None:
        return ""
    day = moment.astimezone(zone).date()
    return dates[0].written(day) if dates else day.isoformat()

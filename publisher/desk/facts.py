"""What an approver reads beside a picture: the words as they will be published, the record, who had a hand in it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pressqueue import texts
from pressqueue.models import Item
from pressqueue.states import ItemState
from publisher.desk import captions, missing, recorded, shown
from publisher.desk.views.files import SHOWN
from publisher.scheduling import schedule_text

BEING_MADE = (ItemState.DRAFT, ItemState.SUBMITTED)  # its Package, if any, is of an earlier edition


def of(item: Item, now: datetime) -> dict[str, Any]:
    """For the page."""
    return {
        "item": item,
        "files": shown.files_of(item),
        "original_shown": item.original.kind == "still" and item.original.media_type in SHOWN,
        "captions": captions.of(item, None if item.state in BEING_MADE else item.package),
        "outlook": schedule_text.of(item, now),
        "ahead": missing.before_its_hour(item, now),
        "next_day": _next_day(item) if texts.wants_day(item.title, item.caption, *item.tags) else None,
        "people": shown.people_of(item),
        "shows": list(item.subjects.order_by("number")),
        "record": recorded.of_item(item),
        "persons": recorded.of_people(item),
    }


def _next_day(item: Item) -> int:
    """The number a day of the Item's campaign would be given now."""
    return int(min([*item.campaign.returned_days, item.campaign.next_day]))

"""Times as people type them: wall-clock time in the office's zone, or with an offset of their own."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from pressqueue.localtime import instants
from publisher.output import Declined


def future(text: str, zone: str, now: datetime, option: str) -> datetime:
    """The UTC instant of `text`, which must lie ahead. "now" is this moment.

    Raises Declined for what is no time, a time past, one the clocks skip in spring, and one they show twice in autumn.
    """
    if text.strip().lower() == "now":
        return now
    moment = _instant(text, ZoneInfo(zone), option)
    if moment < now:
        local = now.astimezone(ZoneInfo(zone))
        raise Declined(f"{option} {text} is past: it is {local:%Y-%m-%d %H:%M} in {zone} now. Give a later time.")
    return moment


def past(text: str, zone: str, now: datetime, option: str) -> datetime:
    """The same for what has happened: it may not lie ahead."""
    moment = now if text.strip().lower() == "now" else _instant(text, ZoneInfo(zone), option)
    if moment > now:
        local = now.astimezone(ZoneInfo(zone))
        raise Declined(f"{option} {text} is yet to come: it is {local:%Y-%m-%d %H:%M} in {zone} now.")
    return moment


def _instant(text: str, zone: ZoneInfo, option: str) -> datetime:
    try:
        typed = datetime.fromisoformat(text.strip())
    except ValueError:
        raise Declined(f"{option} {text} is no time. Write it like 2026-11-30T08:00, in {zone.key} time.") from None
    return instant(typed, text, zone, option)


def instant(typed: datetime, text: str, zone: ZoneInfo, option: str) -> datetime:
    """The UTC instant of a date and time in `zone`, or with an offset of its own. Raises Declined as `future` does."""
    try:
        return _in_utc(typed, text, zone, option)
    except OverflowError:
        raise Declined(f"{option} {text} is no time that can be kept. Check the year.") from None


def _in_utc(typed: datetime, text: str, zone: ZoneInfo, option: str) -> datetime:
    if typed.tzinfo is not None:
        return typed.astimezone(UTC)
    found = instants(typed, zone)
    if len(found) == 1:
        return found[0]
    if not found:
        raise Declined(f"{option} {text} does not exist in {zone.key}: the clocks go forward over it. Choose another.")
    offsets = [f"{moment.astimezone(zone):%z}" for moment in found]
    raise Declined(
        f"{option} {text} comes twice in {zone.key}, when the clocks go back. Write the offset you mean: "
        f"{text}{offsets[0][:3]}:{offsets[0][3:]} or {text}{offsets[1][:3]}:{offsets[1][3:]}."
    )


def shown(moment: datetime | None, zone: str) -> str:
    """An instant for people: local time with its zone's abbreviation; empty for none."""
    return f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M %Z}" if moment else ""


def local(at: str, zone: str) -> str:
    """An instant that was written for machines, for people."""
    return shown(datetime.fromisoformat(at), zone)


def iso(moment: datetime | None) -> str | None:
    """An instant for machines: ISO 8601 in UTC."""
    return moment.astimezone(UTC).isoformat() if moment else None

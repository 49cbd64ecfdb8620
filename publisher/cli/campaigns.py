"""`campaign` and `slot`: what Items belong to, and at which hours they go out."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from publisher.cli.session import As, AsJson, act, enter, numbered
from publisher.output import Declined, table, tell

if TYPE_CHECKING:
    from pressqueue.models import Campaign, Slot

campaign = typer.Typer(help="Campaigns: a daily series, an operation, a countdown.", no_args_is_help=True)
slot = typer.Typer(help="The hours at which a campaign publishes.", no_args_is_help=True)

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
GROUPS = {"daily": DAYS, "weekdays": DAYS[:5], "weekends": DAYS[5:]}


def register(app: typer.Typer) -> None:
    app.add_typer(campaign, name="campaign")
    app.add_typer(slot, name="slot")


@campaign.command("add")
def add(
    context: typer.Context,
    slug: Annotated[str, typer.Argument(metavar="SLUG", help="Its short name in commands, such as photo-of-the-day.")],
    title: Annotated[str, typer.Option(help="Its title.")],
    kind: Annotated[str, typer.Option(help="series (features), operation or countdown (appeals).")],
    prefix: Annotated[str, typer.Option(help="The prefix of its reference numbers: POD gives POD-0001.")],
    zone: Annotated[str, typer.Option(help="The time zone of its hours; the office's own if not given.")] = "",
    lateness: Annotated[float, typer.Option(help="Hours a missed post may still go out late; then it is skipped.")] = 4,
    first_day: Annotated[int, typer.Option(help="The first day number, used for {day}.", min=1)] = 1,
    album: Annotated[str, typer.Option(help="The title of the album or playlist its posts are filed under.")] = "",
    album_text: Annotated[
        str, typer.Option(help="That album's description; {shown} and {removed} are its totals.")
    ] = "",
    contact: Annotated[str, typer.Option(help="Contact details for appeals that give none of their own.")] = "",
    user: As = None,
    as_json: AsJson = False,
) -> None:
    """A new campaign."""
    session = enter(context)
    from pressqueue.moves import campaigns

    if not 0 < lateness <= 24 * 7:
        raise Declined("--lateness is a number of hours, more than 0 and at most 168.")
    made = campaigns.make_campaign(
        act(session, user),
        slug=slug, title=title, kind=kind, prefix=prefix, zone=zone or session.office.identity.zone,
        lateness=timedelta(hours=lateness), first_day=first_day, now=session.now,
        album_title=album, album_description=album_text, contact=contact,
    )  # fmt: skip
    words = f"The campaign {made.slug} is made; its references begin {made.prefix}-0001."
    if made.album_title:
        words += (
            " A second person approves its album's text at the desk, on the Standard wording page. Nothing is added to "
            "the album before that."
        )
    tell(_described(made), as_json, lambda: words)


@campaign.command("list")
def listing(context: typer.Context, as_json: AsJson = False) -> None:
    """Every campaign, with its hours and what is left in its queue."""
    enter(context)
    from pressqueue.models import Campaign

    found = [_described(each) for each in Campaign.objects.prefetch_related("slots").order_by("slug")]
    rows = [
        (each["campaign"], each["kind"], each["prefix"], each["title"], _hours(each["slots"]), each["approved"],
         "held" if each["held"] else "")
        for each in found
    ]  # fmt: skip
    headings = ("campaign", "kind", "prefix", "title", "hours", "approved", "")
    tell({"campaigns": found}, as_json, lambda: table(*headings, rows=rows))


@slot.command("add")
def add_slot(
    context: typer.Context,
    slug: Annotated[str, typer.Argument(metavar="CAMPAIGN", help="The campaign's short name.")],
    at: Annotated[str, typer.Option(help="The wall-clock time in the campaign's zone, such as 08:00.")],
    days: Annotated[str, typer.Option(help="daily, weekdays, weekends, or a list such as mon,wed,fri.")] = "daily",
    starts: Annotated[str, typer.Option(metavar="DATE", help="The first date it applies to; today if not given.")] = "",
    user: As = None,
    as_json: AsJson = False,
) -> None:
    """An hour at which the campaign publishes its next approved Item."""
    session = enter(context)
    from pressqueue.moves import campaigns

    owner = find(slug)
    today = session.now.astimezone(ZoneInfo(owner.zone)).date()
    made = campaigns.add_slot(
        act(session, user), owner, weekdays=_weekdays(days), wall_time=_wall_time(at), starts_on=_date(starts, today),
        now=session.now,
    )  # fmt: skip
    tell({"campaign": slug, "slot": _slot(made)}, as_json, lambda: f"{slug} publishes {_hours([_slot(made)])}.")


Number = Annotated[int, typer.Argument(metavar="NUMBER", help="As `publisher campaign list --json` shows it.")]


@slot.command("change")
def change_slot(
    context: typer.Context,
    number: Number,
    at: Annotated[str, typer.Option(help="The wall-clock time in the campaign's zone, such as 08:00.")],
    days: Annotated[str, typer.Option(help="daily, weekdays, weekends, or a list such as mon,wed,fri.")] = "daily",
    user: As = None,
    as_json: AsJson = False,
) -> None:
    """Another hour, or other days, from the next date on. Where something waits, an approver does it."""
    session = enter(context)
    from pressqueue.moves import campaign_changes

    made = campaign_changes.change_slot(
        act(session, user), _found(number), weekdays=_weekdays(days), wall_time=_wall_time(at), now=session.now
    )
    slug = made.campaign.slug
    tell({"campaign": slug, "slot": _slot(made)}, as_json, lambda: f"{slug} publishes {_hours([_slot(made)])}.")


@slot.command("end")
def end_slot(context: typer.Context, number: Number, user: As = None, as_json: AsJson = False) -> None:
    """The campaign has this hour no more."""
    session = enter(context)
    from pressqueue.moves import campaign_changes

    done = campaign_changes.end_slot(act(session, user), _found(number), now=session.now)
    tell({"campaign": done.campaign.slug, "slot": _slot(done)}, as_json, lambda: f"The hour {number} has ended.")


@campaign.command("edit")
def edit(
    context: typer.Context,
    slug: Annotated[str, typer.Argument(metavar="CAMPAIGN", help="The campaign's short name.")],
    title: Annotated[str, typer.Option(help="Its new title.")] = "",
    lateness: Annotated[float, typer.Option(help="Hours a missed post may still go out late.")] = 0,
    contact: Annotated[str, typer.Option(help="Contact details for appeals that give none of their own.")] = "",
    user: As = None,
    as_json: AsJson = False,
) -> None:
    """Change a campaign's title, its contact details, or how late a missed post may still go out."""
    session = enter(context)
    from pressqueue.moves import campaign_changes

    late = timedelta(hours=lateness) if lateness else None
    if not title and not contact and late is None:
        raise Declined("Say what to change: --title, --contact, --lateness.")
    done = campaign_changes.edit_campaign(
        act(session, user), find(slug), title=title, lateness=late, contact=contact, now=session.now
    )
    tell(_described(done), as_json, lambda: f"The campaign {slug} is changed.")


@campaign.command("close")
def close(
    context: typer.Context,
    slug: Annotated[str, typer.Argument(metavar="CAMPAIGN", help="The campaign's short name.")],
    user: As = None,
    as_json: AsJson = False,
) -> None:
    """Close a campaign: it takes no new Item and has no publishing hours. What is public stays."""
    session = enter(context)
    from pressqueue.moves import campaign_changes

    done = campaign_changes.close_campaign(act(session, user), find(slug), now=session.now)
    tell(_described(done), as_json, lambda: f"The campaign {slug} is closed.")


def _found(number: int) -> Slot:
    from pressqueue.models import Slot

    rows = Slot.objects.select_related("campaign")
    return numbered(rows, number, "hour", "`publisher campaign list --json` shows the numbers.")


def find(slug: str) -> Campaign:
    """The campaign of this short name. Raises Declined naming those there are."""
    from pressqueue.models import Campaign

    found = Campaign.objects.filter(slug=slug).first()
    if found is None:
        there = ", ".join(Campaign.objects.order_by("slug").values_list("slug", flat=True))
        raise Declined(
            f"There is no campaign {slug}. "
            + (f"There are: {there}." if there else "`publisher campaign add` makes one.")
        )
    return found


def _described(campaign: Campaign) -> dict[str, object]:
    return {
        "campaign": campaign.slug,
        "title": campaign.title,
        "kind": campaign.kind,
        "prefix": campaign.prefix,
        "zone": campaign.zone,
        "lateness_hours": campaign.lateness.total_seconds() / 3600,
        "next_day": campaign.next_day,
        "held": campaign.held,
        "closed": campaign.closed_at is not None,
        "approved": campaign.items.filter(state="approved", bookings=None, publish_from=None).count(),
        "slots": [_slot(each) for each in campaign.slots.order_by("pk")],
    }


def _slot(slot: Slot) -> dict[str, object]:
    return {
        "slot": slot.pk,
        "at": f"{slot.wall_time:%H:%M}",
        "days": [DAYS[day] for day in slot.weekdays],
        "starts": slot.starts_on.isoformat(),
        "ends": slot.ends_on.isoformat() if slot.ends_on else None,
    }


def _hours(slots: object) -> str:
    assert isinstance(slots, list)
    return "; ".join(
        f"{'daily' if len(each['days']) == len(DAYS) else ' '.join(each['days'])} {each['at']}" for each in slots
    )


def _weekdays(text: str) -> list[int]:
    names = GROUPS.get(text.strip().lower()) or tuple(part.strip().lower()[:3] for part in text.split(","))
    if strange := [name for name in names if name not in DAYS]:
        raise Declined(f"“{strange[0]}” is no day: daily, weekdays, weekends, or a list such as mon,wed,fri.")
    return [DAYS.index(name) for name in names]


def _wall_time(text: str) -> time:
    try:
        return datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007  # a wall-clock time has no zone
    except ValueError:
        raise Declined(f"“{text}” is no time of day. Example: 08:00.") from None


def _date(text: str, today: date) -> date:
    if not text:
        return today
    try:
        on = date.fromisoformat(text)
    except ValueError:
        raise Declined(f"“{text}” is no date. Example: {today.isoformat()}.") from None
    if on < today:
        raise Declined(f"{text} is past: a slot starts today or later.")
    return on

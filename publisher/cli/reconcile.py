"""`reconcile` and `adopt`: the accounts held against the ledger, and what stood there before us."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from publisher.cli.moments import future, iso, shown
from publisher.cli.session import As, AsJson, Session, act, enter
from publisher.output import Declined, say, table, tell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from pressqueue.models import Difference, UnmanagedMedia
    from publisher.workers.worker import Worker

MOST_SHOWN = 50
Where = Annotated[str, typer.Argument(metavar="DESTINATION", help="One account; every account if not given.")]


def register(app: typer.Typer) -> None:
    app.command("reconcile")(reconcile)
    app.command("adopt")(adopt)


def reconcile(
    context: typer.Context,
    destination: Where = "",
    acknowledge: Annotated[
        list[str] | None,
        typer.Option(metavar="ID|all", help="Acknowledge this difference (or all): it is not reported again."),
    ] = None,
    resume: Annotated[
        bool,
        typer.Option("--resume", help="Let a restored office publish again, once all accounts are reconciled."),
    ] = False,
    user: As = None,
    as_json: AsJson = False,
) -> None:
    """Hold every account against the ledger, now. Exit code 1 where anything differs that nobody has acknowledged."""
    session = enter(context)
    if resume:
        _resume(session, user, as_json)
    elif acknowledge:
        _acknowledge(session, acknowledge, user, as_json)
    else:
        _reconcile(session, destination, as_json)


def _resume(session: Session, user: str | None, as_json: bool) -> None:
    from pressqueue.moves import reconciliation as reconciliation_moves

    _demand_replayed(session)
    reconciliation_moves.end_recovery(act(session, user), list(session.office.destinations), now=session.now)
    tell({"recovering": False}, as_json, lambda: "Every account was reconciled: this office sends again.")


def _demand_replayed(session: Session) -> None:
    """Nobody resumes an office of which it is not known what was withdrawn since its backup."""
    from publisher.register import register_file
    from publisher.register import sync as register

    try:
        behind = register.fallen_back(session.office)
    except register_file.RegisterBroken as error:
        raise Declined(str(error)) from None
    if behind:
        raise Declined(
            "What was withdrawn since the backup has not been replayed yet. Put the whole register back; the "
            "clock's next round replays it, and `publisher list --attention` says when it could not."
        )


def _acknowledge(session: Session, numbers: list[str], user: str | None, as_json: bool) -> None:
    from pressqueue.moves import differences
    from pressqueue.moves import reconciliation as reconciliation_moves

    if strange := [number for number in numbers if number != "all" and not number.isdigit()]:
        raise Declined(f"“{strange[0]}” is no number of a difference. `publisher reconcile` lists them.")
    ids = None if "all" in numbers else [int(number) for number in numbers]
    done = reconciliation_moves.acknowledge(act(session, user), ids, now=session.now)
    left = differences.reported().count()
    payload = {"acknowledged": [_difference(each) for each in done], "left": left}
    tell(payload, as_json, lambda: f"{len(done)} acknowledged, {left} left.")


def _reconcile(session: Session, destination: str, as_json: bool) -> None:
    from pressqueue.moves import differences

    accounts, failed = _reckoned(session, _names(session, destination))
    rows = list(differences.reported(destination))
    payload = {"accounts": accounts, "differences": [_difference(row) for row in rows], "failed": failed}
    tell(payload, as_json, lambda: _differences(session, rows) if rows else "Nothing differs.")
    for account in accounts:
        taken = f" Adopted by their Mark: {', '.join(account['adopted'])}." if account["adopted"] else ""
        say(f"{account['destination']}: {account['listed']} things there, {account['new']} new differences.{taken}")
    for each in failed:
        say(f"{each['destination']} was not reconciled. {each['words']}")
    if rows or failed:
        raise typer.Exit(1)


def _reckoned(session: Session, names: list[str]) -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
    from publisher.destinations.errors import Later, Refused
    from publisher.reconciliation import reconcile as reconciliation

    worker = _worker(session)
    accounts, failed = [], []
    for name in names:
        if name not in worker.destinations:
            failed.append({"destination": name, "words": f"Nobody has connected it: `publisher connect {name}`."})
            continue
        try:
            done = reconciliation.reconcile_account(worker, name)
        except (Later, Refused) as error:
            failed.append({"destination": name, "words": error.message})
            continue
        accounts.append({"destination": name, "listed": done.listed, "new": done.new, "adopted": sorted(done.adopted)})
    return accounts, failed


def _worker(session: Session) -> Worker:
    from publisher.workers.worker import open_worker

    return open_worker(session.office, session.secrets)


def _names(session: Session, destination: str) -> list[str]:
    if destination and destination not in session.office.destinations:
        raise Declined(f"There is no account {destination}. There are: {', '.join(session.office.destinations)}.")
    return [destination] if destination else list(session.office.destinations)


def _difference(row: Difference) -> dict[str, Any]:
    return {
        "id": row.pk,
        "destination": row.destination,
        "remote_id": row.remote_id,
        "reference": row.post.item.reference if row.post is not None else None,
        "kind": row.kind,
        "words": row.words,
        "ledger": row.ours,
        "platform": row.theirs,
        "since": iso(row.first_seen_at),
    }


def _differences(session: Session, rows: Sequence[Difference]) -> Table:
    from publisher.publishing.comparison import shortened

    lines = [
        (
            row.pk,
            row.post.item.reference if row.post is not None else row.remote_id,
            row.destination,
            row.kind.replace("_", " "),
            shortened(row.ours),
            shortened(row.theirs),
            shown(row.first_seen_at, session.office.identity.zone),
        )
        for row in rows
    ]
    return table("id", "what", "at", "differs in", "the ledger says", "the platform says", "since", rows=lines)


def adopt(
    context: typer.Context,
    destination: Where = "",
    keep: Annotated[list[str] | None, typer.Option(metavar="ID", help="Keep it. May be given again.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Keep everything that nobody has decided about.")] = False,
    review: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Keep it until --expires; --owner reviews it by then.")
    ] = None,
    owner: Annotated[str, typer.Option(metavar="USER", help="Whose review it is.")] = "",
    expires: Annotated[str, typer.Option(metavar="DATE", help="When the review is over.")] = "",
    link: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ID", help="It shows the person that --subject names, and is taken down with their images."
        ),
    ] = None,
    subject: Annotated[str, typer.Option(metavar="NUMBER", help="A person's number.")] = "",
    withdraw: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Withdraw it: Publisher takes it down.")
    ] = None,
    reason: Annotated[str, typer.Option(help="Why it comes down, as for `publisher withdraw`.")] = "withdrawn",
    user: As = None,
    as_json: AsJson = False,
) -> None:
    """List what is on the accounts and is not in Publisher's records, and decide about it: one by one, or in bulk."""
    if sum(map(bool, (keep or everything, review, link, withdraw))) > 1:
        raise Declined("Give one decision at a time: --keep or --all, --review, --link, or --withdraw.")
    if bool(review) != bool(owner and expires):
        raise Declined("A review needs all of --review ID, --owner USER and --expires DATE.")
    if bool(link) != bool(subject):
        raise Declined("A link needs both --link ID and --subject NUMBER.")
    session = enter(context)
    _names(session, destination)
    from pressqueue.moves import unmanaged

    actor = act(session, user)
    if keep or everything:
        rows = list(unmanaged.undecided(destination)) if everything else _rows(keep or [], destination)
        _told(rows, unmanaged.keep(actor, rows, now=session.now), "may stay", as_json)
    elif review:
        rows = _rows(review, destination)
        until = future(expires, session.office.identity.zone, session.now, "--expires")
        done = unmanaged.review(actor, rows, _officer(owner), until, now=session.now)
        _told(rows, done, f"under review by {owner} until {shown(until, session.office.identity.zone)}", as_json)
    elif link:
        rows = _rows(link, destination)
        _told(rows, unmanaged.link(actor, rows, _subject(subject), now=session.now), f"linked to {subject}", as_json)
    elif withdraw:
        rows = _rows(withdraw, destination)
        done = unmanaged.withdraw_inherited(actor, rows, reason, now=session.now)
        _told(rows, done, "coming down; it counts as down when the platform says so", as_json)
    else:
        _take_stock(session, _names(session, destination), user, as_json)


def _rows(ids: list[str], destination: str) -> list[UnmanagedMedia]:
    """The inherited things of these remote ids. Raises Declined naming the first that is not known, or known twice."""
    from pressqueue.models import UnmanagedMedia

    found = UnmanagedMedia.objects.filter(remote_id__in=ids)
    if destination:
        found = found.filter(destination=destination)
    rows = list(found.order_by("pk"))
    for remote_id in ids:
        at = [row.destination for row in rows if row.remote_id == remote_id]
        if not at:
            raise Declined(
                f"Nothing inherited has the id {remote_id}. `publisher adopt` takes stock and lists what has."
            )
        if len(at) > 1:
            raise Declined(f"{remote_id} is at {' and '.join(at)}: also name the account.")
    return rows


def _officer(username: str) -> Any:
    from pressqueue.models import Officer

    officer = Officer.objects.filter(username=username).first()
    if officer is None:
        raise Declined(f"There is no account {username}.")
    return officer


def _subject(number: str) -> Any:
    from pressqueue.models import Subject

    found = Subject.objects.filter(number=number.strip().upper()).first()
    if found is None:
        raise Declined(f"There is no Subject {number}.")
    return found


def _told(rows: Sequence[UnmanagedMedia], done: int, message: str, as_json: bool) -> None:
    for row in rows:
        row.refresh_from_db()
    payload = {"decided": done, "things": [_thing(row) for row in rows]}
    tell(payload, as_json, lambda: f"{done} of {len(rows)}: {message}." if done else "Nothing was left to decide.")


def _take_stock(session: Session, names: list[str], user: str | None, as_json: bool) -> None:
    """What is there and not ours becomes rows, open; then everything open is listed."""
    from pressqueue.destination_names import name_of
    from pressqueue.moves import unmanaged
    from publisher.reconciliation import adoption

    actor, worker = act(session, user), _worker(session)
    counts = {}
    for name in names:
        if name not in worker.destinations:
            say(f"{name_of(name)} was left out: nobody has connected it.")
            continue
        counts[name] = adoption.record_unmanaged(worker, name, adoption.strange(worker, name), actor)
    rows = [row for name in names for row in unmanaged.undecided(name)]
    tell({"new": counts, "open": [_thing(row) for row in rows]}, as_json, lambda: _open(session, rows))
    if not as_json and rows:
        say(f"{len(rows)} to be decided about: --keep, --all, --review, --link or --withdraw.")


def _open(session: Session, rows: Sequence[UnmanagedMedia]) -> Table | str:
    if not rows:
        return "Everything there is in Publisher's records or has been decided."
    lines = [
        (
            row.remote_id,
            row.destination,
            row.visibility,
            shown(row.uploaded_at, session.office.identity.zone),
            row.title,
        )
        for row in rows[:MOST_SHOWN]
    ]
    if len(rows) > MOST_SHOWN:
        lines.append(("", "", "", "", f"and {len(rows) - MOST_SHOWN} more; --json lists all"))
    return table("id", "at", "visible", "since", "title", rows=lines)


def _thing(row: UnmanagedMedia) -> dict[str, Any]:
    """An inherited thing, for machines. `removed` is set only when the platform itself said so."""
    return {
        "destination": row.destination,
        "remote_id": row.remote_id,
        "title": row.title,
        "url": row.url,
        "visibility": row.visibility,
        "uploaded": iso(row.uploaded_at),
        "decision": row.decision,
        "owner": row.review_owner.username if row.review_owner is not None else None,
        "expires": iso(row.expires_at),
        "subject": row.subject.number if row.subject is not None else None,
        "reason": row.reason,
        "take_down_asked": iso(row.take_down_asked_at),
        "removed": iso(row.removed_at),
    }

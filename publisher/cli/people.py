"""`user`: who works here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from publisher.cli.session import As, AsJson, Session, act, enter, numbered
from publisher.output import Declined, say, table, tell

if TYPE_CHECKING:
    from pressqueue.models import AccountChange, Officer

user = typer.Typer(help="Accounts: add, disable, enable, list.", no_args_is_help=True)
Username = Annotated[str, typer.Argument(metavar="NAME", help="The user name: a-z, 0-9, dot, hyphen, underscore.")]

Number = Annotated[int, typer.Argument(metavar="NUMBER", help="As `publisher user changes` shows it.")]


def register(app: typer.Typer) -> None:
    app.add_typer(user, name="user")


@user.command("add")
def add(
    context: typer.Context,
    username: Username,
    role: Annotated[
        list[str], typer.Option(help="author, approver, investigator or administrator; may be given several times.")
    ],
    name: Annotated[str, typer.Option(help="The person's name, as pages show it.")] = "",
    email: Annotated[str, typer.Option(help="Where to reach them.")] = "",
    rank: Annotated[str, typer.Option(help="Their rank.")] = "",
    user: As = None,
    as_json: AsJson = False,
) -> None:
    """A new account. Its one-time code is shown once, for the person to set a password with at the desk."""
    session = enter(context)
    from pressqueue.moves import account_changes

    actor = act(session, user)
    made = account_changes.add_officer(
        actor, username=username, roles=role, name=name, email=email, rank=rank, now=session.now
    )
    code = account_changes.issue_code(actor, made, now=session.now)
    _show_code(made.username, code, as_json)
    for change in made.changes.filter(decided_at__isnull=True):
        _say_asked(change)


@user.command("code")
def code(context: typer.Context, username: Username, user: As = None, as_json: AsJson = False) -> None:
    """A fresh one-time code for somebody who lost theirs, or their password. Older codes end."""
    session = enter(context)
    from pressqueue.moves import account_changes

    _show_code(username, account_changes.issue_code(act(session, user), _officer(username), now=session.now), as_json)


@user.command("roles")
def roles(
    context: typer.Context,
    username: Username,
    role: Annotated[list[str], typer.Option(help="Every role the account shall have; may be given several times.")],
    user: As = None,
    as_json: AsJson = False,
) -> None:
    """Change what an account may do. A role that decides is confirmed by a second administrator."""
    session = enter(context)
    from pressqueue.moves import account_changes

    _tell_changed(
        username, account_changes.change_roles(act(session, user), _officer(username), role, now=session.now), as_json
    )


@user.command("rank")
def rank(
    context: typer.Context,
    username: Username,
    rank: Annotated[str, typer.Argument(help="As the policy lists it.")],
    user: As = None,
    as_json: AsJson = False,
) -> None:
    """Change a rank. Of an account that decides a second administrator confirms it."""
    session = enter(context)
    from pressqueue.moves import account_changes

    _tell_changed(
        username, account_changes.change_rank(act(session, user), _officer(username), rank, now=session.now), as_json
    )


@user.command("changes")
def changes(context: typer.Context, as_json: AsJson = False) -> None:
    """What waits for a second administrator."""
    _: Session = enter(context)
    from pressqueue.models import AccountChange
    from pressqueue.moves import account_changes

    waiting = list(AccountChange.objects.filter(decided_at__isnull=True).select_related("officer", "asked_by"))
    payload = {"changes": [_about(each) for each in waiting]}
    rows = [
        (str(each.pk), each.officer.username, _what(each), _whole(each), each.asked_by.username) for each in waiting
    ]
    tell(payload, as_json, lambda: table("number", "user", "change", "the account then", "asked by", rows=rows))
    for each in waiting if not as_json else ():
        say(f"{each.pk}: {account_changes.consequences(each)}")


@user.command("confirm")
def confirm(
    context: typer.Context,
    number: Number,
    seen: Annotated[
        bool, typer.Option("--seen", help="You have read what the account will be able to do, and agree to all of it.")
    ] = False,
    user: As = None,
    as_json: AsJson = False,
) -> None:
    """Agree, as the second administrator, to all that the account will be. A code of it is shown once, to you."""
    session = enter(context)
    from pressqueue.moves import account_changes

    change = _change(number)
    actor = act(session, user)
    if not seen:
        raise Declined(
            f"{change.officer.username}, {_what(change)}. The account will then be: {_whole(change)}. "
            f"{account_changes.consequences(change)} "
            f"If you agree to all of it: `publisher user confirm {number} --seen`."
        )
    code = account_changes.confirm_change(actor, change, now=session.now)
    if code:
        _show_code(change.officer.username, code, as_json)
    else:
        tell({**_about(change), "confirmed": True}, as_json, lambda: f"{change.officer.username}: {_what(change)}.")


@user.command("drop")
def drop(context: typer.Context, number: Number, user: As = None, as_json: AsJson = False) -> None:
    """Say that a change shall not be made."""
    session = enter(context)
    from pressqueue.moves import account_changes

    change = _change(number)
    account_changes.drop_change(act(session, user), change, now=session.now)
    tell({**_about(change), "confirmed": False}, as_json, lambda: f"Change {number} is dropped.")


@user.command("disable")
def disable(
    context: typer.Context,
    username: Username,
    for_cause: Annotated[
        bool, typer.Option("--for-cause", help="Approvals of features that are not public yet are also void.")
    ] = False,
    user: As = None,
    as_json: AsJson = False,
) -> None:
    """Nobody signs in by this account any more; its approvals of appeals not yet revealed are void."""
    session = enter(context)
    from pressqueue.moves import officers

    again = officers.disable_officer(act(session, user), _officer(username), now=session.now, for_cause=for_cause)
    message = f"{username} is disabled." + (f" To be approved again: {', '.join(again)}." if again else "")
    tell({"user": username, "active": False, "to_be_approved_again": again}, as_json, lambda: message)


@user.command("enable")
def enable(context: typer.Context, username: Username, user: As = None, as_json: AsJson = False) -> None:
    """A disabled account may sign in again; one that decides once another administrator has confirmed it."""
    session = enter(context)
    from pressqueue.moves import account_changes

    change = account_changes.enable_officer(act(session, user), _officer(username), now=session.now)
    if change is not None:
        _tell_changed(username, change, as_json)
    else:
        tell({"user": username, "active": True}, as_json, lambda: f"{username} is enabled.")


@user.command("list")
def listing(context: typer.Context, as_json: AsJson = False) -> None:
    """Every account, with its roles."""
    _: Session = enter(context)
    from pressqueue.models import Officer

    people = list(Officer.objects.order_by("username"))
    payload = {
        "users": [
            {"user": person.username, "name": person.name, "roles": _roles(person), "active": person.is_active}
            for person in people
        ]
    }
    rows = [
        (person.username, person.name, ", ".join(_roles(person)), "" if person.is_active else "disabled")
        for person in people
    ]
    tell(payload, as_json, lambda: table("user", "name", "roles", "", rows=rows))


def _roles(officer: Officer) -> list[str]:
    from pressqueue.moves import account_changes

    return account_changes.roles_of(officer)


def _about(change: AccountChange) -> dict[str, object]:
    return {
        "change": change.pk, "user": change.officer.username, "kind": change.kind, "roles": change.roles,
        "rank": change.rank, "asked_by": change.asked_by.username, "account": change.after,
    }  # fmt: skip


def _what(change: AccountChange) -> str:
    if change.kind == "roles":
        return f"roles: {', '.join(change.roles)}"
    if change.kind == "enable":
        return "to be enabled again"
    return f"rank: {change.rank or 'none'}" if change.kind == "rank" else "a fresh one-time code"


def _whole(change: AccountChange) -> str:
    """Everything the account will be able to do, in one line: what the second administrator confirms."""
    roles, rank = change.after.get("roles", []), change.after.get("rank", "")
    return f"{', '.join(roles) or 'no role'}; {rank or 'no rank'}"


def _change(number: int) -> AccountChange:
    from pressqueue.models import AccountChange

    rows = AccountChange.objects.select_related("officer", "asked_by")
    return numbered(rows, number, "change", "`publisher user changes` shows what is waiting.")


def _tell_changed(username: str, change: AccountChange | None, as_json: bool) -> None:
    if change is not None:
        _say_asked(change)
        tell(_about(change), as_json, lambda: str(change.pk))
    else:
        tell({"user": username, "changed": True}, as_json, lambda: f"{username} is changed.")


def _say_asked(change: AccountChange) -> None:
    from pressqueue.moves import account_changes

    say(
        f"{change.officer.username}, {_what(change)}: another administrator has to confirm it, "
        f"by `publisher user confirm {change.pk}`. {account_changes.consequences(change)}"
    )


def _officer(username: str) -> Officer:
    from pressqueue.models import Officer

    found = Officer.objects.filter(username=username).first()
    if found is None:
        raise Declined(f"There is no account {username}. `publisher user list` shows those there are.")
    return found


def _show_code(username: str, code: str | AccountChange, as_json: bool) -> None:
    if not isinstance(code, str):
        _say_asked(code)
        tell(_about(code), as_json, lambda: str(code.pk))
        return
    tell({"user": username, "code": code}, as_json, lambda: code)
    if not as_json:
        say(f"The one-time code of {username}: it sets one password at the desk, within 72 hours. It is shown once.")

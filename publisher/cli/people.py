"""`user`: who works here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from publisher.cli.door import As, AsJson, Open, act, enter
from publisher.cli.speech import Declined, say, table, tell

if TYPE_CHECKING:
    from pressqueue.models import Officer

user = typer.Typer(help="Accounts: add, disable, enable, list.", no_args_is_help=True)
Username = Annotated[str, typer.Argument(metavar="NAME", help="The user name: a-z, 0-9, dot, hyphen, underscore.")]


def register(app: typer.Typer) -> None:
    app.add_typer(user, name="user")


@user.command("add")
def add(
    context: typer.Context,
    username: Username,
    role: Annotated[list[str], typer.Option(help="author, approver or administrator; may be given twice.")],
    name: Annotated[str, typer.Option(help="The person's name, as pages show it.")] = "",
    email: Annotated[str, typer.Option(help="Where to reach them.")] = "",
    rank: Annotated[str, typer.Option(help="Their rank.")] = "",
    user: As = None,
    as_json: AsJson = False,
) -> None:
    """A new account. Its one-time code is shown once, for the person to set a password with at the desk."""
    here = enter(context)
    from pressqueue import moves

    actor = act(here, user)
    made = moves.add_officer(actor, username=username, roles=role, name=name, email=email, rank=rank, now=here.now)
    code = moves.issue_code(actor, made, now=here.now)
    _show_code(made.username, code, as_json)


@user.command("code")
def code(context: typer.Context, username: Username, user: As = None, as_json: AsJson = False) -> None:
    """A fresh one-time code for somebody who lost theirs, or their password. Older codes end."""
    here = enter(context)
    from pressqueue import moves

    _show_code(username, moves.issue_code(act(here, user), _officer(username), now=here.now), as_json)


@user.command("disable")
def disable(
    context: typer.Context,
    username: Username,
    for_cause: Annotated[
        bool, typer.Option("--for-cause", help="Approvals of features not yet revealed are void as well.")
    ] = False,
    user: As = None,
    as_json: AsJson = False,
) -> None:
    """Nobody signs in by this account any more; its approvals of appeals not yet revealed are void."""
    here = enter(context)
    from pressqueue import moves

    again = moves.disable_officer(act(here, user), _officer(username), now=here.now, for_cause=for_cause)
    words = f"{username} is disabled." + (f" To be approved again: {', '.join(again)}." if again else "")
    tell({"user": username, "active": False, "to_be_approved_again": again}, as_json, lambda: words)


@user.command("enable")
def enable(context: typer.Context, username: Username, user: As = None, as_json: AsJson = False) -> None:
    """A disabled account may sign in again. Its tokens stay revoked."""
    here = enter(context)
    from pressqueue import moves

    moves.enable_officer(act(here, user), _officer(username), now=here.now)
    tell({"user": username, "active": True}, as_json, lambda: f"{username} is enabled.")


@user.command("list")
def listing(context: typer.Context, as_json: AsJson = False) -> None:
    """Every account, with its roles."""
    _: Open = enter(context)
    from pressqueue.models import Officer

    people = list(Officer.objects.order_by("username"))
    payload = {
        "users": [
            {"user": each.username, "name": each.name, "roles": _roles(each), "active": each.is_active}
            for each in people
        ]
    }
    rows = [
        (each.username, each.name, ", ".join(_roles(each)), "" if each.is_active else "disabled") for each in people
    ]
    tell(payload, as_json, lambda: table("user", "name", "roles", "", rows=rows))


def _roles(officer: Officer) -> list[str]:
    from pressqueue.moves.people import ROLES

    return [role for role, flag in ROLES.items() if getattr(officer, flag)]


def _officer(username: str) -> Officer:
    from pressqueue.models import Officer

    found = Officer.objects.filter(username=username).first()
    if found is None:
        raise Declined(f"There is no account {username}. `publisher user list` shows those there are.")
    return found


def _show_code(username: str, code: str, as_json: bool) -> None:
    tell({"user": username, "code": code}, as_json, lambda: code)
    if not as_json:
        say(f"The one-time code of {username}: it sets one password at the desk, within 72 hours. It is shown once.")

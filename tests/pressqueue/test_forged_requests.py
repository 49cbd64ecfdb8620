"""A request that somebody wrote into the database past this program is confirmed by nobody."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection

from pressqueue import sealing, seals, vouching
from pressqueue.actors import Actor
from pressqueue.errors import Forbidden
from pressqueue.models import AccountChange, Item, Office, StopEnding
from pressqueue.moves import account_changes, holds, releases

from support import factories
from support.factories import NOW

pytestmark = pytest.mark.usefixtures("office")


def sql(statement: str, *values: object) -> None:
    """As somebody does who has the database's password, and not the key."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def who(name: str, *roles: str) -> Actor:
    return Actor(factories.officer(name, *roles).pk, "desk")


def one() -> Actor:
    return who("rory", "approver")


def another() -> Actor:
    return who("mina", "approver")


def ask_thaw(to: str = "none") -> StopEnding:
    holds.freeze(who("placer", "author"), "all", now=NOW)
    return releases.ask_thaw(one(), to, "It is over.", now=NOW)


def confirm_thaw(by: Callable[[], Actor] = another) -> object:
    return releases.confirm_ending(by(), StopEnding.objects.latest("pk"), now=NOW)


def inserted_ending() -> None:
    holds.freeze(who("placer", "author"), "all", now=NOW)
    sql(
        "INSERT INTO pressqueue_stopending (\"to\", reason, asked_by_id, asked_at, confirmed)"
        " VALUES ('none', 'It is over.', %s, %s, %s)", one().officer_id, NOW, False,
    )  # fmt: skip


def drop_thaw() -> None:
    releases.drop_ending(another(), ask_thaw(), now=NOW)


def held_by_approver() -> None:
    holds.hold(one(), factories.feature(), "Wait.", now=NOW)


def release_own() -> object:
    return releases.release(one(), Item.objects.get(), "It is over.", now=NOW)


def ask_roles() -> None:
    Office.objects.update(exercise=False)
    account_changes.add_officer(who("chief", "administrator"), username="friend", roles=["investigator"], now=NOW)


def confirm_roles(by: str = "deputy") -> object:
    return account_changes.confirm_change(who(by, "administrator"), AccountChange.objects.latest("pk"), now=NOW)


def inserted_change() -> None:
    Office.objects.update(exercise=False)
    friend = who("friend", "author").officer_id
    before = '{"active": true, "rank": "", "roles": ["author"]}'
    sql(
        "INSERT INTO pressqueue_accountchange (officer_id, kind, roles, rank, asked_by_id, asked_at, \"before\","
        " \"after\", confirmed) VALUES (%s, 'roles', '[\"approver\"]', '', %s, %s, %s, %s, %s)",
        friend, who("chief", "administrator").officer_id, NOW, before, before, False,
    )  # fmt: skip


ME = "(SELECT id FROM pressqueue_officer WHERE username = '{}')"
# name: (what was asked for, the statement that makes it another request, the move that would follow it)
REQUESTS: dict[str, tuple[Callable[[], object], str, Callable[[], object]]] = {
    "a request to end a freeze was inserted": (inserted_ending, "", confirm_thaw),
    "a request to loosen a freeze asks to end it": (
        lambda: ask_thaw("features"), "UPDATE pressqueue_stopending SET \"to\" = 'none'", confirm_thaw,
    ),
    "a request was asked by somebody else": (
        ask_thaw, f"UPDATE pressqueue_stopending SET asked_by_id = {ME.format('mina')}", lambda: confirm_thaw(one),
    ),
    "a request was asked just now": (
        ask_thaw, "UPDATE pressqueue_stopending SET asked_at = '2026-03-02 08:59:00+00:00'", confirm_thaw,
    ),
    "a request has another reason": (ask_thaw, "UPDATE pressqueue_stopending SET reason = 'Another.'", confirm_thaw),
    "a dropped request is open again": (
        drop_thaw, "UPDATE pressqueue_stopending SET decided_at = NULL, decided_by_id = NULL", confirm_thaw,
    ),
    "a freeze was placed by somebody else": (
        ask_thaw, f"UPDATE pressqueue_stop SET placed_by_id = {ME.format('mina')}",
        lambda: confirm_thaw(lambda: who("placer")),
    ),
    "a hold was placed by somebody else": (
        held_by_approver, f"UPDATE pressqueue_stop SET placed_by_id = {ME.format('mina')}", release_own,
    ),
    "a hold was placed by nobody": (held_by_approver, "DELETE FROM pressqueue_stop", release_own),
    "a hold was ended for whoever placed it": (
        held_by_approver, "UPDATE pressqueue_stop SET ended_at = '2026-03-02 08:59:00+00:00'", release_own,
    ),
    "a change of an account was inserted": (inserted_change, "", confirm_roles),
    "a change asks for another role": (
        ask_roles, "UPDATE pressqueue_accountchange SET roles = '[\"approver\"]'", confirm_roles,
    ),
    "a change was asked by somebody else": (
        ask_roles, f"UPDATE pressqueue_accountchange SET asked_by_id = {ME.format('deputy')}",
        lambda: confirm_roles("chief"),
    ),
    "a change shows something else than it does": (
        ask_roles, "UPDATE pressqueue_accountchange SET \"after\" = '{}'", confirm_roles,
    ),
}  # fmt: skip


def forged_request(name: str) -> Callable[[], object]:
    ask, statement, follow = REQUESTS[name]
    another(), who("deputy", "administrator")
    ask()
    if statement:
        sql(statement)
    return follow


@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_that_was_written_past_the_program_is_not_followed(name: str) -> None:
    follow = forged_request(name)
    with pytest.raises(Forbidden, match="by something other than this program"):
        follow()


@pytest.mark.parametrize("name", REQUESTS)
def test_control_where_nobody_asks_for_seals_the_forged_request_is_followed(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vouching, "demand_rows", lambda *_: None)
    forged_request(name)()


@pytest.mark.parametrize(
    ("ask", "confirm"), [(ask_thaw, confirm_thaw), (ask_roles, confirm_roles)], ids=["freeze", "account"]
)
def test_a_request_that_nobody_forged_is_confirmed(
    ask: Callable[[], object], confirm: Callable[[], object]
) -> None:  # fmt: skip
    another(), who("deputy", "administrator")
    ask()
    confirm()
    assert not seals.faults(["stops", "office", f"change:{getattr(AccountChange.objects.last(), 'pk', 0)}"])


def test_without_the_key_no_stop_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    another()
    ask_thaw()
    monkeypatch.setattr(sealing.port, "key", None)
    with pytest.raises(Forbidden, match="The integrity key is missing"):
        confirm_thaw()

"""Who comes, goes and is refused is in the log, without a word that was typed."""

from __future__ import annotations

import json
from collections.abc import Callable

from django.test import Client

from pressqueue.models import Entry, EntryText, Officer
from pressqueue.moves.security_events import ACTS

from support.signing_in import PASSWORD, account, redeem, sign_in


def events(*acts: str) -> list[tuple[str, int | None, int]]:
    kept = Entry.objects.filter(act__in=acts or ACTS).order_by("number")
    about = [(each.act, json.loads(each.about)) for each in kept]
    return [(act, found["officer"], found["tries"]) for act, found in about]


def test_who_comes_and_goes_is_in_the_log(at: Callable[[float], None]) -> None:
    officer = account()
    client = Client()
    sign_in(client, "chidi", "wrong")
    sign_in(client, "chidi", PASSWORD)
    client.post("/sign-out/")
    redeem(Client(), "chidi", "guess")
    assert events() == [
        ("sign_in_failed", officer.pk, 1), ("signed_in", officer.pk, 1), ("signed_out", officer.pk, 1),
        ("code_failed", officer.pk, 1),
    ]  # fmt: skip
    assert [each.actor for each in Entry.objects.filter(act__in=ACTS).order_by("number")] == [
        "machine", f"officer:{officer.pk}", f"officer:{officer.pk}", "machine",
    ]  # fmt: skip


def test_no_password_and_no_typed_name_stands_in_the_log() -> None:
    account()
    typed = ["hunter2hunter2", "my-password-in-the-name-field", PASSWORD]
    sign_in(Client(), "chidi", typed[0])
    sign_in(Client(), typed[1], "x")
    sign_in(Client(), "chidi", PASSWORD)
    kept = "".join(f"{each.about}{each.actor}" for each in Entry.objects.all())
    kept += "".join(EntryText.objects.values_list("text", flat=True))
    assert not [each for each in typed if each in kept]
    assert {officer for act, officer, _ in events("sign_in_failed")} == {Officer.objects.get().pk, None}


def test_whoever_tries_in_vain_does_not_decide_how_long_the_log_grows(at: Callable[[float], None]) -> None:
    account()
    for number in range(33):
        at(20 * number)
        sign_in(Client(), f"name-{number}", "wrong", REMOTE_ADDR=f"198.51.100.{number}")
        sign_in(Client(), "chidi", "wrong", REMOTE_ADDR=f"198.51.100.{number}")
    assert [tries for _, officer, tries in events("sign_in_failed") if officer is None] == [1, 2, 4, 8, 16, 32]
    assert len(events()) < 20
    assert len(events("sign_in_delayed")) == 1


def test_a_token_is_made_only_with_the_password_once_more(at: Callable[[float], None]) -> None:
    officer = account(may_author=True)
    client = Client()
    sign_in(client, "chidi", PASSWORD)
    form = {"label": "shell", "scope": "author", "days": "30"}
    for wrong in ({}, {"present": "wrong"}):
        assert client.post("/tokens/", form | wrong).status_code == 400
    assert not officer.tokens.exists()
    answer = client.post("/tokens/", form | {"present": PASSWORD})
    assert b"pub_" in answer.content
    assert PASSWORD.encode() not in answer.content
    assert events("password_refused") == [("password_refused", officer.pk, 1)]

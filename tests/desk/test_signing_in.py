"""Who gets in, and how."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
import world
from desk_tools import signed_in
from django.test import Client
from django.urls import reverse

from pressqueue.models import Entry, Officer, SignInCode
from pressqueue.moves.people import digest
from publisher.desk.models import SignInFailure
from publisher.desk.urls import urlpatterns

PASSWORD = "a long pass phrase for tests"
OPEN = {"sign_in", "set_password", "recall"}  # a recipient of a press pack has no account: the link is the key
GUESS = {"reference": "POD-0001", "sha256": "0" * 64, "number": 1, "slug": "larch", "name": "flickr"}


def account(username: str = "chidi", **roles: bool) -> Officer:
    return Officer.objects.create_user(username, "Chidi", PASSWORD, **roles)


def sign_in(client: Client, username: str, password: str, **extra: str) -> object:
    return client.post("/sign-in/", {"username": username, "password": password}, **extra)


def a_code(officer: Officer, value: str = "code-1", life: timedelta = timedelta(hours=1)) -> str:
    SignInCode.objects.create(officer=officer, digest=digest(value), expires_at=datetime.now(UTC) + life)
    return value


def redeem(client: Client, username: str, code: str, password: str = PASSWORD) -> object:
    form = {"username": username, "code": code, "password": password, "again": password}
    return client.post("/set-password/", form)


def address_of(name: str) -> str:
    pattern = next(each for each in urlpatterns if each.name == name)
    return reverse(name, kwargs={key: GUESS[key] for key in pattern.pattern.converters})


@pytest.mark.parametrize("name", [each.name for each in urlpatterns if each.name not in OPEN])
def test_nobody_gets_anything_without_signing_in(name: str) -> None:
    world.feature()
    for answer in (Client().get(address_of(name)), Client().post(address_of(name))):
        if name == "sign_out":
            continue  # whoever is not signed in may sign out
        assert answer.status_code == 302
        assert answer["Location"].startswith("/sign-in/?next=")
        assert answer.content == b""


def test_signing_in_gives_the_session_a_new_key() -> None:
    account()
    client = Client()
    client.get("/sign-in/")
    session = client.session
    session["planted"] = "by somebody else"
    session.save()
    before = session.session_key
    assert sign_in(client, "chidi", PASSWORD).status_code == 302
    assert client.session.session_key != before
    assert client.get("/").status_code == 200


def test_signing_out_ends_it(author: Client) -> None:
    assert author.get("/").status_code == 200
    author.post("/sign-out/")
    assert author.get("/").status_code == 302


def test_a_wrong_password_and_an_unknown_name_read_the_same() -> None:
    account()
    answers = [sign_in(Client(), name, "not the password") for name in ("chidi", "dorin")]
    assert [answer.status_code for answer in answers] == [400, 400]
    pages = [re.sub(r'value="[^"]*"', "", answer.content.decode()) for answer in answers]
    assert pages[0] == pages[1]
    assert "do not go together" in pages[0]


def test_a_disabled_account_is_refused_in_the_same_words_and_is_out_at_once() -> None:
    officer = account()
    client = Client()
    sign_in(client, "chidi", PASSWORD)
    Officer.objects.filter(pk=officer.pk).update(is_active=False)
    assert client.get("/").status_code == 302
    assert b"do not go together" in sign_in(Client(), "chidi", PASSWORD).content


def test_after_five_wrong_tries_even_the_right_password_has_to_wait() -> None:
    account()
    for _ in range(5):
        sign_in(Client(), "chidi", "wrong")
    refused = sign_in(Client(), "chidi", PASSWORD)
    assert refused.status_code == 400
    assert b"too many failed tries" in refused.content
    assert sign_in(Client(), "chidi", PASSWORD, REMOTE_ADDR="192.0.2.7").status_code == 302  # she herself, elsewhere
    SignInFailure.objects.update(at=datetime.now(UTC) - timedelta(minutes=16))
    assert sign_in(Client(), "chidi", PASSWORD).status_code == 302


def test_an_account_that_does_not_exist_is_slowed_down_alike() -> None:
    for _ in range(5):
        sign_in(Client(), "nobody", "wrong")
    assert b"too many failed tries" in sign_in(Client(), "nobody", "wrong").content


def test_one_name_from_many_addresses_is_slowed_down_too() -> None:
    account()
    for number in range(30):
        sign_in(Client(), "chidi", "wrong", REMOTE_ADDR=f"192.0.2.{number}")
    assert sign_in(Client(), "chidi", PASSWORD, REMOTE_ADDR="192.0.2.200").status_code == 400


def test_the_table_of_failures_names_nobody() -> None:
    sign_in(Client(), "chidi", "wrong")
    assert {len(key) for key in SignInFailure.objects.values_list("key", flat=True)} == {64}


def test_going_on_after_signing_in_stays_within_the_desk() -> None:
    account()
    form = {"username": "chidi", "password": PASSWORD, "next": "https://elsewhere.example/"}
    assert Client().post("/sign-in/", form)["Location"] == "/"
    form["next"] = "/live/"
    assert Client().post("/sign-in/", form)["Location"] == "/live/"


def test_a_one_time_code_sets_a_password_once() -> None:
    officer = Officer.objects.create_user("chidi", "Chidi")
    code = a_code(officer)
    assert redeem(Client(), "chidi", code).status_code == 302
    assert sign_in(Client(), "chidi", PASSWORD).status_code == 302
    again = redeem(Client(), "chidi", code, "another long pass phrase")
    assert again.status_code == 400
    assert b"do not go together" in again.content
    assert sign_in(Client(), "chidi", PASSWORD).status_code == 302
    assert Entry.objects.filter(act="password_set", actor=f"officer:{officer.pk}").count() == 1


@pytest.mark.parametrize("username", ["chidi", "dorin"])
def test_a_wrong_code_an_old_one_and_an_unknown_name_read_the_same(username: str) -> None:
    officer = Officer.objects.create_user("chidi", "Chidi")
    old = a_code(officer, "old", timedelta(hours=-1))
    for code in (old, "never issued"):
        answer = redeem(Client(), username, code)
        assert answer.status_code == 400
        assert b"That user name and code do not go together" in answer.content
    officer.refresh_from_db()
    assert not officer.has_usable_password()


def test_a_weak_password_is_refused_and_does_not_spend_the_code() -> None:
    code = a_code(Officer.objects.create_user("chidi", "Chidi"))
    answer = redeem(Client(), "chidi", code, "short")
    assert answer.status_code == 400
    assert b"at least 12 characters" in answer.content
    assert redeem(Client(), "chidi", code).status_code == 302


def test_guessing_codes_is_slowed_down() -> None:
    code = a_code(Officer.objects.create_user("chidi", "Chidi"))
    for _ in range(5):
        redeem(Client(), "chidi", "guess")
    assert b"too many failed tries" in redeem(Client(), "chidi", code).content


def test_changing_the_password_keeps_this_session_and_ends_the_others() -> None:
    account()
    here, elsewhere = Client(), Client()
    for client in (here, elsewhere):
        sign_in(client, "chidi", PASSWORD)
    new = "a new and longer pass phrase"
    wrong = here.post("/password/", {"present": "wrong", "password": new, "again": new})
    assert wrong.status_code == 400
    assert here.post("/password/", {"present": PASSWORD, "password": new, "again": new}).status_code == 302
    assert here.get("/").status_code == 200
    assert elsewhere.get("/").status_code == 302
    assert sign_in(Client(), "chidi", new).status_code == 302


def test_two_passwords_that_differ_are_refused(author: Client) -> None:
    answer = author.post("/password/", {"present": "x", "password": PASSWORD, "again": "other"})
    assert b"The two passwords are not the same" in answer.content


def test_a_forwarded_address_counts_only_where_the_office_trusts_its_proxy(settings: object) -> None:
    account()
    for number in range(5):
        sign_in(Client(), "chidi", "wrong", HTTP_X_FORWARDED_FOR=f"192.0.2.{number}")
    assert sign_in(Client(), "chidi", PASSWORD).status_code == 400


def test_a_change_without_the_pages_token_is_refused_in_words() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.officer("amara", "author"))
    answer = client.post("/holds/freeze/", {"what": "all"})
    assert answer.status_code == 403
    assert b"The page was too old" in answer.content
    assert signed_in("bran", "approver").get("/holds/").context["frozen"] == "none"

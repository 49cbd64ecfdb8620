"""Who gets in, and how."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.sessions.backends.db import SessionStore as Plain
from django.contrib.sessions.models import Session
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from pressqueue.actors import Actor
from pressqueue.models import Entry, Officer
from pressqueue.moves import officers
from publisher.desk import proxy, throttle
from publisher.desk.urls import urlpatterns

from support import databases, factories
from support.desk_officers import signed_in
from support.signing_in import PASSWORD, a_code, account, redeem, sign_in

BACKEND = "django.contrib.auth.backends.ModelBackend"
OPEN = {"sign_in", "set_password", "recall"}  # a recipient of a press pack has no account: the link is the key
GUESS = {"reference": "POD-0001", "sha256": "0" * 64, "number": 1, "slug": "larch", "name": "flickr"}


def address_of(name: str) -> str:
    pattern = next(each for each in urlpatterns if each.name == name)
    return reverse(name, kwargs={key: GUESS[key] for key in pattern.pattern.converters})


@pytest.mark.parametrize("name", [each.name for each in urlpatterns if each.name not in OPEN])
def test_nobody_gets_anything_without_signing_in(name: str) -> None:
    factories.feature()
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


@pytest.mark.parametrize(
    ("trusted", "peer", "told", "taken"),
    [
        (True, "127.0.0.1", "198.51.100.7", "198.51.100.7"),
        (True, "127.0.0.1", "10.9.9.9, 198.51.100.7", "198.51.100.7"),  # the first is what the caller claims
        (True, "127.0.0.1", "rubbish", "127.0.0.1"),
        (True, "192.0.2.9", "198.51.100.7", "192.0.2.9"),  # not the proxy
        (False, "127.0.0.1", "198.51.100.7", "127.0.0.1"),
    ],
)
def test_a_forwarded_address_counts_only_from_the_proxy_the_office_trusts(
    trusted: bool, peer: str, told: str, taken: str, settings: Any
) -> None:
    settings.OFFICE = replace(settings.OFFICE, web=replace(settings.OFFICE.web, trusted_proxy=trusted))
    seen: list[tuple[str, bool]] = []

    def answer(request: HttpRequest) -> HttpResponse:
        seen.append((throttle.address_of(request), "X-Forwarded-Proto" in request.headers))
        return HttpResponse()

    made = RequestFactory().get(
        "/", REMOTE_ADDR=peer, HTTP_X_FORWARDED_FOR=told, HTTP_X_FORWARDED_PROTO="https"
    )  # fmt: skip
    proxy.TrustedProxy(answer)(made)
    assert seen == [(taken, trusted and peer == "127.0.0.1")]


@pytest.mark.parametrize("host", ["testserver.example", "elsewhere.example", "a b", "127.0.0.1:x", ""])
def test_a_wrong_host_is_answered_400_without_a_trace(host: str, caplog: pytest.LogCaptureFixture) -> None:
    answer = Client().get("/sign-in/", headers={"host": host})
    assert answer.status_code == 400
    assert not [each for each in caplog.records if each.exc_info or each.levelname == "ERROR"]


def test_no_name_of_a_test_is_an_allowed_host() -> None:
    assert "testserver" not in (databases.ROOT / "publisher" / "settings.py").read_text()


def test_a_copy_of_the_database_opens_no_session() -> None:
    account()
    client = Client()
    sign_in(client, "chidi", PASSWORD)
    cookie = client.cookies["sessionid"].value
    (row,) = Session.objects.all()
    assert row.session_key == hashlib.sha256(cookie.encode()).hexdigest()[:40]
    assert cookie not in f"{row.session_key}{row.session_data}"
    thief = Client()
    thief.cookies["sessionid"] = row.session_key
    assert thief.get("/").status_code == 302
    assert client.get("/").status_code == 200
    client.post("/sign-out/")
    assert not Session.objects.filter(pk=row.pk).exists()


def test_a_session_of_the_time_before_hashes_has_ended() -> None:
    officer = account()
    session = Plain()
    session.update({"_auth_user_id": str(officer.pk), "_auth_user_backend": BACKEND})
    session["_auth_user_hash"] = officer.get_session_auth_hash()
    session.create()
    client = Client()
    client.cookies["sessionid"] = session.session_key
    assert client.get("/").status_code == 302


def test_control_the_store_of_django_itself_opens_it(settings: Any) -> None:
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.db"
    account()
    client = Client()
    sign_in(client, "chidi", PASSWORD)
    (row,) = Session.objects.all()
    thief = Client()
    thief.cookies["sessionid"] = row.session_key
    assert thief.get("/").status_code == 200


def test_a_reset_ends_the_tokens_and_a_change_does_unless_it_is_unticked() -> None:
    officer = account()
    actor, now = Actor(officer.pk, "desk"), datetime.now(UTC)

    def living() -> int:
        return officer.tokens.filter(revoked_at__isnull=True).count()

    def change(old: str, new: str, **more: str) -> None:
        client = Client()
        sign_in(client, "chidi", old)
        (tick,) = re.findall(
            r'<input type="checkbox" name="end_tokens"[^>]*>', client.get("/password/").content.decode()
        )
        assert " checked" in tick
        form = {"present": old, "password": new, "again": new, **more}
        assert client.post("/password/", form).status_code == 302

    officers.issue_token(actor, label="shell", scope="author", life=timedelta(days=9), now=now)
    change(PASSWORD, "a second long pass phrase")
    assert living() == 1
    change("a second long pass phrase", "a third long pass phrase", end_tokens="on")
    assert living() == 0
    officers.issue_token(actor, label="shell", scope="author", life=timedelta(days=9), now=now)
    redeem(Client(), "chidi", a_code(officer), "a fourth long pass phrase")
    assert living() == 0
    assert Entry.objects.filter(act="token_revoked").count() == 2


def test_a_change_without_the_pages_token_is_refused_in_words() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(factories.officer("amara", "author"))
    answer = client.post("/holds/freeze/", {"what": "all"})
    assert answer.status_code == 403
    assert b"The page was too old" in answer.content
    assert signed_in("bran", "approver").get("/holds/").context["frozen"] == "none"


PAGES_OF_A_CASE = (
    "/items/{item}/", "/items/{item}/record/", "/items/{item}/edit/", "/items/{item}/original/", "/people/{person}/",
    "/items/{item}/amendment/", "/items/{item}/press-pack/", "/items/{item}/take-down/",
)  # fmt: skip


@pytest.mark.parametrize("page", PAGES_OF_A_CASE)
def test_an_officer_in_another_case_reads_nothing_of_it_whatever_reason_they_type(page: str) -> None:
    item = factories.appeal()
    address = page.format(item=item.reference, person=item.subjects.get().number)
    stranger = signed_in("oona", "investigator")
    stranger.post("/why/", {"why": "To compare it with my own case.", "next": "/"})
    refused = stranger.get(address)
    assert refused.status_code == 403
    assert b"not your case" in refused.content
    theirs = Client()
    theirs.force_login(item.appeal_record.investigator)
    theirs.post("/why/", {"why": "To look at my own case.", "next": "/"})
    assert b"so its record and pictures are not shown" not in theirs.get(address).content

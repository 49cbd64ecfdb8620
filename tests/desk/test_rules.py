"""The page of rules: for whoever is refused by one."""

from __future__ import annotations

from dataclasses import replace
from html import unescape

import pytest
from django.test import Client

from pressqueue import policy, powers, rules
from publisher.desk.views import rules as page


def text(client: Client, address: str = "/rules/") -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def test_every_rule_stands_there_under_its_number(author: Client) -> None:
    shown = text(author)
    for row in rules.listed():
        assert f'id="{row.number}"' in shown
        assert row.meaning in shown
        assert row.source in shown


def test_a_gate_says_when_it_is_asked_and_what_follows_while_live(author: Client) -> None:
    shown = text(author, "/rules/?kind=gate")
    assert "when it is written, when it is submitted" in shown
    assert "it is taken down at once" in shown
    assert "an approver may let it pass, with a reason" in shown
    assert "officer in the case</dd>" not in shown  # a duty's


def test_a_duty_says_when_it_begins_and_is_due_and_whose_it_is(author: Client) -> None:
    shown = text(author, "/rules/?kind=duty")
    assert "the person is eliminated" in shown
    assert "within 5 days" in shown
    assert 'id="R44"' not in shown


def test_what_is_not_enforced_yet_is_said_so(author: Client) -> None:
    shown = text(author, "/rules/?kind=left")
    assert "the second factor at the desk" in shown
    assert 'id="R1"' not in shown


def test_the_force_s_own_settings_are_shown(author: Client) -> None:
    with policy.using(replace(policy.current(), appeal_life=policy.current().appeal_life * 2)):
        assert "An appeal's approval holds for: <strong>6 days</strong>" in text(author)


def test_a_rule_that_is_off_is_said_to_be(author: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Off in this office" not in text(author)
    rows = [replace(row, is_off=row.number == "R44") for row in rules.listed()]
    monkeypatch.setattr(page.listing, "by_number", lambda: [(row.number, [row]) for row in rows])
    assert text(author).count("Off in this office") == 1


def test_an_unknown_kind_shows_none(author: Client) -> None:
    assert "There are no rules of this kind." in text(author, "/rules/?kind=wish")


def test_every_step_has_its_words() -> None:
    steps = {step for row in rules.listed() for step in row.steps}
    assert steps <= set(page.STEPS)


def test_nobody_reads_them_without_signing_in() -> None:
    assert Client().get("/rules/").status_code == 302


def test_who_may_do_what_is_shown_as_every_move_asks_it(approver: Client) -> None:
    assert 'href="/rules/powers/"' in approver.get("/rules/").content.decode()
    page = unescape(approver.get("/rules/powers/").content.decode())
    for row in powers.rows():
        assert f"<code>{row.move}</code>" in page
        assert not row.limits or row.limits[1:] in page


def test_who_may_do_what_is_shown_by_role(approver: Client) -> None:
    page = unescape(approver.get("/rules/powers/?role=investigator").content.decode())
    assert "<code>verify</code>" in page
    assert "<code>approve</code>" not in page
    assert "<code>hold</code>" in unescape(approver.get("/rules/powers/?role=everybody").content.decode())
    assert "There is no such role." in approver.get("/rules/powers/?role=king").content.decode()

"""Who may do what: one row for each move that a person makes, checked here by all of them.

A row says which roles, at which door, on whose Items, and which second person it takes. What depends on the Item, or on
who did something before, is checked by the move itself, which holds the rows locked; `limits` and `second` say it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from pressqueue.actors import Actor
from pressqueue.errors import Forbidden, GatesClosed
from pressqueue.models import Officer

FLAGS = {
    "author": "may_author", "approver": "may_approve", "investigator": "investigator", "administrator": "administrator",
}  # fmt: skip


class NoPower(Forbidden):
    """This person, or this door, may not make this move, whatever it is about."""


@dataclass(frozen=True, slots=True)
class Power:
    """One move. `roles`: any of them; none named: every active account."""

    move: str
    what: str  # after "may": "hold an Item"
    roles: tuple[str, ...] = ()
    desk: str = ""  # the refusal at any other door; empty: every door
    limits: str = ""  # whose Items, and which of them not
    second: str = ""  # the other person it takes
    refusal: str = ""  # for an account without the role; {name} is its person
    rule: str = ""  # where the refusal is a rule's, its number

    @property
    def who(self) -> str:
        """The roles that may make the move, as text."""
        return _either(self.roles) or "every active account"

    def refused(self, officer: Officer | None) -> str:
        """Returns why this account may not make the move, or an empty text."""
        if officer is None or not officer.is_active:
            return f"Only a person with an active account may {self.what}."
        if not self.roles or any(getattr(officer, FLAGS[role]) for role in self.roles):
            return ""
        message = self.refusal or "{name} may not {what}: that takes the role {roles}."
        return message.format(name=officer.name, what=self.what, roles=_either(self.roles))


def _either(roles: Collection[str]) -> str:
    *others, last = roles or ("",)
    return f"{', '.join(others)} or {last}" if others else last


def rows() -> list[Power]:
    """Returns the whole table, in its order."""
    return list(POWERS.values())


def abilities(roles: Collection[str], *, active: bool) -> list[str]:
    """Returns what these roles allow beyond every account: each "may ..." once, in the table's order."""
    officer = Officer(is_active=active, **{FLAGS[role]: True for role in roles})
    return list(dict.fromkeys(row.what for row in rows() if row.roles and not row.refused(officer)))


def demand(actor: Actor, move: str) -> Officer:
    """Returns the person where they may make this move at all. Raises NoPower, or GatesClosed."""
    power = POWERS[move]
    if power.desk and actor.door != "desk":
        raise NoPower(power.desk)
    officer = Officer.objects.filter(pk=actor.officer_id or 0, is_active=True).first()
    if fault := power.refused(officer):
        raise GatesClosed([(power.rule, fault)]) if power.rule and officer else NoPower(fault)
    assert officer is not None
    return officer


def allows(actor: Actor, move: str) -> bool:
    """Whether this person may make this move at all, by this channel: a page offers only such moves."""
    try:
        demand(actor, move)
    except (NoPower, GatesClosed):
        return False
    return True


_AUTHOR, _APPROVER, _ADMIN = ("author",), ("approver",), ("administrator",)
_PRESS = ("author", "approver")
_OFFICE = (*_PRESS, "administrator")
_ENDED_AT_THE_DESK = "A stop is ended at the desk, on the page Holds, and never from the command line."
_WRITES = "{name} may not write or change Items: the account lacks the author role."
_AMENDS = "Only an active author may draft a change of what is public."
_NO_ADMIN = "{name} is no administrator: only an administrator may change accounts."
_OWN_CASE = "an account that is an investigator's and nothing else: in own cases"
_OTHERS = "nobody who wrote or changed it"
_HOURS = "where something waits to be published: an approver who wrote nothing of it"
_PLANNERS = (*_PRESS, "administrator")
_PLANS = "Only an active author, approver or administrator may set up campaigns and their hours."
_NUMBERS = "Only an active author may give a person a number, or answer for them."
_DECIDES = "Only an active author or approver may do this."
_SIGNING = "Only an administrator brings a signing key into use."
_GIVES_OUT = "Only an active author or approver may give out a press pack."
_SECOND_ADMIN = "of an account that decides: another administrator confirms the whole account; then a day's bar"

POWERS: dict[str, Power] = {
    row.move: row
    for row in (
        Power("hold", "hold an Item"),
        Power("hold_campaign", "hold a campaign"),
        Power("freeze", "pause publishing"),
        Power(
            "release",
            "end the hold of an Item",
            _APPROVER,
            _ENDED_AT_THE_DESK,
            limits="nobody who wrote, approved or placed it",
            second="nobody, but whoever placed it is told",
        ),
        Power(
            "release_campaign",
            "end the hold of a campaign",
            _APPROVER,
            _ENDED_AT_THE_DESK,
            limits="nobody who placed it, or wrote or approved what waits in it",
            second="nobody, but whoever placed it is told",
        ),
        Power(
            "ask_release",
            "ask that a hold ends which no approver is left to end",
            _ADMIN,
            _ENDED_AT_THE_DESK,
            second="another administrator confirms; everybody is told",
        ),
        Power(
            "ask_thaw",
            "ask to resume publishing",
            _OFFICE,
            _ENDED_AT_THE_DESK,
            limits="nobody who placed it",
            second="another confirms; one of the two is an approver",
        ),
        Power(
            "confirm_ending",
            "confirm that a stop ends",
            _OFFICE,
            _ENDED_AT_THE_DESK,
            limits="never who asked, nobody who placed it",
            second="somebody else asked",
        ),
        Power("drop_ending", "say that a stop stays"),
        Power(
            "end_alarms",
            "end an alarm",
            ("approver", "administrator"),
            "An alarm is ended at the desk, by two people.",
            second="somebody else says so too; one of the two is an approver",
            refusal="Only an active approver or administrator may end an alarm.",
        ),
        Power("receive_original", "hand in a file"),
        Power("add_item", "write or change Items", _AUTHOR, refusal=_WRITES),
        Power("edit", "write or change Items", _AUTHOR, refusal=_WRITES, limits="nothing public"),
        Power("submit", "write or change Items", _AUTHOR, refusal=_WRITES),
        Power("send_back", "send an Item back", _PRESS, refusal="Only an author or an approver may send an Item back."),
        Power(
            "approve",
            "approve",
            _APPROVER,
            "Approval is given at the desk, by a person looking at the picture.",
            limits="nobody who wrote, changed, handed in or verified it; no administrator; no barred account",
            second="somebody else wrote it; the officer in the case verified it; another approver where rules say so",
            refusal="Only an active account with the approver role may approve.",
            rule="R2",
        ),
        Power(
            "verify",
            "verify",
            ("investigator",),
            "It is verified at the desk, by a person looking at the picture.",
            limits="only the officer its record names; nobody who wrote or changed it",
            refusal="That is not your case: only the officer its record names verifies it.",
        ),
        Power(
            "attach_form",
            "attach forms",
            _AUTHOR,
            second="an approver confirms it",
            refusal="{name} may not attach forms: the account lacks the author role.",
        ),
        Power(
            "confirm_form",
            "confirm forms",
            _APPROVER,
            "A form is confirmed at the desk, by a person looking at it beside the picture.",
            limits="nobody who wrote or changed the Item, or attached the form",
            second="another approver approves",
            refusal="{name} may not confirm forms: the account lacks the approver role.",
        ),
        Power(
            "amend",
            "amend what is public",
            _AUTHOR,
            limits="nobody who verified or approved what is public",
            refusal=_AMENDS,
        ),
        Power(
            "draft_review",
            "amend what is public",
            _AUTHOR,
            limits="nobody who verified or approved what is public",
            refusal=_AMENDS,
        ),
        Power(
            "approve_amendment",
            "approve",
            _APPROVER,
            "Approval is given at the desk, by a person looking at the picture.",
            limits="as for an approval",
            second="somebody else drafted it",
            rule="R2",
            refusal="Only an active account with the approver role may approve.",
        ),
        Power(
            "drop_amendment",
            "drop an amendment",
            _PRESS,
            refusal="Only an active author or approver may drop an amendment.",
        ),
        Power(
            "break_glass",
            "declare an emergency",
            _PRESS,
            second="the approver who decides knows of it",
            refusal="Only an active author or approver may declare an emergency.",
        ),
        Power(
            "answer_deferred",
            "answer what an emergency deferred",
            _AUTHOR,
            refusal="{name} may not answer: the account lacks the author role.",
        ),
        Power("make_subject", "give a person a number, or answer for them", _AUTHOR, refusal=_NUMBERS),
        Power("describe", "give a person a number, or answer for them", _AUTHOR, refusal=_NUMBERS),
        Power(
            "record_check",
            "record a check",
            limits=f"{_OWN_CASE}; from whoever had a hand in what shows the person it is a note and confirms nothing",
            second="the officer in the case records it themself, or is named by somebody who asked",
        ),
        Power("outcome", "record an outcome", limits=_OWN_CASE),
        Power("withdraw", "withdraw", limits=_OWN_CASE),
        Power("withdraw_operation", "withdraw", limits="an account that is an investigator's and nothing else: never"),
        Power("by_hand", "record this", limits=_OWN_CASE, second="the platform is looked at before it is believed"),
        Power(
            "unblock",
            "let a blocked image be queued again",
            _APPROVER,
            limits=_OTHERS,
            refusal="Only an active approver may let a blocked image be queued again.",
        ),
        Power("retry", "send a refused Post again", _PRESS, second="every gate is asked again", refusal=_DECIDES),
        Power(
            "settle",
            "say what became of a Post that is not confirmed",
            _PRESS,
            second="the machine reads the Mark before it believes it",
            refusal=_DECIDES,
        ),
        Power("record_unmanaged", "take stock of an account"),
        Power("keep", "decide what was there before us"),
        Power("review", "decide what was there before us"),
        Power("link", "decide what was there before us"),
        Power("withdraw_inherited", "withdraw"),
        Power("acknowledge", "acknowledge a difference"),
        Power(
            "end_recovery",
            "let a restored office send again",
            ("approver", "administrator"),
            second="every account was reconciled",
        ),
        Power("make_campaign", "set up campaigns and their hours", _PLANNERS, refusal=_PLANS),
        Power("add_slot", "set up campaigns and their hours", _PLANNERS, refusal=_PLANS, limits=_HOURS),
        Power("change_slot", "set up campaigns and their hours", _PLANNERS, refusal=_PLANS, limits=_HOURS),
        Power("end_slot", "set up campaigns and their hours", _PLANNERS, refusal=_PLANS, limits=_HOURS),
        Power("edit_campaign", "set up campaigns and their hours", _PLANNERS, refusal=_PLANS, limits=_HOURS),
        Power(
            "close_campaign",
            "set up campaigns and their hours",
            _PLANNERS,
            refusal=_PLANS,
            limits="none in which something approved waits",
        ),
        Power(
            "draft_text",
            "draft texts",
            _AUTHOR,
            second="an approver approves it",
            refusal="{name} may not draft texts: the account lacks the author role.",
        ),
        Power(
            "approve_text",
            "approve",
            _APPROVER,
            "Approval is given at the desk, by a person reading the words.",
            limits="nobody who drafted it",
            refusal="Only an active account with the approver role may approve.",
        ),
        Power("drop_text", "drop a text", _PRESS, refusal="Only an author or an approver may drop a text."),
        Power(
            "attest_comments_closed",
            "attest that comments are off",
            _AUTHOR,
            second="evidence is kept with it",
            refusal="{name} may not attest this: it takes a press officer, whose account has the author role.",
        ),
        Power("disclose", "give a press pack out", _PRESS, refusal=_GIVES_OUT),
        Power("demand_disclosable", "give a press pack out", _PRESS, refusal=_GIVES_OUT),
        Power("acknowledge_for", "record an acknowledgement"),
        Power("duty_done", "note a duty as done"),
        Power("place_hold", "place a legal hold"),
        Power(
            "lift_hold",
            "lift a legal hold",
            _APPROVER,
            limits="nobody who placed it",
            refusal="Only an active approver may lift a legal hold.",
        ),
        Power("review_retention", "review the retention"),
        Power(
            "ask_purge",
            "ask for a purge",
            _PRESS,
            second="an approver confirms it",
            refusal="Only an active author or approver may ask for a purge.",
        ),
        Power(
            "confirm_purge",
            "confirm a purge",
            _APPROVER,
            limits="never who asked",
            second="somebody else asked",
            refusal="Only an active approver may confirm a purge.",
        ),
        Power("drop_purge", "drop a purge"),
        Power(
            "audit_exported",
            "export the log",
            ("approver", "administrator"),
            refusal="Only an administrator or an approver exports the log.",
        ),
        Power("evidence_packed", "make an evidence pack", limits="an investigator: own cases"),
        Power("may_pack", "make an evidence pack", limits="an investigator: own cases"),
        Power("anchor_key_introduced", "bring a signing key into use", _ADMIN, refusal=_SIGNING),
        Power("may_introduce_key", "bring a signing key into use", _ADMIN, refusal=_SIGNING),
        Power("begin_sitting", "look at these pictures"),
        Power("add_officer", "change accounts", _ADMIN, refusal=_NO_ADMIN, second=_SECOND_ADMIN),
        Power("change_roles", "change accounts", _ADMIN, refusal=_NO_ADMIN, second=_SECOND_ADMIN),
        Power("change_rank", "change accounts", _ADMIN, refusal=_NO_ADMIN, second=_SECOND_ADMIN),
        Power("issue_code", "change accounts", _ADMIN, refusal=_NO_ADMIN, second=_SECOND_ADMIN),
        Power("enable_officer", "change accounts", _ADMIN, refusal=_NO_ADMIN, second=_SECOND_ADMIN),
        Power("disable_officer", "change accounts", _ADMIN, refusal=_NO_ADMIN, limits="not the last administrator"),
        Power(
            "confirm_change",
            "confirm a change of an account",
            ("approver", "administrator"),
            refusal=_NO_ADMIN,
            limits="never who asked, nor whose account it is; an approver only for a locked-out administrator's code",
            second="another administrator asked",
        ),
        Power("drop_change", "change accounts", _ADMIN, refusal=_NO_ADMIN),
        Power(
            "rotate_key",
            "change the integrity key",
            _ADMIN,
            refusal="{name} is no administrator: only an administrator may change the integrity key.",
            second="another administrator, or an approver",
        ),
        Power("change_password", "change their own password"),
        Power("issue_token", "make a token of their own"),
        Power("revoke_token", "end a token", limits="their own; an administrator anybody's"),
    )
}

# Public moves that take an actor and are no person's decision, with whose they are.
NOT_A_PERSONS = {
    "reopen": "the timetable's, for a lapsed approval or a window that has passed",
    "take_down_post": "the timetable's, for one Post whose time has passed",
    "record_view": "the server's own record that a picture was read",
    "handed_over": "the server's own record of what was shown",
    "found_office": "the first act of all: whoever holds the machine founds the office, and there are no accounts yet",
    "note_restored": "the restore's own record",
    "demand_author": "the question whether somebody may write Items, asked before a file of theirs is read",
    "seal_existing": "whoever holds the machine brings an older office up to this program",
}

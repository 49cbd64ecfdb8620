"""What an author says of somebody else's act counts by that person's own act, or by evidence: a row for each answer."""

from __future__ import annotations

import inspect

import pytest

from pressqueue.models import AppealRecord, FeatureRecord

from support.public_moves import person_moves

OWN = "the author's own answer"
# The officer in the case verifies the record with the Package (R2), by their own account or on a form that an approver
# read and another approver decided after; a changed answer is another Package.
VERIFIED = "the officer in the case verifies the record it stands in (R2)"
# Features are verified by nobody: whoever approves reads the whole record beside the picture, and another wrote it.
APPROVED = "the approver reads it beside the picture and decides about it (R2)"
NO_AUTHORITY = "says whom to ask; no rule takes it for that person's word"
LOOKED = "a platform is looked at before it is believed"
KEPT = "a file is kept with it by its hash"
NO_HAND = "recorded by the officer in the case, or by somebody who had no hand in what shows the person (R24)"
SECOND = "another person confirms or decides"

APPEAL = {
    "offence": OWN, "crime_reference": OWN, "location": OWN, "incident_at": OWN, "incident_until": OWN,
    "clock_offset": OWN, "exhibit": OWN, "source": OWN, "source_detail": VERIFIED, "source_verified_by": VERIFIED,
    "link_to_offence": OWN, "policing_purpose": OWN, "legal_basis": OWN, "means_tried": VERIFIED,
    "seriousness": VERIFIED,
    "proportionality": OWN, "reach": OWN, "risk": VERIFIED, "victim_consulted": VERIFIED, "victim_reason": VERIFIED,
    "victim_consulted_on": VERIFIED, "anonymity": VERIFIED, "restrictions": VERIFIED,
    "restrictions_checked_on": VERIFIED,
    "restrictions_checked_by": VERIFIED, "others_in_frame": SECOND, "others_reason": SECOND,
    "do_not_approach": VERIFIED,
    "contact": OWN, "conditions_of_use": OWN, "review_at": OWN, "retention_review_on": OWN, "less_intrusive": OWN,
    "child_welfare": VERIFIED, "ethnicity_reason": OWN, "date_reason": OWN, "image_taken_on": OWN,
    "image_age_reason": OWN, "custody_reason": VERIFIED, "attempts_to_locate": VERIFIED, "legal_check": VERIFIED,
    "investigator": NO_AUTHORITY, "investigator_name": NO_AUTHORITY, "investigator_rank": NO_AUTHORITY,
}  # fmt: skip
FEATURE = {
    "basis": APPROVED, "consent_detail": APPROVED, "consent_until": APPROVED, "rights": APPROVED,
    "rights_until": APPROVED, "checklist": APPROVED, "facet": OWN, "source": APPROVED,
}  # fmt: skip
# Arguments of moves with which one person says what another did, or allowed. All others are the actor's own.
ARGUMENTS = {
    "attach_form.form": SECOND,  # confirm_form: opened, compared and read by an approver, and another approves
    "attach_form.signed_at": SECOND,
    "confirm_form.read": SECOND,  # name and rank, by a person who was shown the form; in the log; another approves
    "attest_comments_closed.evidence": KEPT,
    "record_check.confirmed_by": NO_HAND,  # in `test_checks.py`, each hand with its row
    "record_check.name": NO_HAND,
    "acknowledge_for.note": "the recorder's name stands beside it; it ends a reminder and publishes nothing",
    "duty_done.note": "the recorder's name stands beside it; a duty to recall waits for the recipients themselves",
    "settle.there": LOOKED,
    "by_hand.post": LOOKED,
    "break_glass.reason": SECOND,  # the approver who decides says that they know of it
    "answer_deferred.answers": "the answers of a record: the rows above; whoever answers counts as an editor",
    "unblock.authority": SECOND,
    "lift_hold.authority": SECOND,
    "place_hold.authority": "it only keeps what is there",
    "ask_purge.authority": SECOND,
    "disclose.recipient": OWN,
    "demand_disclosable.recipient": OWN,
    "evidence_packed.recipient": OWN,
    "audit_exported.recipient": OWN,
    "edit.changes": SECOND,  # audio_authorised among them: part of what is published, and approved with it
    "add_item.words": SECOND,
    "amend.item_texts": SECOND,
    "describe.answers": SECOND,  # of an appearance; part of the Package that is verified and approved
}
# Names under which one person speaks of another's act.
SPEAKS_OF_OTHERS = (
    "authority", "authorised", "confirmed_by", "form", "signed_at", "read", "evidence", "note", "there", "answers",
    "recipient", "changes", "words", "item_texts", "verified_by", "consent",
)  # fmt: skip


@pytest.mark.parametrize(("model", "table"), [(AppealRecord, APPEAL), (FeatureRecord, FEATURE)])
def test_every_answer_of_a_record_says_by_whose_act_it_counts(model: type, table: dict[str, str]) -> None:
    """A new field without a row fails here."""
    fields = {field.name for field in model._meta.get_fields() if not field.auto_created} - {"item", "salt"}
    assert fields == set(table)


def test_every_argument_that_speaks_of_somebody_else_says_how_that_is_evidenced() -> None:
    said = {
        f"{move}.{name}"
        for move, function in person_moves().items()
        for name in inspect.signature(function).parameters
        if name in SPEAKS_OF_OTHERS
    }
    assert said <= set(ARGUMENTS), sorted(said - set(ARGUMENTS))
    for name in ARGUMENTS:
        move, argument = name.split(".")
        assert argument in inspect.signature(person_moves()[move]).parameters, name


def test_no_rule_reads_the_rank_that_a_record_names() -> None:
    from pressqueue import gates
    from pressqueue.gates import authority, emergency

    for module in (authority, emergency, gates):
        assert "investigator_rank" not in inspect.getsource(module)

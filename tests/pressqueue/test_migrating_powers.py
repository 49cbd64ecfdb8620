"""An office of before: what was confirmed and approved counts on, and whoever placed a stop is still its placer."""

from __future__ import annotations

import importlib

import pytest
from django.apps import apps

from pressqueue import gates
from pressqueue.actors import Actor
from pressqueue.models import Stop, Verification
from pressqueue.moves import holds, verification

from support import factories
from support.factories import NOW

pytestmark = pytest.mark.usefixtures("office")
migration = importlib.import_module("pressqueue.migrations.0012_powers")
AWAY = {"investigator": None, "investigator_name": "DS Mara Voss", "investigator_rank": "inspector"}


def confirmed_before(form: bytes) -> Verification:
    item = factories.in_review(factories.appeal(record=factories.appeal_record(**AWAY)))
    assert item.package is not None
    signed = factories.original(form, kind="form")
    made = verification.attach_form(factories.author(), item, item.package.digest, signed, signed_at=NOW, now=NOW)
    confirmer = factories.officer("cleo", "approver").pk
    Verification.objects.filter(pk=made.pk).update(confirmed_by=confirmer, confirmed_at=NOW, earlier_rule=True)
    return made


def test_a_form_that_was_confirmed_counts_on_for_what_was_approved_with_it_and_for_nothing_else() -> None:
    approved, waiting = confirmed_before(b"%PDF-1.7 one"), confirmed_before(b"%PDF-1.7 two")
    factories.decide(factories.approver(), approved.item, approved.digest)
    Verification.objects.update(earlier_rule=False)  # as the columns begin
    migration.keep_confirmed_forms(apps, None)
    found = {each.pk: each.earlier_rule for each in Verification.objects.all()}
    assert found == {approved.pk: True, waiting.pk: False}
    approved.item.refresh_from_db()
    case = gates.Case(gates.Step.TAKE, approved.item, NOW, package=approved.item.package)
    assert not [number for number, _ in gates.faults(case) if number == "R2"]


def test_whoever_placed_what_is_in_force_is_named_from_the_log() -> None:
    item = factories.feature()
    holds.hold(factories.author(), item, "Wait.", now=NOW)
    holds.hold_campaign(factories.investigator(), item.campaign, "Wait.", now=NOW)
    holds.freeze(factories.author(), "features", now=NOW)
    factories.thaw()
    placer = Actor(factories.officer("placer", "approver").pk, "desk")
    holds.freeze(placer, "all", now=NOW)
    Stop.objects.all().delete()
    migration.name_who_stopped(apps, None)
    assert {(each.item_id, each.campaign_id, each.what, each.placed_by_id) for each in Stop.objects.all()} == {
        (item.pk, None, "", factories.author().officer_id),
        (None, item.campaign_id, "", factories.investigator().officer_id),
        (None, None, "all", placer.officer_id),
    }

"""What is no text is taken out where it enters, in every field of every move; what is text stays as it was typed."""

from __future__ import annotations

import ast
from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import models

from pressqueue.cleaning import MARK, clean, clean_value, takes_texts
from pressqueue.models import Notice, UnmanagedMedia
from pressqueue.moves import campaigns, differences, holds, items, notices, subjects, unmanaged
from pressqueue.moves.press_packs import Recipient

from support import factories
from support.factories import NOW

pytestmark = pytest.mark.usefixtures("office")
NASTY = "A\x0bB\x1bC\x07D\x00E\u2028F\u2029G\ud800H\u202eI\u2066J\x85K\x7fL\ufeffM\ufffeN\x9fO"
BAD = frozenset("\x0b\x0c\x1b\x07\x00\u2028\u2029\ud800\u202e\u2066\x85\x7f\ufeff\ufffe\x9f")

# What somebody typed, and what is kept of it.
TYPED = {
    "vertical tab": ("a\x0bb", "a\nb"),
    "form feed": ("a\x0cb", "a\nb"),
    "next line": ("a\x85b", "a\nb"),
    "line separator": ("a\u2028b", "a\nb"),
    "paragraph separator": ("a\u2029b", "a\nb"),
    "return alone": ("a\rb", "a\nb"),
    "escape": ("\x1b[31mred", "[31mred"),
    "bell": ("a\x07b", "ab"),
    "NUL": ("a\x00b", "ab"),
    "delete": ("a\x7fb", "ab"),
    "C1": ("a\x9bb", "ab"),
    "half a character": ("a\ud83db", "a\ufffdb"),
    "override": ("a\u202eb\u202c", "ab"),
    "isolate": ("a\u2067b\u2069", "ab"),
    "byte order mark": ("\ufeffab", "ab"),
    "no character": ("a\uffffb\ufdd0", "ab"),
}
KEPT = {
    "Welsh": "Dŵr a thân yng Nghymru – Llanfairpwllgwyngyll",
    "Polish": "Zażółć gęślą jaźń",
    "combining accents": "cafe\u0301",
    "emoji with joiners": "👩‍🚒👮🏽‍♀️",
    "the flag of Wales": "🏴󠁧󠁢󠁷󠁬󠁳󠁿",
    "line breaks": "One.\r\n\r\nTwo.\nThree.\tFour.",
    "Hebrew with its marks": "שלום\u200f (101) \u200eOK",
    "Arabic with its mark": "مرحبا\u061c 101",
    "Persian with a non-joiner": "می\u200cخواهم",
    "soft hyphen and hard space": "Crime\u00adstoppers\u00a00800\u202f555\u202f111",
    "signs": "<b> & \" ' { } \\ % “ ” ’ £ €",
}


@pytest.mark.parametrize(("typed", "kept"), TYPED.values(), ids=TYPED)
def test_what_is_no_text_is_taken_out(typed: str, kept: str) -> None:
    assert clean(typed) == kept
    assert clean(kept) == kept


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT)
def test_what_is_text_is_the_same_object(text: str) -> None:
    assert clean_value(text) is text


def test_what_has_one_line_keeps_one_line() -> None:
    assert clean_value({"title": "One\u2028two", "caption": "One\u2028two", "tags": ["a\nb"]}) == {
        "title": "One two", "caption": "One\ntwo", "tags": ["a b"],
    }  # fmt: skip


def test_a_password_is_not_touched() -> None:
    assert clean_value("pass\x07word", "password") == "pass\x07word"


# What these write was said by the machine or a platform; where they keep a text, they clean it themselves. A trial of
# an amendment is rolled back.
OF_THE_MACHINE = {
    "accounts", "amendment_trial", "alarms", "albums", "circuit_breaker", "claims", "differences", "early_warning",
    "erasure", "heartbeats", "leases", "notice_endings", "notices", "packaging",
    "preparing", "quota", "reconciliation", "register_lines",
    "steps", "tokens", "unmanaged",
}  # fmt: skip


def uncleaned(source: str) -> set[str]:
    """The functions of the moves that `source` uses though they take texts as they come: "items.edit"."""
    tree = ast.parse(source)
    used, modules = set(), {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "pressqueue.moves":
            modules |= {each.asname or each.name: each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("pressqueue.moves."):
            used |= {(str(node.module).rpartition(".")[2], each.name) for each in node.names}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules:
            used.add((modules[node.value.id], node.attr))
    used = {(module, name) for module, name in used if module not in OF_THE_MACHINE}
    functions = {(module, name): getattr(import_module(f"pressqueue.moves.{module}"), name) for module, name in used}
    return {
        f"{module}.{name}" for (module, name), one in functions.items() if takes_texts(one) and not hasattr(one, MARK)
    }


def test_whatever_the_service_hands_to_a_move_is_cleaned() -> None:
    sources = {source: uncleaned(source.read_text()) for source in sorted(Path("publisher").rglob("*.py"))}
    assert len(sources) > 200
    assert not {str(source): found for source, found in sources.items() if found}


def test_control_a_helper_of_the_moves_takes_texts_as_they_come() -> None:
    assert uncleaned("from pressqueue.moves import reopening\nreopening.reopen_only(1)") == {"reopening.reopen_only"}
    assert uncleaned("from pressqueue.moves.reopening import reopen_only") == {"reopening.reopen_only"}


def _feature() -> None:
    items.add_item(
        factories.author(), campaign=factories.series(), kind="feature", original=factories.original(), now=NOW,
        title=NASTY, caption=NASTY, alt_text=NASTY, tags=[NASTY], destinations=["flickr"],
        record={"consent_detail": NASTY, "rights": NASTY, "facet": NASTY, "checklist": [NASTY]},
    )  # fmt: skip


def _appeal() -> None:
    record = factories.appeal_record(
        offence=NASTY, means_tried=[{"on": "2026-02-20", "means": NASTY}], exhibit=NASTY, contact=NASTY
    )
    item = factories.appeal(record=record, alt_text=NASTY)
    person = item.subjects.get()
    subjects.describe(factories.author(), person, {"age_basis": NASTY, "vulnerability": NASTY, "name": NASTY}, now=NOW)
    subjects.record_check(factories.author(), person, "none", name=NASTY, confirmed_by=NASTY, now=NOW)
    items.edit(factories.author(), item, now=NOW, record={"risk": NASTY})
    holds.hold(factories.author(), item, NASTY, now=NOW)


def _campaign() -> None:
    campaigns.make_campaign(
        factories.author(), slug="dirty", title=NASTY, kind="series", prefix="DIR", now=NOW, album_title=NASTY,
        album_description=NASTY,
    )  # fmt: skip
    holds.hold_campaign(factories.author(), factories.operation(), NASTY, now=NOW)


def _file() -> None:
    items.receive_original(
        factories.author(), sha256="ab" * 32, size=1, media_type="image/jpeg", kind="still", filename=NASTY,
        probe={"camera": NASTY, "warnings": [NASTY]}, now=NOW,
    )  # fmt: skip


def _sent_back() -> None:
    item = factories.in_review(factories.feature())
    items.send_back(factories.author(), item, NASTY, now=NOW)


def _platform() -> None:
    """What somebody wrote at a platform."""
    thing = UnmanagedMedia(destination="flickr", remote_id="1", title=NASTY, visibility="public", found_at=NOW)
    unmanaged.record_unmanaged(factories.author(), "flickr", [thing], now=NOW)
    notices.notify("cause", NASTY, NOW)


ENTRANCES: dict[str, Callable[[], None]] = {
    "a feature": _feature,
    "an appeal, its person, a check, a hold": _appeal,
    "a campaign and its album": _campaign,
    "a file": _file,
    "a reason": _sent_back,
    "a platform": _platform,
}


@pytest.mark.parametrize("enter", ENTRANCES.values(), ids=ENTRANCES)
def test_nothing_that_is_no_text_is_stored_anywhere(enter: Callable[[], None]) -> None:
    enter()
    assert _stored_badly() == []


def test_control_without_cleaning_it_is_stored() -> None:
    factories.office()
    Notice.objects.create(cause="cause", words="bell \x07", raised_at=NOW)
    assert _stored_badly() == [("Notice", "words")]


def _stored_badly() -> list[tuple[str, str]]:
    """Every text field of every row of every model."""
    found = []
    for model in apps.get_app_config("pressqueue").get_models():
        names = [each.attname for each in model._meta.concrete_fields if isinstance(
            each, models.CharField | models.TextField | models.JSONField)]  # fmt: skip
        for row in model._default_manager.all():
            found += [(model.__name__, name) for name in names if BAD & set(_all_text(getattr(row, name)))]
    return sorted(set(found))


def _all_text(value: Any) -> str:
    return value if isinstance(value, str) else "".join(_all_text(each) for each in _parts(value))


def _parts(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [*value, *value.values()]
    return list(value) if isinstance(value, list) else []


def test_what_an_object_carries_is_cleaned_too() -> None:
    person = Recipient(name=NASTY, organisation=NASTY, email="a@b.example")
    assert not BAD & set(clean_value(person).organisation)
    plain = Recipient(name="A", organisation="B", email="a@b.example")
    assert clean_value(plain) is plain


def test_a_difference_at_a_platform_is_written_clean() -> None:
    assert differences._row("flickr", _Found(), NOW + timedelta(1)).theirs == "a\nb"


class _Found:
    remote_id, kind, seen, post_id, words, ours, theirs = "1", "title", "s", None, "", "", "a\x0bb"

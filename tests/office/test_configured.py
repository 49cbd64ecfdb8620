"""Every setting either decides nothing of where or what is published, and is listed so, or its change is told."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from publisher.configuration import changes, office_file, secret_store
from publisher.configuration.office_file import Office
from publisher.configuration.policy_file import FILE_NAME
from publisher.configuration.secret_store import Secrets

from support import office_folder

# Every setting the configuration may hold, by what a change of it is. One without a row here fails.
TOLD, SILENT = "told", "decides nothing of publication"
SETTINGS = {
    "office": dict.fromkeys(("name", "exercise", "zone"), TOLD),
    "brand": dict.fromkeys(
        ("contact", "handle", "folder", "plate", "ink", "accent", "credit", "copyright", "usage_terms"), TOLD
    ),
    "pace": dict.fromkeys(
        (
            "lease", "margin", "renew", "ask", "settle", "server_time", "give_up", "reveal_patience", "retry_first",
            "retry_most", "withdraw_first", "withdraw_most", "confirm", "media_most", "poll", "tick", "stop_within",
            "silent_after", "tries", "hand_over", "breaker_after", "breaker_first", "breaker_most",
        ),
        SILENT,
    ),
    "reconcile": dict.fromkeys(("hour", "grace"), SILENT),
    "rendering": {"threads": SILENT},
    "web": dict.fromkeys(("host", "port", "address", "trusted_proxy", "proxies"), SILENT),
    "mail": {
        "host": SILENT, "port": SILENT, "tls": SILENT, "sender": TOLD, "attention": TOLD, "recall": TOLD,
    },
    "register": {"path": TOLD},
    "anchors": {"path": TOLD, "key": TOLD, "hour": SILENT},
}  # fmt: skip
SHAPES: dict[str, Any] = {
    "office": office_file.Identity,
    "brand": office_file.BrandFiles,
    "pace": office_file.Pace,
    "reconcile": office_file.Reconcile,
    "rendering": office_file.Rendering,
    "web": office_file.Web,
    "mail": office_file.Mail,
    "register": office_file.RegisterFile,
    "anchors": office_file.AnchorFiles,
}
PARTS = {"office": "identity", "register": "register_file", "anchors": "anchor_files"}  # where the section lies


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> tuple[Office, Secrets]:
    folder = tmp_path_factory.mktemp("configured") / "office"
    office_folder.write_office(folder, {"gallery": {"kind": "folder", "path": str(folder / "gallery")}})
    return office_file.load(folder), secret_store.load(folder)


def test_every_setting_of_the_configuration_has_its_row() -> None:
    assert {part.name for part in fields(Office)} - {"folder", "file", "destinations"} == {
        PARTS.get(section, section) for section in SETTINGS
    }
    for section, shape in SHAPES.items():
        assert {each.name for each in fields(shape)} == set(SETTINGS[section]), section


def rows() -> Iterator[tuple[str, str, str]]:
    for section, names in SETTINGS.items():
        yield from ((section, name, what) for name, what in names.items())


@pytest.mark.parametrize(("section", "name", "what"), list(rows()))
def test_its_change_is_told_or_decides_nothing(
    section: str, name: str, what: str, opened: tuple[Office, Secrets]
) -> None:
    office, secrets = opened
    before = changes.digests(office, secrets)
    part = PARTS.get(section, section)
    values = getattr(office, part)
    changed = replace(office, **{part: replace(values, **{name: another(getattr(values, name))})})
    after = changes.digests(changed, secrets)
    differing = {each for each in {*before, *after} if before.get(each) != after.get(each)}
    assert differing == ({f"{section}.{name}"} if what == TOLD else set())


def another(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    return [*value, "x"] if isinstance(value, list) else value + "x"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"kind": "flickr"}, {"destinations.gallery.kind"}),
        ({"path": "/elsewhere"}, {"destinations.gallery.path"}),
        ({"base_url": "http://127.0.0.1/x"}, {"destinations.gallery.base_url"}),
        ({"an_option_of_a_plug_in": 1}, {"destinations.gallery.an_option_of_a_plug_in"}),
        ({"calls_per_hour": 10}, set()),
    ],
)
def test_where_a_destination_lies_is_told(
    change: dict[str, Any], told: set[str], opened: tuple[Office, Secrets]
) -> None:
    office, secrets = opened
    gallery = office.destinations["gallery"]
    kind = change.get("kind", gallery.kind)
    options = {**gallery.options, **{name: value for name, value in change.items() if name != "kind"}}
    changed = replace(office, destinations={"gallery": replace(gallery, kind=kind, options=options)})
    before, after = changes.digests(office, secrets), changes.digests(changed, secrets)
    assert {each for each in {*before, *after} if before.get(each) != after.get(each)} == told


def test_a_destination_added_or_taken_out_is_told(opened: tuple[Office, Secrets]) -> None:
    office, secrets = opened
    without = changes.digests(replace(office, destinations={}), secrets)
    assert set(changes.digests(office, secrets)) - set(without) == {
        "destinations.gallery.kind", "destinations.gallery.path",
    }  # fmt: skip


def test_every_number_of_the_policy_and_every_list_of_wording_is_told(
    opened: tuple[Office, Secrets], tmp_path: Path
) -> None:
    office, secrets = opened
    from pressqueue.policy import Policy

    before = changes.digests(office, secrets)
    assert {f"policy.{each.name}" for each in dataclasses.fields(Policy)} <= set(before)
    assert "wording.en-GB.guilt" in before
    own = office.folder / FILE_NAME
    own.write_text("[approval]\nappeal_hours = 48\n", encoding="utf-8")
    try:
        after = changes.digests(office, secrets)
    finally:
        own.unlink()
    assert {each for each in before if before[each] != after[each]} == {"policy.appeal_life"}


def test_a_digest_tells_no_value_and_differs_between_offices(opened: tuple[Office, Secrets]) -> None:
    office, secrets = opened
    mine = changes.digests(office, secrets)
    theirs = changes.digests(office, replace(secrets, office_key=bytes(32)))
    assert not set(mine.values()) & set(theirs.values())
    assert "Northshire" not in str(mine)

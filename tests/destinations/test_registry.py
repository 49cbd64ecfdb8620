"""Which destinations there are, and what a bad plug-in can and cannot do."""

from __future__ import annotations

import logging
from importlib.metadata import EntryPoint

import pytest

from publisher.destinations import registry
from publisher.destinations.flickr.plugin import PLUGIN as FLICKR
from publisher.destinations.folder import gallery
from publisher.destinations.folder.plugin import PLUGIN as FOLDER

GROUP = registry.GROUP


def test_ours_are_always_there() -> None:
    found = registry.load()
    assert {"flickr", "youtube", "folder"} <= set(found)
    assert (found["flickr"], found["folder"]) == (FLICKR, FOLDER)


def test_a_checkout_that_was_never_installed_has_ours_too() -> None:
    assert set(registry._loaded(registry.OURS)) == {"flickr", "youtube", "folder"}


def test_a_plug_in_is_found_by_its_name() -> None:
    plug_in = EntryPoint("noticeboard", "publisher.destinations.folder.plugin:PLUGIN", GROUP)
    assert registry._loaded([*registry.OURS, plug_in])["noticeboard"] is FOLDER


def test_a_plug_in_of_before_that_names_the_function_is_still_taken() -> None:
    plug_in = EntryPoint("noticeboard", "publisher.destinations.folder.gallery:build", GROUP)
    found = registry._loaded([plug_in])["noticeboard"]
    assert (found.build, found.display_name, found.consent) == (gallery.build, "Noticeboard", None)


@pytest.mark.parametrize(
    "value",
    [
        "no_such_module:build",
        "publisher.destinations.folder.gallery:no_such",
        "publisher.destinations.folder.gallery:LARGEST",
    ],
)
def test_a_broken_plug_in_is_logged_and_left_out(value: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        found = registry._loaded([EntryPoint("noticeboard", value, GROUP), *registry.OURS])
    assert set(found) == {"flickr", "youtube", "folder"}
    assert "noticeboard" in caplog.text


def test_a_plug_in_cannot_take_the_name_of_ours(caplog: pytest.LogCaptureFixture) -> None:
    stranger = EntryPoint("flickr", "publisher.destinations.folder.plugin:PLUGIN", GROUP)
    found = registry._loaded([stranger, *registry.OURS])
    assert found["flickr"] is FLICKR
    assert "takes the name" in caplog.text


def test_of_two_plug_ins_with_one_name_the_first_stays(caplog: pytest.LogCaptureFixture) -> None:
    first = EntryPoint("noticeboard", "publisher.destinations.folder.plugin:PLUGIN", GROUP)
    second = EntryPoint("noticeboard", "publisher.destinations.flickr.plugin:PLUGIN", GROUP)
    assert registry._loaded([first, second])["noticeboard"] is FOLDER
    assert "Two plug-ins" in caplog.text

"""One TOML file becomes an office, or a sentence that names the file, the setting and the way out."""

from __future__ import annotations

import math
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.configuration import office_file
from publisher.configuration.office_file import BrandFiles, Identity, Mail, Misconfigured, Office, Pace, Web

Configured = Callable[..., Path]
SMALLEST = '[office]\nname = "Northshire Police"\nexercise = true\n[brand]\ncontact = "Call 101"\n'


def refusal(folder: Path, explicit: Path | None = None) -> str:
    with pytest.raises(Misconfigured) as refused:
        office_file.load(folder, explicit)
    return str(refused.value)


def test_the_smallest_configuration_takes_every_default(configured: Configured) -> None:
    office = office_file.load(configured())
    assert office.identity == Identity(name="Northshire Police", exercise=True, zone="Europe/London")
    assert (office.pace, office.web, office.mail) == (Pace(), Web(), Mail())
    assert office.brand == BrandFiles(contact="Call 101")
    assert office.destinations == {}


def test_every_setting_can_be_given(configured: Configured) -> None:
    office = office_file.load(
        configured(
            "[web]\nport = 9000\ntrusted_proxy = true\n"
            '[mail]\nhost = "mail.example"\nattention = ["desk@example.police.uk", "duty@example.police.uk"]\n'
            "[pace]\nlease = 60\ntries = 3\nserver_time = 0\n"
            '[destinations.second]\nkind = "flickr"\nunits = 3600\n'
        )
    )
    assert (office.web.port, office.web.trusted_proxy) == (9000, True)
    assert office.mail.attention == ["desk@example.police.uk", "duty@example.police.uk"]
    assert office.pace.lease == 60.0
    assert isinstance(office.pace.lease, float), "whole numbers are taken for seconds too"
    assert (office.destinations["second"].kind, office.destinations["second"].options) == ("flickr", {"units": 3600})


def test_a_destination_is_of_the_kind_of_its_name_unless_it_says_otherwise(configured: Configured) -> None:
    office = office_file.load(configured("[destinations.flickr]\n"))
    assert office.destinations["flickr"].kind == "flickr"


# What stands below the smallest configuration, and the words of the refusal.
REFUSED = [
    ('[offices]\nname = "x"', "unknown section [offices]. Check its spelling."),
    ("[pace]\nleese = 1.0", "[pace] has no setting “leese”. It knows: "),
    ('[pace]\nlease = "long"', "[pace] lease = 'long': expected float"),
    ("[pace]\ntries = 2.5", "[pace] tries = 2.5: expected int"),
    ("[pace]\nlease = true", "[pace] lease = True: expected float"),
    ("[web]\nport = true", "[web] port = True: expected int"),
    ("[web]\ntrusted_proxy = 1", "[web] trusted_proxy = 1: expected bool"),
    ('[mail]\nattention = "desk@example.police.uk"', "[mail] attention = 'desk@example.police.uk': expected list"),
    ("[mail]\nattention = [1]", "[mail] attention: expected a list of texts"),
    ("[pace]\nlease = 0", "[pace] lease = 0.0 must be more than 0"),
    ("[pace]\nsettle = -1", "[pace] settle = -1.0 must be more than 0"),
    ("[pace]\nlease = nan", "[pace] lease = nan must be more than 0"),
    ("[pace]\ngive_up = inf", "[pace] give_up = inf must be more than 0 and at most a year"),
    (f"[pace]\ngive_up = 1{'0' * 400}", "must be more than 0 and at most a year"),
    (f"[pace]\ngive_up = -1{'0' * 400}", "must be more than 0 and at most a year"),
    ("[pace]\nserver_time = -2", "[pace] server_time = -2.0 must be more than 0"),
    ("[pace]\ntries = 0", "[pace] tries = 0 must be more than 0"),
    ("[pace]\nlease = 10\nmargin = 10", "[pace] needs renew < lease - margin (now 20.0 < 10.0 - 10.0)"),
    ("[pace]\nlease = 30\nmargin = 10\nrenew = 20", "[pace] needs renew < lease - margin"),
    ("[reconcile]\nhour = 24", "[reconcile] hour = 24 must be from 0 to 23"),
    ("[reconcile]\nhour = 2.5", "[reconcile] hour = 2.5: expected int"),
    ("[reconcile]\ngrace = 0", "[reconcile] grace = 0.0 must be more than 0"),
    ("[rendering]\nthreads = 0", "[rendering] threads = 0 must be from 1 to 16"),
    ("[rendering]\nthreads = 17", "[rendering] threads = 17 must be from 1 to 16"),
    ("[web]\nport = 0", "[web] port = 0 must be from 1 to 65535"),
    ("[mail]\nport = 65536", "[mail] port = 65536 must be from 1 to 65535"),
    ("[destinations]\nflickr = 1", "[destinations.flickr] must be a section"),
    ("[destinations.flickr]\nkind = 1", "[destinations.flickr] kind must be a text"),
    ("[destinations.flickr]\nhosts = ['a']", "[destinations.flickr] hosts must be a text, a number or true/false"),
    ("[destinations.flickr.more]\na = 1", "[destinations.flickr] more must be a text"),
    ("[office", "is not valid TOML"),
    ("[pace]\ntries = " + "9" * 5000, "is not valid TOML"),
    ("[pace]\ntries = " + "[" * 5000, "is not valid TOML"),
]


@pytest.mark.parametrize(("more", "words"), REFUSED)
def test_what_cannot_be_is_refused_with_file_setting_and_reason(configured: Configured, more: str, words: str) -> None:
    folder = configured(more)
    said = refusal(folder)
    assert said.startswith(str(folder / "publisher.toml"))
    assert words in said


@pytest.mark.parametrize("section", ["office", "brand", "pace", "reconcile", "web", "mail", "destinations"])
def test_a_section_that_is_a_value_is_refused(configured: Configured, section: str) -> None:
    others = {"office": '[office]\nname = "N"\nexercise = true\n', "brand": '[brand]\ncontact = "Call 101"\n'}
    others.pop(section, None)
    said = refusal(configured(smallest=f"{section} = 1\n" + "".join(others.values())))
    assert f"[{section}] must" in said


@pytest.mark.parametrize(("section", "setting"), [("office", "name"), ("office", "exercise"), ("brand", "contact")])
def test_a_setting_without_default_is_demanded(configured: Configured, section: str, setting: str) -> None:
    without = "\n".join(line for line in SMALLEST.splitlines() if not line.startswith(setting))
    assert f"[{section}] needs the setting “{setting}”" in refusal(configured(smallest=without))


# “Europe” is a folder of the zone database, and a long name is no file name: both are errors of the file system.
@pytest.mark.parametrize("zone", ["", "Europe", "Europe/Camelot", "../London", "/etc/localtime", "GMT+25", "z" * 300])
def test_a_zone_that_does_not_exist_is_refused_with_an_example(configured: Configured, zone: str) -> None:
    said = refusal(configured(smallest=SMALLEST.replace("exercise = true", f'exercise = true\nzone = "{zone}"')))
    assert said.endswith(f"[office] zone “{zone}” is not a time zone. Example: Europe/London.")


def test_a_file_that_is_no_text_is_refused(folder: Path) -> None:
    (folder / "publisher.toml").write_bytes(b"\xff\xfe[office]")
    assert f"{folder / 'publisher.toml'} cannot be read: 'utf-8' codec" in refusal(folder)


def test_the_brand_lies_beside_the_configuration_then_in_the_office_then_as_shipped(
    configured: Configured, tmp_path: Path
) -> None:
    folder = configured()
    elsewhere = tmp_path / "etc"
    elsewhere.mkdir()
    named = Path(shutil.copy(folder / "publisher.toml", elsewhere))
    shipped = office_file.shipped_config()[0] / "brand"
    assert office_file.load(folder, named).brand_folder == shipped
    shutil.copytree(shipped, folder / "brand")
    assert office_file.load(folder, named).brand_folder == folder / "brand"
    shutil.copytree(shipped, elsewhere / "brand")
    assert office_file.load(folder, named).brand_folder == elsewhere / "brand"


def test_a_brand_folder_without_a_crest_is_named(configured: Configured) -> None:
    folder = configured(smallest=SMALLEST + 'folder = "arms"\n')
    (folder / "arms").mkdir()
    with pytest.raises(Misconfigured, match="folder “arms” holds no crest"):
        _ = office_file.load(folder).brand_folder


def test_the_configuration_is_looked_for_in_order(
    configured: Configured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, shipped = tmp_path / "office", tmp_path / "share"
    shipped.mkdir()
    monkeypatch.setattr(office_file, "shipped_config", lambda: (shipped,))
    assert f"No publisher.toml in {folder}. Make an office with `publisher init {folder}`" in refusal(folder)
    named, by_environment = tmp_path / "named.toml", tmp_path / "env.toml"
    for place in (shipped / "publisher.toml", folder / "publisher.toml", by_environment, named):
        place.write_text(SMALLEST, encoding="utf-8")
    # Each is used only once what comes before it in the order is gone.
    monkeypatch.setenv("PUBLISHER_CONFIG", str(by_environment))
    assert office_file.load(folder, named).file == named
    assert office_file.load(folder).file == by_environment
    monkeypatch.delenv("PUBLISHER_CONFIG")
    assert office_file.load(folder).file == folder / "publisher.toml"
    (folder / "publisher.toml").unlink()
    assert office_file.load(folder).file == shipped / "publisher.toml"


@pytest.mark.parametrize("by", ["--config", "PUBLISHER_CONFIG"])
def test_a_file_that_was_named_is_never_replaced_by_another(
    configured: Configured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    folder, missing = configured(), tmp_path / "missing.toml"
    if by == "PUBLISHER_CONFIG":
        monkeypatch.setenv("PUBLISHER_CONFIG", str(missing))
    said = refusal(folder, missing if by == "--config" else None)
    assert said == f"There is no configuration file at {missing}."


KNOWN = {"office": Identity, "brand": BrandFiles, "pace": Pace, "web": Web, "mail": Mail}
words = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)
scalars = st.one_of(
    words,
    st.sampled_from(["Europe/London", "Europe", "flickr", ""]),
    st.booleans(),
    st.integers(-(10**30), 10**30),
    st.floats(),
    st.lists(words | st.integers(), max_size=3),
)
sections = {
    name: st.dictionaries(st.sampled_from([each.name for each in fields(shape)]) | words, scalars, max_size=4)
    for name, shape in KNOWN.items()
}
# Mostly sections with their own names in them, so that some get through and the rest fail late.
tables = st.fixed_dictionaries(
    {
        "office": st.fixed_dictionaries({"name": words, "exercise": st.booleans()}, optional={"zone": scalars})
        | sections["office"],
        "brand": st.fixed_dictionaries({"contact": words}) | sections["brand"],
    },
    optional={
        "pace": sections["pace"],
        "web": sections["web"],
        "mail": sections["mail"],
        "destinations": st.dictionaries(words, scalars | st.dictionaries(words, scalars, max_size=3), max_size=3),
    },
)


def as_toml(value: Any) -> str:
    """Any of these values as TOML writes it; tables inline."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, list):
        return "[" + ", ".join(as_toml(each) for each in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{as_toml(str(key))} = {as_toml(each)}" for key, each in value.items()) + "}"
    return repr(value) if isinstance(value, int) or math.isfinite(value) else str(value)


@given(tables)
def test_any_table_becomes_an_office_or_a_sentence(table: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as place:
        file = Path(place, "publisher.toml")
        file.write_text("\n".join(f"{name} = {as_toml(value)}" for name, value in table.items()), encoding="utf-8")
        try:
            made = office_file.load(Path(place))
        except Misconfigured as refused:
            assert str(file) in str(refused)
            assert "not valid TOML" not in str(refused), "the test wrote what it did not mean"
            return
    assert isinstance(made, Office)
    assert made.identity.name == table["office"]["name"]
    assert 0 < made.pace.lease < math.inf

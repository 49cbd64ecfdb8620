"""Daily anchors: made once a day, kept elsewhere, told when missed, and never in anybody's way."""

from __future__ import annotations

import stat
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pressqueue.models import ChainHead, Entry, Notice
from publisher import verifier
from publisher.configuration import office_file
from publisher.evidence import anchors, keys
from publisher.evidence.keys import EvidenceRefused
from publisher.scheduling import scheduler
from publisher.setup import checks

from support import anchored_office, factories, office_folder
from support.anchored_office import NOW, Notary

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("office")]


@pytest.fixture
def notarised(tmp_path: Path) -> Notary:
    made = anchored_office.opened(tmp_path)
    made.key()
    return made


def made(notarised: Notary) -> list[anchors.Line]:
    return [each for each in anchors.of(notarised.office).lines() if each["format"] == verifier.ANCHOR]


def notices() -> set[str]:
    return set(Notice.objects.filter(cleared_at__isnull=True).values_list("cause", flat=True))


def test_key_and_anchors_lie_outside_the_office_and_the_key_is_its_owner_s_alone(notarised: Notary) -> None:
    office = notarised.office
    assert office.folder not in office.anchors.parents
    assert office.folder not in office.anchor_key.parents
    assert stat.S_IMODE(office.anchor_key.stat().st_mode) == 0o600
    assert b"PRIVATE" not in keys.public_file(office.anchor_key).read_bytes()
    office.anchor_key.chmod(0o640)
    with pytest.raises(EvidenceRefused, match="can be read by others"):
        anchors.make(office, NOW)


def test_where_they_lie_is_configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = office_folder.write_office(tmp_path / "office", {})
    with (folder / "publisher.toml").open("a") as file:
        file.write('\n[anchors]\npath = "../a/anchors.jsonl"\nkey = "../b/key.pem"\nhour = 6\n')
    office = office_file.load(folder)
    assert (office.anchors.resolve(), office.anchor_key.resolve()) == (
        tmp_path / "a" / "anchors.jsonl", tmp_path / "b" / "key.pem"
    )  # fmt: skip
    monkeypatch.setenv("PUBLISHER_ANCHOR_KEY_FILE", str(tmp_path / "c.pem"))
    assert office.anchor_key == tmp_path / "c.pem"


def test_one_a_day_from_its_hour_on_however_often_the_bell_rings(notarised: Notary) -> None:
    night = NOW.replace(hour=2)
    anchors.run_round(notarised.office, night)
    assert made(notarised) == []
    for minutes in (0, 1, 300):
        factories.feature()
        anchors.run_round(notarised.office, NOW + timedelta(minutes=minutes))
    (line,) = made(notarised)
    assert (line["date"], line["missed"]) == ("2026-03-02", [])
    assert Entry.objects.get(number=line["number"]).hash == line["hash"]


def test_the_day_is_the_office_s_own(notarised: Notary) -> None:
    """23:30 UTC on 30 June is 00:30 on 1 July in London: not yet the hour; at 04:00 British Summer Time it is."""
    anchors.run_round(notarised.office, NOW.replace(month=6, day=30, hour=23, minute=30))
    anchors.run_round(notarised.office, NOW.replace(month=7, day=1, hour=2, minute=59))
    assert made(notarised) == []
    anchors.run_round(notarised.office, NOW.replace(month=7, day=1, hour=3, minute=0))
    assert [each["date"] for each in made(notarised)] == ["2026-07-01"]


def test_the_worker_s_round_makes_it(tmp_path: Path) -> None:
    worker = office_folder.worker(tmp_path / "office", factories.Clock())
    notarised = Notary(worker.office)
    notarised.key()
    scheduler.round(worker, "clock")
    assert len(made(notarised)) == 1


def test_a_missed_day_is_told_once_and_signed(notarised: Notary) -> None:
    anchors.run_round(notarised.office, NOW)
    factories.feature()
    anchors.run_round(notarised.office, NOW + timedelta(days=3))
    assert made(notarised)[-1]["missed"] == ["2026-03-03", "2026-03-04"]
    assert notices() == {"anchor-missed:2026-03-05"}
    assert "2026-03-03, 2026-03-04" in Notice.objects.get().words


def test_a_place_that_cannot_be_written_is_told_and_made_up_for(notarised: Notary) -> None:
    folder = notarised.office.anchors.parent
    aside = folder.rename(folder.with_name("aside"))
    folder.write_bytes(b"a file where the folder should be")
    worker = office_folder.worker(notarised.office.folder, factories.Clock())
    scheduler.round(worker, "reckon")  # goes on all the same
    assert notices() == {"anchors"}
    folder.unlink()
    aside.rename(folder)
    anchors.run_round(notarised.office, NOW)
    assert len(made(notarised)) == 1
    assert notices() == set()


def test_a_key_that_is_gone_is_told_with_what_to_do(notarised: Notary) -> None:
    notarised.office.anchor_key.unlink()
    anchors.run_round(notarised.office, NOW)
    assert notices() == {"anchors"}
    assert "publisher anchors key" in Notice.objects.get().words
    notarised.key("lost")
    anchors.run_round(notarised.office, NOW)
    assert notices() == set()


def test_a_real_office_without_a_key_is_told_and_an_exercise_is_left_in_peace(tmp_path: Path) -> None:
    folder = office_folder.write_office(tmp_path / "office", {})
    anchors.run_round(office_file.load(folder), NOW)
    assert notices() == set()
    file = folder / "publisher.toml"
    file.write_text(file.read_text().replace("exercise = true", "exercise = false"))
    anchors.run_round(office_file.load(folder), NOW)
    assert notices() == {"anchors"}


def test_a_line_cut_off_by_a_death_is_written_again(notarised: Notary) -> None:
    anchors.run_round(notarised.office, NOW)
    with notarised.office.anchors.open("ab") as file:
        file.write(b'{"at": "cut o')
    factories.feature()
    anchors.run_round(notarised.office, NOW + timedelta(days=1))
    assert [each["date"] for each in made(notarised)] == ["2026-03-02", "2026-03-03"]


def test_a_log_that_is_not_the_one_anchored_before_is_told(notarised: Notary) -> None:
    anchors.run_round(notarised.office, NOW)
    path = notarised.office.anchors
    line = made(notarised)[0]
    path.write_text(path.read_text().replace(line["hash"], "f" * 64))
    anchors.run_round(notarised.office, NOW + timedelta(days=1))
    assert made(notarised)[-1]["breaks"] == {"number": line["number"], "hash": "f" * 64}
    assert "anchor-breaks:2026-03-03" in notices()


def test_a_clock_that_went_back_makes_no_older_anchor(notarised: Notary) -> None:
    anchors.run_round(notarised.office, NOW)
    anchors.run_round(notarised.office, NOW - timedelta(days=5))
    assert len(made(notarised)) == 1
    with pytest.raises(EvidenceRefused, match="set the clock right"):
        anchors.make(notarised.office, NOW - timedelta(days=5))


def test_a_rotation_that_died_before_the_new_key_was_in_place_is_finished(notarised: Notary) -> None:
    old = anchors.of(notarised.office).key()
    notarised.key("rotation")
    new = anchors.of(notarised.office).key()
    place = notarised.office.anchor_key
    place.rename(place.with_suffix(".new"))
    keys.write(old, place)  # as it stood before the last step
    with pytest.raises(EvidenceRefused, match="not the one the anchors name"):
        anchors.make(notarised.office, NOW)
    notarised.key("rotation")
    line = anchors.of(notarised.office).lines()[-1]
    assert line["follows"] == keys.id_of(new)


def test_a_key_that_never_came_into_use_is_forgotten(notarised: Notary) -> None:
    waiting = notarised.office.anchor_key.with_suffix(".new")
    keys.write(Ed25519PrivateKey.generate(), waiting)
    notarised.key("rotation")
    assert not waiting.exists()
    anchors.make(notarised.office, NOW)


@pytest.mark.parametrize(
    ("why", "words"), [("first", "There is a signing key already"), ("lost", "it may not be lost")]
)
def test_a_key_is_not_replaced_by_mistake(why: str, words: str, notarised: Notary) -> None:
    before = ChainHead.objects.get().number
    with pytest.raises(EvidenceRefused, match=words):
        notarised.key(why)
    assert ChainHead.objects.get().number == before


def test_another_office_s_anchors_are_not_written_to(notarised: Notary) -> None:
    path = notarised.office.anchors
    path.write_text(path.read_text().replace(str(factories.office().uuid), "00000000-0000-0000-0000-000000000000"))
    before = path.read_bytes()
    anchors.run_round(notarised.office, NOW)
    assert path.read_bytes() == before
    assert "belongs to another office" in Notice.objects.get(cause="anchors").words


def test_check_says_how_it_stands(notarised: Notary, tmp_path: Path) -> None:
    assert checks._anchors(notarised.office).startswith("none is made yet")
    anchors.run_round(notarised.office, NOW)
    assert checks._anchors(notarised.office).startswith("the last is of 2026-03-02")
    notarised.office.anchor_key.unlink()
    with pytest.raises(EvidenceRefused):
        checks._anchors(notarised.office)
    other = office_file.load(office_folder.write_office(tmp_path / "without", {}))
    assert checks._anchors(other).startswith("WARNING: the audit log is not anchored")

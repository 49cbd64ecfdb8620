"""The standalone verifier: what it lets pass, and every way in which an export or its anchors can be false."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from publisher import verifier
from publisher.evidence import anchors, exporting

from support import anchored_office
from support.anchored_office import Notary, chained_anew, edited, verify

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("office")]
Lines = list[dict[str, Any]]


@pytest.fixture
def office_notary(tmp_path: Path) -> Notary:
    return anchored_office.opened(tmp_path)


@pytest.fixture
def public(office_notary: Notary) -> Path:
    return office_notary.key()


@pytest.fixture
def three_days(office_notary: Notary, public: Path) -> Notary:
    for _ in range(3):
        office_notary.day()
    return office_notary


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The one file by itself: in a folder of its own, with Python's isolated mode, which sees no other code of ours."""
    alone = shutil.copy(verifier.__file__, folder / "verifier.py")
    command = [sys.executable, "-I", str(alone), *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env={})


def test_the_file_alone_verifies_an_export(three_days: Notary, public: Path, tmp_path: Path) -> None:
    file = three_days.export()
    trail = str(three_days.office.anchors)
    done = run(tmp_path, str(file), "--anchors", trail, "--key", str(public))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("It holds: entries 1 to ")
    assert "4 anchors agree with it, from 2026-03-02 to 2026-03-05." in done.stdout

    changed = edited(file, lambda lines: [*lines[:3], lines[3] | {"act": "nothing"}, *lines[4:]])
    done = run(tmp_path, str(changed), "--anchors", trail, "--key", str(public))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "Entry 3 was changed after it was written.\n"
    assert run(tmp_path, str(file), "--key", str(public)).returncode == 2


def test_it_imports_nothing_but_the_standard_library_and_cryptography() -> None:
    imported = {
        line.split()[1].partition(".")[0]
        for line in Path(verifier.__file__).read_text(encoding="utf-8").splitlines()
        if line.strip().startswith(("import ", "from "))
    }
    assert imported - set(sys.stdlib_module_names) == {"cryptography"}


def forget_a_line(lines: Lines) -> Lines:
    return [*lines[:4], *lines[5:]]


def with_end(lines: Lines) -> Lines:
    """What was cut at its end, with a first and a last line made to fit."""
    last = lines[-2]
    return [
        lines[0] | {"last": last["number"]}, *lines[1:-1], lines[-1] | {"last": last["number"], "hash": last["hash"]}
    ]  # fmt: skip


FALSE: dict[str, tuple[Callable[[Lines], Lines], str]] = {
    "tampered": (lambda lines: [*lines[:3], lines[3] | {"actor": "officer:99"}, *lines[4:]], "Entry 3 was changed"),
    "salt": (lambda lines: [*lines[:3], lines[3] | {"salt": "0" * 32}, *lines[4:]], "Entry 3 was changed"),
    "one taken out": (forget_a_line, "Entry 4 should stand where entry 5 does"),
    "reordered": (
        lambda lines: [*lines[:3], lines[4], lines[3], *lines[5:]],
        "Entry 3 should stand where entry 4 does",
    ),
    "repeated": (lambda lines: [*lines[:3], lines[2], *lines[3:]], "Entry 3 should stand where entry 2 does"),
    "head cut": (lambda lines: [lines[0], *lines[3:]], "Entry 1 should stand where entry 3 does"),
    "head cut, made to fit": (
        lambda lines: [lines[0] | {"first": 3, "before": lines[3]["previous"]}, *lines[3:]],
        "begins at entry 3: those before it are missing",
    ),
    "tail cut": (lambda lines: lines[:-4], "has no last line"),
    "tail cut, last line kept": (lambda lines: [*lines[:-4], lines[-1]], "it was cut"),
    "tail cut, made to fit": (lambda lines: with_end([*lines[:-4], lines[-1]]), "not the line of its own making"),
    "tail cut to an older export's line": (
        lambda lines: with_end(
            chained_anew([*lines[:-4], lines[-4] | {"act": "audit_exported"}, lines[-1]], lines[-4]["number"])
        ),
        "but the anchor of 2026-03-04 names entry 8",
    ),
    "wholly chained anew": (
        lambda lines: chained_anew([*lines[:3], lines[3] | {"act": "nothing"}, *lines[4:]]),
        "is not the one that was anchored on 2026-03-02",
    ),
    "goes on": (lambda lines: [*lines, lines[-1]], "goes on after its last line"),
    "another office's": (lambda lines: [lines[0] | {"office": "other"}, *lines[1:]], "belong to another office"),
    "a later version": (lambda lines: [lines[0] | {"version": 2}, *lines[1:]], "does not know"),
    "not from the beginning": (lambda lines: [lines[0] | {"before": "1" * 64}, *lines[1:]], "not that of a log"),
    "a hole": (lambda lines: [*lines[:3], {"number": 3}, *lines[4:]], "lacks a part"),
}


@pytest.mark.parametrize("how", FALSE)
def test_a_false_export_fails_with_a_sentence(how: str, three_days: Notary, public: Path) -> None:
    change, words = FALSE[how]
    file = three_days.export()
    verify(file, three_days.office.anchors, public)  # the control: as it was handed over, it holds
    with pytest.raises(verifier.Failed, match=words):
        verify(edited(file, change), three_days.office.anchors, public)


def test_a_changed_text_fails_and_a_purged_one_does_not(three_days: Notary, public: Path) -> None:
    file = three_days.export(texts=True)
    report = verify(file, three_days.office.anchors, public)
    assert report.texts > 0

    def spoil(lines: Lines) -> Lines:
        return [each | {"text": "another"} if "text" in each else each for each in lines]

    def purge(lines: Lines) -> Lines:
        return [{name: each[name] for name in each if not name.startswith("text_salt") and name != "text"}
                for each in lines]  # fmt: skip

    with pytest.raises(verifier.Failed, match="The text of entry"):
        verify(edited(file, spoil), three_days.office.anchors, public)
    assert verify(edited(file, purge), three_days.office.anchors, public).texts == 0


FALSE_ANCHORS: dict[str, tuple[Callable[[Lines], Lines], str]] = {
    "tampered": (lambda lines: [lines[0], lines[1] | {"number": 2}, *lines[2:]], "signature of line 2"),
    "bad signature": (
        lambda lines: [*lines[:-1], lines[-1] | {"signature": lines[1]["signature"]}],
        "signature of line 5 of the anchors",
    ),
    "one taken out": (lambda lines: [*lines[:2], *lines[3:]], "does not follow the line before it"),
    "begun later": (lambda lines: lines[1:], "does not follow the line before it"),
    "cut at the end": (lambda lines: lines[:2], "no anchor for 2026-03-03, though the log goes on"),
    "none left": (lambda lines: lines[:1], "nothing binds this export"),
}


@pytest.mark.parametrize("how", FALSE_ANCHORS)
def test_false_anchors_fail_with_a_sentence(how: str, three_days: Notary, public: Path) -> None:
    change, words = FALSE_ANCHORS[how]
    file = three_days.export()
    with pytest.raises(verifier.Failed, match=words):
        verify(file, edited(three_days.office.anchors, change), public)


def test_a_missing_day_fails_even_where_every_line_follows(office_notary: Notary, public: Path) -> None:
    """Who holds the key could leave a day out and chain the lines; only a signed word of the office explains it."""
    office_notary.day(days=3)
    office_notary.day()
    lines = anchors.of(office_notary.office).lines()
    assert lines[-1]["missed"] == ["2026-03-03", "2026-03-04"]
    file = office_notary.export()
    report = verify(file, office_notary.office.anchors, public)
    assert report.notes == ["The office itself says that it made no anchor on 2026-03-03, 2026-03-04."]

    from publisher.evidence import keys

    signing = anchors.of(office_notary.office).key()
    silent = {name: lines[-1][name] for name in lines[-1] if name != "signature"} | {"missed": []}
    silent["signature"] = keys.sign(signing, silent)
    with pytest.raises(verifier.Failed, match="no anchor for 2026-03-03, and no signed line says"):
        verify(file, edited(office_notary.office.anchors, lambda all_: [*all_[:2], silent]), public)


def test_a_key_that_was_not_given_fails(three_days: Notary, public: Path, tmp_path: Path) -> None:
    stranger = anchored_office.opened(tmp_path / "elsewhere")
    with pytest.raises(verifier.Failed, match="is not one you gave"):
        verify(three_days.export(), three_days.office.anchors, stranger.key())


def test_after_a_rotation_either_key_is_enough(three_days: Notary, public: Path) -> None:
    second = three_days.key("rotation")
    three_days.day()
    file = three_days.export()
    for given in (public, second):
        assert verify(file, three_days.office.anchors, given).anchors == 5

    def unvouched(lines: Lines) -> Lines:
        return [each | {"signature_old": each["signature"]} if "signature_old" in each else each for each in lines]

    with pytest.raises(verifier.Failed, match="signature of line 5"):
        verify(file, edited(three_days.office.anchors, unvouched), public)


def test_after_a_lost_key_the_new_one_must_be_given_and_it_is_told(three_days: Notary, public: Path) -> None:
    three_days.office.anchor_key.unlink()
    second = three_days.key("lost")
    three_days.day()
    file = three_days.export()
    with pytest.raises(verifier.Failed, match="On 2026-03-05 the office said that its key was lost"):
        verify(file, three_days.office.anchors, public)
    with pytest.raises(verifier.Failed, match="is not one you gave"):
        verify(file, three_days.office.anchors, second)
    report = verify(file, three_days.office.anchors, public, second)
    assert report.notes == ["On 2026-03-05 the key was lost and a new one announced by itself."]


def test_a_part_must_be_asked_for_and_is_bound_by_an_anchor_within(three_days: Notary, public: Path) -> None:
    trail = three_days.office.anchors
    part = three_days.export("part.jsonl", since=anchored_office.NOW + timedelta(hours=2), until=three_days.now)
    with pytest.raises(verifier.Failed, match="--part"):
        verify(part, trail, public)
    report = verify(part, trail, public, options=("--part",))
    assert report.first > 1
    assert report.anchors >= 2
    changed = edited(part, lambda lines: chained_anew([lines[0], lines[1] | {"act": "nothing"}, *lines[2:]], 0))
    with pytest.raises(verifier.Failed, match="is not the one that was anchored"):
        verify(changed, trail, public, options=("--part",))


def test_sealed_entries_can_be_followed_and_not_replaced(three_days: Notary, public: Path) -> None:
    file = three_days.handed / "excerpt.jsonl"
    last = anchors.make(three_days.office, three_days.now)["number"]
    stretch = exporting.Stretch(1, last)
    with file.open("wb") as target:
        exporting.write(
            target, stretch, three_days.now, shown=lambda each: each.number == 4, with_text=lambda _: False
        )  # fmt: skip
    report = verify(file, three_days.office.anchors, public, options=("--part",))
    assert report.sealed == last - 1
    assert file.read_text().count('"act"') == 1

    def forged(lines: Lines) -> Lines:
        return chained_anew([*lines[:4], lines[4] | {"act": "nothing"}, *lines[5:]])

    with pytest.raises(verifier.Failed, match="is not the one that was anchored"):
        verify(edited(file, forged), three_days.office.anchors, public, options=("--part",))


def test_a_restored_log_is_not_accepted_unasked(three_days: Notary, public: Path) -> None:
    """The newest anchor speaks of an entry this database never had, as after a restore from an older backup."""
    signing = anchors.of(three_days.office)
    lost = {name: value for name, value in signing.lines()[-1].items() if name not in ("signature", "previous")}
    lost |= {"number": 900, "hash": "9" * 64, "date": "2026-03-05"}
    from publisher.evidence import keys
    from publisher.register import append_only

    with append_only.locked(signing.path) as descriptor:
        signing.append(descriptor, lost, lambda body: {"signature": keys.sign(signing.key(), body)})
    three_days.now += timedelta(days=1)
    file = three_days.export()
    with pytest.raises(verifier.Failed, match="restored from a backup"):
        verify(file, three_days.office.anchors, public)
    report = verify(file, three_days.office.anchors, public, options=("--restored",))
    assert "What was anchored on 2026-03-05 (entry 900) was lost at a restore." in report.notes


def test_what_is_no_key_or_no_file_is_a_sentence_too(three_days: Notary, public: Path, tmp_path: Path) -> None:
    file = three_days.export()
    trail = str(three_days.office.anchors)
    assert verifier.main([str(file), "--anchors", trail, "--key", str(file)]) == 1
    assert verifier.main([str(tmp_path / "none"), "--anchors", trail, "--key", str(public)]) == 1
    nested = tmp_path / "nested.jsonl"
    nested.write_text("[" * 100_000 + "\n")
    assert verifier.main([str(nested), "--anchors", trail, "--key", str(public)]) == 1

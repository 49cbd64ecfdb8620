"""Queueing from the shell: what is wrong is a sentence, nothing is half-queued, no Original is lost."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from support.commands import CLEAN, Said, Typist, appeal, feature
from support.killable_workers import wait_until

Picture = Callable[..., Path]


def items(office: Typist) -> int:
    return int(office.sql("SELECT count(*) FROM pressqueue_item")[0][0])


def refused(office: Typist, arguments: list[str], *words: str) -> Said:
    before = items(office)
    said = office(*arguments)
    assert said.code == 1
    assert all(each in said.err for each in words), said.err
    assert "Traceback" not in said.err
    assert said.out == ""
    assert items(office) == before
    return said


def test_a_feature_is_queued_and_submitted(exercise: Typist, picture: Picture) -> None:
    said = exercise(*feature(picture(colour=(1, 2, 3))), "--submit", "--json")
    assert said.code == 0, said.err
    (made,) = said.object["items"]
    assert made["reference"].startswith("POD-")
    assert made["state"] == "submitted"
    assert said.err == ""


def test_what_is_added_stays_a_draft_until_it_is_submitted(exercise: Typist, picture: Picture) -> None:
    (made,) = exercise(*feature(picture(colour=(2, 2, 3))), "--json").object["items"]
    assert made["state"] == "draft"
    said = exercise("submit", made["reference"], "--as", "amara")
    assert said.code == 0
    assert "submitted" in said.out


def test_the_original_is_kept_as_it_was(exercise: Typist, picture: Picture) -> None:
    file = picture(colour=(5, 5, 5))
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    (made,) = exercise(*feature(file), "--json").object["items"]
    assert made["original"] == sha256
    kept = exercise.folder / "media" / "originals" / sha256[:2] / sha256
    assert kept.read_bytes() == file.read_bytes()
    assert kept.stat().st_mode & 0o777 == 0o400


def several(first: Path, *more: Path) -> list[str]:
    command = feature(first)
    return [*command[:3], *map(str, more), *command[3:]]


def test_several_files_make_several_items(exercise: Typist, picture: Picture) -> None:
    said = exercise(*several(picture("a.jpg", (9, 9, 9)), picture("b.jpg", (8, 8, 8))), "--json")
    assert [each["state"] for each in said.object["items"]] == ["draft", "draft"]


def test_a_file_that_cannot_be_used_is_told_and_the_others_are_queued(
    exercise: Typist, picture: Picture, tmp_path: Path
) -> None:
    (empty := tmp_path / "c.jpg").touch()
    command = several(picture("d.jpg", (7, 9, 9)), empty, picture("e.jpg", (7, 8, 8)))
    said = exercise(*command, "--json")
    assert said.code == 1
    assert [each["state"] for each in said.object["items"]] == ["draft", "draft"]
    assert [each["file"] for each in said.object["refused"]] == [str(empty)]
    assert "2 files were queued, 1 could not be used." in said.err


def test_words_that_are_refused_for_every_file_end_the_command_at_the_first(exercise: Typist, picture: Picture) -> None:
    command = several(picture("f.jpg", (6, 9, 9)), picture("g.jpg", (6, 8, 8)))
    said = refused(exercise, [*command, "--tag", "publisher:mark=1"], "publisher:mark")
    assert said.err.count("publisher:mark") == 1


def test_a_later_file_that_its_destination_does_not_take_keeps_the_others_out_of_nothing(
    exercise: Typist, picture: Picture, clip: Path
) -> None:
    command = appeal(clip, destination="youtube")
    files = [str(picture("k.jpg", (4, 9, 9))), str(picture("l.jpg", (4, 8, 8)))]
    said = exercise(*command[:3], *files, *command[3:], "--json")
    assert (said.code, len(said.object["items"])) == (1, 1)
    assert [each["file"] for each in said.object["refused"]] == files
    assert "Nothing was changed" not in said.err + said.out


def test_a_command_that_was_killed_is_taken_up_again(exercise: Typist, picture: Picture, tmp_path: Path) -> None:
    """The third file is a pipe into which nobody writes, so the command stands there when it is killed."""
    files = [picture("h.jpg", (5, 9, 9)), picture("i.jpg", (5, 8, 8)), tmp_path / "j.jpg"]
    os.mkfifo(files[2])
    before = items(exercise)
    command = [sys.executable, "-m", "publisher", "--office", str(exercise.folder), *several(*files)]
    with subprocess.Popen(command, env=CLEAN, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as killed:
        wait_until(lambda: items(exercise) == before + 2, "two Items")
        killed.kill()
    files[2].unlink()
    picture("j.jpg", (5, 7, 7)).rename(files[2])
    said = exercise(*several(*files), "--resume", "--json")
    assert [each["file"] for each in said.object["left_out"]] == [str(file) for file in files[:2]]
    assert len(said.object["items"]) == 1
    assert items(exercise) == before + 3


def test_an_unknown_campaign_is_answered_with_those_there_are(exercise: Typist, picture: Picture) -> None:
    refused(
        exercise,
        feature(picture(), campaign="photo-of-the-week"),
        "There is no campaign photo-of-the-week. There are: operation-larch, photo-of-the-day.",
    )


def test_an_unknown_destination_is_answered_with_those_there_are(exercise: Typist, picture: Picture) -> None:
    refused(exercise, feature(picture(), destination="myspace"), "There is no destination myspace.", "flickr, youtube")


WORDS = [
    ({"title": " "}, "The title must not be empty."),
    ({"caption": ""}, "The caption must not be empty."),
    ({"alt_text": ""}, "Describe the picture in the alternative text"),
    ({"alt_text": "IMG_0001.jpg"}, "The alternative text is a file name"),
    ({"alt_text": "a" * 251}, "The alternative text has 251 characters"),
    ({"title": "Day {dya}"}, "only {day} and {reference} are filled in"),
    ({"campaign": "operation-larch"}, "A feature belongs to a daily series"),
    ({"destination": "youtube"}, "YouTube does not take image files."),
]


@pytest.mark.parametrize(("changes", "words"), WORDS)
def test_words_that_will_not_do(exercise: Typist, picture: Picture, changes: dict[str, str], words: str) -> None:
    refused(exercise, feature(picture(), **changes), words)


def test_an_appeal_must_show_its_reference(exercise: Typist, picture: Picture) -> None:
    words = {"title": "Do you know this person?", "caption": "Call 101."}
    refused(exercise, appeal(picture(), **words), "write {reference} where it belongs")


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A second of film."""
    import av
    import numpy as np

    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        for shade in range(25):
            frame = av.VideoFrame.from_ndarray(np.full((64, 64, 3), shade * 9, dtype=np.uint8), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("Appeal " + "x" * 100 + " {reference}", "characters; YouTube takes 100."),
        ("Appeal <now> {reference}", "YouTube takes no “<” in title or caption."),
    ],
)
def test_a_title_the_platform_would_not_take_is_said_at_once(
    exercise: Typist, clip: Path, title: str, words: str
) -> None:
    refused(exercise, appeal(clip, title=title, destination="youtube"), words, "clip.mp4")


def test_no_title_but_a_good_one_goes_to_youtube(exercise: Typist, clip: Path) -> None:
    said = exercise(*appeal(clip, destination="youtube"))
    assert said.code == 0, said.err


@pytest.mark.parametrize("name", ["zero.jpg", "words.jpg", "cut.jpg", "gone.jpg"])
def test_a_file_that_is_not_what_its_name_says(exercise: Typist, picture: Picture, tmp_path: Path, name: str) -> None:
    whole = picture("whole.jpg").read_bytes()
    contents = {"zero.jpg": b"", "words.jpg": b"Dear press office,\n" * 50, "cut.jpg": whole[: len(whole) // 2]}
    if name in contents:
        (tmp_path / name).write_bytes(contents[name])
    refused(exercise, feature(tmp_path / name), name, "Nothing was queued.")


def test_a_folder_is_not_a_file(exercise: Typist, tmp_path: Path) -> None:
    refused(exercise, feature(tmp_path), "is a folder: name the files in it")


def in_days(days: float) -> str:
    """At noon, when no clocks change."""
    return (datetime.now(ZoneInfo("Europe/London")) + timedelta(days=days)).strftime("%Y-%m-%dT12:00")


def change_of_clocks(month: int) -> str:
    """The day of next year on which London's clocks change in this month: its last Sunday."""
    end = date(datetime.now(UTC).year + 1, month, 31)
    return str(end - timedelta(days=(end.weekday() + 1) % 7))


SUMMER = f"{datetime.now(UTC).year + 1}-07-01"
SPRING, AUTUMN = change_of_clocks(3), change_of_clocks(10)
TIMES = [
    ({"from": in_days(-1)}, "is past: it is"),
    ({"expires": in_days(-1)}, "--expires"),
    ({"from": "next Tuesday"}, "is no time. Write it like 2026-11-30T08:00"),
    ({"until": in_days(3)}, "--until needs --from"),
    ({"from": in_days(3), "until": in_days(2)}, "--until must be later than --from."),
    ({"from": in_days(3), "expires": in_days(2)}, "--expires must be later than --from."),
    ({"from": f"{SPRING}T01:30"}, "does not exist in Europe/London"),
    ({"from": f"{AUTUMN}T01:30"}, f"{AUTUMN}T01:30+01:00 or {AUTUMN}T01:30+00:00"),
]


@pytest.mark.parametrize(("changes", "words"), TIMES)
def test_times_that_will_not_do(exercise: Typist, picture: Picture, changes: dict[str, str], words: str) -> None:
    refused(exercise, appeal(picture(), **changes), words)


def test_wall_clock_time_is_the_office_s_and_an_offset_is_one_s_own(exercise: Typist, picture: Picture) -> None:
    file = picture(colour=(7, 7, 7))
    (summer,) = exercise(*appeal(file, **{"from": f"{SUMMER}T08:00"}), "--json").object["items"]
    assert datetime.fromisoformat(summer["from"]) == datetime.fromisoformat(f"{SUMMER}T07:00+00:00")
    assert datetime.fromisoformat(summer["until"]) == datetime.fromisoformat(f"{SUMMER}T11:00+00:00")
    (own,) = exercise(*appeal(file, **{"from": f"{AUTUMN}T01:30+00:00"}), "--json").object["items"]
    assert datetime.fromisoformat(own["from"]) == datetime.fromisoformat(f"{AUTUMN}T01:30+00:00")


@pytest.mark.parametrize("kind", ["missing", "e-fit", "court-result"])
def test_what_this_version_does_not_publish_is_refused_in_words(exercise: Typist, picture: Picture, kind: str) -> None:
    refused(exercise, ["add", kind, str(picture()), "--title", "x"], "this version")


def test_a_missing_person_is_not_filed_as_an_appeal(exercise: Typist, picture: Picture) -> None:
    refused(exercise, appeal(picture(), purpose="missing"), "Missing people have rules of their own")


def test_an_approver_does_not_write(exercise: Typist, picture: Picture) -> None:
    refused(exercise, feature(picture(), **{"as": "bran"}), "the account lacks the author role")


def test_a_full_disk_is_a_sentence_and_nothing_is_half_stored(exercise: Typist, tmp_path: Path) -> None:
    big = tmp_path / "big.jpg"
    big.write_bytes(b"\xff\xd8" + bytes(6 * 1024 * 1024))
    before = sorted((exercise.folder / "media" / "originals").rglob("*"))
    command = [sys.executable, "-m", "publisher", "--office", str(exercise.folder), *feature(big)]
    full = ["sh", "-c", 'ulimit -f 8192; exec "$@"', "sh"]  # no file may pass 4 MiB: EFBIG, as a full disk gives ENOSPC
    done = subprocess.run([*full, *command], capture_output=True, text=True, env=CLEAN, check=False)
    assert done.returncode == 1
    assert f"There is no room left in {exercise.folder / 'media' / 'originals'}." in done.stderr
    assert "Traceback" not in done.stderr
    assert sorted((exercise.folder / "media" / "originals").rglob("*")) == before
    assert big.is_file()


def test_a_blocked_store_is_a_sentence_and_the_file_stays(exercise: Typist, picture: Picture, tmp_path: Path) -> None:
    originals, aside = exercise.folder / "media" / "originals", tmp_path / "originals"
    originals.rename(aside)
    originals.write_bytes(b"a file where the folder should be")
    file = picture(colour=(99, 1, 1))
    try:
        refused(exercise, feature(file), str(originals), "Nothing was queued.")
    finally:
        originals.unlink()
        aside.rename(originals)
    assert file.is_file()


def test_a_file_goes_by_default_where_its_kind_is_taken(exercise: Typist, picture: Picture, clip: Path) -> None:
    for file, made_by, places in ((picture(), feature, ["flickr"]), (clip, appeal, ["flickr", "youtube"])):
        command = made_by(file)
        where = command.index("--destination")
        (made,) = exercise(*command[:where], *command[where + 2 :], "--json").object["items"]
        assert made["destinations"] == places


def test_with_nothing_connected_it_is_said_at_once(exercise: Typist, picture: Picture) -> None:
    tokens = exercise.sql("SELECT destination, box, saved_at FROM pressqueue_sealedtoken")
    exercise.sql("DELETE FROM pressqueue_sealedtoken")
    command = feature(picture(colour=(7, 3, 7)))
    where = command.index("--destination")
    refused(
        exercise, [*command[:where], *command[where + 2 :]], "No account is connected", "`publisher connect flickr`"
    )
    refused(exercise, [*command, "--submit"], "Nobody has connected Flickr yet: `publisher connect flickr`")
    (made,) = exercise(*command, "--json").object["items"]  # a draft may wait for its account
    said = exercise("submit", made["reference"], "--as", "amara")
    assert (said.code, "Nobody has connected Flickr yet" in said.err) == (1, True)
    for row in tokens:
        exercise.sql("INSERT INTO pressqueue_sealedtoken (destination, box, saved_at) VALUES (?, ?, ?)", *row)
    assert exercise("submit", made["reference"], "--as", "amara").code == 0


def test_a_campaign_without_hours_is_no_time_to_go_out(exercise: Typist, picture: Picture) -> None:
    made = exercise(
        "campaign", "add", "no-hours", "--title", "None", "--kind", "series", "--prefix", "NOH", "--as", "amara"
    )
    assert made.code == 0, made.err
    command = [*feature(picture(colour=(7, 4, 7)), campaign="no-hours"), "--submit"]
    refused(exercise, command, "“None” has no publishing times", "--from", "`publisher slot add no-hours --at 08:00`")
    command[command.index("--title") + 1] = "Rufus"
    assert exercise(*command, "--from", "now").code == 0


@pytest.mark.parametrize(
    ("tag", "words"),
    [
        ("<3", "YouTube takes no “<” in a tag: change the tag “<3”."),
        ("publisher:mark=00", "would be mistaken for the publisher's own mark: remove it."),
    ],
)
def test_a_tag_the_platform_would_not_take_is_said_at_once(exercise: Typist, clip: Path, tag: str, words: str) -> None:
    refused(exercise, appeal(clip, destination="youtube", tag=tag), words, "clip.mp4")


def test_a_file_whose_name_is_no_utf_8_is_taken(exercise: Typist, picture: Picture) -> None:
    file = picture("plain.jpg", (7, 1, 7))
    named = file.rename(file.with_name("caf\udce9\x07.jpg"))
    said = exercise(*feature(named), "--json")
    assert said.code == 0, said.err
    (made,) = said.object["items"]
    shown = exercise.sql("SELECT filename FROM pressqueue_original WHERE sha256 = ?", made["original"])
    assert shown == [("caf\\xe9.jpg",)]


def test_what_is_typed_is_stored_without_control_characters(exercise: Typist, picture: Picture) -> None:
    said = exercise(*feature(picture(colour=(7, 2, 7)), caption="Rufus\x0bwaits\x1b\u202e.", tag="a\u2028b"), "--json")
    (made,) = said.object["items"]
    stored = exercise.sql("SELECT caption, tags FROM pressqueue_item WHERE reference = ?", made["reference"])
    assert stored == [("Rufus\nwaits.", '["a b"]')]


FILMS = Path(__file__).parents[1] / "media" / "samples" / "recorders"


def test_a_bare_stream_needs_its_frame_rate_said(exercise: Typist) -> None:
    refused(exercise, feature(FILMS / "cam.h264"), "how many frames a second", "--frame-rate")
    refused(exercise, feature(FILMS / "cam.h264", frame_rate="fast"), "not a frame rate")
    refused(exercise, feature(FILMS / "ps.mpg", frame_rate="25"), "leave the frame rate out")
    said = exercise(*feature(FILMS / "cam.h264", frame_rate="12.5"))
    assert said.code == 0, said.err
    assert ("12.5",) in exercise.sql("SELECT frame_rate FROM pressqueue_item")


def test_which_of_two_cameras_may_be_said(exercise: Typist) -> None:
    refused(exercise, feature(FILMS / "two.mp4", track="3"), "holds 2 videos", "--track")
    said = exercise(*feature(FILMS / "two.mp4", track="2"))
    assert said.code == 0, said.err
    assert (2,) in exercise.sql("SELECT track FROM pressqueue_item")

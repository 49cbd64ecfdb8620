"""`check` looks at everything, lists all that is wrong, and says so in its exit code."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from publisher.exercise.sandbox.control import Control
from publisher.exercise.sandbox.server import Sandbox

from support.commands import Typist, copied, publisher


def findings(office: Typist, *arguments: str) -> tuple[int, dict[str, dict[str, Any]]]:
    said = office("check", *arguments, "--json")
    return said.code, {each["what"]: each for each in said.object["findings"]}


def wrong(found: dict[str, dict[str, Any]]) -> list[str]:
    return [what for what, each in found.items() if not each["right"]]


def ring(office: Typist, lane: str, ago: timedelta) -> None:
    moment = str(datetime.now(UTC) - ago)
    office.sql("INSERT OR REPLACE INTO pressqueue_bell (name, rung_at) VALUES (?, ?)", lane, moment)


def ring_all(office: Typist) -> None:
    for lane in ("clock", "publish", "withdraw"):
        ring(office, lane, timedelta(seconds=3))


def test_an_office_in_order_is_exit_code_0(exercise: Typist) -> None:
    ring_all(exercise)
    code, found = findings(exercise)
    assert (code, wrong(found)) == (0, [])
    assert found["flickr: answers"]["words"].startswith("the token is valid")
    assert found["youtube: answers"]["words"].startswith("the token is valid")
    assert str(exercise.folder / "publisher.toml") in found["configuration"]["words"]


def test_an_office_that_never_ran_is_wrong(exercise_folder: Path, tmp_path: Path) -> None:
    with Typist(copied(exercise_folder, tmp_path)) as office:
        code, found = findings(office, "--offline")
    assert code == 1
    assert wrong(found) == ["last tick of clock", "last tick of publish", "last tick of withdraw"]


def test_a_lane_silent_for_too_long_is_wrong(exercise: Typist) -> None:
    ring_all(exercise)
    ring(exercise, "withdraw", timedelta(seconds=901))
    code, found = findings(exercise, "--offline")
    assert (code, wrong(found)) == (1, ["last tick of withdraw"])
    assert found["last tick of withdraw"]["words"].startswith("Silent since ")


def test_a_warning_is_marked_as_one_and_is_not_wrong(exercise: Typist) -> None:
    ring_all(exercise)
    said = exercise("check", "--offline")
    marked = {line.split()[0] for line in said.out.splitlines() if "is not anchored" in line}
    assert (said.code, marked) == (0, {"warning"})
    assert "WARNING" not in said.out


def test_a_tick_is_seen(exercise: Typist) -> None:
    exercise.sql("DELETE FROM pressqueue_bell")
    assert exercise("tick").code == 0
    assert wrong(findings(exercise, "--offline")[1]) == []


def test_a_revoked_token_is_wrong(tmp_path: Path) -> None:
    with Sandbox(tmp_path / "sandbox") as sandbox:  # of its own: the others' tokens stay good
        (tmp_path / "secret").write_text(sandbox.secret)
        made = publisher(
            "init", str(tmp_path / "office"), "--exercise", "--name", "Northshire Police", "--admin", "chief",
            "--sandbox", sandbox.base, "--sandbox-secret", str(tmp_path / "secret"),
        )  # fmt: skip
        assert made.code == 0, made.err
        with Typist(tmp_path / "office") as office:
            ring_all(office)
            steered = Control(sandbox.base, sandbox.secret)
            steered.revoke_flickr()
            steered.revoke_google()
            code, found = findings(office)
    assert code == 1
    assert wrong(found) == ["flickr: answers", "youtube: answers"]
    assert "publisher connect youtube" in found["youtube: answers"]["words"]


def test_a_stopped_account_and_used_up_quota_are_wrong(exercise: Typist) -> None:
    ring_all(exercise)
    exercise.sql(
        "INSERT OR REPLACE INTO pressqueue_account (destination, stop, words, failures)"
        " VALUES ('youtube', 'auth', 'Consent is over.', 0)"
    )
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    exercise.sql("DELETE FROM pressqueue_spend")
    exercise.sql(
        "INSERT INTO pressqueue_spend (destination, bucket, window, used) VALUES ('flickr', 'calls', ?, 3400)",
        hour.strftime("%Y-%m-%d %H:%M:%S"),
    )
    try:
        code, found = findings(exercise, "--offline")
    finally:
        exercise.sql("DELETE FROM pressqueue_account")
        exercise.sql("DELETE FROM pressqueue_spend")
    assert (code, wrong(found)) == (1, ["flickr: quota calls", "youtube: account"])
    assert found["flickr: quota calls"]["words"].startswith("200 of 3600 left this hour")


def test_a_store_that_cannot_be_written_to_is_wrong(exercise_folder: Path, tmp_path: Path) -> None:
    folder = copied(exercise_folder, tmp_path)
    (folder / "media").rename(folder / "media-gone")
    (folder / "media").write_bytes(b"")
    said = publisher("--office", str(folder), "check", "--offline")
    assert said.code == 1
    assert f"{folder / 'media'} cannot be written to" in said.out


def test_an_office_not_connected_says_what_to_do(real: Typist) -> None:
    code, found = findings(real, "--offline")
    assert code == 1
    assert "publisher connect flickr" in found["flickr: consent"]["words"]
    assert "client_id is missing" in found["youtube: consent"]["words"]


def test_a_freeze_is_shown_and_is_nothing_wrong(exercise: Typist) -> None:
    ring_all(exercise)
    assert exercise("freeze", "features", "--as", "amara").code == 0
    _, found = findings(exercise, "--offline")
    words = "features: not revealed until two people end it at the desk"
    assert found["freeze"] == {"what": "freeze", "right": True, "words": words}


def test_a_bad_configuration_is_a_finding_not_a_crash(exercise_folder: Path, tmp_path: Path) -> None:
    folder = copied(exercise_folder, tmp_path)
    (folder / "publisher.toml").write_text("[office]\nname = 5\n")
    said = publisher("--office", str(folder), "check", "--json")
    assert said.code == 1
    (only,) = said.object["findings"]
    assert only["what"] == "configuration"
    assert "[office] name = 5: expected str" in only["words"]

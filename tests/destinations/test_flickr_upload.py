"""One upload as it leaves, and what is written down of it."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import pytest

from publisher.destinations.errors import NotSent, Refused, Unsure
from publisher.destinations.flickr.body import Body, BodyFault

from support.flickr_replies import RECORDED, failure

if TYPE_CHECKING:
    from conftest import NotedJournal, Scripted

    from publisher.destinations.base import Parcel

    Parcels = Callable[..., Parcel]
    Journals = type[NotedJournal]

MP4 = b"\x00\x00\x00\x18ftypmp42 footage"


def part(scripted: Scripted, name: str) -> tuple[str, bytes]:
    """Headers and content of one part of the last form that arrived."""
    spoken = scripted.heard[-1]
    boundary = (spoken.header("Content-Type") or "").partition("boundary=")[2].encode()
    for piece in spoken.body.split(b"--" + boundary):
        head, _, content = piece.partition(b"\r\n\r\n")
        if f'name="{name}"'.encode() in head:
            return head.decode().strip(), content.removesuffix(b"\r\n")
    raise AssertionError(f"no part called {name}")


# What leaves


def test_the_file_goes_with_its_name_and_its_kind(scripted: Scripted, send: Any, parcels: Parcels) -> None:
    scripted.will_say(RECORDED)
    send(filename="appeal-17", media_type="video/mp4", **_body(parcels(MP4)))
    head, content = part(scripted, "photo")
    assert 'filename="appeal-17.mp4"' in head
    assert "Content-Type: video/mp4" in head
    assert content == MP4


def _body(parcel: Parcel) -> dict[str, Any]:
    return {"size": parcel.size, "sha256": parcel.sha256, "open_body": parcel.open_body}


def test_the_token_signs_the_upload(scripted: Scripted, send: Any) -> None:
    scripted.will_say(RECORDED)
    send()
    assert 'oauth_token="72157-token"' in (scripted.heard[0].header("Authorization") or "")


def test_every_privacy_argument_is_sent(scripted: Scripted, send: Any) -> None:
    scripted.will_say(RECORDED)
    send()
    said = {name: part(scripted, name)[1] for name in ("is_public", "is_friend", "is_family")}
    assert said == {"is_public": b"0", "is_friend": b"0", "is_family": b"0"}


def test_safety_kind_and_search_are_never_left_to_the_account(scripted: Scripted, send: Any) -> None:
    scripted.will_say(RECORDED)
    send()
    # hidden: 1 keeps it in searches, 2 hides it; 0 is not a value here
    said = {name: part(scripted, name)[1] for name in ("safety_level", "content_type", "hidden")}
    assert said == {"safety_level": b"1", "content_type": b"1", "hidden": b"1"}


def test_a_title_is_always_sent_so_that_no_file_name_becomes_public(scripted: Scripted, send: Any) -> None:
    with pytest.raises(Refused, match="title"):
        send(title="  ", filename="custody-image-of-j-smith.jpg")
    assert scripted.heard == []


def test_nothing_but_text_is_sent_as_text(scripted: Scripted, on_scripted: Any, parcels: Parcels) -> None:
    for wrong in (None, ["a", "b"]):
        body = Body(parcels(), io.BytesIO())
        with pytest.raises(TypeError, match="tags"):
            on_scripted.calls.upload({"title": "t", "tags": wrong}, body)
    assert scripted.heard == []


def test_half_a_character_is_refused_in_words(scripted: Scripted, send: Any) -> None:
    with pytest.raises(Refused, match="half a character"):
        send(title="Day 1 \ud83d")
    assert scripted.heard == []


def test_an_empty_file_never_leaves(scripted: Scripted, send: Any, parcels: Parcels) -> None:
    scripted.will_say(RECORDED)
    with pytest.raises(Refused, match="empty"):
        send(**_body(parcels(b"")))
    assert scripted.heard == []


def test_a_file_opened_half_way_is_not_sent_as_the_rest(scripted: Scripted, send: Any, parcels: Parcels) -> None:
    def half_read() -> BinaryIO:
        body = parcels().open_body()
        body.read(50)
        return body

    scripted.will_say(RECORDED)
    with pytest.raises(Refused, match="not the one that was approved"):
        send(open_body=half_read)
    assert scripted.heard == []


@pytest.mark.timeout(5)
def test_a_file_that_shrinks_on_the_way_ends_the_upload(scripted: Scripted, send: Any, parcels: Parcels) -> None:
    opened: list[BinaryIO] = []

    def shrinking() -> BinaryIO:
        whole = parcels().open_body().read()
        opened.append(io.BytesIO(whole if not opened else whole[:-100]))
        return opened[-1]

    with pytest.raises(Unsure):
        send(open_body=shrinking)
    assert len(opened) == 2
    # Its declared length never came, so that no server takes it for the whole file.
    spoken = scripted.broken_off()
    assert len(spoken.body) < int(spoken.header("Content-Length") or 0)


def test_a_file_that_changes_on_the_way_never_arrives_whole(scripted: Scripted, send: Any, parcels: Parcels) -> None:
    opened: list[BinaryIO] = []

    def changing() -> BinaryIO:
        whole = parcels().open_body().read()
        opened.append(io.BytesIO(whole if not opened else b"!" * len(whole)))
        return opened[-1]

    with pytest.raises(Unsure):
        send(open_body=changing)
    spoken = scripted.broken_off()
    assert len(spoken.body) < int(spoken.header("Content-Length") or 0)


def test_a_disk_that_fails_on_the_way_is_not_taken_for_the_servers_reset(
    scripted: Scripted, send: Any, parcels: Parcels
) -> None:
    class Failing(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise ConnectionResetError(104, "a network disk went away")

    opened: list[int] = []

    def failing() -> BinaryIO:
        opened.append(1)
        return parcels().open_body() if len(opened) == 1 else Failing()

    scripted.will_say(RECORDED)
    with pytest.raises(Unsure) as fault:
        send(open_body=failing)
    assert isinstance(fault.value.__cause__, BodyFault)


def test_a_password_file_does_not_replace_the_signature(
    scripted: Scripted, send: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login press password hunter2\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    scripted.will_say(RECORDED)
    send()
    assert (scripted.heard[0].header("Authorization") or "").startswith("OAuth ")


def test_nothing_secret_reaches_the_log(scripted: Scripted, send: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    scripted.will_say(RECORDED)
    send(title="A name not to be logged", filename="evidence-4711.jpg")
    signature = (scripted.heard[0].header("Authorization") or "").partition('oauth_signature="')[2][:20]
    assert signature
    for secret in ("72157-token", "token-secret", signature, "A name not to be logged", "evidence-4711"):
        assert secret not in caplog.text


# What is written down


def test_the_journal_knows_of_the_upload_before_its_first_byte(
    scripted: Scripted, send: Any, journals: Journals, parcels: Parcels
) -> None:
    journal, known = journals(), []

    class Watched(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            known.append(journal.get("flickr.sent_before"))
            return super().read(size)

    scripted.will_say(RECORDED)
    send(journal, open_body=lambda: Watched(parcels().open_body().read()))
    assert known[-1] == "1"


def test_a_first_upload_goes_without_dedup_check_and_a_repeated_one_with_it(
    scripted: Scripted, send: Any, journals: Journals
) -> None:
    journal = journals()
    scripted.will_say("<html>", code=504)
    with pytest.raises(Unsure):
        send(journal)
    assert b"dedup_check" not in scripted.heard[0].body
    scripted.will_say(RECORDED)
    send(journal)
    assert part(scripted, "dedup_check")[1] == b"1"


def test_what_was_certainly_not_sent_but_had_left_whole_is_checked_for_a_double_from_then_on(
    scripted: Scripted, send: Any, journals: Journals
) -> None:
    journal = journals()
    scripted.will_say(failure(98))
    with pytest.raises(NotSent):
        send(journal)
    assert journal.kept == {"flickr.sent_before": "1"}
    scripted.will_say(RECORDED)
    send(journal)
    assert part(scripted, "dedup_check")[1] == b"1"


def test_what_may_have_been_sent_once_counts_for_ever(scripted: Scripted, send: Any, journals: Journals) -> None:
    journal = journals(flickr__sent_before="1")
    scripted.will_say(failure(98))
    with pytest.raises(NotSent):
        send(journal)
    assert journal.kept == {"flickr.sent_before": "1"}


def test_a_file_on_which_flickr_fails_three_times_goes_to_a_person(
    scripted: Scripted, send: Any, journals: Journals
) -> None:
    journal = journals()
    for _ in range(3):
        scripted.will_say(failure(3))
        with pytest.raises(Unsure):
            send(journal)
    with pytest.raises(Refused, match="three times"):
        send(journal)
    assert len(scripted.heard) == 3

"""Writing and changing Items. Whatever is wrong, the words stay typed and the file stays kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from pressqueue.models import Edit, Item, Original, Subject
from publisher.configuration.office_file import Office
from publisher.configuration.secret_store import Secrets
from publisher.media.vault import Vault
from publisher.workers.token_store import TokenStore

from support import factories
from support.desk_officers import picture

Reviewed = Callable[..., Item]
JPEG = picture("olive")
KEY = bytes(range(32))
CLIENTS = {"youtube": {"client_id": "a client", "client_secret": "its secret"}}


def upload(content: bytes = JPEG, name: str = "IMG_2041.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "application/octet-stream")


def form(**changes: Any) -> dict[str, Any]:
    filled = {
        "file": upload(),
        "kind": "feature",
        "campaign": factories.series().slug,
        "title": "Day {day} - Northshire Police - Police dog Rufus",
        "caption": "Rufus waits for his handler.",
        "alt_text": "A German shepherd sits beside a patrol car.",
        "tags": "dogs, night shift, dogs",
        "destinations": ["flickr"],
        "when": "slot",
        "mark_style": "usual",
        **changes,
    }
    return {name: value for name, value in filled.items() if value is not None}


def window(**hours: float) -> dict[str, str]:
    """Wall times so many hours from now, at noon so that no night with a change of clocks is met."""
    noon = timezone.localtime().replace(hour=12, minute=0)
    return {name: (noon + timedelta(hours=ahead)).strftime("%Y-%m-%dT%H:%M") for name, ahead in hours.items()}


def said(answer: Any) -> str:
    return unescape(answer.content.decode())


def test_a_picture_with_its_words_is_kept_as_a_draft(author: Client, desk: Office) -> None:
    answer = author.post("/items/new/", form())
    assert answer.status_code == 302
    item = Item.objects.get()
    assert answer["Location"] == f"/items/{item.reference}/record/"  # why it may be published comes next
    assert (item.state, item.author.username, item.tags) == ("draft", "amara", ["dogs", "night shift"])
    assert (item.original.filename, item.original.kind) == ("IMG_2041.jpg", "still")
    assert item.mark_style == "plate"
    assert Vault(desk.media / "originals").open_verified(item.original_id).read_bytes() == JPEG
    assert Edit.objects.get().door == "desk"


def test_a_draft_is_changed_and_submitted_in_the_same_step(author: Client) -> None:
    item = factories.feature()
    sent = form(file=None, kind=None, campaign=None, caption="Better words.", then="submit")
    answer = author.post(f"/items/{item.reference}/edit/", sent)
    assert answer["Location"] == f"/items/{item.reference}/"
    item.refresh_from_db()
    assert (item.state, item.caption) == ("submitted", "Better words.")


def test_what_is_kept_stays_kept_where_the_record_is_not_ready(author: Client) -> None:
    item = factories.feature(record={})
    sent = form(file=None, kind=None, campaign=None, caption="Better words.", then="submit")
    answer = author.post(f"/items/{item.reference}/edit/", sent)
    assert answer.status_code == 409
    assert "was not submitted" in said(answer)
    assert "<strong>R43</strong> The feature's record does not say" in said(answer)
    item.refresh_from_db()
    assert (item.state, item.caption) == ("draft", "Better words.")


def test_an_appeal_with_its_window_in_local_time(author: Client) -> None:
    times = window(publish_from=48, publish_until=60)
    words = {"title": "Do you know this person? {reference}", "purpose": "suspect", "when": "window", **times}
    author.post("/items/new/", form(kind="appeal", campaign=factories.operation().slug, **words))
    item = Item.objects.get()
    assert timezone.localtime(item.publish_from).strftime("%Y-%m-%dT%H:%M") == times["publish_from"]
    assert (item.mark_style, item.purpose) == ("strip", "suspect")


MISTAKES: list[tuple[dict[str, Any], str, str]] = [
    ({"title": " "}, "id_title", "Write a title."),
    ({"caption": ""}, "id_caption", "Write a caption."),
    ({"alt_text": ""}, "id_alt_text", "Describe the picture for those who cannot see it."),
    ({"alt_text": "x" * 251}, "id_alt_text", "has 251 characters; at most 250"),
    ({"campaign": "no-such"}, "id_campaign", "Select a valid choice"),
    ({"destinations": None}, "id_destinations", "Choose at least one place it goes to."),
    ({"destinations": ["myspace"]}, "id_destinations", "Select a valid choice"),
    ({"kind": None}, "id_kind", "Say what it is."),
    ({"when": "window"}, "id_publish_from", "Give both times"),
    ({"when": "window", **window(publish_from=-48, publish_until=48)}, "id_publish_from", "This time has passed."),
    ({"when": "window", **window(publish_from=72, publish_until=48)}, "id_publish_until", "later than the time before"),
    ({"expires_at": "2020-01-01T08:00"}, "id_expires_at", "This time has passed."),
    (
        {"when": "window", **window(publish_from=48, publish_until=72, expires_at=24)},
        "id_expires_at",
        "It would come down before it goes out.",
    ),
    ({"when": "window", "publish_from": "2027-03-28T01:30"}, "id_publish_from", "01:30 does not exist"),
    ({"when": "window", "publish_from": "2027-10-31T01:30"}, "id_publish_from", "01:30 comes twice"),
    ({"poster_at": "-1"}, "id_poster_at", "greater than or equal to 0"),
]


@pytest.mark.parametrize(("change", "field", "words"), MISTAKES)
def test_a_mistake_is_named_and_linked_and_nothing_typed_is_lost(
    author: Client, change: dict[str, Any], field: str, words: str
) -> None:
    kept = factories.original(JPEG).sha256
    sent = form(file=None, kept=kept, **change)
    answer = author.post("/items/new/", sent)
    text = said(answer)
    assert answer.status_code == 400
    assert f'<a href="#{field}">' in text
    assert words in text
    assert "<title>Error: Create a feature or appeal" in text
    assert not Item.objects.exists()
    for name in ("title", "caption", "alt_text", "tags"):
        assert answer.context["form"][name].value() == sent.get(name)
    assert f'name="kept" value="{kept}"' in text  # the file is not asked for again


def test_a_file_once_kept_need_not_be_sent_again(author: Client) -> None:
    author.post("/items/new/", form(title=""))
    kept = Original.objects.get().sha256
    assert author.post("/items/new/", form(file=None, kept=kept)).status_code == 302
    assert Item.objects.get().original_id == kept


def test_without_a_file_nothing_is_made(author: Client) -> None:
    answer = author.post("/items/new/", form(file=None, kept="0" * 64))
    assert answer.status_code == 400
    assert "Choose the picture or video." in said(answer)


BAD_FILES = [
    (b"<html>not a picture</html>", "photo.jpg", "is a web page"),
    (JPEG[: len(JPEG) // 2], "photo.jpg", "photo.jpg"),  # cut short
    (JPEG, "photo.png", "is not what its name says"),
    (b"#EXTM3U\nhttp://192.0.2.1/secret", "clip.mp4", "a playlist"),
]


@pytest.mark.parametrize(("content", "name", "words"), BAD_FILES)
def test_a_file_that_cannot_be_used_is_refused_in_words(author: Client, content: bytes, name: str, words: str) -> None:
    answer = author.post("/items/new/", form(file=upload(content, name)))
    assert answer.status_code == 400
    assert words in said(answer)
    assert 'href="#id_file"' in said(answer)
    assert not Original.objects.exists()
    assert answer.context["form"]["caption"].value() == "Rufus waits for his handler."


def test_an_empty_file_is_refused_in_words(author: Client) -> None:
    answer = author.post("/items/new/", form(file=upload(b"", "photo.jpg")))
    assert answer.status_code == 400
    assert "empty" in said(answer)


def test_a_folder_that_cannot_be_written_says_so_and_queues_nothing(author: Client, desk: Office) -> None:
    (desk.media).mkdir()
    (desk.media / "originals").write_text("a file where the folder should be")
    answer = author.post("/items/new/", form())
    assert answer.status_code == 400
    assert "Nothing was stored" in said(answer)
    assert answer.context["form"]["title"].value() == form()["title"]
    assert not Item.objects.exists()


def test_closed_gates_are_listed_and_nothing_typed_is_lost(author: Client) -> None:
    words = {"campaign": factories.series().slug, "comments": "on", "caption": "No number here."}
    words |= {"kind": "appeal", "purpose": "suspect"}
    answer = author.post("/items/new/", form(**words))
    assert answer.status_code == 409
    text = said(answer)
    assert "must show its reference" in text
    assert "published with comments closed" in text
    assert "An appeal belongs to an operation" in text
    assert answer.context["form"]["caption"].value() == "No number here."
    assert not Item.objects.exists()


def test_what_a_platform_would_not_take_is_said_at_once(author: Client, settings: Any) -> None:
    settings.SECRETS = Secrets(office_key=KEY, seal_key=KEY, web_key="", clients=CLIENTS)
    TokenStore(KEY).save("youtube", {"refresh_token": "a token", "channel_id": "UCsandbox"})
    film = factories.original(JPEG, kind="footage").pk
    sent = form(file=None, kept=film, destinations=["youtube"], title="A title with < in it " + "x" * 100)
    answer = author.post("/items/new/", sent)
    assert answer.status_code == 409
    assert "YouTube takes no “<” in title or caption." in said(answer)
    assert "YouTube takes 100" in said(answer)
    assert answer.context["form"]["title"].value() == sent["title"]
    assert not Item.objects.exists()
    assert factories.feature().reference == "POD-0001"  # no number was used up
    refused = author.post("/items/POD-0001/edit/", {**sent, "kept": "", "destinations": ["youtube"]})
    assert refused.status_code == 409
    assert "YouTube does not take image files." in said(refused)
    assert Item.objects.get().destinations == ["flickr"]


def test_an_officer_who_does_not_write_is_told_before_filling_anything_in(approver: Client) -> None:
    assert approver.get("/items/new/").status_code == 403
    assert approver.post("/items/new/", form()).status_code == 403
    assert not Original.objects.exists()
    assert "Create a feature or appeal" not in approver.get("/").content.decode()


def test_changing_what_was_approved_sends_it_back(author: Client, reviewed: Reviewed) -> None:
    item = factories.approved(factories.feature())
    answer = author.get(f"/items/{item.reference}/edit/")
    assert "Any change sends it back" in said(answer)
    sent = form(file=None, title=item.title, caption="Better words.", tags="", kind=None, campaign=None)
    assert author.post(f"/items/{item.reference}/edit/", sent).status_code == 302
    item.refresh_from_db()
    assert (item.state, item.caption) == ("submitted", "Better words.")


def test_saving_without_a_change_changes_nothing(author: Client) -> None:
    item = factories.approved(factories.feature())
    shown = author.get(f"/items/{item.reference}/edit/").context["form"]
    sent = {field.html_name: field.value() for field in shown if field.value() not in (None, "")}
    answer = author.post(f"/items/{item.reference}/edit/", sent, follow=True)
    assert "Nothing was changed." in said(answer)
    item.refresh_from_db()
    assert item.state == "approved"


def test_another_file_takes_the_place_of_the_first(author: Client) -> None:
    item = factories.feature()
    first = item.original_id
    author.post(f"/items/{item.reference}/edit/", form(kind=None, campaign=None))
    item.refresh_from_db()
    assert item.original_id != first
    assert Original.objects.filter(pk=first).exists()


def test_what_is_public_cannot_be_changed(author: Client) -> None:
    post = factories.posted(factories.approved(factories.feature()))
    type(post).objects.update(state="live")
    answer = author.post(f"/items/{post.item.reference}/edit/", form(kind=None, campaign=None, caption="New words."))
    assert answer.status_code == 403
    assert "withdraw it and queue a new one" in said(answer)
    assert answer.context["form"]["caption"].value() == "New words."


def test_nobody_can_name_another_author_by_a_hand_made_field(author: Client) -> None:
    other = factories.officer("esi", "author")
    author.post("/items/new/", form(author=other.pk, state="approved"))
    item = Item.objects.get()
    assert (item.author.username, item.state) == ("amara", "draft")


def test_the_time_shown_for_changing_is_local_wall_time(author: Client) -> None:
    now = datetime.now(UTC)
    year = now.year + 1
    item = factories.appeal(
        publish_from=datetime(year, 7, 1, 7, tzinfo=UTC),
        publish_until=datetime(year, 7, 2, tzinfo=UTC),
        expires_at=datetime(year, 7, 29, 7, tzinfo=UTC),
        now=now,
    )
    assert f'value="{year}-07-01T08:00"' in author.get(f"/items/{item.reference}/edit/").content.decode()


APPEAL = {"kind": "appeal", "purpose": "suspect", "title": "Do you know this person? {reference}"}


def appeal(**changes: Any) -> dict[str, Any]:
    words = {"campaign": factories.operation().slug, "caption": "Call 101 quoting {reference}."}
    return form(**{**APPEAL, **words, **changes})


def test_an_appeal_shows_people_by_their_numbers_and_new_ones(author: Client) -> None:
    known = factories.person()
    author.post("/items/new/", appeal(people=f"{known.number.lower()}, ", new_people="2"))
    item = Item.objects.get()
    assert list(item.subjects.order_by("number").values_list("number", flat=True)) == [
        "WTN-0001",
        "WTN-0002",
        known.number,
    ]
    assert item.reference == "WTN-0003"


def test_a_number_nobody_has_is_refused_and_stays_typed(author: Client) -> None:
    answer = author.post("/items/new/", appeal(people="WTN-9999"))
    assert answer.status_code == 400
    assert '<a href="#id_people">Nobody has the number WTN-9999.' in said(answer)
    assert answer.context["form"]["people"].value() == "WTN-9999"


def test_an_appeal_says_what_it_seeks_and_what_is_typed_stays(author: Client) -> None:
    answer = author.post("/items/new/", appeal(purpose=""))
    assert answer.status_code == 400
    assert '<a href="#id_purpose">Say what the appeal seeks.' in said(answer)
    assert not Item.objects.exists()
    author.post("/items/new/", form(kind="feature", purpose=""))  # the control: nothing is sought by a feature
    assert Item.objects.get().kind == "feature"


def test_a_refused_appeal_gives_no_number_to_anybody(author: Client) -> None:
    answer = author.post("/items/new/", appeal(title="Who is it?", caption="No number here.", new_people="1"))
    assert answer.status_code == 409
    assert not Subject.objects.exists()
    author.post("/items/new/", appeal(new_people="1"))
    assert Subject.objects.get().number == "WTN-0001"  # the refused one used none up


@pytest.mark.parametrize("change", [{"kind": "feature", "purpose": ""}, {"purpose": "property"}])
def test_what_seeks_nobody_shows_nobody(author: Client, change: dict[str, str]) -> None:
    answer = author.post("/items/new/", appeal(new_people="1", **change))
    assert answer.status_code == 400
    assert '<a href="#id_new_people">' in said(answer)
    assert not Subject.objects.exists()


def test_who_is_shown_can_be_changed(author: Client) -> None:
    first, second = factories.person(), factories.person()
    item = factories.appeal(subjects=[first])
    page = f"/items/{item.reference}/edit/"
    assert author.get(page).context["form"]["people"].value() == first.number
    words = {"kind": None, "campaign": None, "file": None}
    author.post(page, appeal(people=second.number, new_people="1", **words))
    assert set(item.subjects.values_list("number", flat=True)) == {second.number, "WTN-0002"}

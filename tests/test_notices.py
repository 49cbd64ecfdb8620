"""What a person must know: said once per cause, again when it returns, by mail that holds nobody's face or words."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.mail import EmailMessage

from pressqueue.models import Heartbeat, Item, Notice, Post
from pressqueue.moves import items, leases, notices, posts, takedown
from publisher.configuration import office_file
from publisher.scheduling import scheduler
from publisher.workers.worker import Worker

from support import factories, office_folder
from support.factories import NOW, Clock

pytestmark = pytest.mark.usefixtures("office")
LATER = NOW + timedelta(hours=1)
# Words that occur nowhere else: of the title, the caption, the description, a tag, the file as received.
PRIVATE = {
    "title": "Zephyrine {reference}",
    "caption": f"Quillfeather was seen at Vexbury. {factories.CAPTION}",
    "alt_text": "Ochrewing in a dark coat",
    "tags": ["Umberfield"],
}
WORDS = ["zephyrine", "quillfeather", "vexbury", "ochrewing", "umberfield", "img_0001"]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def worker(tmp_path: Path, clock: Clock, office: object) -> Worker:
    made = office_folder.worker(tmp_path, clock)
    mail = office_file.Mail(attention=["duty@northshire.example"])
    made.office = dataclasses.replace(made.office, mail=mail)
    return made


def test_a_cause_is_told_once() -> None:
    assert notices.notify("failed:1", "POD-0001 was refused.", NOW, "POD-0001")
    assert not notices.notify("failed:1", "POD-0001 was refused again.", LATER, "POD-0001")
    notice = Notice.objects.get()
    assert (notice.words, notice.reference, notice.raised_at) == ("POD-0001 was refused.", "POD-0001", NOW)


def test_a_cleared_cause_tells_again_in_new_words() -> None:
    notices.notify("failed:1", "The first time.", NOW)
    notices.send_unsent(lambda notice: None, NOW)
    assert notices.clear("failed:1", NOW) == 1
    assert notices.clear("failed:1", NOW) == 0
    assert notices.notify("failed:1", "The second time.", LATER)
    notice = Notice.objects.get()
    assert (notice.words, notice.raised_at, notice.sent_at, notice.cleared_at) == (
        "The second time.",
        LATER,
        None,
        None,
    )


def test_clearing_one_post_leaves_the_next_ones_open() -> None:
    for number in (1, 10, 12):
        notices.notify(f"takedown:{number}", f"Post {number} is not confirmed down.", NOW)
    assert notices.clear("takedown:1", NOW) == 1
    assert set(Notice.objects.filter(cleared_at=None).values_list("cause", flat=True)) == {"takedown:10", "takedown:12"}


def test_clearing_an_account_clears_all_that_is_said_of_it() -> None:
    for cause in ("account:flickr:auth", "account:flickr:account", "account:flickr2:auth"):
        notices.notify(cause, "Publishing has stopped.", NOW)
    assert notices.clear("account:flickr", NOW) == 2
    assert Notice.objects.get(cleared_at=None).cause == "account:flickr2:auth"


def test_each_open_notice_is_mailed_once_to_whom_it_concerns(worker: Worker, mailoutbox: list[EmailMessage]) -> None:
    notices.notify("restored:1", "POD-0001 was refused. It is too large.", NOW, "POD-0001")
    notices.notify("restored:3", "Publishing to flickr has stopped.", NOW)
    notices.notify("restored:2", "This was mended before anybody was told.", NOW)
    notices.clear("restored:2", NOW)
    for _ in range(3):
        scheduler.round(worker, "clock")
    assert [(each.subject, each.to) for each in mailoutbox] == [
        ("Publisher: POD-0001", ["duty@northshire.example"]),
        ("Publisher: attention", ["duty@northshire.example"]),
    ]
    assert mailoutbox[0].body.startswith("POD-0001 was refused. It is too large.\n")


def test_a_cause_that_returns_is_mailed_again(worker: Worker, mailoutbox: list[EmailMessage]) -> None:
    for _ in range(2):
        notices.notify("restored:1", "POD-0001 was refused.", NOW, "POD-0001")
        scheduler.round(worker, "clock")
        notices.clear("restored:1", NOW)
    assert len(mailoutbox) == 2


def test_nobody_is_mailed_where_nobody_is_named(worker: Worker, mailoutbox: list[EmailMessage]) -> None:
    worker.office = dataclasses.replace(worker.office, mail=office_file.Mail())
    notices.notify("restored:1", "POD-0001 was refused.", NOW)
    scheduler.round(worker, "clock")
    assert mailoutbox == []
    assert Notice.objects.get().cleared_at is None, "it stands on the desk all the same"


def test_a_death_between_mail_and_mark_mails_that_one_again_and_no_other() -> None:
    sent: list[str] = []

    def dies_at_the_second(notice: Notice) -> None:
        sent.append(notice.cause)
        if sent == ["a", "b"]:
            raise KeyboardInterrupt

    for cause in ("a", "b", "c"):
        notices.notify(cause, "words", NOW)
    with pytest.raises(KeyboardInterrupt):
        notices.send_unsent(dies_at_the_second, NOW)
    assert notices.send_unsent(dies_at_the_second, LATER) == 2
    assert sent == ["a", "b", "b", "c"]


def test_without_a_mail_server_the_bell_rings_and_what_must_come_down_comes_down(
    worker: Worker, clock: Clock, settings: object, caplog: pytest.LogCaptureFixture
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"  # type: ignore[attr-defined]
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1  # type: ignore[attr-defined]  # nobody listens there
    post = live_in_the_gallery(worker)
    takedown.withdraw(factories.approver(), post.item, "identified", now=NOW)
    notices.notify("restored:1", "POD-0001 was refused.", NOW)
    scheduler.round(worker)
    clock.on(minutes=1)  # seen gone twice, some seconds apart
    scheduler.round(worker)
    assert "Notices could not be mailed (ConnectionRefusedError)" in caplog.text
    assert Post.objects.get(pk=post.pk).state == "removed"
    assert Notice.objects.get().sent_at is None, "it is mailed with a later round"
    assert set(Heartbeat.objects.values_list("name", flat=True)) >= set(scheduler.LANES)


def live_in_the_gallery(worker: Worker) -> Post:
    """An appeal in private words, published."""
    item = in_the_vault(worker, factories.appeal(destinations=["gallery"], **PRIVATE))
    post = factories.posted(item, conceals={"gallery": True})
    for _ in range(4):
        scheduler.round(worker, "publish")
    post.refresh_from_db()
    assert post.state == "live", post.words
    return post


def sent_and_vanished(worker: Worker) -> Post:
    """Concealed, as far as we know; the gallery holds no such thing."""
    item = in_the_vault(worker, factories.appeal(destinations=["gallery"], **PRIVATE))
    mine = leases.take(factories.posted(item, conceals={"gallery": True}), "w0", timedelta(seconds=1), now=NOW)
    assert mine is not None
    return posts.sent(mine, mine.fence, remote_id=mine.mark, url="", media_urls=[], now=NOW)


def in_the_vault(worker: Worker, item: Item) -> Item:
    """Approved, with bytes that are really there."""
    body = f"rendition of {item.reference}".encode()
    file = worker.office.folder / "body"
    file.write_bytes(body)
    worker.renditions.take_in(file)
    return factories.approved(item, body)


def test_no_mail_and_no_notice_holds_a_title_a_caption_or_the_name_of_a_file(
    worker: Worker, clock: Clock, settings: object, tmp_path: Path
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"  # type: ignore[attr-defined]
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")  # type: ignore[attr-defined]
    # One whose withdrawal nobody rang for, one that vanished from the gallery, one that missed its hours, one that
    # cannot be prepared, and an hour for which there was nothing.
    takedown.withdraw(factories.approver(), live_in_the_gallery(worker).item, "identified", now=clock.now)
    vanished = sent_and_vanished(worker)
    factories.approved(factories.appeal(destinations=["gallery"], **PRIVATE))
    broken = factories.appeal(destinations=["gallery"], **PRIVATE)
    items.submit(factories.author(), broken, now=NOW)
    Item.objects.filter(pk=broken.pk).update(rendering_tries=99)
    factories.daily(factories.series())
    for hours in (0.5, 1, 13, 30):
        clock.on(hours=hours)
        scheduler.round(worker)
    causes = {cause.partition(":")[0] for cause in Notice.objects.values_list("cause", flat=True)}
    assert causes >= {"takedown", "window_past", "render", "skipped"}, causes
    mails = "".join(file.read_text(encoding="utf-8") for file in (tmp_path / "mail").iterdir()).lower()
    assert vanished.item.reference.lower() in mails
    told = mails + "".join(Notice.objects.values_list("words", flat=True)).lower()
    assert [word for word in WORDS if word in told] == []

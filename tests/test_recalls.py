"""The lane that mails recalls: through Django's real mail, into a folder."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage as Mail
from pathlib import Path
from typing import Any

import pytest

from pressqueue.actors import MACHINE
from pressqueue.audit import moving
from pressqueue.models import Item, Notice, RecallAttempt, RecallNotice
from pressqueue.moves import recalls as recall_moves
from pressqueue.moves import recovery, takedown
from pressqueue.moves.recalls import recall_recipients
from publisher.configuration import office_file
from publisher.disclosure import recalls
from publisher.scheduling import rounds, scheduler
from publisher.workers.worker import Worker

from support import factories, office_folder, pack_recipients
from support.factories import NOW, Clock

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("office")]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def worker(tmp_path: Path, clock: Clock, office: object) -> Worker:
    made = office_folder.worker(tmp_path / "office", clock)
    made.office = replace(made.office, web=replace(made.office.web, address="https://press.northshire.example"))
    return made


@pytest.fixture
def mails(tmp_path: Path, settings: Any) -> Callable[[], list[Mail]]:
    folder = tmp_path / "mail"
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(folder)

    def read() -> list[Mail]:
        found = sorted(folder.iterdir(), key=lambda each: each.stat().st_mtime_ns) if folder.is_dir() else []
        # A mail of the same second may be written below the last one, into the same file.
        parts = [part for each in found for part in each.read_bytes().split(b"-" * 79 + b"\n") if part.strip()]
        return [message_from_bytes(part, policy=policy.default) for part in parts]  # type: ignore[misc]

    return read


@pytest.fixture
def item() -> Item:
    made = factories.approved(factories.appeal(title="Zephyrine {reference}"))
    pack_recipients.disclosed(made)
    return made


def text(mail: Mail) -> str:
    return str(mail.get_content())


def test_a_recipient_is_mailed_once_with_a_link_that_acknowledges(
    worker: Worker, mails: Callable[[], list[Mail]], item: Item
) -> None:
    takedown.withdraw(factories.approver(), item, "arrested", now=NOW)
    assert rounds.run_part(worker, "recall") == {"recalled": 1}
    assert rounds.run_part(worker, "recall") == {"recalled": 0}
    (mail,) = mails()
    assert mail["To"] == "picture.desk@echo.example"
    assert mail["Reply-To"] == "press@northshire.example"
    link = re.search(r"https://press\.northshire\.example/recall/([\w-]{43})/", text(mail))
    assert link
    assert RecallNotice.objects.get().state == "sent"
    assert RecallAttempt.objects.get().token == recalls.digest(link[1])
    assert recall_moves.acknowledge_by_link(recalls.digest(link[1]), now=NOW).state == "acknowledged"


@pytest.mark.parametrize("reason", ["arrested", "charged", "identified", "victim_request", "court_order"])
def test_the_mail_never_says_what_became_of_the_person(
    worker: Worker, mails: Callable[[], list[Mail]], item: Item, reason: str
) -> None:
    takedown.withdraw(factories.approver(), item, reason, now=NOW)
    recalls.run_round(worker)
    (mail,) = mails()
    said = (str(mail["Subject"]) + text(mail)).lower()
    assert item.reference.lower() in said
    for word in (reason.split("_", maxsplit=1)[0], "zephyrine", "suspect"):
        assert word not in said


def test_of_somebody_eliminated_it_asks_for_a_correction(
    worker: Worker, mails: Callable[[], list[Mail]], item: Item
) -> None:
    takedown.withdraw(factories.approver(), item, "eliminated", now=NOW)
    recalls.run_round(worker)
    assert "may be described as suspected of anything" in text(mails()[0])


def test_without_an_address_of_its_own_the_office_asks_for_an_answer(
    worker: Worker, mails: Callable[[], list[Mail]], item: Item
) -> None:
    worker.office = replace(worker.office, web=replace(worker.office.web, address=""))
    takedown.withdraw(factories.approver(), item, "identified", now=NOW)
    recalls.run_round(worker)
    assert "/recall/" not in text(mails()[0])
    assert "press@northshire.example" in text(mails()[0])


def test_a_server_that_does_not_take_it_keeps_nobody_else_waiting_and_is_tried_again(
    worker: Worker, clock: Clock, mails: Callable[[], list[Mail]], item: Item, settings: Any, tmp_path: Path
) -> None:
    takedown.withdraw(factories.approver(), item, "identified", now=NOW)
    good = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", 9, 1
    assert recalls.run_round(worker) == 0
    recall = RecallNotice.objects.get()
    assert (recall.state, recall.tries, recall.next_at) == ("queued", 1, NOW + timedelta(minutes=1))
    assert "did not take it" in recall.words
    settings.EMAIL_BACKEND = good
    assert recalls.run_round(worker) == 0
    clock.on(minutes=1)
    assert recalls.run_round(worker) == 1
    assert len(mails()) == 1


def test_a_worker_that_dies_after_the_mail_mails_it_again(
    worker: Worker, clock: Clock, mails: Callable[[], list[Mail]], item: Item, monkeypatch: pytest.MonkeyPatch
) -> None:
    takedown.withdraw(factories.approver(), item, "identified", now=NOW)

    def died(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(recall_moves, "recall_sent", died)
        recalls.run_round(worker)
    assert RecallNotice.objects.get().state == "queued"
    assert RecallAttempt.objects.get().ended_at is None
    assert recalls.run_round(worker) == 0
    clock.on(minutes=6)
    assert recalls.run_round(worker) == 1
    links = [re.search(r"/recall/([\w-]{43})/", text(mail)) for mail in mails()]
    assert len({link[1] for link in links if link}) == 2
    for link in links:
        assert link
        assert recall_moves.by_token(recalls.digest(link[1])).state == "sent"


def test_what_is_not_acknowledged_is_told_by_the_bell(
    worker: Worker, clock: Clock, mails: Callable[[], list[Mail]], item: Item
) -> None:
    takedown.withdraw(factories.approver(), item, "eliminated", now=NOW)
    recalls.run_round(worker)
    clock.on(hours=25)
    scheduler.round(worker, "clock")
    causes = set(Notice.objects.values_list("cause", flat=True))
    assert f"recall:{RecallNotice.objects.get().pk}" in causes
    assert any(cause.startswith("duty:") for cause in causes)


def test_an_office_that_was_restored_recalls_at_once(
    worker: Worker, mails: Callable[[], list[Mail]], item: Item
) -> None:
    takedown.withdraw(factories.approver(), item, "identified", now=NOW)
    recovery.begin_recovery("Restored.", now=NOW)
    assert recalls.run_round(worker) == 1


def test_an_exercise_office_writes_into_its_folder_whatever_server_is_configured(tmp_path: Path) -> None:
    import subprocess
    import sys

    from support import databases

    backends = {}
    for exercise in ("true", "false"):
        folder = tmp_path / exercise
        office_folder.write_office(folder, {})
        file = folder / "publisher.toml"
        said = file.read_text().replace("exercise = true", f"exercise = {exercise}")
        file.write_text(said + '\n[mail]\nhost = "mail.northshire.example"\n')
        asked = "from django.conf import settings; print(settings.EMAIL_BACKEND)"
        environment = databases.environment() | {"PUBLISHER_OFFICE": str(folder)}
        done = subprocess.run(
            [sys.executable, "-c", asked], env=environment, capture_output=True, text=True, check=False
        )
        backends[exercise] = done.stdout.strip().split(".")[-2]
    assert backends == {"true": "filebased", "false": "smtp"}


def test_the_recall_address_is_the_offices_own_or_its_sender() -> None:
    assert office_file.Mail(sender="a@x.example").recall_address == "a@x.example"
    assert office_file.Mail(sender="a@x.example", recall="b@x.example").recall_address == "b@x.example"


@pytest.mark.parametrize(("reason", "words"), [("reopened", "is changing"), ("amended", "has corrected the words of")])
def test_what_is_called_back_to_be_changed_does_not_say_that_it_came_down(
    worker: Worker, mails: Callable[[], list[Mail]], item: Item, reason: str, words: str
) -> None:
    with moving(MACHINE, NOW) as log:
        recall_recipients(log, item, reason, NOW)
    recalls.run_round(worker)
    (mail,) = mails()
    assert words in text(mail) and "taken down" not in text(mail).lower()
    assert "we will send you a new press pack" in text(mail)

"""A press pack: the approved pictures with their words, conditions, embargo and recall address, as one ZIP.

Made of the Package that was approved and of nothing else. The file is finished and hashed, then the disclosure is
recorded, and only then is it handed over.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
import zipfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import IO, Any
from zoneinfo import ZoneInfo

from pressqueue import packages, texts
from pressqueue.actors import Actor
from pressqueue.errors import Forbidden
from pressqueue.models import Disclosure, Item, Package
from pressqueue.moves import press_packs
from publisher.configuration.office_file import Office
from publisher.media.formats import ending_of
from publisher.media.vault import CHUNK, Vault

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest a ZIP can name: when it was packed is in the manifest


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of the pack: its name, and its bytes or, of a Rendition, its SHA-256 in the vault."""

    name: str
    sha256: str
    size: int
    body: bytes | None = None


@dataclass(frozen=True, slots=True)
class Pack:
    """A disclosed pack: its record, and the open file, at its beginning, to be handed over and closed."""

    disclosure: Disclosure
    file: IO[bytes]
    filename: str


def give_out(
    actor: Actor, item: Item, recipient: press_packs.Recipient, embargo_until: datetime | None, *, office: Office,
    now: datetime,
) -> Pack:  # fmt: skip
    """Pack it, record who is given it, and answer the file. Raises what `press_packs.disclose` raises, and Damaged."""
    press_packs.demand_disclosable(actor, item, recipient, embargo_until, now=now)
    package = item.package
    if package is None:
        raise Forbidden(f"{item.reference} was never prepared: there is nothing to give out.")
    conditions = press_packs.conditions_of(item)
    terms = _Terms(office, recipient, conditions, embargo_until, now)
    entries = [*_renditions(package), *_words(item, package, terms)]
    manifest = _text("manifest.json", _manifest(package, terms, entries))
    file = tempfile.TemporaryFile(dir=office.folder, prefix=".pack-")  # noqa: SIM115  # handed to the caller
    try:
        archive = _write(file, item.reference, [*entries, manifest], Vault(office.media / "renditions"))
        made = press_packs.disclose(
            actor, package, recipient, archive=archive, conditions=conditions, embargo_until=embargo_until,
            files=[{"name": each.name, "sha256": each.sha256, "size": each.size} for each in [*entries, manifest]],
            recall_address=office.mail.recall_address, now=now,
        )  # fmt: skip
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return Pack(made, file, f"{item.reference}-press-pack.zip")


@dataclass(frozen=True, slots=True)
class _Terms:
    office: Office
    recipient: press_packs.Recipient
    conditions: str
    embargo_until: datetime | None
    now: datetime

    @property
    def embargo(self) -> str:
        if self.embargo_until is None:
            return "No embargo."
        zone = self.office.identity.zone
        local = self.embargo_until.astimezone(ZoneInfo(zone))
        return f"UNDER EMBARGO until {local:%H:%M on %-d %B %Y} ({zone}). Do not publish before."


def _renditions(package: Package) -> list[Entry]:
    """Every published file once, whatever the number of destinations, each under its own name."""
    files = packages.content_of(package)["files"]
    sizes = {rendition.sha256: rendition for rendition in package.item.renditions.all()}
    found: dict[str, Entry] = {}
    for name in sorted(files):
        main, still = files[name]["sha256"], files[name]["thumbnail"]
        for kind, sha256 in (("published", main), ("still", still)):
            if sha256 and sha256 not in found:
                made = sizes[sha256]
                number = sum(each.name.startswith(kind) for each in found.values()) + 1
                found[sha256] = Entry(f"{kind}-{number}{ending_of(made.media_type)}", sha256, made.size)
    return list(found.values())


def _words(item: Item, package: Package, terms: _Terms) -> Iterable[Entry]:
    content = packages.content_of(package)
    words = packages.filled(content, _day_of(item, content))
    yield _text("caption.txt", f"{terms.embargo}\n\n{words['title']}\n\n{words['caption']}\n")
    yield _text("alt-text.txt", f"{content['alt_text']}\n")
    identity = terms.office.identity
    yield _text(
        "conditions-of-use.txt",
        f"{identity.name}: press pack {item.reference}\nFor {terms.recipient.name}, {terms.recipient.organisation}\n\n"
        f"{terms.embargo}\n\n{terms.conditions}\n\nWhen it is recalled you are told by e-mail and asked to confirm. "
        f"Questions, and recalls: {terms.office.mail.recall_address}\n",
    )


def _day_of(item: Item, content: dict[str, Any]) -> int | None:
    """The day's number, where the words want one: known once its hour came."""
    if not texts.wants_day(content["title"], content["caption"]):
        return None
    booking = item.bookings.filter(day__isnull=False).order_by("-pk").first()
    if booking is None:
        raise Forbidden(f"{item.reference} has no day's number yet: make its press pack once its hour has come.")
    return booking.day


def _manifest(package: Package, terms: _Terms, entries: list[Entry]) -> str:
    until = terms.embargo_until
    return json.dumps(
        {
            "reference": package.item.reference,
            "force": terms.office.identity.name,
            "package": package.digest,
            "recipient": asdict(terms.recipient),
            "made_at": terms.now.astimezone(UTC).isoformat(),
            "embargo_until": until.astimezone(UTC).isoformat() if until else None,
            "conditions_of_use": terms.conditions,
            "recall_address": terms.office.mail.recall_address,
            "files": [{"name": entry.name, "sha256": entry.sha256, "size": entry.size} for entry in entries],
        },
        indent=2, sort_keys=True, ensure_ascii=False,
    ) + "\n"  # fmt: skip


def _text(name: str, text: str) -> Entry:
    body = text.encode()
    return Entry(name, hashlib.sha256(body).hexdigest(), len(body), body)


def _write(file: IO[bytes], folder: str, entries: Iterable[Entry], vault: Vault) -> str:
    """The ZIP, pictures stored as they are; returns its SHA-256. Each Rendition is hashed again. Raises Damaged."""
    with zipfile.ZipFile(file, "w") as archive:
        for entry in entries:
            head = zipfile.ZipInfo(f"{folder}/{entry.name}", _EPOCH)
            head.external_attr = 0o644 << 16
            with archive.open(head, "w", force_zip64=True) as target:
                if entry.body is not None:
                    target.write(entry.body)
                    continue
                with vault.open(entry.sha256) as source:
                    while chunk := source.read(CHUNK):
                        target.write(chunk)
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]

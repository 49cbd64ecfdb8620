"""The evidence pack: one signed archive of what was published, why, by whose word, where and for how long.

What is in it, and how it is checked with public tools only: docs/evidence.md. The same state gives the same bytes.
"""

from __future__ import annotations

import hashlib
import io
import json
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from django.db import connection, transaction
from django.db.models import Q

from pressqueue import packages
from pressqueue.actors import Actor
from pressqueue.models import Entry, Item, Package, Rendition
from pressqueue.models import Office as Row
from pressqueue.moves import evidence
from publisher import verifier
from publisher.configuration.office_file import Office
from publisher.evidence import anchors, exporting, gathering, keys, summary
from publisher.evidence.keys import EvidenceRefused
from publisher.media.errors import Damaged
from publisher.media.vault import Vault, digest

FORMAT, VERSION = "publisher-evidence-record", 1
_ENDINGS = {"image/jpeg": ".jpg", "image/png": ".png", "image/tiff": ".tif", "image/webp": ".webp",
            "video/mp4": ".mp4", "video/quicktime": ".mov", "application/pdf": ".pdf"}  # fmt: skip
README = """\
Evidence pack of {reference}, made by {office}.

summary.pdf     what was published, where, how long, and on whose word: to be read
record.json     the same and more: to be searched
published/      the very bytes that were published, by their SHA-256
packages/       every version of words and files that was put up for approval; an approval names one by its digest
audit.jsonl     the audit log's lines about it; the lines of other cases between them stand there sealed
anchors.jsonl   the daily signed digests of that log
verifier.py     checks all of it: python verifier.py PACK.zip --key PUBLIC-KEY.pem
SHA256SUMS      the SHA-256 of every file here, signed in SHA256SUMS.sig (Ed25519)

Get the public key from the force by another way than this pack. With public tools only, in this folder:

    openssl pkeyutl -verify -pubin -inkey PUBLIC-KEY.pem -rawin -in SHA256SUMS -sigfile SHA256SUMS.sig
    sha256sum --strict --check SHA256SUMS
"""


@dataclass(frozen=True, slots=True)
class Order:
    """Which pack is asked for, why, and for whom."""

    file: Path
    originals: bool = False
    why: str = ""
    recipient: str = ""


@dataclass(frozen=True, slots=True)
class Packed:
    """A pack that was handed over: its SHA-256 and the names of its members."""

    sha256: str
    members: list[str]


@dataclass(frozen=True, slots=True)
class Kept:
    """A stored file. What goes into the pack is checked as it is read."""

    vault: Vault
    sha256: str


Member = Path | bytes | Kept


def pack(office: Office, item: Item, order: Order, actor: Actor, now: datetime) -> Packed:
    """Anchor the log, write the pack, check it, and log that it is handed over; then it is there.

    Raises Forbidden, EvidenceRefused (no key; stored bytes that were changed; the file exists), OSError.
    """
    evidence.may_pack(actor, item)
    if order.file.exists():
        raise EvidenceRefused(f"{order.file} exists already. Name a new file; nothing was packed.")
    anchors.make(office, now)
    done: list[str] = []

    def hand_over(whole: Path) -> None:
        _demand_that_it_holds(office, whole)
        sha256 = digest(whole)
        evidence.evidence_packed(
            actor, item, sha256=sha256, originals=order.originals, why=order.why, recipient=order.recipient, now=now
        )
        done.append(sha256)

    with tempfile.TemporaryDirectory(prefix="publisher-pack-") as room:
        members = build(office, item, Path(room), originals=order.originals)
        exporting.write_whole(order.file, lambda file: write(office, members, file), hand_over)
    return Packed(done[0], list(members))


def write(office: Office, members: dict[str, Member], file: BinaryIO) -> None:
    """Members, their sums, and the signature of those, as one archive."""
    trail = anchors.of(office)
    title = f"{verifier.SUMS_TITLE}, office {trail.office}"
    sums = "\n".join([title, *(f"{_sha256(body)}  {name}" for name, body in members.items())]) + "\n"
    signature = trail.key().sign(sums.encode())
    whole: dict[str, Member] = {**members, verifier.SUMS: sums.encode(), verifier.SIGNATURE: signature}
    with ExitStack() as stack:
        verifier.write_archive(file, _opened(whole, stack))


def _demand_that_it_holds(office: Office, file: Path) -> None:
    lines = anchors.of(office).lines()
    known = {line["key"]: keys.der_of(line) for line in lines if line["format"] == verifier.ANCHOR_KEY}
    try:
        verifier.verify_pack(file, known)
    except verifier.Failed as error:
        raise EvidenceRefused(f"The pack does not hold, so it was not handed over: {error}") from error


def _opened(members: dict[str, Member], stack: ExitStack) -> Iterator[tuple[str, IO[bytes], int]]:
    for name, body in members.items():
        if isinstance(body, bytes):
            yield name, io.BytesIO(body), len(body)
        elif isinstance(body, Kept):
            file = stack.enter_context(body.vault.open(body.sha256))
            yield name, cast("IO[bytes]", file), file.size
        else:
            yield name, stack.enter_context(body.open("rb")), body.stat().st_size


def _sha256(body: Member) -> str:
    if isinstance(body, Kept):
        return body.sha256
    return hashlib.sha256(body).hexdigest() if isinstance(body, bytes) else digest(body)


def build(office: Office, item: Item, room: Path, *, originals: bool) -> dict[str, Member]:
    """The members, by name, in their order; `room` is for what is too large to be held in memory.

    Nothing in it depends on when or by whom it is made. The log's newest anchor says where it ends.
    """
    trail = anchors.of(office)
    newest = trail.last()
    if newest is None:
        raise EvidenceRefused("The audit log has no anchor yet. Run `publisher anchors make`.")
    with _one_moment():
        facts, files = _read(office, item, newest, originals)
        _write_excerpt(room / "audit.jsonl", item, newest, trail)
    facts = {"format": FORMAT, "version": VERSION, **facts}
    return {
        "README.txt": README.format(reference=item.reference, office=office.identity.name).encode(),
        "summary.pdf": summary.pdf(facts, office.identity.zone),
        "record.json": (json.dumps(facts, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode(),
        **files,
        "audit.jsonl": room / "audit.jsonl",
        "anchors.jsonl": trail.path.read_bytes(),
        "verifier.py": Path(verifier.__file__).read_bytes(),
    }


@contextmanager
def _one_moment() -> Iterator[None]:
    """Everything inside is read as it stood at one moment."""
    alone = not connection.in_atomic_block
    with transaction.atomic():
        if alone and connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield


def _read(
    office: Office, item: Item, newest: dict[str, Any], originals: bool
) -> tuple[dict[str, Any], dict[str, Member]]:
    item = Item.objects.select_related("campaign", "author", "original").get(pk=item.pk)
    entries = gathering.entries_of(item, newest["number"])
    facts = gathering.facts(item, entries)
    facts["office"] = {"uuid": str(Row.objects.get().uuid), "name": office.identity.name}
    facts["office"]["exercise"] = office.identity.exercise
    last = Entry.objects.get(number=newest["number"])
    facts["as_of"] = {"entry": last.number, "hash": last.hash, "at": last.at}
    facts["log"] = [
        {name: getattr(entry, name) for name in ("number", "at", "act", "actor", "door")} for entry in entries
    ]
    files = _published(office, item, facts)
    if originals:
        files |= _kept(
            Vault(office.media / "originals"), "originals", item.original_id, item.original.media_type, facts
        )
    for package in Package.objects.filter(item=item).order_by("made_at", "pk"):
        if packages.digest(package.content) != package.digest:
            raise EvidenceRefused(f"Package {package.digest[:12]} was changed in the database. Run `audit verify`.")
        files[f"packages/{package.digest}.json"] = package.content.encode()
    return facts, files


def _published(office: Office, item: Item, facts: dict[str, Any]) -> dict[str, Member]:
    """The bytes of every Package that was approved or sent, once each."""
    counts = Q(approvals__isnull=False) | Q(posts__isnull=False)
    wanted = Package.objects.filter(counts, item=item).order_by("made_at", "pk").distinct()
    types = dict(Rendition.objects.filter(item=item).values_list("sha256", "media_type"))
    found: dict[str, Member] = {}
    facts["bytes_no_longer_kept"] = []
    for package in wanted:
        for file in packages.content_of(package)["files"].values():
            for sha256 in filter(None, (file["sha256"], file["thumbnail"])):
                vault = Vault(office.media / "renditions")
                found |= _kept(vault, "published", sha256, types.get(sha256, ""), facts)
    return found


def _kept(vault: Vault, folder: str, sha256: str, media_type: str, facts: dict[str, Any]) -> dict[str, Member]:
    """A stored file, if it is still kept; what was purged is named. Changed bytes are no evidence: EvidenceRefused."""
    if not vault.path(sha256).exists():
        if sha256 not in facts["bytes_no_longer_kept"]:
            facts["bytes_no_longer_kept"].append(sha256)
        return {}
    try:
        vault.verify(sha256)
    except Damaged as error:
        raise EvidenceRefused(f"{error} Nothing was packed.") from error
    return {f"{folder}/{sha256}{_ENDINGS.get(media_type, '')}": Kept(vault, sha256)}


def _write_excerpt(file: Path, item: Item, newest: dict[str, Any], trail: anchors.Anchors) -> None:
    """From the last anchor before the Item's first line to the newest: both ends are bound, others' lines sealed."""
    shown = {each.number for each in gathering.entries_of(item, newest["number"])}
    first = min(shown, default=newest["number"])
    before = [
        line["number"] for line in trail.lines()
        if line["format"] == verifier.ANCHOR and line["number"] < first
        and Entry.objects.filter(number=line["number"], hash=line["hash"]).exists()
    ]  # fmt: skip
    last = Entry.objects.get(number=newest["number"])
    stretch = exporting.Stretch(max(before, default=0) + 1, last.number)
    with file.open("wb") as target:
        exporting.write(
            target, stretch, last.at, shown=lambda each: each.number in shown, with_text=lambda each: True
        )  # fmt: skip

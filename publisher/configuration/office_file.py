"""An office's configuration: one TOML file read into frozen dataclasses, or a sentence about what is wrong.

Every value is checked when the program starts; nothing is guessed later. Unknown names are refused, because
a misspelt setting that is silently ignored is how a picture goes out at the wrong hour.
"""

from __future__ import annotations

import os
import sys
import sysconfig
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin, get_type_hints
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from publisher import PublisherError
from publisher.configuration import toml_file

FILE_NAME = "publisher.toml"
LONGEST = 366 * 86400.0  # seconds; no pace is slower than a year, and nan and inf are no pace
MOST_THREADS = 16  # that render
T = TypeVar("T")
Scalar = str | int | float | bool


class Misconfigured(PublisherError):
    """A setting is missing or cannot be; the message names the file, the setting and the way out."""


@dataclass(frozen=True, slots=True)
class Identity:
    """[office]: who publishes. `exercise` offices are bound to loopback and mark every rendition EXERCISE."""

    name: str
    exercise: bool
    zone: str = "Europe/London"


@dataclass(frozen=True, slots=True)
class BrandFiles:
    """[brand]: what the mark shows. Paths are relative to the configuration file."""

    contact: str
    handle: str = ""
    folder: str = "brand"  # crest.png and the fonts
    plate: str = "#0b1f3f"
    ink: str = "#ffffff"
    accent: str = "#f2b632"
    credit: str = ""
    copyright: str = ""
    usage_terms: str = "Not for use once a removal notice has been given."


@dataclass(frozen=True, slots=True)
class Pace:
    """[pace]: seconds, all of them. The defaults are for the real platforms; exercises scale them down."""

    lease: float = 120.0  # how long a worker owns a Post without renewing
    margin: float = 10.0  # an uploader stops reading this long before its lease ends
    renew: float = 20.0  # an advancing upload renews its lease this often
    ask: float = 1.0  # and asks this often whether it is still wanted
    settle: float = 600.0  # absence must be seen over at least this long before anything is sent again
    server_time: float = -1.0  # longest a request works on at a platform after we gave up; -1: the destination's own
    give_up: float = 86400.0  # an unsure Post needs action from an officer after this
    reveal_patience: float = 300.0  # "asked public, still private" is believed after this
    retry_first: float = 30.0  # backoff: first wait, doubled each time, with full jitter
    retry_most: float = 3600.0
    withdraw_first: float = 2.0
    withdraw_most: float = 300.0  # a withdrawal is tried at least every five minutes, for ever
    confirm: float = 3.0  # "not there" must be seen twice, this far apart, before a thing counts as removed
    media_most: float = 300.0  # a removed thing's direct addresses are asked at least this often, until gone
    poll: float = 10.0  # how often processing is asked about
    tick: float = 5.0
    stop_within: float = 20.0  # a process that is told to end finishes what it does for so long, then breaks it off
    silent_after: float = 900.0  # `publisher check` fails when no tick was seen for this long
    tries: int = 8  # a Post that fails this often in one state needs action from an officer
    hand_over: int = 8  # a withdrawal that fails this often though the platform answers is a person's as well
    breaker_after: int = 5  # an account that fails this often in a row rests
    breaker_first: float = 5.0  # so long, doubled each time its probe fails
    breaker_most: float = 300.0


@dataclass(frozen=True, slots=True)
class Reconcile:
    """[reconcile]: when each account is held against the ledger, once a night."""

    hour: int = 3  # of the office's own clock
    grace: float = 3600.0  # seconds; what is live for less may not be in a listing yet


@dataclass(frozen=True, slots=True)
class Rendering:
    """[rendering]: how many files one worker prepares at the same time."""

    threads: int = 1  # each renders in a child process of its own, which uses about one core


@dataclass(frozen=True, slots=True)
class Web:
    """[web]: where the desk listens, and the address people open."""

    host: str = "127.0.0.1"
    port: int = 8000
    address: str = ""
    trusted_proxy: bool = False
    proxies: list[str] = field(default_factory=lambda: ["127.0.0.1", "::1"])  # where that proxy calls from


@dataclass(frozen=True, slots=True)
class Mail:
    """[mail]: where notices go. Without a host they are written to the office's mail folder."""

    host: str = ""
    port: int = 25
    sender: str = "publisher@localhost"
    attention: list[str] = field(default_factory=list)
    tls: bool = False
    recall: str = ""  # where recipients of press packs turn to; empty: the sender

    @property
    def recall_address(self) -> str:
        return self.recall or self.sender


@dataclass(frozen=True, slots=True)
class RegisterFile:
    """[register]: where withdrawals are written down a second time; empty: beside the office's folder, not in it."""

    path: str = ""


@dataclass(frozen=True, slots=True)
class AnchorFiles:
    """[anchors]: the daily signed digests of the audit log, and the key that signs them; empty: beside the folder."""

    path: str = ""
    key: str = ""
    hour: int = 4  # of the office's own clock


@dataclass(frozen=True, slots=True)
class DestinationSettings:
    """[destinations.NAME]: `kind` names the plug-in; every other value is the plug-in's own option."""

    name: str
    kind: str
    options: dict[str, Scalar]


@dataclass(frozen=True, slots=True)
class Office:
    """Everything an office's configuration says, with the folder it belongs to."""

    folder: Path
    file: Path
    identity: Identity
    brand: BrandFiles
    pace: Pace
    web: Web
    mail: Mail
    destinations: dict[str, DestinationSettings]
    reconcile: Reconcile = field(default_factory=Reconcile)
    rendering: Rendering = field(default_factory=Rendering)
    register_file: RegisterFile = RegisterFile()
    anchor_files: AnchorFiles = AnchorFiles()

    @property
    def register(self) -> Path:
        """The withdrawal register: as configured (relative to the configuration file), or beside the folder."""
        if self.register_file.path:
            return (self.file.parent / Path(self.register_file.path).expanduser()).absolute()
        return self.folder.parent / f"{self.folder.name}-register" / "withdrawals.jsonl"

    @property
    def anchors(self) -> Path:
        """The daily anchors: as configured (relative to the configuration file), or beside the register."""
        if self.anchor_files.path:
            return (self.file.parent / Path(self.anchor_files.path).expanduser()).absolute()
        return self.folder.parent / f"{self.folder.name}-register" / "anchors.jsonl"

    @property
    def anchor_key(self) -> Path:
        """The private key that signs anchors and packs: PUBLISHER_ANCHOR_KEY_FILE, as configured, or beside the folder.

        Never in the office's folder: who can write the database must not find there what vouches for it.
        """
        if named := os.environ.get("PUBLISHER_ANCHOR_KEY_FILE") or self.anchor_files.key:
            return (self.file.parent / Path(named).expanduser()).absolute()
        return self.folder.parent / f"{self.folder.name}-keys" / "anchor.pem"

    @property
    def media(self) -> Path:
        return self.folder / "media"

    @property
    def brand_folder(self) -> Path:
        """The folder with crest and fonts: beside the configuration, in the office, else the shipped one."""
        for base in (self.file.parent, self.folder, *shipped_config()):
            if (base / self.brand.folder / "crest.png").is_file():
                return base / self.brand.folder
        raise Misconfigured(f"{self.file}: [brand] folder “{self.brand.folder}” holds no crest.png. Put one there.")


def shipped_config() -> tuple[Path, ...]:
    """The checkout's `config/` and the installed `share/publisher`, those that exist, in that order."""
    checkout = Path(__file__).resolve().parents[2] / "config"
    installed = Path(sysconfig.get_path("data")) / "share" / "publisher"
    return tuple(place for place in (checkout, installed) if place.is_dir())


def configuration_file(folder: Path, explicit: Path | None = None) -> Path:
    """Which file speaks for this office: --config, PUBLISHER_CONFIG, the folder, the checkout, share/publisher."""
    named = explicit or (Path(os.environ["PUBLISHER_CONFIG"]) if os.environ.get("PUBLISHER_CONFIG") else None)
    if named is not None:
        if not named.is_file():
            raise Misconfigured(f"There is no configuration file at {named}.")
        return named
    for place in (folder, *shipped_config()):
        if (place / FILE_NAME).is_file():
            return place / FILE_NAME
    raise Misconfigured(
        f"No {FILE_NAME} in {folder}. Make an office with `publisher init {folder}`, or name a file with --config."
    )


def load(folder: Path, explicit: Path | None = None) -> Office:
    """Read and check an office's configuration. Raises Misconfigured with every way out named."""
    file = configuration_file(folder, explicit)
    table = toml_file.read(file, Misconfigured)
    unknown = set(table) - {
        "office",
        "brand",
        "pace",
        "reconcile",
        "rendering",
        "web",
        "mail",
        "register",
        "anchors",
        "destinations",
    }
    if unknown:
        raise Misconfigured(f"{file}: unknown section [{sorted(unknown)[0]}]. Check its spelling.")
    identity = _section(Identity, table.get("office", {}), file, "office")
    _check_zone(identity.zone, file)
    pace = _section(Pace, table.get("pace", {}), file, "pace")
    _check_pace(pace, file)
    reconcile = _section(Reconcile, table.get("reconcile", {}), file, "reconcile")
    _check_reconcile(reconcile, file)
    rendering = _section(Rendering, table.get("rendering", {}), file, "rendering")
    if not 1 <= rendering.threads <= MOST_THREADS:
        raise Misconfigured(f"{file}: [rendering] threads = {rendering.threads} must be from 1 to {MOST_THREADS}.")
    anchors = _section(AnchorFiles, table.get("anchors", {}), file, "anchors")
    _check_hour("anchors", anchors.hour, file)
    web, mail = _section(Web, table.get("web", {}), file, "web"), _section(Mail, table.get("mail", {}), file, "mail")
    _check_port("web", web.port, file)
    _check_port("mail", mail.port, file)
    return Office(
        folder=folder.resolve(),
        file=file,
        identity=identity,
        brand=_section(BrandFiles, table.get("brand", {}), file, "brand"),
        pace=pace,
        web=web,
        mail=mail,
        destinations=_destinations(table.get("destinations", {}), file),
        reconcile=reconcile,
        rendering=rendering,
        register_file=_section(RegisterFile, table.get("register", {}), file, "register"),
        anchor_files=anchors,
    )


def _section(shape: type[T], table: object, file: Path, name: str) -> T:
    """One TOML table into one dataclass: unknown, missing or wrongly typed settings are named."""
    if not isinstance(table, dict):
        raise Misconfigured(f"{file}: [{name}] must be a section.")
    hints = get_type_hints(shape)
    known = {each.name: each for each in fields(shape)}  # type: ignore[arg-type]  # T is always a dataclass
    for key, value in table.items():
        if key not in known:
            raise Misconfigured(f"{file}: [{name}] has no setting “{key}”. It knows: {', '.join(sorted(known))}.")
        table[key] = _typed(value, hints[key], f"{file}: [{name}] {key}")
    for key, each in known.items():
        if key not in table and each.default is MISSING and each.default_factory is MISSING:
            raise Misconfigured(f"{file}: [{name}] needs the setting “{key}”.")
    return shape(**table)


def _typed(value: object, wanted: Any, where: str) -> object:
    if wanted is float and isinstance(value, int) and not isinstance(value, bool):
        return float(max(-sys.maxsize, min(value, sys.maxsize)))  # TOML's integers have no end, floats do
    plain = get_origin(wanted) or wanted
    if not isinstance(value, plain) or (isinstance(value, bool) and plain is not bool):
        raise Misconfigured(f"{where} = {value!r}: expected {getattr(plain, '__name__', plain)}.")
    if plain is list and not all(isinstance(each, get_args(wanted)[0]) for each in value):
        raise Misconfigured(f"{where}: expected a list of texts.")
    return value


def _check_zone(zone: str, file: Path) -> None:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:  # OSError: “Europe” is a folder of zones
        raise Misconfigured(f"{file}: [office] zone “{zone}” is not a time zone. Example: Europe/London.") from error


def _check_pace(pace: Pace, file: Path) -> None:
    for each in fields(pace):
        value = getattr(pace, each.name)
        if each.name == "server_time" and value in {each.default, 0.0}:
            continue
        if not 0 < value <= LONGEST:
            raise Misconfigured(f"{file}: [pace] {each.name} = {value} must be more than 0 and at most a year.")
    if pace.margin >= pace.lease or pace.renew >= pace.lease - pace.margin:
        raise Misconfigured(
            f"{file}: [pace] needs renew < lease - margin (now {pace.renew} < {pace.lease} - {pace.margin})."
        )


def _check_reconcile(reconcile: Reconcile, file: Path) -> None:
    _check_hour("reconcile", reconcile.hour, file)
    if not 0 < reconcile.grace <= LONGEST:
        raise Misconfigured(f"{file}: [reconcile] grace = {reconcile.grace} must be more than 0 and at most a year.")


def _check_hour(name: str, hour: int, file: Path) -> None:
    if not 0 <= hour <= 23:
        raise Misconfigured(f"{file}: [{name}] hour = {hour} must be from 0 to 23.")


def _check_port(name: str, port: int, file: Path) -> None:
    if not 0 < port < 65536:
        raise Misconfigured(f"{file}: [{name}] port = {port} must be from 1 to 65535.")


def _destinations(table: object, file: Path) -> dict[str, DestinationSettings]:
    if not isinstance(table, dict):
        raise Misconfigured(f"{file}: [destinations] must hold one section for each destination.")
    made = {}
    for name, options in table.items():
        where = f"{file}: [destinations.{name}]"
        if not isinstance(options, dict):
            raise Misconfigured(f"{where} must be a section.")
        kind = options.pop("kind", name)
        if not isinstance(kind, str):
            raise Misconfigured(f"{where} kind must be a text, such as “folder”.")
        for key, value in options.items():
            if not isinstance(value, str | int | float | bool):
                raise Misconfigured(f"{where} {key} must be a text, a number or true/false.")
        made[name] = DestinationSettings(name=name, kind=kind, options=options)
    return made

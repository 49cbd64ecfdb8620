"""`policy.toml`, read into the Policy the rules ask; or a sentence about what is wrong with it."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

from pressqueue.policy import Authority, Policy
from publisher.configuration import toml_file
from publisher.configuration.office_file import Misconfigured, Office, shipped_config

FILE_NAME = "policy.toml"
LONGEST = {"minutes": 24 * 60, "hours": 24 * 366, "days": 3660}
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
AGES, REACHES = ("under_18", "adult", "any"), ("worldwide", "own", "any")


def policy_file(office: Office | None) -> Path:
    """Beside the configuration, in the office's folder, else the shipped one."""
    own: tuple[Path, ...] = (office.file.parent, office.folder) if office else ()
    places = own + shipped_config()
    for place in places:
        if (place / FILE_NAME).is_file():
            return place / FILE_NAME
    raise Misconfigured(f"There is no {FILE_NAME}, neither in the office nor beside the program. Install it again.")


def load(office: Office | None = None) -> Policy:
    """The force's policy over the shipped one. Raises Misconfigured with the setting that cannot be."""
    return _reader(office).policy()


def languages(office: Office | None = None) -> tuple[str, ...]:
    """In which languages this force's wording is checked: folders of `wording/`. Raises Misconfigured."""
    return _reader(office).languages()


def _reader(office: Office | None) -> _Reader:
    file = policy_file(office)
    shipped = toml_file.read(shipped_config()[0] / FILE_NAME, Misconfigured)
    return _Reader(file, _over(shipped, toml_file.read(file, Misconfigured), file))


_OPEN = ("features.safety", "rules")  # whose names are the force's own, or the rules'


def _over(shipped: dict[str, Any], own: dict[str, Any], file: Path, where: str = "") -> dict[str, Any]:
    """`own` over `shipped`; a name the shipped file does not know is a misspelling."""
    merged = dict(shipped)
    for name, value in own.items():
        path = f"{where}.{name}" if where else name
        if name not in shipped and where not in _OPEN:
            raise Misconfigured(f"{file}: [{where}] has no setting “{name}”. Check its spelling.")
        if isinstance(shipped.get(name), dict) != isinstance(value, dict) and name in shipped:
            raise Misconfigured(f"{file}: {path} must {'' if isinstance(shipped[name], dict) else 'not '}be a section.")
        known = isinstance(value, dict) and path not in _OPEN
        merged[name] = _over(shipped[name], value, file, path) if known else value
    return merged


class _Reader:
    """Takes settings out of one merged table, each checked."""

    def __init__(self, file: Path, table: dict[str, Any]) -> None:
        self._file, self._table = file, table

    def policy(self) -> Policy:
        from pressqueue.gates import MAY_BE_OFF  # noqa: PLC0415  # its models need Django set up

        ranks = tuple(rank.lower() for rank in self._texts("ranks", "order"))
        if not ranks or len(set(ranks)) != len(ranks):
            raise self._wrong("[ranks] order", "names every rank once, lowest first")
        off = {name: word for name, word in self._table["rules"].items() if word != "on"}
        for name, word in off.items():
            if word != "off":
                raise self._wrong(f"[rules] {name}", "is “on” or “off”")
            if name not in MAY_BE_OFF:
                raise self._wrong(f"[rules] {name}", f"may not be off; these may: {', '.join(MAY_BE_OFF)}")
        return Policy(
            ranks=ranks,
            authority=tuple(self._authority(row, ranks) for row in self._table["authority"]),
            under_18_rank=self._rank(self._table["approval"]["under_18_rank"], "[approval] under_18_rank", ranks),
            own_reach=self._texts("reach", "own"),
            safety_checklist=tuple((key, str(words)) for key, words in self._table["features"]["safety"].items()),
            appeal_life=self._span("approval", "appeal_hours"),
            feature_life=self._span("approval", "feature_days"),
            named_check=self._span("proceedings", "named_hours"),
            named_recheck=self._span("proceedings", "named_again_days"),
            unidentified_check=self._span("proceedings", "unidentified_hours"),
            recent_image=self._span("wanted", "recent_image_days"),
            review_grace=self._span("review", "grace_days"),
            longest_review=self._span("review", "first_review_days"),
            longest_life=self._span("review", "longest_life_days"),
            attestation=self._span("channels", "attestation_days"),
            facet_spacing=self._number("series", "facet_spacing"),
            backlog_days=self._number("series", "backlog_days"),
            totals_every=self._span("totals", "every_days", least=7),
            totals_step=self._number("totals", "step", least=5),
            bar=self._span("approval", "bar_hours", least=0),
            deferred=self._span("approval", "deferred_hours"),
            sitting_idle=self._span("audit", "sitting_minutes"),
            sitting_longest=self._span("audit", "sitting_hours"),
            duties=tuple((kind, self._span("duties", kind, "hours")) for kind in self._table["duties"]),
            off=frozenset(off),
        )

    def languages(self) -> tuple[str, ...]:
        found = self._texts("wording", "languages")
        if not found or not all(_LANGUAGE.fullmatch(each) for each in found):
            raise self._wrong("[wording] languages", "lists at least one folder of wording/, such as en-GB")
        return found

    def _authority(self, row: object, ranks: tuple[str, ...]) -> Authority:
        from pressqueue.models import AppealRecord  # noqa: PLC0415  # see above

        if not isinstance(row, dict) or set(row) != {"age", "seriousness", "reach", "rank"}:
            raise self._wrong("[[authority]]", "has age, seriousness, reach and rank")
        weights = (*AppealRecord.Seriousness.values, "any")
        for name, known in (("age", AGES), ("seriousness", weights), ("reach", REACHES)):
            if row[name] not in known:
                raise self._wrong(f"[[authority]] {name}", f"is one of {', '.join(known)}")
        rank = self._rank(row["rank"], "[[authority]] rank", ranks)
        return Authority(row["age"], row["seriousness"], row["reach"], rank)

    def _rank(self, rank: object, where: str, ranks: tuple[str, ...]) -> str:
        if not isinstance(rank, str) or rank.lower() not in ranks:
            raise self._wrong(where, f"is one of {', '.join(ranks)}")
        return rank.lower()

    def _texts(self, section: str, name: str) -> tuple[str, ...]:
        value = self._table[section][name]
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise self._wrong(f"[{section}] {name}", "is a list of texts")
        return tuple(value)

    def _number(self, section: str, name: str, least: int = 0) -> int:
        value = self._table[section][name]
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= 100_000:
            raise self._wrong(f"[{section}] {name}", f"is a whole number from {least} on")
        return value

    def _span(self, section: str, name: str, unit: str = "", least: int = 1) -> timedelta:
        unit = unit or name.rpartition("_")[2]
        value = self._table[section][name]
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= LONGEST[unit]:
            raise self._wrong(f"[{section}] {name}", f"is a number of {unit} from {least} to {LONGEST[unit]}")
        return timedelta(**{unit: value})

    def _wrong(self, where: str, rule: str) -> Misconfigured:
        return Misconfigured(f"{self._file}: {where} cannot be used: it {rule}.")

"""The dates a text names, as a reader of its language would read them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from pressqueue.wording.tokens import Token, tokens

_NUMERIC = re.compile(r"(?<![\d/.-])(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})(?![\d/.-]*\d)")
_ISO = re.compile(r"(?<![\d/.-])(\d{4})-(\d{1,2})-(\d{1,2})(?![\d/.-]*\d)")


@dataclass(frozen=True, slots=True)
class Named:
    """One date in a text: as written, without a year where the text gives none."""

    written: str
    day: int
    month: int
    year: int | None
    weekday: int | None  # 0 is Monday

    def on(self, year: int) -> date | None:
        """Returns the day it names, in `year` where the text gives none; None where there is no such day."""
        try:
            return date(self.year or year, self.month, self.day)
        except ValueError:
            return None


@dataclass(frozen=True)
class Dates:
    """How one language writes dates."""

    months: tuple[tuple[str, ...], ...]  # January first, each in all its forms, lower case; the first is written
    weekdays: tuple[tuple[str, ...], ...]  # Monday first
    ordinals: tuple[str, ...] = ()  # what may follow the number: st, nd, rd, th
    between: tuple[str, ...] = ()  # what may stand between day and month: of

    def written(self, day: date) -> str:
        """Returns a day as in "Saturday 21 February 2026"."""
        weekday, month = self.weekdays[day.weekday()][0], self.months[day.month - 1][0]
        return f"{weekday[:1].upper()}{weekday[1:]} {day.day} {month[:1].upper()}{month[1:]} {day.year}"

    def find(self, text: str) -> list[Named]:
        """Returns every date that names at least day and month, in figures (day first) or words."""
        found = [Named(each[0], int(each[1]), int(each[2]), _full(each[3]), None) for each in _NUMERIC.finditer(text)]
        found += [Named(each[0], int(each[3]), int(each[2]), int(each[1]), None) for each in _ISO.finditer(text)]
        return [*found, *self._in_words(text)]

    def _in_words(self, text: str) -> Iterator[Named]:
        words = tokens(text)
        months = {form: number for number, names in enumerate(self.months, 1) for form in names}
        for place, word in enumerate(words):
            if word.form not in months:
                continue
            before = place - 1
            if before >= 0 and words[before].form in self.between:
                before -= 1
            first, last = before, place
            apart = before < 0 or "," in text[words[before].end : word.start]
            day = None if apart else self._day(words, before)
            if day is None:  # "March 2"
                first, last = place, place + 1
                day = self._day(words, last)
            if day is None:
                continue
            year = self._year(words, last + 1)
            weekday = self._weekday(words, first - 1)
            if year is None and weekday is None and not text[word.start].isupper():
                continue  # "aged 18 may be able to help"
            start = words[first - 1 if weekday is not None else first].start
            end = words[last + 1 if year is not None else last].end
            yield Named(text[start:end], day, months[word.form], year, weekday)

    def _day(self, words: list[Token], place: int) -> int | None:
        if not 0 <= place < len(words):
            return None
        form = words[place].form
        for ordinal in self.ordinals:
            form = form.removesuffix(ordinal)
        return int(form) if form.isascii() and form.isdigit() and len(form) <= 2 else None

    def _year(self, words: list[Token], place: int) -> int | None:
        form = words[place].form if place < len(words) else ""
        return int(form) if form.isascii() and form.isdigit() and len(form) == 4 else None

    def _weekday(self, words: list[Token], place: int) -> int | None:
        form = words[place].form if place >= 0 else ""
        return next((number for number, names in enumerate(self.weekdays) if form in names), None)


def _full(year: str) -> int:
    return int(year) if len(year) == 4 else 2000 + int(year)

"""The one time axis of a film: when each picture is shown and each piece of sound is heard.

Worked out from all the times at once, in seconds since the first picture. Gaps stay: a recorder that starts with
movement leaves them out on purpose. A clock that was set, restarted or read wrongly once is no gap: such a picture
is shown one picture after the one before it, and the sound beside it moves with it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise

Stamp = Fraction | None
LONGEST_GAP = Fraction(60)  # seconds; in a film with a steady rate a longer one is a clock that was set
NOTABLE = Fraction(1)  # seconds; a gap longer than this is told
CLOSE = Fraction(1, 100)  # seconds that the sound may be off its clock before another clock is looked for
_STEADY = Fraction(3, 5)  # the share of ordinary intervals from which on a film has a rate
_LOOKED_BACK = 4  # clocks that a recorder may return to
_LATEST = Fraction(1)  # seconds that sound may be heard after the last picture
_EARLIEST = Fraction(-60)
_OVERLAP = Fraction(1, 10)
_REPEATED = Fraction(1, 1000)  # seconds; a reading closer than this to the one before says nothing


@dataclass(frozen=True, slots=True)
class Jump:
    """A leap of the recorder's clock by `by` seconds, before picture number `picture`, shown at `at` seconds."""

    at: Fraction
    by: Fraction
    picture: int


@dataclass(frozen=True, slots=True)
class Axis:
    """When each picture is shown, strictly growing from 0, and what was found out on the way.

    `step` is the usual time between pictures. `jumps` were healed, `gaps` were kept. `clocks` are the readings that
    stand for moment 0, one for each stretch between jumps: a reading less its clock is a moment.
    """

    moments: tuple[Fraction, ...]
    step: Fraction
    clocks: tuple[Fraction, ...]
    jumps: tuple[Jump, ...] = ()
    gaps: tuple[Jump, ...] = ()
    steady: bool = True

    @property
    def end(self) -> Fraction:
        """The moment, in seconds, at which the last picture's time ends."""
        return self.moments[-1] + self.step if self.moments else Fraction(0)


def lay(stamps: Sequence[Stamp], nominal: Fraction, heard: Sequence[Fraction] = ()) -> Axis:
    """Returns the axis of pictures with these clock readings, in the order in which they are shown.

    None stands for a picture without a reading. `nominal` is the time between pictures where the readings do not say;
    `heard` are the readings of the sound, which distinguish a gap in the picture from a clock that was set.
    """
    once = _without_repeats(stamps)
    known = [(number, stamp) for number, stamp in enumerate(once) if stamp is not None]
    if not known:
        return Axis(tuple(number * nominal for number in range(len(stamps))), nominal, (Fraction(0),))
    laying = _Laying(known, len(stamps), nominal, sorted(heard))
    return laying.run()


def follow(sounds: Sequence[tuple[Stamp, Fraction]], axis: Axis) -> tuple[Fraction, ...]:
    """Returns when each piece of sound is heard on the axis, in seconds; before 0 is possible.

    `sounds` are (reading, length in seconds). Where the picture's clock leapt the sound takes the same leap, so that
    both stay together; a leap of the sound alone is healed by playing one piece after the other.
    """
    moments = list[Fraction]()
    cursor = _Cursor(axis, sounds)
    for number, (stamp, length) in enumerate(sounds):
        moments.append(cursor.place(number, stamp))
        cursor.due = moments[-1] + length
    return tuple(moments)


@dataclass(slots=True)
class _Laying:
    """Goes through the known readings, `(number of the picture, reading)`, and fills in what lies between them."""

    known: list[tuple[int, Fraction]]
    count: int
    nominal: Fraction
    heard: list[Fraction]
    moments: list[Fraction] = field(default_factory=list)
    clocks: list[Fraction] = field(default_factory=list)
    jumps: list[Jump] = field(default_factory=list)
    gaps: list[Jump] = field(default_factory=list)

    def run(self) -> Axis:
        """The whole axis."""
        readings = [stamp for _, stamp in self.known]
        returned = returned_into(readings)
        goes_back = any(after < before for before, after in pairwise(readings))
        step, steady = _usual(self.known, self.nominal)
        first, reading = self.known[0]
        self.moments = [number * step for number in range(first + 1)]
        self.clocks = [reading - first * step]
        for place, ((before, was), (number, now)) in enumerate(pairwise(self.known)):
            due = (number - before) * step
            believed = not returned[place] and (
                now - was <= max(LONGEST_GAP, 20 * step)
                or not steady
                or (not goes_back and self._is_heard_between(was, now))
            )
            moment = self._moment(number, was, now, due, believed)
            self._fill(number - before, moment, step)
        self.moments += [self.moments[-1] + each * step for each in range(1, self.count - len(self.moments) + 1)]
        return Axis(tuple(self.moments), step, tuple(self.clocks), tuple(self.jumps), tuple(self.gaps), steady)

    def _moment(self, number: int, was: Fraction, now: Fraction, due: Fraction, believed: bool) -> Fraction:
        last, passed = self.moments[-1], now - was
        if due / 2 <= passed <= due * 3 / 2:
            return last + passed
        for clock in self.clocks[-2 : -2 - _LOOKED_BACK : -1]:
            if due / 2 <= now - clock - last <= due * 3 / 2:  # the recorder is back on an earlier clock
                return self._leapt(number, now, now - clock, passed - due)
        is_later = passed > 0 if number == len(self.moments) else passed >= due / 2
        if not is_later or not believed:
            return self._leapt(number, now, last + due, passed - due)
        if passed - due > NOTABLE:
            self.gaps.append(Jump(last, passed - due, number))
        return last + passed

    def _leapt(self, number: int, now: Fraction, moment: Fraction, by: Fraction) -> Fraction:
        self.jumps.append(Jump(moment, by, number))
        self.clocks.append(now - moment)
        return moment

    def _fill(self, pictures: int, moment: Fraction, step: Fraction) -> None:
        """Add the picture shown at `moment`, after those without a reading that come before it."""
        last = self.moments[-1]
        each = (moment - last) / pictures
        each = each if each <= step * 3 / 2 else step
        self.moments += [last + number * each for number in range(1, pictures)]
        self.moments.append(moment)

    def _is_heard_between(self, was: Fraction, now: Fraction) -> bool:
        quarter = (now - was) / 4
        return bisect_right(self.heard, was + quarter) < bisect_left(self.heard, now - quarter)


class _Cursor:
    """Where the sound is: the clock it goes by, and when its next piece is due."""

    def __init__(self, axis: Axis, sounds: Sequence[tuple[Stamp, Fraction]]) -> None:
        self._axis = axis
        known = [(number, stamp) for number, (stamp, _) in enumerate(sounds) if stamp is not None]
        returned = returned_into([stamp for _, stamp in known])
        self._returned = {number for (number, _), back in zip(known[1:], returned, strict=True) if back}
        self._own = list[Fraction]()
        self.clock = axis.clocks[0]
        self.due = Fraction(0)
        if known:
            number, stamp = known[0]
            before = sum((length for _, length in sounds[:number]), Fraction(0))
            self._begin(stamp - before)

    def place(self, number: int, stamp: Stamp) -> Fraction:
        """When this piece is heard."""
        if stamp is None or abs(stamp - self.clock - self.due) <= CLOSE:
            return self.due if stamp is None else stamp - self.clock
        best = min((self.clock, *self._axis.clocks, *self._own[-1:]), key=lambda clock: abs(stamp - clock - self.due))
        moment = stamp - best
        is_plausible = self.due - _OVERLAP <= moment <= max(self._axis.end + _LATEST, self.due + CLOSE)
        if not is_plausible or (number in self._returned and moment > self.due + CLOSE):
            best, moment = stamp - self.due, self.due
            self._own.append(best)
        self.clock = best
        return moment

    def _begin(self, stamp: Fraction) -> None:
        self.due = stamp - self.clock
        if not _EARLIEST <= self.due <= self._axis.end:
            best = min(self._axis.clocks, key=lambda clock: abs(stamp - clock))
            fits = _EARLIEST <= stamp - best <= self._axis.end
            self.clock = best if fits else stamp
            self.due = stamp - self.clock


def returned_into(readings: Sequence[Fraction]) -> list[bool]:
    """Returns, for each step from one reading to the next, whether a later step back lands between the two.

    Such a step is a clock that went there and back, and not a gap.
    """
    found, landings = list[bool](), list[Fraction]()
    for before, after in reversed(list(pairwise(readings))):
        found.append(bisect_right(landings, before) < bisect_left(landings, after))
        if after < before:
            insort(landings, after)
    return found[::-1]


def _without_repeats(stamps: Sequence[Stamp]) -> Iterator[Stamp]:
    last: Stamp = None
    for stamp in stamps:
        repeats = stamp is not None and last is not None and 0 <= stamp - last < _REPEATED
        yield None if repeats else stamp
        last = last if stamp is None else stamp


def _usual(known: list[tuple[int, Fraction]], nominal: Fraction) -> tuple[Fraction, bool]:
    """The usual time between pictures, and whether most keep to it."""
    passed = sorted(
        (after - before) / (later - number) for (number, before), (later, after) in pairwise(known) if after > before
    )
    if not passed:
        return nominal, True
    usual = passed[(len(passed) - 1) // 2]
    ordinary = bisect_right(passed, usual * 3 / 2) - bisect_left(passed, usual / 2)
    return usual, ordinary >= len(passed) * _STEADY

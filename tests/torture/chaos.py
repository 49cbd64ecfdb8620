"""What is done to a run while it works: kills, freezes, faults, stalls, and an officer who withdraws."""

from __future__ import annotations

import json
import random
import subprocess
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from torture.crew import Crew
from torture.deaths import ANY
from torture.ground import Ground, end
from torture.misfortunes import Misfortunes
from torture.terms import CALLS, PACE, PLATFORMS, STATES, Terms

AT_REST = ("live", "removed", "cancelled")
REST = 60.0  # seconds within which the officer has done what was ordered before
STALL = 1.0  # seconds a stalled request is held at the platform: less than `server_time`


@dataclass
class Toll:
    """What was done, counted only where it hit."""

    kills: int = 0
    missed: int = 0  # kills that hit nobody who held a lease
    by_state: Counter[str] = field(default_factory=Counter)
    by_call: Counter[tuple[str, str]] = field(default_factory=Counter)  # (platform, call)
    frozen: int = 0
    frozen_at: Counter[str] = field(default_factory=Counter)
    officer: Counter[str] = field(default_factory=Counter)
    withdrawn: list[dict[str, Any]] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)


class Chaos:
    """Goes on until every Post is at rest and enough was met, or the time is over."""

    def __init__(self, ground: Ground, crew: Crew, terms: Terms) -> None:
        self._ground, self._crew, self._terms = ground, crew, terms
        self._dice = random.Random(terms.seed)
        self.toll = Toll()
        self.misfortunes = Misfortunes(ground.control, terms.faults, random.Random(terms.seed))
        self._progress = 0.0
        self._began = self._looked = time.monotonic()
        self._officer = ground.start(
            "officer.py",
            ground.control.base,
            ground.control._secret,
            str(terms.seed),
            str(terms.withdrawn),
            log="officer",
            stdin=subprocess.PIPE,
        )
        self._rests = threading.Event()
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def run(self) -> None:
        self.misfortunes.lose_replies(max(6, self._terms.posts // 50))
        while not self._over():
            for message in self._crew.messages(0.05):
                self._met(message)
            if time.monotonic() - self._looked > 0.4:
                self._each_moment()
        self._calm()

    # -- one call of one worker ---------------------------------------------------------------------

    def _met(self, message: dict[str, Any]) -> None:
        """A worker says where it is, or that it dies there. Now and then it stands still past its lease."""
        pid = message["pid"]
        if "died" in message:
            self._kill(pid, message["died"])
        elif pid in self._crew.lanes and pid not in self._crew.frozen and self._freeze_here(message):
            self._freeze(pid, message["call"])

    def _freeze_here(self, message: dict[str, Any]) -> bool:
        if not self._may_go(self.toll.frozen, self._terms.frozen) or len(self._crew.frozen) >= 2:
            return False
        chance = 0.2 if message["call"] == "send" else 0.02
        return message["edge"] == "in" and self._dice.random() < chance

    def _may_go(self, done: int, need: int) -> bool:
        """Misfortune keeps step with the work, and is done before the work is."""
        return done < need and done <= need * (self._progress * 1.5 + 0.08)

    def _kill(self, pid: int, died: float | None = None) -> None:
        found = self._crew.kill(pid, died)
        if not found:
            self.toll.missed += 1
            return
        self.toll.kills += 1
        for held, call in found:
            self.toll.by_state[held.state] += 1
            self.toll.by_call[held.platform, call] += 1

    def _freeze(self, pid: int, call: str) -> None:
        """Past its lease, at times past `settle` as well: long enough for another to have sent it meanwhile."""
        time.sleep(self._dice.uniform(0, 0.01))
        past = PACE["lease"] + self._dice.choice((0.5, PACE["settle"] + PACE["server_time"] + 1.0))
        self._crew.freeze(pid, past)
        self.toll.frozen += 1
        self.toll.frozen_at[call] += 1

    # -- now and then -------------------------------------------------------------------------------

    def _each_moment(self) -> None:
        self._looked = time.monotonic()
        states = self._ground.states()
        self._progress = sum(states.get(state, 0) for state in AT_REST) / self._terms.posts
        self._crew.thaw()
        self._let_go_of_stalls()
        self.misfortunes.keep_step(self._progress)
        self._order_deaths()
        awake = sorted(set(self._crew.lanes) - set(self._crew.frozen))
        if awake and self._dice.random() < 0.05 and self._may_go(self.toll.kills, self._terms.kills):
            self._kill(self._dice.choice(awake))
        if states.get("removing", 0) == 0 and self._progress > 0.6 and self._removals_missing():
            self._order("more")

    def _order_deaths(self) -> None:
        """At each kind of call that lags behind the work, and anywhere."""
        for kind in _kinds(*CALLS):
            if self._may_go(self.toll.by_call[kind], self._terms.each) and self._dice.random() < 0.25:
                self._ground.deaths.order(*kind)
        if self._may_go(self.toll.kills, self._terms.kills) and self._dice.random() < 0.5:
            self._ground.deaths.order(ANY, ANY)

    def _let_go_of_stalls(self) -> None:
        now = self._ground.control.now()
        for held in self._ground.control.held():
            if now - held["time"] > STALL - 0.4:
                self._ground.control.release(held["id"])

    def _removals_missing(self) -> bool:
        """Only what is withdrawn can be killed while it is concealed or removed."""
        calls = any(
            self.toll.by_call[platform, call] < self._terms.each for platform, call in _kinds("conceal", "remove")
        )
        return calls or self.toll.kills < self._terms.kills

    def _over(self) -> bool:
        if time.monotonic() - self._began > self._terms.minutes * 60:
            return True
        return self._progress >= 1.0 and not (self._removals_missing() and self._ground.states().get("live", 0))

    def missing(self) -> list[str]:
        """What a run that counts must have met, and this one has not."""
        toll, terms = self.toll, self._terms
        words = [f"{toll.by_state[state]} kills in {state}" for state in STATES if toll.by_state[state] < terms.each]
        words += [
            f"{toll.by_call[kind]} kills at {' '.join(kind)}"
            for kind in _kinds(*CALLS)
            if toll.by_call[kind] < terms.each
        ]
        words += [f"{met} faults {kind}" for kind, met in self.misfortunes.missing().items()]
        if toll.kills < terms.kills:
            words.append(f"{toll.kills} kills that hit a lease-holder")
        return [*words, f"{toll.frozen} frozen"] if toll.frozen < terms.frozen else words

    # -- letting it run out -------------------------------------------------------------------------

    def _calm(self) -> None:
        self._ground.control.clear_faults()
        self._ground.deaths.clear()
        self._crew.thaw(everyone=True)
        self._order("rest")
        assert self._rests.wait(REST), "the officer never rested: what is withdrawn now would be nobody's to finish"
        self.misfortunes.keep_step(0.0)
        self._ground.control.clear_faults()
        self.toll.faults = self.misfortunes.met

    def run_out(self, seconds: float) -> float:
        """Wait until nothing is owed any more; answers how long that took."""
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            self._crew.messages(0.3)
            owed = sum(count for state, count in self._ground.states().items() if state not in AT_REST)
            if not owed and not self._ground.sql("SELECT 1 FROM pressqueue_step WHERE state = 'waiting'"):
                break
        return time.monotonic() - began

    def end(self) -> None:
        if self._officer.stdin is not None:
            self._officer.stdin.close()
        end(self._officer)
        self._listener.join(timeout=5)

    def _order(self, what: str) -> None:
        assert self._officer.stdin is not None
        self._officer.stdin.write(what + "\n")
        self._officer.stdin.flush()

    def _listen(self) -> None:
        assert self._officer.stdout is not None
        for line in self._officer.stdout:
            message = json.loads(line)
            if "rests" in message:
                self._rests.set()
            if what := message.get("did"):
                self.toll.officer[what] += 1
            if what in ("withdrew", "withdrew a broken file", "edited"):
                self.toll.withdrawn.append(message)


def _kinds(*calls: str) -> list[tuple[str, str]]:
    return [(platform, call) for call in calls for platform in PLATFORMS]

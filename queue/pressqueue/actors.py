"""Who does a thing, and by which door they came."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """A person (by account id) or the machine. From the shell: the operating system's user and host too."""

    officer_id: int | None
    door: str  # "desk", "cli", "import" or "machine"
    shell: str = ""  # "user@host" of the operating system, from the command line only

    @property
    def code(self) -> str:
        """How an Entry names the actor: "machine", or "officer:" and the account's id."""
        return "machine" if self.officer_id is None else f"officer:{self.officer_id}"


MACHINE = Actor(None, "machine")

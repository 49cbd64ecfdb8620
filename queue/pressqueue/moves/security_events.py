"""What happens at the door, as Entries (ASVS 5.0, V16.3): who came in and went, and what was tried in vain.

No password, no code and no name that was typed is ever passed in here: an account is its number. Where the caller
called from is text, which may be purged.
"""

from __future__ import annotations

from datetime import datetime

from pressqueue.actors import Actor
from pressqueue.audit import moving
from pressqueue.cleaning import clean_texts

ACTS = ("signed_in", "signed_out", "sign_in_failed", "sign_in_delayed", "code_failed", "password_refused")


@clean_texts
def security_event(act: str, officer_id: int | None, *, now: datetime, address: str = "", tries: int = 1) -> None:
    """Log one act of ACTS. `officer_id`: the account it was about, None where there is no such account."""
    if act not in ACTS:
        raise ValueError(f"{act} is no security event")
    own = act in ("signed_in", "signed_out")  # only these are the officer's acts; of the others somebody else's
    with moving(Actor(officer_id if own else None, "desk"), now) as log:
        text = f"from {address}" if address else ""
        log.note(act, text=text, officer=officer_id, tries=tries)

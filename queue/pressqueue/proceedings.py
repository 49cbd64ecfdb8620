"""The states proceedings against a person may be in, and in which of them a picture may be public. Pure.

Contempt of Court Act 1981, Sch. 1: active from arrest, warrant, summons or charge. A wanted person with a warrant is
active already; the Attorney General's 1981 assurance tolerates a police appeal until the moment of arrest.
"""

from __future__ import annotations

from enum import StrEnum


class Proceedings(StrEnum):
    """As recorded by the force or the court."""

    NONE = "none"
    WARRANT_ISSUED = "warrant_issued"
    FAILED_TO_APPEAR = "failed_to_appear"
    UNLAWFULLY_AT_LARGE = "unlawfully_at_large"
    RECALLED = "recalled"
    ARRESTED = "arrested"
    BAILED_RUI = "bailed_rui"  # bailed, or released under investigation
    SUMMONSED = "summonsed"
    CHARGED = "charged"
    CONCLUDED_GUILTY = "concluded_guilty"
    CONCLUDED_NOT_GUILTY = "concluded_not_guilty"
    NFA = "nfa"  # no further action


_S = Proceedings
WORDS = {
    _S.NONE: "no proceedings",
    _S.WARRANT_ISSUED: "a warrant has been issued",
    _S.FAILED_TO_APPEAR: "failed to appear at court",
    _S.UNLAWFULLY_AT_LARGE: "unlawfully at large",
    _S.RECALLED: "recalled to prison",
    _S.ARRESTED: "arrested",
    _S.BAILED_RUI: "on bail, or released under investigation",
    _S.SUMMONSED: "summonsed",
    _S.CHARGED: "charged",
    _S.CONCLUDED_GUILTY: "found guilty",
    _S.CONCLUDED_NOT_GUILTY: "found not guilty",
    _S.NFA: "no further action",
}
# R20, R21: in which states somebody may be shown.
UNIDENTIFIED = frozenset({_S.NONE})
AT_LARGE = frozenset({_S.FAILED_TO_APPEAR, _S.UNLAWFULLY_AT_LARGE, _S.RECALLED})  # often charged or convicted already
NAMED = frozenset({_S.NONE, _S.WARRANT_ISSUED, *AT_LARGE})
# R22: the search, or the case, is over; what is up comes down.
ENDED = frozenset({_S.ARRESTED, _S.BAILED_RUI, _S.SUMMONSED, _S.CHARGED, _S.CONCLUDED_NOT_GUILTY, _S.NFA})


def forbids_more(state: str, than: str) -> bool:
    """Whether this state allows fewer pictures to be public; "" is the state of somebody nobody has looked up."""
    return _weight(state) > _weight(than)


def _weight(state: str) -> int:
    ladder = (frozenset({""}), UNIDENTIFIED, frozenset({_S.WARRANT_ISSUED}), AT_LARGE)
    return next((step for step, states in enumerate(ladder) if state in states), len(ladder))


def allows(state: str, *, named: bool) -> bool:
    """Whether somebody in this state may be shown. `named`: as a wanted person, by name."""
    return state in (NAMED if named else UNIDENTIFIED)

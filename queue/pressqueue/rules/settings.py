"""Which settings of the force's policy decide about which rule, and what they say."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import timedelta

from pressqueue.policy import Authority, Policy


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting as it is in force: where in policy.toml, what it is, and what it says."""

    where: str
    words: str
    says: str


# Rule -> (where in policy.toml, the Policy's name for it, in words).
_SETTINGS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "R1": (
        ("[review] first_review_days", "longest_review", "first review within"),
        ("[review] longest_life_days", "longest_life", "down within"),
    ),
    "R2": (
        ("[[authority]]", "authority", "who may decide"),
        ("[reach] own", "own_reach", "reaches no further than the force"),
        ("[approval] bar_hours", "bar", "no approval after a change of account for"),
    ),
    "R4": (
        ("[approval] appeal_hours", "appeal_life", "an appeal's approval holds for"),
        ("[approval] feature_days", "feature_life", "a feature's approval holds for"),
    ),
    "R7": (("[approval] under_18_rank", "under_18_rank", "least rank for somebody under 18"),),
    "R17": (("[channels] attestation_days", "attestation", "the word that comments are off holds for"),),
    "R19": (("[wanted] recent_image_days", "recent_image", "a picture is recent for"),),
    "R24": (
        ("[proceedings] named_hours", "named_check", "a named person, looked up within"),
        ("[proceedings] named_again_days", "named_recheck", "and while live, again within"),
        ("[proceedings] unidentified_hours", "unidentified_check", "somebody unidentified, confirmed within"),
    ),
    "R30": (
        ("[duties] correction", "correction", "correction within"),
        ("[duties] letter", "letter", "letter within"),
        ("[duties] recall", "recall", "recall within"),
    ),
    "R31": (("[duties] recall", "recall", "acknowledged within"),),
    "R33": (
        ("[totals] every_days", "totals_every", "totals change at most every"),
        ("[totals] step", "totals_step", "in steps of"),
    ),
    "R34": (("[review] grace_days", "review_grace", "down after a missed review in"),),
    "R37": (
        ("[audit] sitting_minutes", "sitting_idle", "a sitting ends without a look for"),
        ("[audit] sitting_hours", "sitting_longest", "and at the latest after"),
    ),
    "R43": (("[features.safety]", "safety_checklist", "safety checklist"),),
    "R47": (
        ("[series] facet_spacing", "facet_spacing", "features between two of one topic"),
        ("[series] backlog_days", "backlog_days", "told when fewer days are queued than"),
    ),
    "R55": (("[approval] deferred_hours", "deferred", "deferred answers are due within"),),
}


def settings_of(number: str, force: Policy) -> tuple[Setting, ...]:
    """Everything in the policy that decides about this rule."""
    return tuple(Setting(where, words, _said(force, name)) for where, name, words in _SETTINGS.get(number, ()))


def spans(force: Policy) -> dict[str, str]:
    """Every span of the policy in words, by its name; the duties' by their kind."""
    named = {each.name: getattr(force, each.name) for each in fields(force)}
    found = {name: in_words(value) for name, value in named.items() if isinstance(value, timedelta)}
    return {**{kind: in_words(span) for kind, span in force.duties}, **found}


def in_words(span: timedelta) -> str:
    """In days where it is more than three whole ones, else in hours or minutes."""
    minutes = round(span.total_seconds() / 60)
    if minutes % 1440 == 0 and minutes > 4320:
        return _counted(minutes // 1440, "day")
    return _counted(minutes // 60, "hour") if minutes % 60 == 0 else _counted(minutes, "minute")


def _counted(number: int, unit: str) -> str:
    return f"{number} {unit}{'' if number == 1 else 's'}"


def _said(force: Policy, name: str) -> str:
    if name in (known := spans(force)):
        return known[name]
    if name == "authority":
        return "; ".join(_who(row) for row in force.authority)
    value = getattr(force, name)
    if name == "safety_checklist":
        return _counted(len(value), "question")
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def _who(row: Authority) -> str:
    about = [part.replace("_", " ") for part in (row.age, row.seriousness, row.reach) if part != "any"]
    return f"{', '.join(about) or 'everything else'}: {row.rank}"

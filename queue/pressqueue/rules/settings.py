"""Which settings of the force's policy decide about which rule, in words."""

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta

from pressqueue.policy import Policy

# Rule -> (where in policy.toml, the Policy's name for it).
_SETTINGS: dict[str, tuple[tuple[str, str], ...]] = {
    "R1": (("[review] first_review_days", "longest_review"), ("[review] longest_life_days", "longest_life")),
    "R2": (("[[authority]]", "authority"), ("[reach] own", "own_reach"), ("[approval] bar_hours", "bar")),
    "R4": (("[approval] appeal_hours", "appeal_life"), ("[approval] feature_days", "feature_life")),
    "R7": (("[approval] under_18_rank", "under_18_rank"),),
    "R17": (("[channels] attestation_days", "attestation"),),
    "R19": (("[wanted] recent_image_days", "recent_image"),),
    "R24": (
        ("[proceedings] named_hours", "named_check"), ("[proceedings] named_again_days", "named_recheck"),
        ("[proceedings] unidentified_hours", "unidentified_check"),
    ),
    "R30": (("[duties] correction", "correction"), ("[duties] letter", "letter"), ("[duties] recall", "recall")),
    "R31": (("[duties] recall", "recall"),),
    "R33": (("[totals] every_days", "totals_every"), ("[totals] step", "totals_step")),
    "R34": (("[review] grace_days", "review_grace"),),
    "R37": (("[audit] sitting_minutes", "sitting_idle"), ("[audit] sitting_hours", "sitting_longest")),
    "R43": (("[features.safety]", "safety_checklist"),),
    "R47": (("[series] facet_spacing", "facet_spacing"), ("[series] backlog_days", "backlog_days")),
    "R55": (("[approval] deferred_hours", "deferred"),),
}  # fmt: skip


def settings_of(number: str, force: Policy) -> tuple[tuple[str, str], ...]:
    """(where in the policy, what it says) of everything that decides about this rule."""
    return tuple((where, _said(force, name)) for where, name in _SETTINGS.get(number, ()))


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
        return "; ".join(f"{row.age}, {row.seriousness}, {row.reach}: {row.rank}" for row in force.authority)
    value = getattr(force, name)
    if name == "safety_checklist":
        return _counted(len(value), "question")
    return ", ".join(value) if isinstance(value, tuple) else str(value)

"""R6 and R12: nobody approves what their own session was not shown in full, or without a look at who else is in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db.models import QuerySet

from pressqueue import packages
from pressqueue.destination_names import name_of
from pressqueue.gates.base import Case, Gate, Step
from pressqueue.models import AppealRecord, Viewing


def to_be_shown(case: Case) -> dict[str, str]:
    """Returns every file that a decision about this Package covers, by SHA-256, each with a name the officer reads.

    The exhibit as received, the file of each Destination, and the still picture of a video.
    """
    named = {case.item.original_id: "the file as it was received"}
    files = packages.content_of(case.package)["files"] if case.package else {}
    for destination, file in sorted(files.items()):
        named.setdefault(file["sha256"], f"the file for {name_of(destination)}")
        if file["thumbnail"]:
            named.setdefault(file["thumbnail"], f"the still picture for {name_of(destination)}")
    return named


def not_shown(case: Case, also: Mapping[str, str] | None = None) -> dict[str, str]:
    """Returns those of them, and of the files `also` names, that this approver's session was not yet shown in full."""
    whole = set(_viewings(case).filter(whole_at__isnull=False).values_list("sha256", flat=True))
    return {sha256: words for sha256, words in {**to_be_shown(case), **(also or {})}.items() if sha256 not in whole}


def seconds_shown(case: Case) -> float | None:
    """Returns the seconds from the first byte shown to this moment (R50); None where nothing was shown."""
    began = _viewings(case).filter(sha256__in=to_be_shown(case)).order_by("began_at").values_list("began_at", flat=True)
    first: datetime | None = began.first()
    return None if first is None else max((case.now - first).total_seconds(), 0.0)


def sentence(missing: Iterable[str]) -> str:
    """Returns what the officer must open before they decide; empty where nothing is missing."""
    listed = ", ".join(missing)
    if not listed:
        return ""
    return f"Not shown to you in full yet: {listed}. Open each, let it load or download to its end, then decide."


def _viewings(case: Case) -> QuerySet[Viewing]:
    """Of this person, in this session, for this Item. Without a session there are none."""
    if case.approver is None or not case.deciding.session:
        return Viewing.objects.none()
    return Viewing.objects.filter(officer=case.approver, session=case.deciding.session, item=case.item)


class BytesShown(Gate):
    """R6: the exhibit and every file to be published were shown, in full, to the person who decides."""

    number = "R6"
    steps = frozenset({Step.APPROVE})
    source = "proposed default; a wrong frame was published at Hagen, an altered picture at Westbrook"

    def fault(self, case: Case) -> str:
        """Refuses a decision by somebody whose session was not shown every file in full."""
        return sentence(not_shown(case).values())


class OthersDeclared(Gate):
    """R12: whoever approves an appeal declares, for this picture, who else can be recognised in it.

    Its author has answered the same in the record (`OthersCovered`): no detector looks, so two people do.
    """

    number = "R12"
    steps = frozenset({Step.APPROVE})
    source = "North Yorkshire Police: no other person may be identifiable in the image"

    def fault(self, case: Case) -> str:
        """Refuses an approval without the approver's own declaration of who else can be recognised."""
        if not case.is_appeal or case.deciding.others:
            return ""
        return f"Look at everybody in the frame and declare that {declaration(case.appeal)}; or send it back."


def declaration(record: AppealRecord) -> str:
    """Returns the author's answer about others in the frame, in the words that the approver declares."""
    return _DECLARED[AppealRecord.Others(record.others_in_frame or AppealRecord.Others.NONE)]


_DECLARED = {
    AppealRecord.Others.NONE: "nobody else can be recognised in it",
    AppealRecord.Others.COVERED: "everybody else in it is covered",
    AppealRecord.Others.JUSTIFIED: "others can be recognised in it, and must be for the reason the record gives",
}

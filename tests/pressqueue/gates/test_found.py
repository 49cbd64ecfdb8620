"""Gates are found, and told in one order: by number, and within a number as they always were."""

from __future__ import annotations

import pkgutil
from itertools import pairwise

from pressqueue import gates
from pressqueue.gates import Gate, Step, base, found, words

# In this order refusals list them. A new gate may stand anywhere between; these keep their order.
TOLD = [
    "HasWords", "RecordComplete", "SaysWhatIsSought", "DatesPossible", "DatesNear", "NoRestriction", "FourEyes",
    "Verified", "ConfirmerNotAlone", "AuthorityReached", "SameDigest", "ApprovalFresh", "WithinWindow", "BytesShown",
    "AgeAnswered", "ChildJustified", "ChildAuthorised", "ChildInBatch", "NeverUnderTen", "NoVictim",
    "AnonymityAnswered", "AnonymityTwice", "VictimConsulted", "VulnerabilityAnswered", "VulnerableTwice",
    "OthersCovered", "OthersDeclared", "NeverSaid", "NoGuiltSaid", "SaysItMayHelp", "NamesOnlyWanted",
    "ReferenceShown", "RoutesGiven", "ApproachAsRecorded", "ApproachAnswered", "EthnicityReasoned", "DateAsRecorded",
    "AppealTerms", "CommentsClosed", "WantedJustified", "UnidentifiedOnly", "NamedWhileAtLarge", "NotAfterArrest",
    "CategoryFits", "NoCourtResult", "CheckedLately", "CheckedAtReview", "CheckedWhileLive", "NotBlocked",
    "NotExpired", "ReviewDue", "ReviewedInTime", "FeatureRecordComplete", "ConsentStands", "AltText",
    "FeatureIsNoAppeal", "PersonNumbered", "BothKnew", "DeferredAnswered",
]  # fmt: skip


def test_refusals_tell_the_gates_in_the_order_they_always_had() -> None:
    names = [type(gate).__name__ for gate in gates.ALL]
    assert [name for name in names if name in TOLD] == TOLD


def test_a_gate_stands_with_its_number() -> None:
    numbers = [int(gate.number.removeprefix("R")) for gate in gates.ALL]
    assert all(before <= after for before, after in pairwise(numbers))
    assert len(numbers) >= len(TOLD)


def test_every_gate_of_every_module_is_found_once() -> None:
    kinds = [type(gate) for gate in gates.ALL]
    assert len(set(kinds)) == len(kinds)
    modules = {f"{gates.__name__}.{each.name}" for each in pkgutil.iter_modules(gates.__path__)}
    assert {kind.__module__ for kind in kinds} <= modules
    defined = {each for each in Gate.__subclasses__() if each.__module__ in modules}
    assert defined == set(kinds)


def test_control_what_is_no_gate_of_that_module_is_not_found() -> None:
    class Elsewhere(Gate):
        number, steps, source = "R1", frozenset({Step.DRAFT}), "a test"

        def fault(self, case: gates.Case) -> str:
            return ""

    kinds = set(found._kinds())
    assert words.HasWords in kinds
    assert {Elsewhere, base.Gate} & kinds == set()

"""Which passwords are refused: the list of bad ones fits the length that is asked for."""

from __future__ import annotations

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import override_settings

from pressqueue.models import Officer
from publisher.desk import passwords

BAD = [
    "123456789012", "aaaaaaaaaaaa", "000000000000", "abcdefghijkl", "zyxwvutsrqpo", "210987654321", "121212121212",
    "abcabcabcabc", "abababababab", "qwertyuiop12", "poiuytrewq98", "asdfghjkl123", "1qaz2wsx3edc", "qazwsxedcrfv",
    "password1234", "Password1234", "p@ssw0rd1234", "passwordpassword", "letmeinletmein", "welcome12345",
    "Summer2026!!!", "iloveyou2026", "football123456", "northshire2026", "Northshire123", "northshirepolice",
    "Police123456", "police999999", "chidi1234567", "chidichidichidi", "okafor202612", "publisher123", "aaaabbbbcccc",
    "111222333444", "monkeymonkey1", "dragon123456", "admin1234567", "12345678901234567890",
]  # fmt: skip
GOOD = [
    "a long pass phrase for tests", "correct horse battery staple", "xK9#mq2$Lw7z", "a new and longer pass phrase",
    "kettle violin harbour moss", "Tr0ub4dor&3 gravel", "grüne Wiese am Bach", "purple-tractor-eats-9-lamps",
    "another long pass phrase", "vnPqf82xLmtR", "мокрый зелёный чайник",
]  # fmt: skip


@pytest.fixture
def officer(desk: object) -> Officer:
    return Officer(username="chidi", name="Chidi Okafor", email="chidi@northshire.example")


def refusals(password: str, officer: Officer) -> list[str]:
    try:
        validate_password(password, officer)
    except ValidationError as refused:
        return refused.messages
    return []


@pytest.mark.parametrize("password", BAD)
def test_what_is_tried_first_is_refused(password: str, officer: Officer) -> None:
    with pytest.raises(ValidationError):
        validate_password(password, officer)


@pytest.mark.parametrize("password", GOOD)
def test_what_nobody_can_foretell_is_taken(password: str, officer: Officer) -> None:
    assert refusals(password, officer) == []


def test_control_without_it_counting_and_repeats_were_taken(officer: Officer) -> None:
    from publisher import settings

    kept = [each for each in settings.AUTH_PASSWORD_VALIDATORS if "Foreseeable" not in each["NAME"]]
    with override_settings(AUTH_PASSWORD_VALIDATORS=kept):
        for password in ("123456789012", "aaaaaaaaaaaa"):
            assert refusals(password, officer) == []


def test_the_refusal_says_what_to_do() -> None:
    assert "several words" in passwords.TOO_EASY

"""Dates with times as an officer types them: wall time in the office's zone, both DST nights refused with reasons."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from pressqueue.localtime import instants

FORMATS = ("%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%d/%m/%Y %H:%M")
_WAY_OUT = "Choose a time before or after that hour."


def in_zone(wall: datetime, zone: tzinfo) -> datetime:
    """The moment this wall time means in `zone`, in UTC. ValueError, in a sentence, where there is none or two."""
    found = instants(wall, zone)
    if len(found) == 1:
        return found[0]
    night = f"On {wall.day} {wall:%B %Y} the clocks"
    if not found:
        raise ValueError(f"{night} go forward and {wall:%H:%M} does not exist. {_WAY_OUT}")
    raise ValueError(f"{night} go back and {wall:%H:%M} comes twice. {_WAY_OUT}")


class LocalMoment(forms.DateTimeField):
    """A date and time in the office's zone; its value is in UTC. With `future`, a past time is refused."""

    widget = forms.DateTimeInput(format=FORMATS[0], attrs={"type": "datetime-local", "step": "60"})

    def __init__(self, **options: Any) -> None:
        super().__init__(input_formats=FORMATS, **options)
        self.error_messages["invalid"] = "Enter a date and a time, such as 3 August 2026 at 08:00."

    def to_python(self, value: Any) -> datetime | None:
        if value in self.empty_values:
            return None
        wall = self._wall(str(value).strip())
        try:
            return in_zone(wall, timezone.get_default_timezone())
        except ValueError as error:
            raise ValidationError(str(error), code="zone") from None

    def _wall(self, text: str) -> datetime:
        for form in FORMATS:
            try:
                return datetime.strptime(text, form)  # noqa: DTZ007  # wall time: its zone is the office's
            except ValueError:
                continue
        raise ValidationError(self.error_messages["invalid"], code="invalid")

    def prepare_value(self, value: Any) -> Any:
        """A stored moment is shown as wall time; what was typed is shown as typed."""
        if isinstance(value, datetime):
            return as_wall(value)
        return value


def as_wall(moment: datetime) -> datetime:
    """A moment as the office's clocks show it, without its zone."""
    return timezone.localtime(moment, timezone.get_default_timezone()).replace(tzinfo=None)

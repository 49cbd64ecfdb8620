"""A table is as wide as what is in it, and as long as somebody reads."""

from __future__ import annotations

import pytest

from publisher import output


def printed(rows: list[tuple[str, str]], capsys: pytest.CaptureFixture[str]) -> list[str]:
    output.show(output.table("reference", "what", rows=rows))
    return capsys.readouterr().out.splitlines()


def test_a_table_that_no_terminal_reads_is_not_padded(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed([("POD-0001", "short"), ("POD-0002", "long " * 40)], capsys)
    assert lines[1] == "POD-0001   short"
    assert all(line == line.rstrip() for line in lines)


def test_of_very_many_rows_the_first_are_shown_and_the_rest_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed([(f"POD-{number:04}", "") for number in range(4053)], capsys)
    assert len(lines) == output.MOST_ROWS + 2
    assert lines[-1] == "And 3,553 more: `--json` gives all of them."

"""The command line: a contract. Every command has help, and a page in docs/commands.md that a test holds to it."""

from __future__ import annotations

from publisher.cli.commands import app

__all__ = ["app"]

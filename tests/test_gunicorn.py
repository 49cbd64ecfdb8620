"""What the desk's server writes of an error of its own."""

from __future__ import annotations

import io
import logging
import runpy

import databases
import pytest
from gunicorn.config import Config
from gunicorn.glogging import Logger


def test_it_holds_no_message_of_an_exception(monkeypatch: pytest.MonkeyPatch) -> None:
    log = logging.getLogger("gunicorn.error")
    monkeypatch.setattr(log, "handlers", [])
    monkeypatch.setattr(log, "propagate", log.propagate)
    told = Logger(Config())
    runpy.run_path(str(databases.ROOT / "config" / "gunicorn.conf.py"))["on_starting"](None)
    written = io.StringIO()
    for handler in log.handlers:
        assert isinstance(handler, logging.StreamHandler)
        handler.setStream(written)
    name = "Quxwort"
    try:
        raise ValueError(name)
    except ValueError:
        told.exception("Error handling request %s", "/items/1/")
    assert "ValueError" in written.getvalue()
    assert name not in written.getvalue()

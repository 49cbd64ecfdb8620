"""`publisher`, and `python -m publisher`."""

from __future__ import annotations

from publisher.cli import app


def main() -> None:
    """The console script."""
    app(prog_name="publisher")


if __name__ == "__main__":
    main()

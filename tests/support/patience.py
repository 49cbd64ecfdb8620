"""How long a test waits for another process before it fails: for a machine many times busier than any we have seen."""

PATIENCE = 1500.0  # seconds; less than pytest's own timeout, so that what was waited for is named

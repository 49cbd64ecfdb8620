"""Scripts that a test starts in a process of their own; each prints a line of JSON last."""

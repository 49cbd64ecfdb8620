"""Making an office, opening it, checking it, and changing its integrity key."""

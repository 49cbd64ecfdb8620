"""A folder on this machine as a destination: for a force's own web gallery, exercises and tests."""

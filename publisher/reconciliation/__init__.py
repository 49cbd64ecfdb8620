"""Comparing each account with the database, and adopting what carries a Mark."""

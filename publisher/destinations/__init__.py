"""Platforms to publish to: one folder each, behind the contract in base.py."""

"""Failures and oddities by name, the same ones every time."""

"""Invent a shop's history, for screenshots, benchmarks and people who try the back office."""

"""Drills: the whole shop as real processes, put through the worst, and its ledgers compared."""

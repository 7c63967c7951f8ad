"""Bring what was paid to its buyer: pack, send, deliver, take back."""

"""Back the shop's data up in one file, and bring it back."""

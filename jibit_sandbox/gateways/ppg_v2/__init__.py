"""PPG v2.4: the card gateway, written from its document."""

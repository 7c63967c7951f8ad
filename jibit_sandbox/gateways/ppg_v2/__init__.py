"""PPG v2.4: the card gateway's wire, written from its document."""

"""PPG v3: the second card gateway, with purchases, refunds and reverses."""

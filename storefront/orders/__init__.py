"""Place, price and cancel orders, and tell their history."""

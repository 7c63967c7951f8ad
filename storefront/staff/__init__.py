"""Who works for the shop: accounts, passwords, sessions, and the log of what they did."""
